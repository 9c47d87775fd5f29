"""This file is where a simplified function is written back, every statement on its own line."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nootropic_lsp.analysis.simplify.python.values import Unsupported


@dataclass(slots=True)
class Line:
    """Simple statements that stand on one line, in place of one of the user's text.

    Without `statements`, that one stays as it is.
    """

    first: int
    last: int
    original: ast.stmt | None = None
    statements: Sequence[ast.stmt] | None = None


@dataclass(slots=True)
class Clause:
    """A header, as it is in the user's text or written anew, and what stands below it."""

    first: int
    last: int
    is_same: bool
    text: Callable[[], str]
    body: list[Block]
    column: int
    body_column: int


@dataclass(slots=True)
class Nest:
    """A compound statement."""

    clauses: list[Clause]


@dataclass(slots=True)
class Moved:
    """Statements that stood in a branch, at another column."""

    column: int
    blocks: list[Block]


Block = Line | Nest | Moved


class Page:
    """The lines of a file while functions in it are written anew."""

    def __init__(self, text: str) -> None:
        self.source = text.split("\n")
        self.lines = list(self.source)
        # Where the statement ends with which a line of the user's text was taken over.
        self._ends: dict[int, int] = {}

    def write(self, blocks: Sequence[Block], first: int, last: int, column: int) -> None:
        """Put blocks in place of the lines `first` to `last`, counted from 1, or none of them."""
        before = self.lines[first - 1 : last]
        self._ends = {}
        try:
            for number in range(first, last + 1):
                self.lines[number - 1] = ""
            self._blocks(blocks, column, column)
        except Unsupported:
            self.lines[first - 1 : last] = before
            raise

    def _blocks(self, blocks: Sequence[Block], column: int, original: int) -> None:
        for block in blocks:
            match block:
                case Line():
                    self._line(block, column, original)
                case Moved(own, inner):
                    self._blocks(inner, column, own)
                case Nest(clauses):
                    for clause in clauses:
                        self._clause(clause, column, original)

    def _line(self, block: Line, column: int, original: int) -> None:
        node = block.original
        if block.statements is None and node is not None and column == original:
            for number in range(block.first, block.last + 1):
                self.lines[number - 1] = self.source[number - 1]
            self._ends[block.last] = node.end_col_offset or 0
            return
        statements = block.statements
        if statements is None:
            statements = [] if node is None else [node]
            if node is not None and not _is_simple(node):
                raise Unsupported
        texts = [written(each) for each in statements]
        if texts:
            self._put(block.first, column, "; ".join(texts))

    def _put(self, number: int, column: int, text: str) -> None:
        before = self.lines[number - 1]
        if not before.strip() or before.lstrip().startswith("#"):
            self.lines[number - 1] = " " * column + text
            return
        end = self._ends.pop(number, None)
        if end is not None:
            before = before.encode()[:end].decode()
        self.lines[number - 1] = f"{before}{' ' if before.endswith(':') else '; '}{text}"

    def _clause(self, clause: Clause, column: int, original: int) -> None:
        at = column + clause.column - original
        if clause.is_same and at == clause.column:
            for number in range(clause.first, clause.last + 1):
                self.lines[number - 1] = self.source[number - 1]
        elif self.lines[clause.first - 1].strip():
            raise Unsupported
        else:
            self.lines[clause.first - 1] = " " * at + clause.text()
        if _is_empty(clause.body):
            # Everything in it went away.
            self._put(clause.last + 1, column + clause.body_column - original, "pass")
            return
        self._blocks(clause.body, column + clause.body_column - original, clause.body_column)


def _is_empty(blocks: Sequence[Block]) -> bool:
    for block in blocks:
        match block:
            case Line(statements=statements):
                if statements is None or statements:
                    return False
            case Moved(_, inner):
                if not _is_empty(inner):
                    return False
            case Nest():
                return False
    return True


def _is_simple(node: ast.stmt) -> bool:
    return not hasattr(node, "body")


def written(node: ast.stmt | ast.expr) -> str:
    """A simple statement in one line."""
    text = _unparsed(node)
    if "\n" in text:
        text = _unparsed(_InOneLine().visit(ast.parse(text)))
    if "\n" in text:
        raise Unsupported
    return text


class _Added(ast.NodeTransformer):
    """F-strings as sums."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self.generic_visit(node)
        result: ast.expr = ast.Constant("")
        for each in node.values:
            part = each.value if isinstance(each, ast.FormattedValue) else each
            result = ast.BinOp(result, ast.Add(), part)
        return result


class _InOneLine(ast.NodeTransformer):
    """Formats without line breaks: everything else can be escaped."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                part.value = part.value.replace("\n", " ")
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | ast.Pass:
        if isinstance(node.value, ast.Constant):
            return ast.Pass()
        self.generic_visit(node)
        return node


def header(node: ast.stmt) -> str:
    """The first line of a compound statement."""
    lines = _unparsed(node).split("\n")
    if len(lines) != 2:
        raise Unsupported
    return lines[0]


def _unparsed(node: ast.AST) -> str:
    try:
        return ast.unparse(node)
    except ValueError:
        # Before Python 3.12 not everything can stand in an f-string.
        return ast.unparse(_Added().visit(copy.deepcopy(node)))
