"""This file is where we say what methods of texts, lists, dicts and configurations do."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable

from nootropic_lsp.analysis.simplify.python import expressions, facts, texts
from nootropic_lsp.analysis.simplify.python.arguments import again, arguments_of, folded
from nootropic_lsp.analysis.simplify.python.flow import Flow, rebuilt
from nootropic_lsp.analysis.simplify.python.values import (
    Anywhere,
    Func,
    Items,
    Known,
    Table,
    V,
    call,
    choice,
    constant,
    known,
)

_OF_TEXT = frozenset(
    [
        "upper",
        "lower",
        "strip",
        "lstrip",
        "rstrip",
        "title",
        "capitalize",
        "casefold",
        "split",
        "rsplit",
        "splitlines",
        "replace",
        "startswith",
        "endswith",
        "find",
        "index",
        "count",
        "encode",
        "decode",
        "zfill",
        "join",
        "format",
        "removeprefix",
        "removesuffix",
        "partition",
        "rpartition",
        "isdigit",
        "isalpha",
        "isalnum",
        "islower",
        "isupper",
        "swapcase",
    ]
)


def of_constant(flow: Flow, node: ast.Call, base: V, method: str) -> V | None:
    """A method of a constant text."""
    assert isinstance(base.value, Known)
    value = base.value.value
    if not isinstance(value, str | bytes):
        return None
    if method in {"format", "format_map", "substitute", "safe_substitute"}:
        return _formatted(flow, node, base, str(value), method)
    if method == "join" and len(node.args) == 1:
        over = flow.ev(node.args[0], True)
        thing = flow.thing(over)
        shown = flow.shown(over)
        if (
            isinstance(thing, Items)
            and not thing.is_loose
            and all(isinstance(v.value, Known) for v in thing.items)
        ):
            return folded(
                value.join,
                [[v.value.value for v in thing.items]],  # type: ignore[union-attr]
            )
        return V(rebuilt(node, args=[shown]))
    if method in _OF_TEXT and hasattr(value, method) and not node.keywords:
        arguments = [flow.ev(each) for each in node.args]
        if all(isinstance(v.value, Known) for v in arguments):
            return folded(getattr(value, method), [v.value.value for v in arguments])  # type: ignore[union-attr]
    return None


def _formatted(flow: Flow, node: ast.Call, base: V, text: str, method: str) -> V | None:
    """A format with only those arguments that it uses."""
    given = arguments_of(flow, node, True)
    if given is None:
        return None
    positional, named = given
    if method in {"format_map", "substitute", "safe_substitute"} and positional:
        thing = flow.thing(positional[0])
        if not isinstance(thing, Table):
            return V(again(flow, node, node.func, given))
        named = {**{str(key): v for key, v in thing.entries.items()}, **named}
        positional = []
    used: set[str] = set()
    if method in {"format", "format_map"}:
        try:
            for _, field, spec, _ in string.Formatter().parse(text):
                if field is not None:
                    used.add(re.split(r"[.\[]", field)[0])
                if spec and "{" in spec:
                    used.update(re.findall(r"\{(\w*)", spec))
        except ValueError:
            return None
    else:
        used = {one or other for one, other in re.findall(r"\$(?:(\w+)|\{(\w+)\})", text)}
    named = {key: v for key, v in named.items() if key in used}
    if used and not used & {"", *map(str, range(len(positional)))}:
        positional = []
    parts = [*positional, *named.values()]
    if method == "format" and all(isinstance(v.value, Known) for v in parts):
        values = {key: v.value.value for key, v in named.items()}  # type: ignore[union-attr]
        texts_of = [v.value.value for v in positional if isinstance(v.value, Known)]
        constant_text = folded(lambda: text.format(*texts_of, **values), [])
        if constant_text is not None:
            return constant_text
    function: ast.expr = node.func
    if isinstance(function, ast.Attribute) and not isinstance(base.node, ast.Name):
        function = rebuilt(function, value=known(text).node)
    before = re.split(r"\{[^{}]*\}|\$\{?\w+\}?", text)
    if method == "format" and not named:
        positional = [
            V(texts.quoted(part, flow.shown(v)), v.value)
            for part, v in zip(before, positional, strict=False)
        ]
    return V(texts.starting(before[0], again(flow, node, function, (positional, named))))


def replaced(flow: Flow, node: ast.Call, base: V) -> V | None:
    """`x.replace("'", "")`: one character cannot come back."""
    old, new = flow.ev(node.args[0]), flow.ev(node.args[1])
    shown = rebuilt(node, func=rebuilt(node.func, value=flow.shown(base)),
                    args=[flow.shown(old), flow.shown(new)])  # fmt: skip
    if isinstance(old.value, Known) and isinstance(new.value, Known):
        gone, instead = old.value.value, new.value.value
        if isinstance(gone, str) and len(gone) == 1 and gone not in str(instead):
            return V(call(facts.LACKS, ast.Constant(gone), shown))
    return V(shown)


# Lists and queues.


def of_items(flow: Flow, node: ast.Call, base: V, thing: Items, method: str) -> V | None:
    """A method of a list, a queue, or a text that is being built."""
    if thing.kind in {"text", "bytes"}:
        return _of_text(flow, node, base, thing, method)
    handler = _OF_ITEMS.get(method)
    if handler is None:
        if method in {"sort", "reverse", "put_nowait"}:
            thing.is_loose = thing.is_loose or len(thing.items) > 1
        return None
    arguments = [flow.ev(each, True) for each in node.args]
    result = handler(flow, thing, arguments)
    if result is None:
        thing.is_loose = True
    return result


def _append(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    if len(arguments) == 1:
        thing.items.append(flow.atom(arguments[0]))
        return known(None)
    return None


def _extend(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    more = expressions.elements(flow, arguments[0]) if len(arguments) == 1 else None
    if more is not None:
        thing.items += more
        return known(None)
    for each in arguments:
        thing.items.append(flow.atom(V(call("next", call("iter", flow.shown(each))))))
    thing.is_loose = True
    return known(None)


def _insert(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    if len(arguments) == 2:
        at, v = arguments
        if isinstance(at.value, Known) and isinstance(at.value.value, int):
            thing.items.insert(at.value.value, flow.atom(v))
        else:
            thing.items.append(flow.atom(v))
            thing.is_loose = True
        return known(None)
    return None


def _pop(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    at = arguments[0] if arguments else known(-1)
    if not thing.is_loose and isinstance(at.value, Known) and isinstance(at.value.value, int):
        try:
            return thing.items.pop(at.value.value)
        except IndexError:
            return None
    return expressions._any(flow, thing.items)


def _pop_first(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    return _pop(flow, thing, [known(0)])


def _get(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    return _pop(flow, thing, [known(-1 if thing.kind == "stack" else 0)])


def _append_first(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    return _insert(flow, thing, [known(0), *arguments])


def _remove(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    if len(arguments) == 1 and isinstance(arguments[0].value, Known) and not thing.is_loose:
        for number, each in enumerate(thing.items):
            if each.value == arguments[0].value:
                del thing.items[number]
                return known(None)
            if each.value is None:
                break
    thing.is_loose = True
    return known(None)


def _clear(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    thing.items.clear()
    thing.is_loose = False
    return known(None)


def _copy(flow: Flow, thing: Items, arguments: list[V]) -> V | None:
    made = flow.make(ast.List([], ast.Load()), thing.copy())
    return V(flow.shown(made), made.value)


_OF_ITEMS: dict[str, Callable[[Flow, Items, list[V]], V | None]] = {
    "append": _append,
    "add": _append,
    "put": _append,
    "put_nowait": _append,
    "extend": _extend,
    "update": _extend,
    "insert": _insert,
    "pop": _pop,
    "popleft": _pop_first,
    "appendleft": _append_first,
    "get": _get,
    "get_nowait": _get,
    "remove": _remove,
    "clear": _clear,
    "copy": _copy,
}


def _of_text(flow: Flow, node: ast.Call, base: V, thing: Items, method: str) -> V | None:
    if method == "write" and len(node.args) == 1:
        thing.items.append(flow.atom(flow.ev(node.args[0])))
        return known(None)
    if method == "writelines" and len(node.args) == 1:
        thing.items.append(flow.atom(flow.ev(node.args[0])))
        return known(None)
    if method in {"getvalue", "read"} and not node.args:
        if all(isinstance(v.value, Known) and isinstance(v.value.value, str) for v in thing.items):
            return known("".join(v.value.value for v in thing.items))  # type: ignore[union-attr, misc]
        result = flow.shown(thing.items[0])
        for each in thing.items[1:]:
            result = ast.BinOp(result, ast.Add(), flow.shown(each))
        return V(result)
    return None


# Dicts and configurations.


def of_table(flow: Flow, node: ast.Call, base: V, thing: Table, method: str) -> V | None:
    """A method of a dict or of a configuration."""
    if any(isinstance(each, ast.Starred) for each in node.args):
        return None
    if thing.kind == "configuration":
        return _of_configuration(flow, node, thing, method)
    arguments = [flow.ev(each, True) for each in node.args]
    match method:
        case "get" | "pop" | "setdefault" if arguments:
            return _got(flow, thing, arguments, method)
        case "items" if not arguments:
            made = [
                flow.make(node, Items("tuple", [known(key), v])) for key, v in thing.entries.items()
            ]
            pairs = [V(flow.shown(each), each.value) for each in made]
            result = flow.make(node, Items("list", pairs))
            return V(flow.shown(result), result.value)
        case "values" if not arguments:
            result = flow.make(node, Items("list", list(thing.entries.values())))
            return V(flow.shown(result), result.value)
        case "keys" if not arguments and not any(
            isinstance(each, Anywhere) for each in thing.entries
        ):
            return V(constant(list(thing.entries)), Known(tuple(thing.entries)))
        case "copy" if not arguments:
            result = flow.make(node, thing.copy())
            return V(flow.shown(result), result.value)
        case "update":
            return _updated(flow, node, base, thing, arguments)
        case "clear":
            thing.entries.clear()
            return known(None)
    return None


def _got(flow: Flow, thing: Table, arguments: list[V], method: str) -> V | None:
    key = arguments[0].value
    default = arguments[1] if len(arguments) > 1 else known(None)
    if isinstance(key, Known):
        found = expressions.entry(flow, thing, key.value)
        if method == "setdefault" and found is None:
            thing.entries[key.value] = flow.atom(default)
        if method == "pop":
            thing.entries.pop(key.value, None)
        return found or default
    several = [*thing.entries.values(), default]
    if thing.entries and all(isinstance(v.value, Func) for v in several):
        return choice(several)
    functions = [v for v in several if isinstance(v.value, Func)]
    if functions and len(functions) == len(several) - 1:
        return choice(functions)
    return expressions._any(flow, several)


def _updated(flow: Flow, node: ast.Call, base: V, thing: Table, arguments: list[V]) -> V | None:
    for each in arguments:
        more = flow.thing(each)
        if not isinstance(more, Table):
            flow.lose(base)
            return None
        thing.entries.update(more.entries)
    for keyword in node.keywords:
        if keyword.arg is None:
            flow.lose(base)
            return None
        thing.entries[keyword.arg] = flow.atom(flow.ev(keyword.value, True))
    return known(None)


def _of_configuration(flow: Flow, node: ast.Call, thing: Table, method: str) -> V | None:
    arguments = [flow.ev(each, True) for each in node.args]
    keys = [each.value.value if isinstance(each.value, Known) else None for each in arguments]
    match method:
        case "set" if len(arguments) == 3 and None not in keys[:2]:
            thing.entries[keys[0], str(keys[1]).lower()] = flow.atom(arguments[2])
            return known(None)
        case "get" if len(arguments) >= 2 and None not in keys[:2]:
            return thing.entries.get((keys[0], str(keys[1]).lower()))
        case "read_dict" if arguments:
            return _read(flow, thing, arguments[0])
        case "add_section" | "sections" | "has_section" | "has_option":
            return V(node)
    return None


def _read(flow: Flow, thing: Table, v: V) -> V | None:
    outer = flow.thing(v)
    if not isinstance(outer, Table):
        return None
    for section, each in outer.entries.items():
        inner = flow.thing(each)
        if not isinstance(inner, Table):
            return None
        for option, value in inner.entries.items():
            thing.entries[section, str(option).lower()] = value
    return known(None)
