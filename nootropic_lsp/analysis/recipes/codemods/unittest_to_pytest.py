"""`unittest` as pytest has it: plain asserts, marks, and classes without a base where that is safe.

A class stays a `TestCase` if it uses what only that has, if other files build on it, or if
pytest would not find it by its name; its asserts are rewritten all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.codemods.assertions import (
    METHODS,
    RAISING,
    asserted,
    raising,
    raising_call,
)
from nootropic_lsp.analysis.recipes.names import dotted, imported
from nootropic_lsp.analysis.recipes.tree import (
    Change,
    Rewriter,
    Source,
    enclosing,
    walk,
    whole_lines,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_CASE = "unittest.TestCase"
_CASES = frozenset([_CASE, "unittest.case.TestCase", "unittest.IsolatedAsyncioTestCase"])
_FIXTURES = {
    "setUp": "setup_method",
    "tearDown": "teardown_method",
    "setUpClass": "setup_class",
    "tearDownClass": "teardown_class",
}
# Everything else that a `TestCase` has; whoever uses it needs one.
_OWN = re.compile(
    r"assert\w+|_?add\w*Cleanup|addTypeEqualityFunc|doCleanups|doClassCleanups|subTest|id|"
    r"shortDescription|maxDiff|longMessage|failureException|run|debug|countTestCases|"
    r"defaultTestResult|enter(?:Class)?Context|enterAsyncContext|fail\w*|skipTest|_testMethodName|"
    r"_outcome|asyncSetUp|asyncTearDown"
)
_SKIPS = {
    "unittest.skip": "skip",
    "unittest.skipIf": "skipif",
    "unittest.skipUnless": "skipif",
    "unittest.expectedFailure": "xfail",
}


@dataclass(slots=True)
class _Class:
    node: Node
    name: str
    bases: list[str]
    # Whether it is a TestCase at all, and whether it has to stay one, with the reason.
    is_case: bool = False
    stays: str = ""
    local_bases: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)


def rewrite(source: Source, around: Around) -> Change:
    """The test classes of a text."""
    return _Rewriting(source, around).change()


class _Rewriting:
    def __init__(self, source: Source, around: Around) -> None:
        self.source = source
        self.around = around
        self.names = imported(source)
        self.classes = self._classes()
        self.replaced: dict[int, str] = {}
        self.gone: list[Node] = []
        # Names of `with … as NAME` whose exception is asked for, by their function.
        self.raised: dict[tuple[int, str], bool] = {}

    def change(self) -> Change:
        cases = {name: each for name, each in self.classes.items() if each.is_case}
        if not cases and not any(each.startswith("unittest") for each in self.names.values()):
            return Change()
        rewriter = Rewriter(self.source, self._rule)
        for each in cases.values():
            each.stays = each.stays or self._needs(each, rewriter)
        self._spread(cases)
        removed = [whole_lines(self.source.data, node) for node in self._removed(cases)]
        changed = Rewriter(self.source, self._rule_with_classes).replacements()
        for removal in removed:
            changed = [
                one for one in changed if one.start >= removal.end or one.end <= removal.start
            ]
            changed.append(removal)
        notes = [
            f"line {self.source.line(each.node)}: {each.name} stays a TestCase: {each.stays}"
            for each in cases.values()
            if each.stays
        ]
        return Change(changed, notes if changed else [])

    # ---- classes

    def _classes(self) -> dict[str, _Class]:
        found: dict[str, _Class] = {}
        for node in walk(self.source.root):
            if node.type != "class_definition":
                continue
            name = node.child_by_field_name("name")
            bases = node.child_by_field_name("superclasses")
            if name is None:
                continue
            each = _Class(node, self.source.text(name), [])
            for base in bases.named_children if bases is not None else ():
                text = self.source.text(base)
                each.bases.append(dotted(base, self.source, self.names) or text)
                if text in found:
                    each.local_bases.append(text)
            body = node.child_by_field_name("body")
            each.methods = {
                self.source.text(method)
                for child in (body.named_children if body is not None else ())
                if (method := _name_of(child)) is not None
            }
            local = [found[base] for base in each.local_bases if found[base].is_case]
            each.is_case = bool(_CASES & set(each.bases)) or bool(local)
            if not each.is_case and bases is not None and "TestCase" not in each.name:
                each.is_case = self.around.is_case(each.name)
            found[each.name] = each
        return found

    def _needs(self, case: _Class, rewriter: Rewriter) -> str:
        """Why a class has to stay a TestCase, "" if it need not."""
        known = [base for base in case.bases if base in _CASES or base in case.local_bases]
        if len(known) != len(case.bases) or "unittest.IsolatedAsyncioTestCase" in case.bases:
            return f"it builds on {', '.join(set(case.bases) - set(known)) or case.bases[0]}"
        if len(case.bases) != 1:
            return "it has several bases"
        if not case.name.startswith("Test"):
            return "pytest finds classes whose name begins with Test"
        if "__init__" in case.methods or "runTest" in case.methods:
            return "it has a method that pytest does not call"
        if enclosing(case.node, "function_definition", "class_definition") is not None:
            return "it is defined inside of something else"
        if self.around.is_extended(case.name):
            return "classes in other files build on it"
        own = {name for each in self._line(case) for name in each.methods}
        for node in walk(case.node):
            if node.type == "attribute" and node.children[0].type == "identifier":
                of = self.source.text(node.children[0])
                name = self.source.text(node.children[-1])
                is_own = of in ("self", "cls") and _OWN.fullmatch(name) is not None
                if is_own and name not in own and not self._is_replaced(node, rewriter):
                    return f"it uses {of}.{name} (line {self.source.line(node)})"
            elif node.type == "call" and self.source.text(node.children[0]) == "super":
                around = node.parent
                name = "" if around is None else self.source.text(around.children[-1])
                if name not in _FIXTURES:
                    return f"it uses super().{name}"
            elif node.type == "identifier" and self.source.text(node) == "maxDiff":
                return "it sets maxDiff"
        return ""

    def _is_replaced(self, node: Node, rewriter: Rewriter) -> bool:
        """Whether the call that an attribute belongs to is rewritten."""
        around = node.parent
        while around is not None and around.type != "block":
            if rewriter.given(around) is not None:
                return True
            around = around.parent
        return False

    def _spread(self, cases: dict[str, _Class]) -> None:
        """A class stays what the classes are that it builds on, and that build on it."""
        spreading = True
        while spreading:
            spreading = False
            for each in cases.values():
                for base in each.local_bases:
                    other = cases.get(base)
                    if other is not None and bool(each.stays) != bool(other.stays):
                        each.stays = each.stays or f"its base {base} stays one"
                        other.stays = other.stays or f"{each.name}, which builds on it, stays one"
                        spreading = True

    def _removed(self, cases: dict[str, _Class]) -> list[Node]:
        """Calls of `super().setUp()` that led to `TestCase`, which does nothing there."""
        found = []
        for case in cases.values():
            if case.stays or case.local_bases:
                continue
            for node in walk(case.node):
                if node.type == "expression_statement" and re.fullmatch(
                    r"super\([\w, ]*\)\.(?:setUp|tearDown)(?:Class)?\(\)", self.source.text(node)
                ):
                    block = node.parent
                    if block is not None and block.named_child_count > 1:
                        found.append(node)
                    else:
                        self.replaced[node.id] = "pass"
        return found

    # ---- nodes

    def _rule_with_classes(self, node: Node, rewriter: Rewriter) -> str | None:
        if node.id in self.replaced:
            return self.replaced[node.id]
        head = node.parent if node.type == "argument_list" else None
        if head is not None and head.type == "class_definition":
            case = self._case_of(head)
            if case is not None and not case.stays and not case.local_bases:
                return ""
        if node.type == "identifier" and node.parent is not None:
            new = _FIXTURES.get(self.source.text(node))
            if new is not None:
                function = node.parent
                is_name = function.type == "function_definition"
                is_super = function.type == "attribute" and self.source.text(
                    function.children[0]
                ).startswith("super(")
                around = enclosing(node, "class_definition")
                case = None if around is None else self._case_of(around)
                if case is not None and not case.stays and (is_name or is_super):
                    return new
        return self._rule(node, rewriter)

    def _case_of(self, node: Node) -> _Class | None:
        name = node.child_by_field_name("name")
        case = None if name is None else self.classes.get(self.source.text(name))
        return case if case is not None and case.is_case and case.node.id == node.id else None

    def _rule(self, node: Node, rewriter: Rewriter) -> str | None:
        if node.type == "expression_statement" and node.named_child_count == 1:
            call = node.named_children[0]
            name = self._asserting(call)
            if name in RAISING:
                return raising_call(name, call, self.source, rewriter)
            return asserted(name, call, self.source, rewriter) if name else None
        if node.type == "with_item":
            return self._context(node, rewriter)
        if node.type == "decorator":
            return self._mark(node, rewriter)
        if node.type == "attribute":
            return self._exception(node)
        return None

    def _asserting(self, call: Node) -> str:
        """The assert method that a call is of, "" if it is none or the class has its own."""
        function = call.child_by_field_name("function") if call.type == "call" else None
        if function is None or function.type != "attribute":
            return ""
        of, name = function.children[0], self.source.text(function.children[-1])
        if name not in METHODS or self.source.text(of) != "self":
            return ""
        around = enclosing(call, "class_definition")
        case = None if around is None else self._case_of(around)
        if case is None or any(name in each.methods for each in self._line(case)):
            return ""
        return name

    def _line(self, case: _Class) -> list[_Class]:
        found = [case]
        for each in found:
            found += [self.classes[base] for base in each.local_bases if base in self.classes]
        return found

    def _context(self, item: Node, rewriter: Rewriter) -> str | None:
        value = item.child_by_field_name("value")
        if value is None:
            return None
        call, alias = value, ""
        if value.type == "as_pattern":
            call = value.named_children[0]
            alias = self.source.text(value.named_children[-1])
        name = self._asserting(call)
        if name not in RAISING:
            return None
        if alias and not self._may_rename(item, alias, name):
            return None
        text = raising(name, call, self.source, rewriter)
        return None if text is None else f"{text} as {alias}" if alias else text

    def _may_rename(self, item: Node, alias: str, name: str) -> bool:
        """Whether all that is asked of a context is its exception."""
        function = enclosing(item, "function_definition")
        if function is None or not alias.isidentifier():
            return False
        contexts = [
            node
            for node in walk(function)
            if node.type == "as_pattern_target" and self.source.text(node) == alias
        ]
        if any(self._as_context(node) not in RAISING for node in contexts):
            return False
        is_warning = "Warns" in name
        for node in walk(function):
            if node.type != "identifier" or self.source.text(node) != alias:
                continue
            around = node.parent
            if around is not None and around.type == "as_pattern_target":
                continue
            if around is None or around.type != "attribute" or around.children[0] != node:
                return False
            if self.source.text(around.children[-1]) != "exception" or is_warning:
                return False
        self.raised[function.id, alias] = True
        return True

    def _as_context(self, target: Node) -> str:
        pattern = target.parent
        call = None if pattern is None else pattern.named_children[0]
        function = None if call is None else call.child_by_field_name("function")
        if function is None or function.type != "attribute":
            return ""
        return self.source.text(function.children[-1])

    def _exception(self, node: Node) -> str | None:
        """`context.exception` is `context.value`."""
        if self.source.text(node.children[-1]) != "exception":
            return None
        of = node.children[0]
        function = enclosing(node, "function_definition")
        if of.type != "identifier" or function is None:
            return None
        name = self.source.text(of)
        return f"{name}.value" if self.raised.get((function.id, name)) else None

    def _mark(self, node: Node, rewriter: Rewriter) -> str | None:
        """A decorator of `unittest` as a mark."""
        inner = node.named_children[0]
        call = inner if inner.type == "call" else None
        function = inner.child_by_field_name("function") if call is not None else inner
        meaning = "" if function is None else dotted(function, self.source, self.names)
        kind = _SKIPS.get(meaning)
        if kind is None:
            return None
        if call is None:
            marked = "xfail(strict=True)" if kind == "xfail" else "skip"
            return f"@pytest.mark.{marked}"
        arguments = call.child_by_field_name("arguments")
        values = [] if arguments is None else arguments.named_children
        plain = [each for each in values if each.type != "keyword_argument"]
        if len(plain) != len(values) or any(each.type == "comment" for each in walk(node)):
            return None
        shown = [rewriter.render(each) for each in plain]
        if kind == "skip" and len(shown) == 1:
            return f"@pytest.mark.skip(reason={shown[0]})"
        if (
            kind != "skipif"
            or len(shown) != 2
            or plain[0].type in ("string", "concatenated_string")
        ):
            return None
        condition = shown[0]
        if meaning == "unittest.skipUnless":
            loose = plain[0].type in ("boolean_operator", "conditional_expression", "lambda")
            condition = f"not ({condition})" if loose else f"not {condition}"
        return f"@pytest.mark.skipif({condition}, reason={shown[1]})"


def _name_of(node: Node) -> Node | None:
    inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
    if inner is None or inner.type != "function_definition":
        return None
    return inner.child_by_field_name("name")
