"""Where code goes through the names of a module, so that none may come or go."""

from __future__ import annotations

import re

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features.module_names import module_stem
from nootropic_lsp.features.refactor.source import Source, where
from nootropic_lsp.features.snapshot import Snapshot, text_of

_OF_ANY_SCOPE = frozenset({"vars", "dir", "locals"})
_ITSELF = "modules[__name__]"
_OTHER = r"\b(?:vars|dir|getmembers)\((?:\w+\.)*{0}\b|\b{0}\.__dict__\b"


def refuse_searching(source: Source) -> None:
    """Refuse if a file goes through the names that it defines."""
    found = source.text.find(_ITSELF)
    for each in source.variables.all:
        is_module = each.name == "globals" or (each.name in _OF_ANY_SCOPE and each.scope == 0)
        end = each.position + len(each.name)
        if is_module and each.variable[0] < 0 and source.text.startswith("()", end):
            found = each.position
    if found >= 0:
        raise RefusedError(f"{source.where(found)} looks for names of its module")


def refuse_searched(snapshot: Snapshot, path: str, module: str) -> None:
    """Refuse if a file goes through the names of a module that it imports."""
    pattern = _OTHER.format(re.escape(module_stem(module)))
    found = re.search(pattern, text_of(snapshot, path))
    if found is not None:
        place = where(snapshot, Place(path, Span(*found.span())))
        raise RefusedError(f"{place} looks for names of that module")
