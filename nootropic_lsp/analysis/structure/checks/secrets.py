"""Passwords and keys that are written into the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Hit, Sight
from nootropic_lsp.core.spans import Span
from nootropic_lsp.safety.secrets import find_secrets


@check("python")
@check("javascript")
@check("go")
@check("java")
def hard_coded_secret(sight: Sight, node: Node) -> Iterator[Hit]:
    """What the masking of secrets would mask, where it stands in a literal."""
    text = sight.words
    for span in find_secrets(text):
        start = node.start_byte + len(text[: span.start].encode())
        end = start + len(text[span.start : span.end].encode())
        inside = node.descendant_for_byte_range(start, end)
        if (
            inside is not None
            and "string" in inside.type
            and not _is_documentation(inside)
            and not _is_harmless(text, span)
        ):
            yield Hit(start, end)


_OPEN_TO_ALL = re.compile(r"public|publishable|search|site_?key|algolia", re.IGNORECASE)
# The table of options around it; browsers need that key.
_SEARCH = re.compile(r"\b(?:algolia|docsearch)\b", re.IGNORECASE)
_LOCAL = re.compile(r"@(?:localhost|127\.|0\.0\.0\.0|\[::1\])")
_USER = re.compile(r"://([^:@/]*):$")
_PATTERN = re.compile(r"\[[^\]]*-|\(\?|\\[dwsb]")


def _is_harmless(text: str, span: Span) -> bool:
    """Whether it is open to all by its name, or a stand-in for a password."""
    value = text[span.start : span.end]
    before = text[max(text.rfind("\n", 0, span.start) + 1, span.start - 200) : span.start]
    user = _USER.search(before)
    if user is not None and (user[1] == value or _LOCAL.match(text, span.end)):
        return True
    if value.lower() in {"guest", "anonymous"} or _PATTERN.search(value):
        return True
    return (
        _OPEN_TO_ALL.search(before) is not None
        or _SEARCH.search(text, max(0, span.start - 200), span.start) is not None
    )


def _is_documentation(string: Node) -> bool:
    whole = string.parent if string.type == "string_content" else string
    owner = None if whole is None else whole.parent
    return owner is not None and owner.type == "expression_statement"
