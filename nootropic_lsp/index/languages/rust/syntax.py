"""How Rust is read."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures

# `name:` but not `name::`.
_FIELD = re.compile(r"\s*:(?!:)")
# Deep enough for every written pattern or list of imports.
_DEEPEST = 40


def _use(reading: Reading, captures: Captures) -> None:
    whole = captures["rule.use"][0]
    exported = whole.named_child_count > 1 and whole.named_children[0].type == "visibility_modifier"
    _use_tree(reading, captures["tree"][0], -1, whole, Flag.REEXPORT if exported else 0, 0)


def _use_tree(
    reading: Reading, node: Node, before: int, whole: Node, flags: int, depth: int
) -> None:
    """Bind every name that a tree of imports brings in."""
    kind = node.type
    if depth > _DEEPEST:
        return
    if kind in ("identifier", "scoped_identifier", "crate", "super", "self", "metavariable"):
        path = _path(reading, node, before, 0)
        if kind == "self":
            path, name = before, None
        else:
            name = node.named_children[-1] if kind == "scoped_identifier" else node
        if kind == "self" and before >= 0:
            reading.unuse(node.start_byte)
            text = reading.expressions[before][3]
            _bind(reading, node, text, before, whole, flags)
        elif name is not None and kind not in ("crate", "super"):
            text = reading.text[name.start_byte : name.end_byte]
            _bind(reading, name, text, path, whole, flags)
    elif kind == "use_as_clause":
        path_node, alias = node.named_children[0], node.named_children[-1]
        path = before if path_node.type == "self" else _path(reading, path_node, before, 0)
        reading.unuse(alias.start_byte)
        _bind(reading, alias, reading.text[alias.start_byte : alias.end_byte], path, whole, flags)
    elif kind == "use_wildcard":
        if node.named_children:
            reading.stars.append(_path(reading, node.named_children[0], before, 0))
        elif before >= 0:
            reading.stars.append(before)
    elif kind == "scoped_use_list":
        children = node.named_children
        path = _path(reading, children[0], before, 0) if len(children) > 1 else before
        for child in children[-1].named_children if children else ():
            _use_tree(reading, child, path, whole, flags, depth + 1)
    elif kind == "use_list":
        for child in node.named_children:
            _use_tree(reading, child, before, whole, flags, depth + 1)


def _bind(reading: Reading, at: Node, name: str, path: int, whole: Node, flags: int) -> None:
    if path < 0 or name == "_":
        return
    imported = reading.bind(at.start_byte, name, Kind.IMPORT, whole, value=path)
    imported.flags |= flags


def _path(reading: Reading, node: Node, before: int, depth: int) -> int:
    """The uses of a path in an import."""
    if node.type == "scoped_identifier" and depth < _DEEPEST:
        children = node.named_children
        if len(children) == 1:  # `::name`
            return reading.value_of(node)
        before = _path(reading, children[0], before, depth + 1)
        return reading.member(children[-1], before, Role.IMPORT)
    if before >= 0:
        return reading.member(node, before, Role.IMPORT)
    index = reading.use(node, Role.IMPORT)
    reading.mark(index, Role.IMPORT)
    return index


def _module(reading: Reading, captures: Captures) -> None:
    """`mod x;`: the module is a file of its own."""
    name = captures["name"][0]
    whole = captures["rule.module"][0]
    start, end = name.byte_range
    module = reading.add(Op.MODULE, Role.IMPORT, start, reading.text[start:end], 1)
    imported = reading.define(name, Kind.IMPORT, whole, value=module)
    if imported is not None:
        imported.flags |= Flag.REEXPORT


def _crate(reading: Reading, captures: Captures) -> None:
    name = captures["rule.crate"][0]
    start, end = name.byte_range
    reading.unuse(start)
    module = reading.add(Op.MODULE, Role.IMPORT, start, reading.text[start:end], 0)
    reading.define(name, Kind.IMPORT, name, value=module)


def _outer(reading: Reading, captures: Captures) -> None:
    """`::name` is a crate, whatever has that name here."""
    node, name = captures["rule.outer"][0], captures["name"][0]
    start, end = name.byte_range
    reading.values[node.byte_range] = reading.module(name, reading.text[start:end])


def _parameter(reading: Reading, captures: Captures) -> None:
    annotation = reading.value_of(captures["type"][0])
    reading.mark_types(annotation)
    value = reading.add(Op.INSTANCE, annotation) if annotation >= 0 else -1
    whole = captures["rule.parameter"][0]
    _pattern(reading, captures["pattern"][0], value, whole, Kind.PARAMETER, annotation)


def _argument(reading: Reading, captures: Captures) -> None:
    node = captures["rule.argument"][0]
    _pattern(reading, node, -1, node, Kind.PARAMETER)


def _let(reading: Reading, captures: Captures) -> None:
    annotation, value = -1, -1
    if "type" in captures:
        annotation = reading.value_of(captures["type"][0])
        reading.mark_types(annotation)
    if "value" in captures:
        value = reading.value_of(captures["value"][0])
    elif annotation >= 0:
        value = reading.add(Op.INSTANCE, annotation)
    whole = captures["rule.let"][0]
    _pattern(reading, captures["pattern"][0], value, whole, Kind.VARIABLE, annotation)


def _bound(reading: Reading, captures: Captures) -> None:
    value = reading.value_of(captures["value"][0])
    _pattern(reading, captures["pattern"][0], value, captures["rule.bound"][0], Kind.VARIABLE)


def _each(reading: Reading, captures: Captures) -> None:
    value = reading.value_of(captures["value"][0])
    element = reading.element(value)
    pattern = captures["pattern"][0]
    _pattern(reading, pattern, element, pattern, Kind.VARIABLE)


def _match(reading: Reading, captures: Captures) -> None:
    value = reading.value_of(captures["value"][0])
    for arm in captures["arms"][0].named_children:
        pattern = arm.child_by_field_name("pattern")
        if pattern is not None:
            _pattern(reading, pattern, value, pattern, Kind.VARIABLE)


def _pattern(
    reading: Reading,
    node: Node,
    value: int,
    whole: Node,
    kind: int,
    annotation: int = -1,
    depth: int = 0,
) -> None:
    """Bind the names in a pattern. A capital letter is a constant or a variant, no new name."""
    node_type = node.type
    if depth > _DEEPEST:
        return
    if node_type != "identifier" and not node.named_child_count:
        return
    if node_type == "identifier":
        text = reading.text[node.start_byte : node.end_byte]
        if text and text != "_" and not text[0].isupper():
            reading.define(node, kind, whole, value=value, annotation=annotation)
    elif node_type == "tuple_pattern":
        for position, child in enumerate(node.named_children):
            part = reading.add(Op.UNPACK, value, position) if value >= 0 else -1
            _pattern(reading, child, part, whole, kind, -1, depth + 1)
    elif node_type == "tuple_struct_pattern":
        children = node.named_children
        variant = children[0]
        name = reading.text[variant.start_byte : variant.end_byte].rpartition("::")[2]
        inner = reading.add(Op.ELEMENT, value) if value >= 0 and name in _CARRIERS else -1
        payload = reading.value_of(variant) if inner < 0 else -1
        for position, child in enumerate(children[1:]):
            part = reading.add(Op.UNPACK, payload, position) if payload >= 0 else inner
            _pattern(reading, child, part, whole, kind, -1, depth + 1)
    elif node_type == "struct_pattern":
        of = reading.value_of(node.named_children[0])
        for child in node.named_children[1:]:
            _field(reading, child, of, whole, kind, depth)
    elif node_type == "match_pattern":
        _pattern(reading, node.named_children[0], value, whole, kind, -1, depth + 1)
    elif node_type not in _SCOPED:
        for child in node.named_children:
            one = value if node_type in _TRANSPARENT else -1
            _pattern(reading, child, one, whole, kind, annotation, depth + 1)


def _field(reading: Reading, node: Node, of: int, whole: Node, kind: int, depth: int) -> None:
    """A field in a pattern: `S { x, y: pattern }`."""
    if node.type != "field_pattern":
        return
    name = node.child_by_field_name("name")
    inner = node.child_by_field_name("pattern")
    if name is None:
        return
    start, end = name.byte_range
    use = reading.add(Op.KEYWORD, Role.READ, start, reading.text[start:end], of)
    reading.at.setdefault(start, use)
    value = use if of >= 0 else -1
    if inner is not None:
        _pattern(reading, inner, value, whole, kind, -1, depth + 1)
    else:
        reading.bind(start, reading.text[start:end], kind, whole, value=value, keep=True)


_CARRIERS = frozenset({"Some", "Ok", "Err"})
_TRANSPARENT = frozenset(
    {"reference_pattern", "mut_pattern", "ref_pattern", "captured_pattern", "or_pattern"}
)
_SCOPED = frozenset({"scoped_identifier", "range_pattern", "macro_invocation", "const_block"})


def _shorthand(reading: Reading, captures: Captures) -> None:
    """`S { x }` reads the variable; that it names the field too is left out."""
    reading.use(captures["name"][0])


def _token(reading: Reading, captures: Captures) -> None:
    """Inside a macro there is no syntax tree, but dots and colons still say what is a member."""
    node = captures["rule.token"][0]
    start = node.start_byte
    text = reading.text
    if _FIELD.match(text, node.end_byte) and text[max(0, start - 200) : start].rstrip()[-1:] in (
        "{",
        ",",
    ):
        reading.unuse(start)  # a field of a type that is not known
        return
    before = text[start - 1]
    if before == "." and text[start - 2] != ".":
        end = start - 1
    elif before == ":" and text[start - 2] == ":":
        end = start - 2
    else:
        return
    begin = end
    while begin and (text[begin - 1].isalnum() or text[begin - 1] == "_"):
        begin -= 1
    reading.member(node, reading.at.get(begin, -1) if begin < end else -1)


def _label(reading: Reading, captures: Captures) -> None:
    """Lifetimes and labels are no names of the graph."""
    reading.unuse(captures["rule.label"][0].start_byte)


def _payload(reading: Reading, captures: Captures) -> None:
    """What a variant or a tuple struct carries."""
    node = captures["rule.payload"][0]
    types = [
        reading.value_of(child)
        for child in node.named_children
        if child.type not in ("visibility_modifier", "attribute_item")
    ]
    for kind in types:
        reading.mark_types(kind)
    reading.values[node.byte_range] = reading.add(Op.DISPLAY, "tuple", *types)


SYNTAX = Syntax(
    queries=("rust/rust.scm",),
    comments=("///", "//!", "/**", "*"),
    rules={
        "use": _use,
        "module": _module,
        "crate": _crate,
        "parameter": _parameter,
        "argument": _argument,
        "let": _let,
        "bound": _bound,
        "outer": _outer,
        "each": _each,
        "match": _match,
        "shorthand": _shorthand,
        "token": _token,
        "label": _label,
        "payload": _payload,
    },
)
