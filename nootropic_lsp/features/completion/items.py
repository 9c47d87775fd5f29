"""Names as the items of a menu."""

from __future__ import annotations

from nootropic_lsp.core.completions import Item
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.callable import parameters
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import At
from nootropic_lsp.features.completion.elsewhere import import_of, module_of
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.overriding import overriding
from nootropic_lsp.features.family import library
from nootropic_lsp.index.facts import KIND_WORDS, Flag, Kind
from nootropic_lsp.index.units import Site

_FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
_CALLABLE = _FUNCTIONS | {Kind.MACRO}
_KINDS = {
    Source.KEYWORD: "keyword",
    Source.PREDEFINED: "variable",
    Source.ELSEWHERE: "import",
    Source.ARGUMENT: "argument",
    Source.MODULE: "module",
    Source.TEXT: "value",
}


def item(asked: Asked, found: Found, *, call_snippets: bool = False) -> Item:
    """One name as it is shown. With `call_snippets` a function has its brackets."""
    site = found.site
    edits = (import_of(asked, found),) if found.source == Source.ELSEWHERE else ()
    if found.source == Source.KEY:
        quote = "'" if asked.document.text.count("'") > asked.document.text.count('"') else '"'
        return Item(f"{quote}{found.name}{quote}", "value", filter=found.name)
    if found.source == Source.OVERRIDE and site is not None:
        method = overriding(asked, site)
        return Item(
            found.name,
            "property" if site.definition.flags & Flag.PROPERTY else "method",
            method.insert,
            detail=method.insert.partition("\n")[0].removeprefix(found.name).removesuffix(":"),
            source=(site.unit.path, site.definition.start),
            edits=method.edits,
            selected=method.selected,
        )
    if site is None:
        # What can be used and stands in no file is a folder of modules.
        is_module = asked.context.at is At.MODULE or (
            found.source == Source.SCOPE and asked.language == "python"
        )
        kind = "module" if is_module else _KINDS.get(found.source, "text")
        origin = module_of(asked, found) if edits else ""
        return Item(found.name, kind, origin=origin, edits=edits)
    definition = site.definition
    kind = KIND_WORDS[definition.kind]
    insert, selected = _call(asked, found.name, site) if call_snippets else ("", None)
    return Item(
        found.name,
        kind,
        insert,
        detail=_signature(site) if definition.kind in _CALLABLE else "",
        origin=module_of(asked, found) if edits else _origin(asked, site),
        is_deprecated=bool(definition.flags & Flag.DEPRECATED),
        source=(site.unit.path, definition.start),
        edits=edits,
        may_commit=asked.context.at is At.MEMBER and not insert,
        selected=selected,
    )


def _call(asked: Asked, name: str, site: Site) -> tuple[str, Span | None]:
    """What calls a function, and where one goes on; "" where it is not called."""
    context = asked.context
    if context.at not in (At.NAME, At.MEMBER) or context.before == "@":
        return "", None
    if asked.document.text[context.span.end :].lstrip(" \t").startswith("("):
        return "", None
    if site.definition.kind == Kind.IMPORT:
        site = asked.base.ask(site.unit, lambda resolver: resolver.followed(site))[0]
    definition = site.definition
    if definition.kind not in _FUNCTIONS or definition.flags & Flag.PROPERTY:
        return "", None
    takes = _signature(site) != "()"
    return f"{name}()", Span(len(name) + 1, len(name) + 1) if takes else None


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
