"""What the names of a file stand for: imports, simple assignments, and what hides them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from tree_sitter import Node, Query, QueryCursor

from nootropic_lsp.analysis.structure.kinds import KINDS, Kinds
from nootropic_lsp.analysis.structure.values import UNKNOWN, Named, Reader, named, text_of
from nootropic_lsp.index.languages.registry import LANGUAGES

Range = tuple[int, int]
# The packages of which a Java file imports everything.
WILD = "*"


class Binding(NamedTuple):
    """A name that is given something. `value` is known already, or to be read from `node`."""

    name: str
    position: int
    node: Node | None
    value: Any = UNKNOWN


def bindings(node: Node, data: bytes, kinds: Kinds, language: str) -> Iterator[Binding]:
    """All that is bound below a node, in no order."""
    for _, captures in QueryCursor(binders(language)).matches(node):
        if "import" in captures:
            for word, qualified in _IMPORTED[kinds.family](captures["import"][0], data):
                yield Binding(word, captures["import"][0].start_byte, None, qualified)
        elif "name" in captures:
            name = captures["name"][0]
            value = captures.get("value", [None])[0]
            yield Binding(text_of(name, data), name.start_byte, value)
        elif "destructured" in captures:
            yield from _destructured(captures["destructured"][0], captures["value"][0], data, kinds)
        else:
            for pattern in captures.get("unpacked", captures.get("parameter", ())):
                for name in _names_in(pattern):
                    yield Binding(text_of(name, data), name.start_byte, None)


@cache
def binders(language: str) -> Query:
    """The query for what binds names."""
    kinds = KINDS[_FAMILY_OF[language]]
    imports = "\n".join(f"({kind}) @import" for kind in sorted(kinds.imports))
    return Query(LANGUAGES[language].grammar(), f"{kinds.binders}\n{imports}")


_FAMILY_OF = {
    **{name: name for name in KINDS},
    "typescript": "javascript",
    "tsx": "javascript",
}


def resolved(
    found: Iterable[Binding], data: bytes, kinds: Kinds, outer: Mapping[str, Any]
) -> dict[str, Any]:
    """What names stand for that are bound at one level; each may use those before it."""
    names: dict[str, Any] = {}

    def lookup(name: str, _position: int) -> Any:
        if name in names:
            return names[name]
        return outer[name] if name in outer else unbound(name)

    reader = Reader(data, kinds, lookup)
    for each in sorted(found, key=lambda each: each.position):
        value = each.value if each.node is None else reader.value(each.node)
        if each.name == WILD:
            names[WILD] = (*names.get(WILD, ()), value)
        elif each.name in names and names[each.name] != value:
            # A fallback after a failed import is as good as what it stands in for.
            names[each.name] = names[each.name] if _is_import(names[each.name]) else UNKNOWN
        else:
            names[each.name] = value
    return names


def _is_import(value: Any) -> bool:
    return isinstance(value, Named) and "(" not in value.name


def unbound(name: str) -> Any:
    """What a name stands for that nothing in the file binds: itself, as a builtin or global."""
    return UNKNOWN if name.startswith("self.") else Named(name)


_PATTERNS = frozenset(
    {
        "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "list_splat_pattern",
        "dictionary_splat_pattern", "array_pattern", "rest_pattern", "object_pattern",
        "expression_list", "parenthesized_expression",
    }
)  # fmt: skip
_FIELDS = ("name", "pattern", "left", "value")


def _names_in(pattern: Node, depth: int = 0) -> Iterator[Node]:
    """The names that a pattern or a parameter binds."""
    if pattern.type in {"identifier", "shorthand_property_identifier_pattern"}:
        yield pattern
    elif depth > 5:
        return
    elif pattern.type in _PATTERNS:
        for child in pattern.named_children:
            yield from _names_in(child, depth + 1)
    elif pattern.type in {"typed_parameter", "default_parameter", "typed_default_parameter",
                          "required_parameter", "optional_parameter", "assignment_pattern",
                          "object_assignment_pattern", "pair_pattern"}:  # fmt: skip
        inner = next(filter(None, map(pattern.child_by_field_name, _FIELDS)), None)
        if pattern.type == "pair_pattern":
            inner = pattern.child_by_field_name("value")
        if inner is None:
            inner = named(pattern)
        if inner is not None:
            yield from _names_in(inner, depth + 1)


def _destructured(pattern: Node, value: Node, data: bytes, kinds: Kinds) -> Iterator[Binding]:
    """The names in `const { a, b: c } = value`."""
    # Only what comes from a module has a qualified name; the rest hides what is outside.
    owner = Reader(data, kinds, lambda name, _position: Named(name)).value(value)
    is_module = isinstance(owner, Named) and value.type == "call_expression"
    for child in pattern.named_children:
        key = child.child_by_field_name("key") if child.type == "pair_pattern" else child
        for name in _names_in(child):
            known = is_module and key is not None and "(" not in owner.name
            found = Named(f"{owner.name}.{text_of(key, data)}") if known and key else UNKNOWN
            yield Binding(text_of(name, data), name.start_byte, None, found)


def _python_imported(node: Node, data: bytes) -> Iterator[tuple[str, Any]]:
    module = node.child_by_field_name("module_name")
    prefix = "" if module is None else text_of(module, data) + "."
    if prefix.strip("."):
        prefix = prefix.rstrip(".") + "."
    for child in node.children_by_field_name("name"):
        name = child.child_by_field_name("name")
        alias = child.child_by_field_name("alias")
        if name is not None and alias is not None:
            yield text_of(alias, data), Named(prefix + text_of(name, data))
        elif module is None:
            top = text_of(child, data).partition(".")[0]
            yield top, Named(top)
        else:
            yield text_of(child, data), Named(prefix + text_of(child, data))


def _javascript_imported(node: Node, data: bytes) -> Iterator[tuple[str, Any]]:
    source = node.child_by_field_name("source")
    clause = next((each for each in node.named_children if each.type == "import_clause"), None)
    if source is None or clause is None:
        return
    module = text_of(source, data)[1:-1].removeprefix("node:")
    for child in clause.named_children:
        if child.type == "identifier":
            yield text_of(child, data), Named(module)
        elif child.type == "namespace_import" and (name := named(child)) is not None:
            yield text_of(name, data), Named(module)
        for each in child.named_children if child.type == "named_imports" else ():
            name = each.child_by_field_name("name")
            alias = each.child_by_field_name("alias") or name
            if name is not None and alias is not None:
                word = text_of(name, data)
                yield (
                    text_of(alias, data),
                    Named(module if word == "default" else f"{module}.{word}"),
                )


def _go_imported(node: Node, data: bytes) -> Iterator[tuple[str, Any]]:
    waiting = list(node.named_children)
    while waiting:
        child = waiting.pop()
        if child.type == "import_spec_list":
            waiting += child.named_children
        path = child.child_by_field_name("path")
        if path is not None:
            full = text_of(path, data)[1:-1]
            name = child.child_by_field_name("name")
            parts = full.split("/")
            last = parts[-2] if len(parts) > 1 and parts[-1][:1] == "v" else parts[-1]
            yield text_of(name, data) if name is not None else last, Named(full)


def _java_imported(node: Node, data: bytes) -> Iterator[tuple[str, Any]]:
    path = next((each for each in node.named_children if each.type.endswith("identifier")), None)
    if path is None:
        return
    full = text_of(path, data)
    if any(child.type == "asterisk" for child in node.named_children):
        yield WILD, full
    else:
        yield full.rpartition(".")[2], Named(full)


_IMPORTED: dict[str, Callable[[Node, bytes], Iterator[tuple[str, Any]]]] = {
    "python": _python_imported,
    "javascript": _javascript_imported,
    "go": _go_imported,
    "java": _java_imported,
}
