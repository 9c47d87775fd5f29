"""Annotate what a Python function returns, where every value that it returns has a certain type."""

from __future__ import annotations

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.refactor.flow import leaves
from nootropic_lsp.features.refactor.grammars import PYTHON
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.nodes import Node

_LITERALS = {
    "string": "str", "concatenated_string": "str", "integer": "int", "float": "float",
    "true": "bool", "false": "bool", "none": "None", "not_operator": "bool",
}  # fmt: skip
_TESTS = frozenset({"is", "is not", "in", "not in"})
_CALLS = {"str": "str", "repr": "str", "len": "int", "bool": "bool", "isinstance": "bool",
          "issubclass": "bool", "hasattr": "bool", "callable": "bool", "id": "int"}  # fmt: skip


def annotate_return(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """Write the type of the result behind the parameters of the function at an offset."""
    source = source_of(snapshot, path)
    node = function_with_head_at(source, offset)
    if node is None or node.child("return_type") is not None:
        raise RefusedError("there is no function without a type here")
    types = returned_types(source, node)
    refuse_unless(types, "it is not certain what it returns")
    named = [each for each in types if each != "None"]
    shown = " | ".join([*sorted(named), *(["None"] if "None" in types else [])])
    refuse_unless(
        len(types) == 1 or _has_unions(source), "it returns values of several types, and this file"
        " is not known to be run where `|` joins types",
    )  # fmt: skip
    head = node.child("parameters")
    assert head is not None
    return patch_of(
        snapshot, {path: [Edit(Span(head.end, head.end), f" -> {shown}")]}, f"Annotate as {shown}"
    )


def function_with_head_at(source: Source, offset: int) -> Node | None:
    """The function whose name or parameters an offset is in."""
    node: Node | None = source.root.around(offset, offset)
    while node is not None and node.kind not in ("function_definition", "block"):
        node = node.parent
    is_function = node is not None and node.kind == "function_definition"
    return node if is_function and source.is_python else None


def returned_types(source: Source, function: Node) -> set[str]:
    """The types of all that a function returns, as the file names them; none if one is unknown."""
    body = function.child("body")
    if body is None:
        return set()
    found: set[str] = set()
    inner = (*PYTHON.functions, *PYTHON.classes)
    for each in body.walk(into=lambda one: one.kind not in inner):
        if each.kind == "yield":
            return set()
        if each.kind == "return_statement":
            named = _type_of(source, each.named[0]) if each.named else "None"
            if not named:
                return set()
            found.add(named)
    if not leaves(body):
        found.add("None")
    is_stub = _only_raises(body)
    return set() if is_stub else found


def _only_raises(body: Node) -> bool:
    statements = [each for each in body.named if each.kind != "expression_statement"]
    return not statements or (
        statements[0].kind in ("raise_statement", "pass_statement") and (len(statements) == 1)
    )


def _type_of(source: Source, node: Node) -> str:
    """The type of a value, "" where it is not certain."""
    while node.kind == "parenthesized_expression":
        node = node.named[0]
    if node.kind in ("string", "concatenated_string"):
        return (
            "bytes"
            if node.text[:3].partition('"')[0].partition("'")[0].lower().count("b")
            else "str"
        )
    if node.kind in _LITERALS:
        return _LITERALS[node.kind]
    if node.kind == "comparison_operator":
        signs = {each.kind for each in node.children if not each.is_named}
        return "bool" if signs <= _TESTS else ""
    if node.kind == "conditional_expression":
        both = {_type_of(source, each) for each in (node.named[0], node.named[2])}
        return both.pop() if len(both) == 1 else ""
    if node.kind != "call":
        return ""
    function = node.named[0]
    if function.kind != "identifier":
        return ""
    unit = source.unit
    use = unit.use_at(function.end)
    sites = source.snapshot.definitions(unit, use) if use >= 0 else []
    if len(sites) != 1:
        return ""
    definition = sites[0].definition
    if definition.kind == Kind.CLASS and _is_known(source, function.text):
        if "/typeshed" in sites[0].unit.path or sites[0].unit.path.endswith("builtins.pyi"):
            return _CALLS.get(function.text, "")
        return function.text if "__new__" not in sites[0].unit.names[definition.body] else ""
    if sites[0].unit.path.endswith("builtins.pyi"):
        return _CALLS.get(function.text, "")
    if sites[0].unit is unit and definition.annotation >= 0 and definition.kind == Kind.FUNCTION:
        other = source.root.around(definition.start, definition.end).parent
        written = other.child("return_type") if other is not None else None
        is_async = other is not None and any(each.kind == "async" for each in other.children)
        return written.text if written is not None and not is_async else ""
    return ""


def _is_known(source: Source, name: str) -> bool:
    """Whether a name can be used at the top of the file, where annotations are evaluated."""
    return name in source.unit.names[0] or name in _CALLS


def _has_unions(source: Source) -> bool:
    return "from __future__ import annotations" in source.text or any(
        each.kind == "type" and "|" in each.text for each in source.root.walk()
    )
