"""This file is where we find what a name of a Python module stands for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from nootropic_lsp.analysis.simplify import Helper
from nootropic_lsp.analysis.simplify.python.values import Module

MUTATING = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "clear",
        "update",
        "setdefault",
        "add",
        "discard",
        "appendleft",
    ]
)
_MAX_BYTES = 400_000


class Modules:
    """The modules that take part in simplifying one file."""

    def __init__(self, home: Module, text: str, helper: Helper | None) -> None:
        self.home = home
        self._helper = helper
        self._read: dict[tuple[str, str], Module | None] = {}
        self._by_path = {home.path: home}
        self._assigned: dict[ast.ClassDef, set[str]] = {}
        self._number = 0
        self._prefix = "_v"
        while self._prefix in text:
            self._prefix += "_"

    def fresh(self) -> str:
        """A name that the file does not have."""
        return f"{self._prefix}{self.number()}"

    def is_fresh(self, name: str) -> bool:
        return name.startswith(self._prefix)

    def number(self) -> int:
        self._number += 1
        return self._number

    def assigned_attributes(self, node: ast.ClassDef) -> set[str]:
        """The attributes that the methods of a class change."""
        if node not in self._assigned:
            self._assigned[node] = set(_changed_attributes(node))
        return self._assigned[node]

    def imported(self, module: Module, dotted: str) -> Module | None:
        """A module of the workspace that another one imports."""
        if self._helper is None:
            return None
        key = module.path, dotted
        if key not in self._read:
            self._read[key] = self._load(*key)
        return self._read[key]

    def _load(self, path: str, dotted: str) -> Module | None:
        answer = self._helper(path, dotted) if self._helper is not None else None
        if answer is None or len(answer[1]) > _MAX_BYTES:
            return None
        if answer[0] not in self._by_path:
            contents = _contents_of(answer[1])
            if contents is None:
                return None
            self._by_path[answer[0]] = Module(answer[0], False, *contents)
        return self._by_path[answer[0]]


def _changed_attributes(node: ast.ClassDef) -> Iterator[str]:
    for each in ast.walk(node):
        match each:
            case ast.Attribute(attr=text, ctx=ast.Store() | ast.Del()):
                yield text
            case ast.Subscript(value=ast.Attribute(attr=text), ctx=ast.Store() | ast.Del()):
                yield text
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=text), attr=method)):
                if method in MUTATING:
                    yield text


# What a file defines, what it imports, and under which dotted names.
Contents = tuple[dict[str, ast.stmt], dict[str, tuple[str, str]], frozenset[str]]


# Neighbours import the same modules.
@lru_cache(24)
def _contents_of(text: str) -> Contents | None:
    try:
        return contents(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def contents(tree: ast.Module) -> Contents:
    """What a file defines; names that are changed anywhere are not among it."""
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, tuple[str, str]] = {}
    doubtful: set[str] = set()
    dotted: set[str] = set()
    for statement in _top(tree.body):
        for each in _defined(statement):
            if each in definitions:
                doubtful.add(each)
            definitions[each] = statement
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                imports[bound] = (alias.name if alias.asname else bound, "")
                if not alias.asname and "." in alias.name:
                    dotted.add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            for alias in node.names:
                imports[alias.asname or alias.name] = (origin, alias.name)
        elif isinstance(node, ast.Global):
            doubtful.update(node.names)
        elif isinstance(node, ast.Subscript):
            if isinstance(node.value, ast.Name) and not isinstance(node.ctx, ast.Load):
                doubtful.add(node.value.id)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.attr in MUTATING
        ):
            doubtful.add(node.func.value.id)
    for each in doubtful:
        definitions.pop(each, None)
    return definitions, imports, frozenset(dotted)


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from _top(statement.body)
            for handler in statement.handlers:
                yield from _top(handler.body)
        elif isinstance(statement, ast.If):
            yield from _top(statement.body)
            yield from _top(statement.orelse)
        else:
            yield statement


def _defined(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            for target in targets:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        yield node.id
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            yield name
        case ast.For() | ast.While() | ast.With():
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    # Twice: it is no constant.
                    yield node.id
                    yield node.id
