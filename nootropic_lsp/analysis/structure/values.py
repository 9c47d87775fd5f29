"""What an expression is, as far as one file says: a literal, or something with a qualified name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tree_sitter import Node

from nootropic_lsp.analysis.structure.kinds import Kinds

# Deeper expressions are left unread: nobody writes them by hand.
_DEEPEST = 40
_LARGEST = 4_096


class Named(NamedTuple):
    """Something that is known by name only: "hashlib.md5", "flask.Flask().run"."""

    name: str


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()

# From a name and where it stands to what it stands for.
Lookup = Callable[[str, int], Any]


def text_of(node: Node, data: bytes) -> str:
    """The text of a node."""
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def named(node: Node, index: int = 0) -> Node | None:
    """A named child, or None where there are not so many."""
    return node.named_child(index) if index < node.named_child_count else None


def first_token(node: Node) -> Node | None:
    """The first child, punctuation and words included."""
    return node.child(0) if node.child_count else None


class Reader:
    """Reads expressions of one file; `lookup` says what a name stands for."""

    def __init__(self, data: bytes, kinds: Kinds, lookup: Lookup) -> None:
        self.data = data
        self.kinds = kinds
        self.lookup = lookup

    def value(self, node: Node | None, depth: int = 0) -> Any:
        """A literal, a `Named`, a list or dict of such, or `UNKNOWN`."""
        if node is None or depth > _DEEPEST:
            return UNKNOWN
        read = _READERS.get(node.type)
        return UNKNOWN if read is None else read(self, node, depth + 1)

    def name(self, node: Node | None) -> str:
        """The qualified name of what a node stands for, or ""."""
        found = self.value(node)
        return found.name if isinstance(found, Named) else ""


def _identifier(reader: Reader, node: Node, _depth: int) -> Any:
    name = text_of(node, reader.data)
    if reader.kinds.family != "python" and name in _WORDS:
        return _WORDS[name]
    return reader.lookup(name, node.start_byte)


def _member(reader: Reader, node: Node, depth: int) -> Any:
    target, name = reader.kinds.member(node)
    if target is None or name is None:
        return UNKNOWN
    word = text_of(name, reader.data)
    if target.type == "this" or (
        target.type == "identifier" and text_of(target, reader.data) in {"self", "cls"}
    ):
        found = reader.lookup(f"self.{word}", node.start_byte)
        if found is not UNKNOWN:
            return found
    owner = reader.value(target, depth)
    if isinstance(owner, Named):
        return Named(f"{owner.name}.{word}")
    if isinstance(owner, Mapping):
        return owner.get(word, UNKNOWN)
    return Named(f"?.{word}")


def _call(reader: Reader, node: Node, depth: int) -> Any:
    function = reader.kinds.function(node)
    if function is None:
        return UNKNOWN
    called = reader.value(function, depth)
    if reader.kinds.family == "javascript" and called == Named("require"):
        arguments = node.child_by_field_name("arguments")
        first = named(arguments) if arguments is not None else None
        module = reader.value(first, depth)
        return Named(module.removeprefix("node:")) if isinstance(module, str) else UNKNOWN
    return Named(f"{called.name}()") if isinstance(called, Named) else UNKNOWN


def _java_call(reader: Reader, node: Node, depth: int) -> Any:
    name = node.child_by_field_name("name")
    target = node.child_by_field_name("object")
    if name is None:
        return UNKNOWN
    word = text_of(name, reader.data)
    if target is None:
        return Named(f"{word}()")
    owner = reader.value(target, depth)
    return Named(f"{owner.name if isinstance(owner, Named) else '?'}.{word}()")


def _new(reader: Reader, node: Node, depth: int) -> Any:
    made = node.child_by_field_name("constructor") or node.child_by_field_name("type")
    if made is None:
        return UNKNOWN
    if made.type == "generic_type":
        made = named(made)
    called = reader.value(made, depth)
    return Named(f"{called.name}()") if isinstance(called, Named) else UNKNOWN


def _python_string(reader: Reader, node: Node, depth: int) -> Any:
    if node.end_byte - node.start_byte > _LARGEST:
        return UNKNOWN
    text = text_of(node, reader.data)
    if text[:1] in {"'", '"'} and "\\" not in text and text[:3] not in {"'''", '"""'}:
        return text[1:-1]
    if any(child.type == "interpolation" for child in node.named_children):
        return _filled_in(reader, node, "interpolation", depth)
    return _evaluated(text.lstrip("fFtT"))


def _plain_string(reader: Reader, node: Node, depth: int) -> Any:
    if node.end_byte - node.start_byte > _LARGEST:
        return UNKNOWN
    if any(child.type == "template_substitution" for child in node.named_children):
        return _filled_in(reader, node, "template_substitution", depth)
    return text_of(node, reader.data)[1:-1]


def _filled_in(reader: Reader, node: Node, hole: str, depth: int) -> Any:
    """A text with holes, where what goes into them is known."""
    parts = []
    for child in node.named_children:
        if child.type == hole:
            value = reader.value(named(child), depth) if child.named_child_count == 1 else UNKNOWN
            if not isinstance(value, str | int):
                return UNKNOWN
            parts.append(str(value))
        elif child.type in {"string_content", "string_fragment"}:
            parts.append(text_of(child, reader.data))
        elif child.type not in {"string_start", "string_end"}:
            return UNKNOWN
    return "".join(parts)


def _number(reader: Reader, node: Node, _depth: int) -> Any:
    if node.end_byte - node.start_byte > 40:
        return UNKNOWN
    return _evaluated(text_of(node, reader.data).rstrip("nLlfFdD"))


def _evaluated(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def _concatenated(reader: Reader, node: Node, depth: int) -> Any:
    parts = [reader.value(child, depth) for child in node.named_children]
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return b"".join(parts) if all(isinstance(part, bytes) for part in parts) else UNKNOWN


def _list(reader: Reader, node: Node, depth: int) -> Any:
    if node.named_child_count > 100:
        return UNKNOWN
    return [reader.value(child, depth) for child in node.named_children]


def _dict(reader: Reader, node: Node, depth: int) -> Any:
    if node.named_child_count > 200:
        return UNKNOWN
    found: dict[Any, Any] = {}
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type == "pair" and key is not None:
            plain = reader.value(key, depth)
            if key.type in {"property_identifier", "private_property_identifier"}:
                plain = text_of(key, reader.data)
            if isinstance(plain, str | int):
                found[plain] = reader.value(value, depth)
        elif pair.type == "shorthand_property_identifier":
            word = text_of(pair, reader.data)
            found[word] = reader.lookup(word, pair.start_byte)
        elif pair.type in {"dictionary_splat", "spread_element"}:
            inside = reader.value(named(pair), depth)
            found.update(inside if isinstance(inside, dict) else {...: UNKNOWN})
    return found


def _item(reader: Reader, node: Node, depth: int) -> Any:
    owner = node.child_by_field_name("value") or node.child_by_field_name("object")
    key = node.child_by_field_name("subscript") or node.child_by_field_name("index")
    of, at = reader.value(owner, depth), reader.value(key, depth)
    if isinstance(of, dict) and isinstance(at, str | int):
        return of.get(at, UNKNOWN)
    if isinstance(of, list) and isinstance(at, int) and -len(of) <= at < len(of):
        return of[at]
    return Named(f"{of.name}[]") if isinstance(of, Named) else UNKNOWN


def _binary(reader: Reader, node: Node, depth: int) -> Any:
    operator = node.child_by_field_name("operator")
    left = reader.value(node.child_by_field_name("left"), depth)
    right = reader.value(node.child_by_field_name("right"), depth)
    match operator.type if operator is not None else "":
        case "+" if type(left) is type(right) and isinstance(left, str | bytes | int):
            return left + right
        case "*" if isinstance(left, str | bytes) and isinstance(right, int):
            return left * right if 0 <= right * len(left) <= _LARGEST else UNKNOWN
        case "??" | "||" | "or" if isinstance(right, str) and not isinstance(left, str):
            return right  # what it is unless somebody says something else
    return UNKNOWN


def _unary(reader: Reader, node: Node, depth: int) -> Any:
    operator = first_token(node)
    value = reader.value(node.child_by_field_name("argument") or named(node), depth)
    match operator.type if operator is not None else "":
        case "-" if isinstance(value, int | float):
            return -value
        case "!" | "not" if isinstance(value, bool | int):
            return not value
    return UNKNOWN


def _inside(reader: Reader, node: Node, depth: int) -> Any:
    return reader.value(named(node), depth)


def _constant(value: Any) -> Callable[[Reader, Node, int], Any]:
    return lambda _reader, _node, _depth: value


_WORDS = {"true": True, "false": False, "nil": None, "undefined": None}
_READERS: dict[str, Callable[[Reader, Node, int], Any]] = {
    "identifier": _identifier,
    "type_identifier": _identifier,
    "package_identifier": _identifier,
    "attribute": _member,
    "member_expression": _member,
    "selector_expression": _member,
    "qualified_type": _member,
    "field_access": _member,
    "scoped_type_identifier": _member,
    "call": _call,
    "call_expression": _call,
    "method_invocation": _java_call,
    "new_expression": _new,
    "object_creation_expression": _new,
    "string": lambda reader, node, depth: (
        _python_string if reader.kinds.family == "python" else _plain_string
    )(reader, node, depth),
    "template_string": _plain_string,
    "interpreted_string_literal": _plain_string,
    "raw_string_literal": _plain_string,
    "string_literal": _plain_string,
    "concatenated_string": _concatenated,
    **dict.fromkeys(
        ("integer", "float", "number", "int_literal", "float_literal", "decimal_integer_literal",
         "hex_integer_literal", "decimal_floating_point_literal"),
        _number,
    ),
    "true": _constant(True),
    "false": _constant(False),
    **dict.fromkeys(("none", "null", "nil", "undefined", "null_literal"), _constant(None)),
    "list": _list,
    "tuple": _list,
    "array": _list,
    "dictionary": _dict,
    "object": _dict,
    "subscript": _item,
    "subscript_expression": _item,
    "binary_operator": _binary,
    "binary_expression": _binary,
    "boolean_operator": _binary,
    "unary_operator": _unary,
    "unary_expression": _unary,
    "not_operator": _unary,
    "parenthesized_expression": _inside,
    "await": _inside,
    "await_expression": _inside,
    "as_expression": _inside,
    "satisfies_expression": _inside,
    "non_null_expression": _inside,
}  # fmt: skip
