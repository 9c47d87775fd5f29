"""Text that leads somewhere: addresses, and files that an import names by a path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Link
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Op

# Such an address stands in a comment or a string, or the text is not code at all.
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\{}|^\x00-\x1f]+")
_TRAILING = ".,;:!?*_~"
_MOST = 2_000


def links(snapshot: Snapshot, path: str) -> list[Link]:
    """The links of a file, in the order of its text."""
    try:
        text = snapshot.text(path)
    except OSError:
        return []
    found = [*_addresses(text), *_files(snapshot, path)]
    return sorted(found, key=lambda link: link.span)[:_MOST]


def _addresses(text: str) -> Iterator[Link]:
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_TRAILING)
        # A bracket belongs to the address only if it was opened in it.
        for opener, closer in ("()", "[]"):
            while address.endswith(closer) and address.count(opener) < address.count(closer):
                address = address[:-1].rstrip(_TRAILING)
        if address.partition("://")[2]:
            yield Link(Span(match.start(), match.start() + len(address)), address)


def _files(snapshot: Snapshot, path: str) -> Iterator[Link]:
    unit = snapshot.unit(path)
    if unit is None:
        return
    for position, index in unit.uses:
        expression = unit.expressions[index]
        # A negative level: the module is named by a path and not by dotted names.
        if expression[0] != Op.MODULE or expression[4] >= 0:
            continue
        for site in snapshot.definitions(unit, index)[:1]:
            if site.unit.path != path:
                yield Link(Span(position, position + len(expression[3])), site.unit.path)
