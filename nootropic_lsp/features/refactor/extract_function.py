"""Turn selected statements, or an expression, into a function or method of their own."""

from __future__ import annotations

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features import lineage, types
from nootropic_lsp.features.refactor.effects import is_constant
from nootropic_lsp.features.refactor.region import Region, class_of, region_at
from nootropic_lsp.features.refactor.region_control import (
    find_control,
    find_function,
    refuse_unmovable,
)
from nootropic_lsp.features.refactor.region_names import find_names
from nootropic_lsp.features.refactor.selected import (
    refuse_unless,
    suggested_name,
)
from nootropic_lsp.features.refactor.source import (
    checked_name,
    free_name,
    patch_of,
    source_of,
)
from nootropic_lsp.features.refactor.writing import Call, insertion, written_function
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Flag, Kind, ScopeKind
from nootropic_lsp.index.units import Site

_IMPLICIT = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


def extract_function(
    snapshot: Snapshot, path: str, span: Span, name: str = "", *, method: bool = False
) -> Patch:
    """Put the selection into a function, or a method of the class around it, and call that.

    Raises `RefusedError` where the program could do something else afterwards.
    """
    source = source_of(snapshot, path)
    region = region_at(source, span)
    if region is None:
        raise RefusedError("select whole statements, or an expression")
    find_function(region)
    refuse_unless(
        not is_constant(region.nodes[0]) or len(region.nodes) > 1 or not region.is_expression,
        "a constant needs no function; extract a variable",
    )
    refuse_unmovable(region)
    find_control(region)
    find_names(region)
    holder = _holder(region) if method else None
    _refuse_of_class(region, holder)
    taken = {each.name for each in source.variables.all} | set(source.unit.names[0])
    if holder is not None:
        taken = _members(snapshot, Site(source.unit, holder))
    wanted = suggested_name(region.nodes[0], is_python=source.is_python)
    wanted = wanted if region.is_expression and wanted != "value" else "extracted"
    name = checked_name(source, name, taken) if name else free_name(wanted, taken)
    call = _call(region, name, holder)
    declared = written_function(region, call)
    return patch_of(
        snapshot,
        {path: [insertion(region, declared, holder), _replacing(region, call)]},
        f"Extract {'method' if method else 'function'} {name}",
    )


# ---- methods


def _holder(region: Region) -> int:
    """The class that gets the method."""
    unit = region.source.unit
    at = class_of(region)
    refuse_unless(at >= 0, "this is not in a method")
    if not region.source.is_python:
        _refuse_other_this(region)
    method = _method(region)
    definition = unit.definitions[method]
    refuse_unless(definition.name not in _IMPLICIT, f"`{definition.name}` has no instance")
    members = unit.names[unit.definitions[at].body]
    refuse_unless("__getattribute__" not in members, "the class looks up its members by itself")
    if definition.flags & Flag.STATIC:
        refuse_unless(
            unit.definitions[at].scope == 0, "the class cannot be named from a static method"
        )
    else:
        refuse_unless(_receiver(region), "the method has no parameter for its instance")
    return at


def _refuse_other_this(region: Region) -> None:
    """Refuse where `this` is not, or not yet, an object of the class."""
    for each in region.nodes[0].ancestors():
        if each.kind in region.grammar.functions and each.kind != "arrow_function":
            is_member = each.parent is not None and each.parent.kind == "class_body"
            name = each.child("name")
            is_made = name is not None and name.text == "constructor"
            refuse_unless(is_member and not is_made, "`this` is another object here")
            return


def _method(region: Region) -> int:
    unit, scope = region.source.unit, region.function
    while unit.scopes[unit.scopes[scope].parent].kind != ScopeKind.CLASS:
        scope = unit.scopes[scope].parent
    return unit.scopes[scope].owner


def _receiver(region: Region) -> str:
    """What a method calls its instance or class, if it never calls anything else that."""
    source = region.source
    if not source.is_python:
        return "this"
    body = source.unit.definitions[_method(region)].body
    first = min(
        (
            definition
            for definition in source.unit.definitions
            if definition.scope == body and definition.kind == Kind.PARAMETER
        ),
        key=lambda definition: definition.start,
        default=None,
    )
    if first is None or first.flags & (Flag.VARIADIC | Flag.VARIADIC_KEYWORDS | Flag.KEYWORD_ONLY):
        return ""
    entries = source.variables.of((body, first.name))
    scope = source.variables.scope_at(region.start)
    is_same = source.variables.binder(scope, first.name) == body
    return first.name if is_same and sum(each.is_bound for each in entries) == 1 else ""


def _refuse_of_class(region: Region, holder: int | None) -> None:
    """Refuse what means something else outside of its class."""
    is_static = holder is None or bool(
        region.source.unit.definitions[_method(region)].flags & Flag.STATIC
    )
    for node in region.nodes:
        for each in node.walk():
            text = each.text if each.kind in ("identifier", "property_identifier") else ""
            if text == "super" or each.kind == "super":
                refuse_unless(
                    not is_static and region.function == _body(region),
                    "`super` works in a method only",
                )
            private = text.startswith("__") and not text.endswith("__") and class_of(region) >= 0
            if holder is None and (private or each.kind == "private_property_identifier"):
                raise RefusedError(f"`{each.text}` is private to its class")
            if holder is None and each.kind == "this" and not region.source.is_python:
                raise RefusedError("`this` would be another object in a function")


def _body(region: Region) -> int:
    return region.source.unit.definitions[_method(region)].body


def _members(snapshot: Snapshot, cls: Site) -> set[str]:
    """The names of all members of a class and its relatives, and of attributes."""
    found: set[str] = set()
    for site in (cls, *types.related(snapshot, cls), *lineage.ancestors(snapshot, cls)):
        body = site.definition.body
        if 0 < body < len(site.unit.scopes):
            found.update(site.unit.names[body])
    return found


# ---- the call


def _call(region: Region, name: str, holder: int | None) -> Call:
    parameters = list(region.parameters)
    if holder is None:
        return Call(name, name, parameters)
    unit = region.source.unit
    flags = unit.definitions[_method(region)].flags
    if flags & Flag.STATIC:
        return Call(name, f"{unit.definitions[holder].name}.{name}", parameters, "", "static")
    receiver = _receiver(region)
    parameters = [each for each in parameters if each != receiver]
    kind = "class" if flags & Flag.CLASS_METHOD else ""
    if not region.source.is_python and flags & Flag.STATIC:
        kind = "static"
    return Call(name, f"{receiver}.{name}", parameters, receiver, kind)


def _replacing(region: Region, call: Call) -> Edit:
    written = f"{call.target}({', '.join(call.parameters)})"
    span = Span(region.start, region.end)
    end = ";" if not region.source.is_python else ""
    if region.awaits:
        written = f"await {written}"
    if region.is_expression:
        parent = region.nodes[0].parent
        bare = ("argument_list", "arguments", "assignment", "return_statement",
                "variable_declarator", "keyword_argument", "parenthesized_expression")  # fmt: skip
        needs = region.awaits and (parent is None or parent.kind not in bare)
        return Edit(span, f"({written})" if needs else written)
    if region.yields:
        written = f"yield from {written}"
    if region.returns:
        return Edit(span, f"return {f'({written})' if region.yields else written}{end}")
    if not region.results:
        return Edit(span, f"{written}{end}")
    if region.source.is_python:
        return Edit(span, f"{', '.join(region.results)} = {written}")
    return Edit(span, _script_results(region, written))


def _script_results(region: Region, written: str) -> str:
    """How a script takes what a function gives."""
    source = region.source
    own = {
        name
        for name in region.results
        for each in source.variables.between(region.start, region.end)
        if each.name == name and each.is_bound
        and source.root.around(each.position, each.position + 1).parent is not None
        and source.root.around(each.position, each.position + 1).field == "name"
    }  # fmt: skip
    refuse_unless(
        not own or own == set(region.results), "some of what it gives is declared elsewhere"
    )
    taken = region.results[0] if len(region.results) == 1 else f"{{ {', '.join(region.results)} }}"
    if own:
        is_fixed = all(node.kind == "lexical_declaration" for node in region.nodes) and not any(
            node.text.startswith("let") for node in region.nodes
        )
        return f"{'const' if is_fixed else 'let'} {taken} = {written};"
    return f"{taken} = {written};" if len(region.results) == 1 else f"({taken} = {written});"
