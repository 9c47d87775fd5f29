"""Names as the items of a menu."""

from __future__ import annotations

from nootropic_lsp.core.completions import Item
from nootropic_lsp.features.callable import parameters
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import At
from nootropic_lsp.features.completion.elsewhere import import_of, module_of
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.overriding import overriding
from nootropic_lsp.features.family import library
from nootropic_lsp.index.facts import KIND_WORDS, Flag, Kind
from nootropic_lsp.index.units import Site

_CALLABLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.MACRO})
_KINDS = {
    Source.KEYWORD: "keyword",
    Source.PREDEFINED: "variable",
    Source.ELSEWHERE: "import",
    Source.ARGUMENT: "argument",
    Source.MODULE: "module",
    Source.TEXT: "value",
}


def item(asked: Asked, found: Found) -> Item:
    """One name as it is shown."""
    site = found.site
    edits = (import_of(asked, found),) if found.source == Source.ELSEWHERE else ()
    if found.source == Source.KEY:
        quote = "'" if asked.document.text.count("'") > asked.document.text.count('"') else '"'
        return Item(f"{quote}{found.name}{quote}", "value", filter=found.name)
    if found.source == Source.OVERRIDE and site is not None:
        insert = overriding(asked, site)
        shown = insert.partition("\n")[0].removeprefix(found.name).removesuffix(":")
        source = (site.unit.path, site.definition.start)
        return Item(found.name, "method", insert, detail=shown, source=source)
    if site is None:
        kind = _KINDS.get(found.source, "text")
        origin = module_of(asked, found) if edits else ""
        return Item(found.name, kind, origin=origin, edits=edits)
    definition = site.definition
    kind = KIND_WORDS[definition.kind]
    return Item(
        found.name,
        kind,
        detail=_signature(site) if definition.kind in _CALLABLE else "",
        origin=module_of(asked, found) if edits else _origin(asked, site),
        is_deprecated=bool(definition.flags & Flag.DEPRECATED),
        source=(site.unit.path, definition.start),
        edits=edits,
        may_commit=asked.context.at is At.MEMBER,
    )


def _signature(site: Site) -> str:
    """The parameters by their names, without the one that is given by itself."""
    unit = site.unit
    names = []
    for at, index in enumerate(parameters(site)):
        parameter = unit.definitions[index]
        if at == 0 and parameter.name in ("self", "cls", "this"):
            continue
        stars = "**" if parameter.flags & Flag.VARIADIC_KEYWORDS else ""
        stars = "*" if parameter.flags & Flag.VARIADIC else stars
        names.append(stars + parameter.name)
    return f"({', '.join(names)})"


def _origin(asked: Asked, site: Site) -> str:
    """The file that a name is from, unless that is the one at hand."""
    path = site.unit.path
    if path == asked.document.path:
        return ""
    for folder in asked.base.folders:
        if path.startswith(f"{folder}/"):
            return path[len(folder) + 1 :]
    return library(path)
