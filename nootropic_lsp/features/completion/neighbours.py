"""What the other files of a folder import, as it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nootropic_lsp.features.completion.asked import Asked

SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_MOST = 24
_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_FROM = re.compile(
    r"^from[ \t]+(\S+)[ \t]+import[ \t]+(?:\(([^()]*)\)|([^\n(#]+))|^import[ \t]+([^\n#]+)",
    re.MULTILINE,
)
_SCRIPT = re.compile(
    r"^(?:import|export)\b(?:([^;{}\"'`]*)(?:\{([^{};\"'`]*)\})?\s*from\s*)?([\"'])([^\"'\n]+)\3"
    r"|\brequire\(\s*([\"'])([^\"'\n]+)\5",
    re.MULTILINE,
)


class Taken(NamedTuple):
    """A name that is imported from a module: `name` there, `bound` here. The module itself has
    no `name`."""

    module: str
    name: str
    bound: str


def imports_beside(asked: Asked) -> Sequence[Taken]:
    """What the other files of the folder import."""
    kept = asked.text.kept
    known: Sequence[Taken] | None = kept.get("neighbours")
    if known is None:
        folder, _, own = asked.document.path.rpartition("/")
        endings = (".py",) if asked.language == "python" else _ENDINGS
        names = [name for name in asked.base.world.entries(folder) if name.endswith(endings)]
        found: dict[Taken, None] = {}
        for name in [name for name in sorted(names) if name != own][:_MOST]:
            try:
                text = asked.base.text(f"{folder}/{name}")
            except OSError:
                continue
            found |= dict.fromkeys(imports_in(text, asked.language))
        known = kept["neighbours"] = list(found)
    return known


def imports_in(text: str, language: str) -> Iterator[Taken]:
    """What a text imports at its top level."""
    return _in_script(text) if language in SCRIPTS else _in_python(text)


def _in_python(text: str) -> Iterator[Taken]:
    for module, many, few, plain in _FROM.findall(text):
        for part in (many or few or plain).split(","):
            words = part.split()
            if words and words[-1].isidentifier():
                yield Taken(module or words[0], words[0] if module else "", words[-1])
            elif words and not module:
                yield Taken(words[0], "", "")


def _in_script(text: str) -> Iterator[Taken]:
    for whole, names, _, module, _, required in _SCRIPT.findall(text):
        yield Taken(module or required, "", whole.strip(" ,\n"))
        for part in names.split(","):
            words = [word for word in part.split() if word != "type"]
            if words:
                yield Taken(module, words[0], words[-1])
