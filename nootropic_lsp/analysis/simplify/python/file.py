"""This file is where a Python file is simplified, function by function."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace

from nootropic_lsp.analysis.simplify import Helper
from nootropic_lsp.analysis.simplify.needs import NOTHING, Needed, Part, Simple
from nootropic_lsp.analysis.simplify.python import annotations as declared
from nootropic_lsp.analysis.simplify.python import calls, linear
from nootropic_lsp.analysis.simplify.python.before import Before
from nootropic_lsp.analysis.simplify.python.blocks import Page
from nootropic_lsp.analysis.simplify.python.expressions import evaluate
from nootropic_lsp.analysis.simplify.python.flow import Engine, Flow
from nootropic_lsp.analysis.simplify.python.modules import Modules, contents
from nootropic_lsp.analysis.simplify.python.reach import Reach
from nootropic_lsp.analysis.simplify.python.structured import Function
from nootropic_lsp.analysis.simplify.python.values import (
    Class,
    Frame,
    Func,
    Known,
    Module,
    Pattern,
    State,
    Table,
    Unsupported,
    name,
)

ENGINE = Engine(evaluate, linear.run, calls.evaluated, calls.inlined)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match)
# How much longer a function may become: beyond that Semgrep is slow.
MAX_GROWTH = 2.5
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def simplified(
    text: str, language: str = "python", *, path: str = "", helper: Helper | None = None
) -> str:
    """The text with the same lines, or itself if it cannot be read."""
    return rewritten(text, path=path, helper=helper)[0]


def narrowed(text: str, *, path: str = "", helper: Helper | None = None, needed: Needed) -> Simple:
    """The same with those functions only in which a value may flow, and which rules they concern."""
    flows = Reach(needed, helper).flows(path, text)
    if not flows:
        return NOTHING
    simple, bodies = rewritten(
        text, path=path, helper=helper, only=flows, is_input=needed.has_source
    )
    parts = tuple(replace(body, rules=flows.pop(line)) for line, body in bodies.items())
    # What is left is no function that can be told apart.
    return Simple(simple, tuple({rule for rules in flows.values() for rule in rules}), parts)


def rewritten(
    text: str,
    *,
    path: str = "",
    helper: Helper | None = None,
    only: Container[int] | None = None,
    is_input: Callable[[str], bool] = bool,
) -> tuple[str, dict[int, Part]]:
    """The simplified text and its functions by their lines; all of them, or those on some lines.

    `is_input` says of an expression whether it may come from outside.
    """
    if "\r" in text or "\t" in text or "\f" in text:
        text = text.expandtabs(8) if "\r" not in text and "\f" not in text else text
        if "\r" in text or "\f" in text:
            return text, {}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, {}
    home = Module(path, True, *contents(tree))
    page = Page(text)
    shared = _shared(tree, page.source)
    file = _File(Modules(home, text, helper), Before(home, tree, is_input), page, shared)
    bodies: dict[int, Part] = {}
    for node, owner in _functions(tree.body, home):
        line, body = _first_line(node), _body(shared, node)
        if only is None or line in only or body is None:
            _simplify(file, node, home.frame, State(), owner)
            if body is not None:
                bodies[line] = body
        else:
            page.lines[body.first - 1 : body.last] = body.emptied()
    result = "\n".join(page.lines)
    try:
        ast.parse(result)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, {}
    return result, bodies


@dataclass(frozen=True, slots=True)
class _File:
    """What all functions of a file have in common."""

    modules: Modules
    before: Before
    page: Page
    # Lines that hold more than one statement.
    shared: frozenset[int]


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _body(shared: frozenset[int], node: ast.FunctionDef | ast.AsyncFunctionDef) -> Part | None:
    """The lines of a function below its head, if they hold nothing else."""
    first, last = node.body[0].lineno, node.end_lineno or 0
    if first == node.lineno or not shared.isdisjoint({first, last}):
        return None
    return Part(first, last, " " * node.body[0].col_offset + "pass")


def _functions(
    body: list[ast.stmt], home: Module
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Class | None]]:
    for node in body:
        if isinstance(node, _FUNCTIONS):
            yield node, None
        elif isinstance(node, ast.ClassDef):
            for each, _ in _functions(node.body, home):
                yield each, Class(node, home.frame)
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions([*node.body, *node.orelse], home)


def _simplify(
    file: _File,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    outer: Frame,
    known: State,
    owner: Class | None,
) -> None:
    page = file.page
    if node.body[0].lineno == node.lineno or node.end_lineno is None:
        return
    local, steady = _names(node)
    frame = Frame(file.modules.number(), outer.module, outer if outer.number else None, local)
    flow = Flow(file.modules, frame, ENGINE, known, stack=[node])
    flow.unsteady = _around(outer) | (local - steady)
    flow.before, flow.own_names = file.before, _around(outer) | local
    if owner is not None and node.args.args and not _is_static(node):
        this = node.args.args[0].arg
        made = flow.make(name(this), Table({}, of=owner, is_open=True))
        flow.state.names[frame.number, this] = made
    declared.assume(flow, node)
    for key, v in file.before.arguments(flow, node).items():
        flow.state.names[frame.number, key] = v
    has_branches = any(isinstance(each, _BRANCHES) for each in ast.walk(node))
    function = Function(flow, page.source, file.shared, has_branches)
    before = list(page.lines)
    try:
        blocks, _ = function.body(node.body)
        if function.changed:
            first = node.body[0].lineno
            page.write(blocks, first, node.end_lineno, node.body[0].col_offset)
            text = "\n".join(page.lines[node.lineno - 1 : node.end_lineno])
            original = sum(map(len, page.source[node.lineno - 1 : node.end_lineno]))
            if len(text) > MAX_GROWTH * original + 1500:
                raise Unsupported
            ast.parse("if True:\n" + text if text[:1] == " " else text)
    except (Unsupported, RecursionError, SyntaxError, ValueError):
        page.lines[:] = before
    for inner in function.nested:
        if page.lines[inner.body[0].lineno - 1] == page.source[inner.body[0].lineno - 1]:
            with contextlib.suppress(Unsupported):
                _simplify(file, inner, frame, _lasting(flow, steady), None)


def _lasting(flow: Flow, steady: frozenset[str]) -> State:
    """What a function inside this one can rely on whenever it runs."""
    return State(
        {
            key: v
            for key, v in flow.state.names.items()
            if key[1] in steady and isinstance(v.value, Known | Func | Class | Pattern)
        }
    )


def _around(frame: Frame | None) -> frozenset[str]:
    """The names of the functions around a place."""
    found: frozenset[str] = frozenset()
    while frame is not None:
        found |= frame.local
        frame = frame.parent
    return found


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
    return bool(names & {"staticmethod", "classmethod"})


def _names(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> tuple[frozenset[str], frozenset[str]]:
    """The names of a function, and those among them that get a value once."""
    arguments = node.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parameters += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    counts = {each.arg: 1 for each in parameters}
    free: set[str] = set()
    pending: list[ast.AST] = list(node.body)
    while pending:
        each = pending.pop()
        match each:
            case ast.Name(id=text, ctx=ast.Store() | ast.Del()):
                counts[text] = counts.get(text, 0) + 1
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                free.update(names)
            case (
                ast.FunctionDef(name=text)
                | ast.AsyncFunctionDef(name=text)
                | ast.ClassDef(name=text)
            ):
                counts[text] = counts.get(text, 0) + 1
                for inner in ast.walk(each):
                    if isinstance(inner, ast.Nonlocal):
                        free.update(inner.names)
                continue
            case ast.Import() | ast.ImportFrom():
                continue
            case ast.For() | ast.AsyncFor() | ast.While():
                # What gets a value in a loop gets several.
                for inner in ast.walk(each):
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        counts[inner.id] = counts.get(inner.id, 0) + 1
            case ast.Lambda():
                continue
        pending.extend(ast.iter_child_nodes(each))
    local = frozenset(counts) - free
    return local, frozenset(text for text in local if counts[text] == 1)


def _shared(tree: ast.Module, source: list[str]) -> frozenset[int]:
    """Lines that hold more than one statement, or a part of one."""
    found = set()
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            line = source[node.lineno - 1]
            indent = len(line) - len(line.lstrip())
            if node.col_offset != indent or node.lineno in seen:
                found.add(node.lineno)
            seen.add(node.lineno)
            if node.end_lineno is not None and node.end_lineno != node.lineno:
                tail = source[node.end_lineno - 1].encode()[node.end_col_offset or 0 :].strip()
                if tail.startswith(b";"):
                    found.add(node.end_lineno)
    return frozenset(found)
