"""The assert methods of `unittest.TestCase` as plain `assert`, `pytest.raises` and their like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.tree import LOOSE, Rewriter, Source, breaks_line, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 88
_COMPARED = {
    "assertEqual": "==",
    "assertEquals": "==",
    "assertNotEqual": "!=",
    "assertNotEquals": "!=",
    "assertMultiLineEqual": "==",
    "assertListEqual": "==",
    "assertTupleEqual": "==",
    "assertSetEqual": "==",
    "assertDictEqual": "==",
    "assertIs": "is",
    "assertIsNot": "is not",
    "assertIn": "in",
    "assertNotIn": "not in",
    "assertGreater": ">",
    "assertGreaterEqual": ">=",
    "assertLess": "<",
    "assertLessEqual": "<=",
}
_ALONE = {"assertTrue": "", "assertFalse": "not ", "assert_": "", "failUnless": ""}
_NONE = {"assertIsNone": "is None", "assertIsNotNone": "is not None"}
_CALLED = {
    "assertIsInstance": "isinstance({}, {})",
    "assertNotIsInstance": "not isinstance({}, {})",
    "assertRegex": "re.search({1}, {0})",
    "assertNotRegex": "not re.search({1}, {0})",
}
_RAISING = {
    "assertRaises": "pytest.raises",
    "assertRaisesRegex": "pytest.raises",
    "assertWarns": "pytest.warns",
    "assertWarnsRegex": "pytest.warns",
}
METHODS = frozenset(
    [
        *(*_COMPARED, *_ALONE, *_NONE, *_CALLED, *_RAISING),
        *("assertAlmostEqual", "assertNotAlmostEqual", "fail", "skipTest"),
    ]
)
# What does not bind more loosely than a comparison.
_UNDER_COMPARISON = LOOSE - {"binary_operator", "unary_operator", "await"}


class Arguments:
    """The arguments of a call, and how each is written as a part of something else."""

    def __init__(self, call: Node, source: Source, rewriter: Rewriter) -> None:
        self.source = source
        self.rewriter = rewriter
        self.plain: list[Node] = []
        self.named: dict[str, Node] = {}
        self.is_known = not any(each.type == "comment" for each in walk(call))
        arguments = call.child_by_field_name("arguments")
        if arguments is None or arguments.type != "argument_list":
            self.is_known = False
            return
        for each in arguments.named_children:
            if each.type == "keyword_argument":
                name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
                if name is not None and value is not None:
                    self.named[source.text(name)] = value
            elif each.type in ("list_splat", "dictionary_splat"):
                self.is_known = False
            else:
                self.plain.append(each)

    def take(self, *names: str) -> list[str | None] | None:
        """The arguments by these names, in operand form; None if there are others."""
        if len(self.plain) > len(names) or not self.is_known:
            return None
        nodes: dict[str, Node] = dict(zip(names, self.plain, strict=False))
        for name, node in self.named.items():
            if name not in names or name in nodes:
                return None
            nodes[name] = node
        return [self.shown(nodes[name]) if name in nodes else None for name in names]

    def shown(self, node: Node) -> str:
        """An argument as an operand."""
        text = self.rewriter.render(node)
        if node.type in _UNDER_COMPARISON or breaks_line(self.source, node):
            return (
                text
                if text.startswith("(") and node.type == "generator_expression"
                else f"({text})"
            )
        return text

    def whole(self, node: Node) -> str:
        """An argument as it stands alone, as in a list of arguments."""
        return self.rewriter.render(node)


def asserted(name: str, call: Node, source: Source, rewriter: Rewriter) -> str | None:
    """The statement that stands for the call of an assert method, None if there is none."""
    given = Arguments(call, source, rewriter)
    if name in _COMPARED:
        return _two(given, lambda a, b: f"{a} {_COMPARED[name]} {b}", call, source)
    if name in _CALLED:
        values = given.take("first", "second", "msg")
        if values is None or len(given.plain) < 2:
            return None
        one, two = (given.whole(each) for each in given.plain[:2])
        return _assert(_CALLED[name].format(one, two), values[2], call, source)
    if name in _ALONE:
        values = given.take("expr", "msg")
        if values is None or not given.plain:
            return None
        only = given.plain[0]
        loose = only.type in (
            "lambda",
            "named_expression",
            "conditional_expression",
            "boolean_operator",
        )
        needs = breaks_line(source, only) or (loose and bool(_ALONE[name]))
        text = given.whole(only)
        return _assert(f"{_ALONE[name]}{f'({text})' if needs else text}", values[1], call, source)
    if name in _NONE:
        values = given.take("obj", "msg")
        if values is None or values[0] is None:
            return None
        return _assert(f"{values[0]} {_NONE[name]}", values[1], call, source)
    if name in ("assertAlmostEqual", "assertNotAlmostEqual"):
        return _close(name, given, call, source)
    if name in ("fail", "skipTest"):
        values = given.take("msg" if name == "fail" else "reason")
        if values is None or (name == "skipTest" and not given.plain):
            return None
        text = ", ".join(given.whole(each) for each in given.plain) or values[0] or ""
        return f"pytest.{'fail' if name == 'fail' else 'skip'}({text})"
    return None


def raising(name: str, call: Node, source: Source, rewriter: Rewriter) -> str | None:
    """The context that stands for one of `assertRaises` and its like."""
    given = Arguments(call, source, rewriter)
    has_text = name.endswith("Regex")
    if not given.is_known or given.named or len(given.plain) != 1 + has_text:
        return None
    first = given.whole(given.plain[0])
    match = f", match={given.whole(given.plain[1])}" if has_text else ""
    return f"{_RAISING[name]}({first}{match})"


def raising_call(name: str, call: Node, source: Source, rewriter: Rewriter) -> str | None:
    """The statement that stands for `assertRaises(Error, function, argument)`."""
    n = 2 if name.endswith("Regex") else 1
    arguments = call.child_by_field_name("arguments")
    if arguments is None or any(each.type == "comment" for each in walk(call)):
        return None
    nodes = arguments.named_children
    if len(nodes) <= n or any(
        each.type in ("list_splat", "dictionary_splat", "keyword_argument")
        for each in nodes[: n + 1]
    ):
        return None
    function = nodes[n]
    if function.type == "none":
        return None
    shown = rewriter.render(function)
    if function.type in LOOSE or function.type == "lambda":
        shown = f"({shown})"
    rest = ""
    if len(nodes) > n + 1:
        rest = rewriter.render_span(nodes[n + 1].start_byte, nodes[-1].end_byte, nodes[n + 1 :])
        rest = " ".join(rest.split()) if '"""' not in rest and "'''" not in rest else rest
    match = f", match={rewriter.render(nodes[1])}" if n == 2 else ""
    indent = source.indent(call)
    head = f"with {_RAISING[name]}({rewriter.render(nodes[0])}{match}):"
    return f"{head}\n{indent}    {shown}({rest})"


def _two(
    given: Arguments, write: Callable[[str, str], str], call: Node, source: Source
) -> str | None:
    values = given.take("first", "second", "msg")
    if values is None or values[0] is None or values[1] is None:
        return None
    text = write(values[0], values[1])
    if source.line(call) != call.end_point[0] + 1 and "\n" not in text:
        # It stood on several lines because it is long.
        head = f"{source.indent(call)}assert {text}"
        if len(head) > _LONGEST and values[2] is None:
            indent = source.indent(call)
            operator = text[len(values[0]) : len(text) - len(values[1])].strip()
            return (
                f"assert (\n{indent}    {values[0]}\n{indent}    {operator} {values[1]}\n{indent})"
            )
    return _assert(text, values[2], call, source)


def _close(name: str, given: Arguments, call: Node, source: Source) -> str | None:
    values = given.take("first", "second", "places", "msg", "delta")
    if values is None or values[0] is None or values[1] is None:
        return None
    first, second, places, message, delta = values
    is_not = name == "assertNotAlmostEqual"
    if any(node.type in LOOSE for node in given.plain[:2]):
        first, second = (
            f"({text})" if node.type in LOOSE and not (text or "").startswith("(") else text
            for text, node in zip((first, second), given.plain, strict=False)
        )
    if delta is not None:
        if places is not None:
            return None
        text = f"abs({first} - {second}) {'>' if is_not else '<='} {delta}"
    else:
        text = f"round({first} - {second}, {places or 7}) {'!=' if is_not else '=='} 0"
    return _assert(text, message, call, source)


def _assert(text: str, message: str | None, call: Node, source: Source) -> str:
    return f"assert {text}" if message is None else f"assert {text}, {message}"


RAISING: Mapping[str, str] = _RAISING
