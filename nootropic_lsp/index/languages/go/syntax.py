"""How Go is read."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures

# Of "gopkg.in/yaml.v2" and "github.com/x/go-y/v3" the part that is most likely the package's name.
_PACKAGE = re.compile(r"(?:^|/|(?<=/go-))([A-Za-z_]\w*)(?:\.v\d+|\.go|-go)?(?:/v\d+)?\Z")


def _import(reading: Reading, captures: Captures) -> None:
    spec, path = captures["rule.import"][0], captures["path"][0]
    start, end = path.start_byte + 1, path.end_byte - 1
    text = reading.text[start:end]
    module = reading.add(Op.MODULE, Role.IMPORT, start, text, -1)
    reading.taken.add(start)
    name = spec.child_by_field_name("name")
    if name is None:
        found = _PACKAGE.search(text)
        if found is not None:
            reading.bind(start + found.start(1), found[1], Kind.IMPORT, spec, value=module)
    elif name.type == "dot":
        reading.stars.append(module)
    elif name.type == "package_identifier":
        reading.unuse(name.start_byte)
        reading.define(name, Kind.IMPORT, spec, value=module)


def _fields(reading: Reading, captures: Captures) -> None:
    name, whole = captures["name"][0], captures["rule.fields"][0]
    kind = whole.child_by_field_name("type")
    annotation = reading.value_of(kind) if kind is not None else -1
    reading.mark_types(annotation)
    field = reading.define(name, Kind.FIELD, whole, annotation=annotation)
    if field is not None:
        reading.document(field)


def _embedded(reading: Reading, captures: Captures) -> None:
    """A struct or interface inside another gives it its members."""
    node = captures["rule.embedded"][0]
    value = reading.value_of(node)
    name = _last_name(node)
    if value < 0 or name is None:
        return
    reading.mark(value, Role.BASE)
    field = reading.bind(
        name.start_byte,
        reading.text[name.start_byte : name.end_byte],
        Kind.FIELD,
        node,
        annotation=value,
        keep=True,
    )
    field.related = [value]


def _last_name(node: Node) -> Node | None:
    while node.type not in ("type_identifier", "identifier"):
        children = node.named_children
        if not children:
            return None
        node = children[0] if node.type == "generic_type" else children[-1]
    return node


def _variables(reading: Reading, captures: Captures) -> None:
    """`var a, b T = x, y` and `var a, b = f()`."""
    spec = captures["rule.variables"][0]
    kind = spec.child_by_field_name("type")
    annotation = reading.value_of(kind) if kind is not None else -1
    reading.mark_types(annotation)
    given = spec.child_by_field_name("value")
    values = [reading.value_of(child) for child in given.named_children] if given else []
    names = spec.children_by_field_name("name")
    for position, name in enumerate(names):
        value = -1
        if len(values) == len(names):
            value = values[position]
        elif len(values) == 1 and values[0] >= 0:
            value = reading.add(Op.UNPACK, values[0], position)
        variable = reading.define(name, Kind.VARIABLE, spec, value=value, annotation=annotation)
        if variable is not None:
            reading.document(variable)


def _range(reading: Reading, captures: Captures) -> None:
    """Of two names the second is an element; of one it is an index, but of a channel."""
    names = captures["names"][0].named_children
    source = reading.value_of(captures["value"][0])
    whole = captures["rule.range"][0]
    for position, name in enumerate(names):
        value = reading.add(Op.ELEMENT, source) if position == 1 and source >= 0 else -1
        if name.type != "identifier":
            continue
        if reading.text[name.start_byte : name.end_byte] == "_":
            reading.unuse(name.start_byte)
        else:
            reading.define(name, Kind.VARIABLE, whole, value=value)


def _variadic(reading: Reading, captures: Captures) -> None:
    element = reading.value_of(captures["rule.variadic"][0])
    reading.mark_types(element)
    annotation = reading.add(Op.DISPLAY, "list", element)
    name = captures["name"][0]
    whole = name.parent or name
    parameter = reading.define(name, Kind.PARAMETER, whole, annotation=annotation)
    if parameter is not None:
        parameter.flags |= Flag.VARIADIC


def _results(reading: Reading, captures: Captures) -> None:
    """Several results are a tuple."""
    results = captures["rule.results"][0]
    types: list[int] = []
    for child in results.named_children:
        kind = child.child_by_field_name("type")
        if kind is None:
            continue
        value = reading.value_of(kind)
        reading.mark_types(value)
        types += [value] * max(1, len(child.children_by_field_name("name")))
    value = types[0] if len(types) == 1 else reading.add(Op.DISPLAY, "tuple", *types)
    reading.values[results.byte_range] = value


SYNTAX = Syntax(
    queries=("go/go.scm",),
    rules={
        "import": _import,
        "fields": _fields,
        "embedded": _embedded,
        "variables": _variables,
        "range": _range,
        "variadic": _variadic,
        "results": _results,
    },
)
