"""This file is where we write Go and Java anew, with helpers in the place of their calls.

Besides, branches that a constant decides are dropped. Every statement stays on its line.
"""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nootropic_lsp.analysis.simplify import Helper, fields, guards, receivers
from nootropic_lsp.index.parse import parser_of

if TYPE_CHECKING:
    from tree_sitter import Node

log = logging.getLogger(__name__)

MAX_DEPTH = 4
_MAX_BYTES = 300_000
_MAX_HELPER_BYTES = 4_000
_MAX_ADDED = 100_000

_FUNCTIONS = frozenset({"function_declaration", "method_declaration"})
_CALLS = frozenset({"call_expression", "method_invocation"})
_READS = _CALLS | {"selector_expression", "field_access", "identifier"}
_TYPES = frozenset({"class_declaration", "record_declaration", "enum_declaration"})
_BLOCKS = frozenset({"block", "statement_list", "constructor_body", "switch_block_statement_group"})
_NUMBERS = re.compile(r"[\d\s+\-*/%()<>=!&|.]+")
_JAVA_NUMBER = re.compile(r"\b(?:int|long)\s+(\w+)\s*=\s*(\d+)\s*;")
_GO_NUMBER = re.compile(r"\b(?:const\s+)?(\w+)\s*(?::=|=)\s*(\d+)\s*$", re.MULTILINE)
_TEXT = re.compile(r"\bString\s+(\w+)\s*=\s*\"([^\"\\]*)\"\s*;")


@dataclass(slots=True, eq=False)
class _Work:
    """What the files have in common that take part in writing one of them anew."""

    helper: Helper | None = None
    files: dict[str, _File | None] = field(default_factory=dict)
    number: int = 0
    n_added: int = 0


@dataclass(slots=True, eq=False)
class _File:
    path: str
    data: bytes
    language: str
    work: _Work
    functions: dict[str, Node] = field(default_factory=dict)
    # Methods by the type that they belong to, and what types have for fields.
    methods: dict[tuple[str, str], Node] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    # What functions leave for others, by place.
    left: dict[str, str] = field(default_factory=dict)

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def between(self, start: int, end: int) -> str:
        return self.data[start:end].decode(errors="replace")


@dataclass(slots=True, eq=False)
class _Scope:
    """Where statements are written: in their own place, or in that of a call."""

    names: dict[str, str] = field(default_factory=dict)
    result: str = ""
    n_results: int = 1
    is_result_set: bool = False
    before: list[str] = field(default_factory=list)
    stack: tuple[int, ...] = ()
    # What the object is called to which a method belongs that is written out.
    this: str = ""
    # Whether statements may be put before the current one.
    may_write: bool = False


def simplified(text: str, language: str, *, path: str = "", helper: Helper | None = None) -> str:
    """The same program in simpler words, line by line; the text itself where that fails."""
    data = text.encode(errors="replace")
    if len(data) > _MAX_BYTES or "\r" in text:
        return text
    root = parser_of(language).parse(data).root_node
    if root.has_error:
        return text
    file = _File(path, data, language, _Work(helper))
    file.work.files[path] = file
    _find(file, root)
    try:
        result = _written(file, root, _Scope())
    except (RecursionError, IndexError, AttributeError) as error:
        log.debug("not simplified: %r", error)
        return text
    return result if result.count("\n") == text.count("\n") else text


def _find(file: _File, root: Node) -> None:
    """The functions of a file by name, if they are the only ones of that name, and its constants."""
    doubtful = set()
    every: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in _FUNCTIONS:
            name = node.child_by_field_name("name")
            if name is not None:
                if file.text(name) in file.functions:
                    doubtful.add(file.text(name))
                file.functions[file.text(name)] = node
                owner = _owner(file, node)
                every.append(node)
                if owner and node.child_by_field_name("body") is not None:
                    file.methods[owner, file.text(name)] = node
        elif node.type == "field_declaration" and file.language == "java":
            owner, type_ = _owner(file, node), node.child_by_field_name("type")
            for each in node.children_by_field_name("declarator"):
                name = each.child_by_field_name("name")
                if name is not None and type_ is not None:
                    file.fields.setdefault(owner, {})[file.text(name)] = file.text(type_)
        stack.extend(node.children)
    for text_ in doubtful:
        del file.functions[text_]
    file.left = fields.left((_method(file, each) for each in every), file.language, file.fields)
    text = file.data.decode(errors="replace")
    for pattern in (_JAVA_NUMBER, _GO_NUMBER):
        for name, value in pattern.findall(text):
            if len(re.findall(rf"\b{name}\s*(?:[-+*/%]?=[^=]|\+\+|--|:=)", text)) == 1:
                file.constants[name] = value
    for name, value in _TEXT.findall(text):
        if len(re.findall(rf"\b{name}\s*\+?=[^=]", text)) == 1:
            file.constants[name] = f'"{value}"'


def _method(file: _File, node: Node) -> fields.Method:
    receiver = node.child_by_field_name("receiver")
    found = re.match(r"\(\s*(\w+)\s", file.text(receiver)) if receiver is not None else None
    this = found[1] if found else "this" if file.language == "java" else ""
    return fields.Method(_owner(file, node), this, file.text(node))


def _left(file: _File, node: Node) -> str | None:
    """What another function has left in the place that is read here."""
    at: Node | None = node.parent
    if at is None or (at.type.startswith("assignment") and at.named_children[0] == node):
        return None
    while at is not None and at.type not in _FUNCTIONS:
        at = at.parent
    if at is None:
        return None
    method, text = _method(file, at), file.text(node)
    place = fields.key_of(text) if node.type in _CALLS else None
    if place is None and node.type in {"selector_expression", "field_access"}:
        this, _, name = text.partition(".")
        place = f"{method.owner}.{name}" if this == method.this else None
    elif place is None and node.type == "identifier" and not _is_member(node):
        own = {name for _, name, _ in _parameters(file, at)} | _locals(file, at)
        place = f"{method.owner}.{text}" if text not in own and file.language == "java" else None
    if place not in file.left or place in fields.sets(method, file.language, file.fields):
        return None
    return file.left[place]


def _owner(file: _File, node: Node) -> str:
    """The type that a method or a field belongs to."""
    receiver = node.child_by_field_name("receiver")
    if receiver is not None:
        found = re.search(r"(\w+)(?:\[[^\]]*\])?\s*\)$", file.text(receiver))
        return found[1] if found else ""
    at = node.parent
    while at is not None and at.type not in _TYPES:
        at = at.parent
    name = None if at is None else at.child_by_field_name("name")
    return "" if name is None else file.text(name)


def _written(file: _File, node: Node, scope: _Scope) -> str:
    kind = node.type
    if kind == "comment" or kind.endswith("_comment"):
        return _blank(file.text(node))
    if file.left and kind in _READS:
        left = _left(file, node)
        if left is not None:
            return _padded(left, file.text(node))
    if not node.children or kind.endswith("string_literal"):
        text = file.text(node)
        if kind == "identifier" and scope.names and not _is_member(node):
            return scope.names.get(text, text)
        return scope.this if kind == "this" and scope.this else text
    if kind in _CALLS:
        result = _inlined(file, node, scope)
        if result is not None:
            return result
    elif kind == "return_statement" and scope.result:
        return _returned(file, node, scope)
    elif kind == "expression_statement" and file.language == "java":
        apart = _unchained(file, node, scope)
        if apart is not None:
            return apart
    elif kind == "if_statement":
        decided = _decided(file, node, scope)
        return decided if decided is not None else _guarded(file, node, scope)
    elif kind == "switch_expression" and file.language == "java":
        decided = _chosen(file, node, scope)
        if decided is not None:
            return decided
    return _as_is(file, node, scope)


def _unchained(file: _File, node: Node, scope: _Scope) -> str | None:
    """`b.append(x).append(y);` as a statement for each of the calls."""
    calls: list[tuple[str, Node]] = []
    at: Node | None = node.named_children[0]
    while at is not None and at.type == "method_invocation":
        name, given = at.child_by_field_name("name"), at.child_by_field_name("arguments")
        if name is None or given is None or file.text(name) not in {"append", "insert"}:
            return None
        calls.insert(0, (file.text(name), given))
        at = at.child_by_field_name("object")
    if len(calls) < 2 or at is None or at.type != "identifier" or not scope.may_write:
        return None
    builder = scope.names.get(file.text(at), file.text(at))
    texts = [f"{builder}.{name}{_flat(_written(file, given, scope))};" for name, given in calls]
    return _padded(" ".join(texts), file.text(node))


def _as_is(file: _File, node: Node, scope: _Scope, start: dict[int, str] | None = None) -> str:
    """A node with its parts written anew; some of them begin with more statements."""
    texts = []
    at = node.start_byte
    is_block = node.type in _BLOCKS
    for each in node.children:
        texts.append(file.between(at, each.start_byte))
        at = each.end_byte
        if not (is_block and each.is_named):
            text = _written(file, each, scope)
            more = (start or {}).get(each.id, "")
            texts.append(f"{{ {more} {text[1:]}" if more and text.startswith("{") else text)
            continue
        outer, scope.before = scope.before, []
        could, scope.may_write = scope.may_write, True
        text = _written(file, each, scope)
        first = "; ".join(each for each in scope.before if each)
        scope.before, scope.may_write = outer, could
        file.work.n_added += len(first)
        texts.append(f"{first}; {text}" if first else text)
        if scope.stack and file.language == "go" and not text.endswith((";", "{")) and text.strip():
            texts.append(";")
    texts.append(file.between(at, node.end_byte))
    return "".join(texts)


def _is_member(node: Node) -> bool:
    """Whether this name is one of a field or method, not of a variable."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "field_access":
        return parent.child_by_field_name("field") == node
    if parent.type == "method_invocation":
        return parent.child_by_field_name("name") == node
    return parent.type == "keyed_element" and parent.named_children[0] == node


def _blank(text: str) -> str:
    return "\n" * text.count("\n")


def _flat(text: str) -> str:
    return " ".join(part for each in text.splitlines() if (part := each.strip()))


def _padded(text: str, original: str) -> str:
    return text + "\n" * max(0, original.count("\n") - text.count("\n"))


def _called(file: _File, node: Node) -> tuple[str, str, bool]:
    """What is called on which object, and whether that is the one of the method itself."""
    if node.type == "method_invocation":
        receiver = node.child_by_field_name("object")
        name = node.child_by_field_name("name")
        if receiver is None or receiver.type == "this":
            return file.text(name) if name is not None else "", "", True
    else:
        name = node.child_by_field_name("function")
        if name is None or name.type != "selector_expression":
            return file.text(name) if name is not None else "", "", True
        receiver, name = name.child_by_field_name("operand"), name.child_by_field_name("field")
    text = "" if receiver is None else file.text(receiver)
    if name is None or not re.fullmatch(r"\w+(?:\.\w+)?", text):
        return "", "", False
    return file.text(name), text, False


def _callee(file: _File, node: Node, scope: _Scope) -> tuple[_File, Node, str] | None:
    """The function that is called, if there is no doubt, its file, and what its object is called."""
    name, receiver, is_own = _called(file, node)
    if not name:
        return None
    if is_own:
        found = file.functions.get(name)
        is_function = found is not None and found.type == "function_declaration"
        if found is None or (file.language == "go" and not is_function):
            return None
        return file, found, scope.this
    shown = _flat(_shown(file, receiver, scope))
    for type_ in receivers.types_of(
        file.data.decode(errors="replace"), file.language, receiver.rpartition(".")[2]
    ):
        for each in _with_method(file, type_, name):
            found = each.methods.get((type_, name)) or each.functions.get(name)
            if found is not None and found.child_by_field_name("body") is not None:
                return each, found, shown
    return None


def _shown(file: _File, receiver: str, scope: _Scope) -> str:
    """A receiver as it is called where it is written out."""
    head, dot, rest = receiver.partition(".")
    if head == "this":
        return f"{scope.this or head}{dot}{rest}"
    return f"{scope.names.get(head, head)}{dot}{rest}"


def _with_method(file: _File, type_: str, method: str) -> Iterator[_File]:
    """The files in which a method of a type may stand."""
    if (type_, method) in file.methods:
        yield file
        return
    if file.work.helper is None:
        return
    for path, text in receivers.of_type(file.work.helper, file.path, type_, method):
        if path not in file.work.files:
            file.work.files[path] = _read(path, text, file)
        found = file.work.files[path]
        if found is not None:
            yield found


def _read(path: str, text: str, asking: _File) -> _File | None:
    data = text.encode(errors="replace")
    root = parser_of(asking.language).parse(data).root_node if len(data) <= _MAX_BYTES else None
    if root is None or root.has_error or "\r" in text:
        return None
    file = _File(path, data, asking.language, asking.work)
    _find(file, root)
    return file


def _inlined(file: _File, node: Node, scope: _Scope) -> str | None:
    callee = _callee(file, node, scope) if scope.may_write else None
    if callee is None:
        return None
    home, function, this = callee
    body = function.child_by_field_name("body")
    if (
        body is None
        or function.id in scope.stack
        or len(scope.stack) >= MAX_DEPTH
        or function.end_byte - function.start_byte > _MAX_HELPER_BYTES
        or file.work.n_added > _MAX_ADDED
        or _is_boolean(home, function)
    ):
        return None
    given_node = node.child_by_field_name("arguments")
    given = (
        [] if given_node is None else [e for e in given_node.named_children if e.type != "comment"]
    )
    file.work.number += 1
    suffix = f"_{file.work.number}_"
    names = {each: each + suffix for each in _locals(home, body)}
    before = _members(home, function, this, names, suffix)
    for i, (type_, name, is_rest) in enumerate(_parameters(home, function)):
        values = given[i:] if is_rest else given[i : i + 1]
        texts = [_flat(_written(file, each, scope)) for each in values]
        names[name] = name + suffix
        if not texts:
            continue
        variable = texts[0].removeprefix("&")
        if re.fullmatch(r"\w+", variable) and _is_filled(home.text(body), name):
            # What is put into it is in the caller's own.
            names[name] = variable
        elif file.language == "go":
            value = f"[]any{{{', '.join(texts)}}}" if is_rest else texts[0]
            before.append(f"{name}{suffix} := {value}")
        else:
            value = f"List.of({', '.join(texts)})" if is_rest else texts[0]
            before.append(f"{'Object' if is_rest else type_} {name}{suffix} = {value}")
    inner = _Scope(
        names, f"_r{suffix}", _n_results(node), stack=(*scope.stack, function.id), this=this
    )
    text = _flat(_written(home, body, inner))
    type_node = function.child_by_field_name("type")
    if inner.is_result_set:
        type_ = "Object" if type_node is None else home.text(type_node)
        go = f"var {inner.result} any"
        before.append(go if file.language == "go" else f"{type_} {inner.result} = null")
    scope.before += [*before, text]
    if not inner.is_result_set:
        return _padded("nil" if file.language == "go" else "null", file.text(node))
    results = [inner.result, *("nil" for _each in range(inner.n_results - 1))]
    return _padded(", ".join(results), file.text(node))


_FILLED = re.compile(
    r"\b(\w+)\s*\.\s*(?:append|insert|add|addAll|put|putAll|set|Set|Add|Write\w*)\("
)


def _is_filled(body: str, name: str) -> bool:
    """Whether a function puts something into what it is given under this name."""
    return any(match[1] == name for match in _FILLED.finditer(body))


def _members(
    file: _File, function: Node, this: str, names: dict[str, str], suffix: str
) -> list[str]:
    """The object of a method and its fields under the names that they have where it is called.

    Gives the declarations of those whose type says what is done with them.
    """
    if file.language == "go":
        receiver = function.child_by_field_name("receiver")
        found = re.match(r"\(\s*(\w+)\s", file.text(receiver)) if receiver is not None else None
        if found is not None and this:
            names[found[1]] = this
        return []
    declared = []
    text = file.text(function)
    own = {name for _, name, _ in _parameters(file, function)} | names.keys()
    for name, type_ in file.fields.get(_owner(file, function), {}).items() if this else ():
        if name in own or not re.search(rf"\b{name}\b", text):
            continue
        if type_ in _VALUES:
            names[name] = f"{this}.{name}"
        else:
            names[name] = name + suffix
            declared.append(f"{type_} {name}{suffix}")
    return declared


_VALUES = frozenset({"String", "int", "long", "boolean", "char", "Object", "StringBuilder"})


def _is_boolean(file: _File, function: Node) -> bool:
    """Whether it answers a question; the rules look at such calls themselves."""
    result = function.child_by_field_name("result") or function.child_by_field_name("type")
    return result is not None and bool(re.search(r"\b(bool|boolean|Boolean)\b", file.text(result)))


def _n_results(call: Node) -> int:
    """How many names the results of a call are given."""
    parent = call.parent
    if parent is not None and parent.type == "expression_list":
        statement = parent.parent
        if statement is not None and len(parent.named_children) == 1:
            left = statement.child_by_field_name("left")
            if left is not None and left != parent:
                return len(left.named_children)
    return 1


def _parameters(file: _File, function: Node) -> list[tuple[str, str, bool]]:
    """Type, name, and whether it takes all other arguments."""
    found = []
    several = function.child_by_field_name("parameters")
    for each in several.named_children if several is not None else []:
        type_ = each.child_by_field_name("type")
        shown = file.text(type_) if type_ is not None else "Object"
        is_rest = each.type in {"variadic_parameter_declaration", "spread_parameter"}
        if each.type == "spread_parameter":
            declarator = each.named_children[-1]
            found.append((shown, file.text(declarator), True))
            continue
        found += [(shown, file.text(name), is_rest) for name in each.children_by_field_name("name")]
    return found


def _locals(file: _File, body: Node) -> set[str]:
    """Names that are declared in a function."""
    found: set[str] = set()
    stack = [body]
    while stack:
        node = stack.pop()
        if node.type == "variable_declarator" or node.type in {"var_spec", "const_spec"}:
            found.update(file.text(each) for each in node.children_by_field_name("name"))
        elif node.type in {"short_var_declaration", "range_clause"}:
            left = node.child_by_field_name("left")
            if left is not None:
                found.update(
                    file.text(each) for each in left.named_children if each.type == "identifier"
                )
        elif node.type in {"enhanced_for_statement", "resource", "catch_formal_parameter"}:
            found.update(file.text(each) for each in node.children_by_field_name("name"))
        stack.extend(node.children)
    return found


def _returned(file: _File, node: Node, scope: _Scope) -> str:
    original = file.text(node)
    values = [each for each in node.named_children if each.type != "comment"]
    if values and values[0].type == "expression_list":
        values = values[0].named_children
    if not values:
        return _blank(original)
    text = _flat(_written(file, values[0], scope))
    scope_text = f"{scope.result} + {text}" if scope.is_result_set else text
    scope.is_result_set = True
    return f"{scope.result} = {scope_text}{';' if file.language == 'java' else ''}"


def _decided(file: _File, node: Node, scope: _Scope) -> str | None:
    """An `if` whose condition is constant."""
    condition = node.child_by_field_name("condition")
    then = node.child_by_field_name("consequence")
    other = node.child_by_field_name("alternative")
    if condition is None or then is None or node.child_by_field_name("initializer") is not None:
        return None
    known = _constant(file, condition)
    if known is None:
        return None
    live = then if known else other
    original = file.text(node)
    if live is None:
        return "{" + _blank(original) + "}"
    before = _blank(file.between(node.start_byte, live.start_byte))
    after = _blank(file.between(live.end_byte, node.end_byte))
    return before + _written(file, live, scope) + after


def _guarded(file: _File, node: Node, scope: _Scope) -> str:
    """An `if`, with what it says of values written where it holds."""
    condition = node.child_by_field_name("condition")
    then = node.child_by_field_name("consequence")
    if condition is None or then is None:
        return _as_is(file, node, scope)
    everything = file.data.decode(errors="replace")

    def body_of(name: str) -> str | None:
        function = file.functions.get(name)
        return file.text(function) if function is not None else None

    shown = _flat(file.text(condition))
    inside = guards.where_true(shown, everything, body_of)
    text = _as_is(file, node, scope, {then.id: _marked(inside, scope)})
    replaced = _replaced(file, then)
    if not _exits(then) and replaced is None:
        return text
    after = guards.where_false(shown, everything, body_of)
    if replaced is not None:
        after = {name: marks for name, marks in after.items() if name == replaced}
    more = _marked(after, scope)
    if not more or node.child_by_field_name("alternative") is not None:
        return text
    return f"{text}; {more}"


def _marked(facts: dict[str, set[str]], scope: _Scope) -> str:
    texts = []
    for name, marks in facts.items():
        head, dot, rest = name.partition(".")
        shown = scope.names.get(head, head) + dot + rest
        texts += [f"{shown} = {mark}({shown});" for mark in sorted(marks)]
    return " ".join(texts)


def _exits(node: Node) -> bool:
    """Whether a block never goes on to what comes after it."""
    while node.type in {"block", "statement_list"}:
        inner = [each for each in node.named_children if "comment" not in each.type]
        if not inner:
            return False
        node = inner[-1]
    return node.type in {
        "return_statement",
        "throw_statement",
        "continue_statement",
        "break_statement",
    }


_CONSTANT_VALUE = re.compile(r"(\w+)\s*=\s*(?:\"[^\"]*\"|[A-Z_]+|null);?")


def _replaced(file: _File, then: Node) -> str | None:
    """The name that a block does nothing but give a constant to."""
    match = _CONSTANT_VALUE.fullmatch(_flat(file.text(then)).strip("{ }"))
    return match[1] if match else None


def _constant(file: _File, condition: Node) -> bool | None:
    text = file.text(condition)
    text = re.sub(r"\b[A-Za-z_]\w*\b", lambda found: file.constants.get(found[0], found[0]), text)
    plain = text.strip()
    while plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1].strip()
    if plain in {"true", "false"}:
        return plain == "true"
    if not _NUMBERS.fullmatch(text) or not re.search(r"[<>]|==|!=", text) or len(text) > 80:
        return None
    text = text.replace("&&", " and ").replace("||", " or ").replace("/", "//").strip()
    try:
        tree = ast.parse(text, mode="eval")
        return bool(_value(tree.body))
    except (SyntaxError, ValueError, ZeroDivisionError, TypeError):
        return None


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(int() | float() as value):
            return value
        case ast.BinOp(left, ast.Add(), right):
            return _value(left) + _value(right)
        case ast.BinOp(left, ast.Sub(), right):
            return _value(left) - _value(right)
        case ast.BinOp(left, ast.Mult(), right):
            return _value(left) * _value(right)
        case ast.BinOp(left, ast.FloorDiv(), right):
            return _value(left) // _value(right)
        case ast.BinOp(left, ast.Mod(), right):
            return _value(left) % _value(right)
        case ast.BoolOp(ast.And(), values):
            return all(_value(each) for each in values)
        case ast.BoolOp(ast.Or(), values):
            return any(_value(each) for each in values)
        case ast.Compare(left, [operator], [right]):
            one, other = _value(left), _value(right)
            results = {
                ast.Lt: one < other,
                ast.Gt: one > other,
                ast.LtE: one <= other,
                ast.GtE: one >= other,
                ast.Eq: one == other,
                ast.NotEq: one != other,
            }
            return results[type(operator)]
    raise ValueError(node)


_CHARACTER = re.compile(r"\(?(?:(\w+)|\"([^\"\\]*)\")\.charAt\((\d+)\)\)?")


def _chosen(file: _File, node: Node, scope: _Scope) -> str | None:
    """A `switch` on a constant."""
    condition = node.child_by_field_name("condition")
    body = node.child_by_field_name("body")
    if condition is None or body is None:
        return None
    text = file.text(condition).strip().strip("()") if "charAt" not in file.text(condition) else ""
    found = _CHARACTER.fullmatch(file.text(condition).strip().removeprefix("(").removesuffix(")"))
    if found is not None:
        word = found[2] if found[2] is not None else file.constants.get(found[1], "").strip('"')
        if int(found[3]) >= len(word):
            return None
        label = f"'{word[int(found[3])]}'"
    elif text in file.constants or text.isdigit():
        label = file.constants.get(text, text)
    else:
        return None
    groups = [each for each in body.named_children if each.type.startswith("switch_block")]
    live = _live(file, groups, label)
    texts = []
    at = node.start_byte
    for each in groups:
        texts.append(file.between(at, each.start_byte))
        at = each.end_byte
        texts.append(_written(file, each, scope) if each in live else _blank(file.text(each)))
    texts.append(file.between(at, node.end_byte))
    return "".join(texts)


def _live(file: _File, groups: list[Node], label: str) -> list[Node]:
    def labels(group: Node) -> list[str]:
        return [file.text(each) for each in group.named_children if each.type == "switch_label"]

    start = next(
        (i for i, each in enumerate(groups) if any(label in one for one in labels(each))), None
    )
    if start is None:
        start = next(
            (i for i, each in enumerate(groups) if any("default" in o for o in labels(each))), None
        )
    if start is None:
        return []
    live = []
    for each in groups[start:]:
        live.append(each)
        last = each.named_children[-1]
        if each.type == "switch_rule" or last.type in {"break_statement", "return_statement"}:
            break
    return live
