"""This file is where we find what other functions leave for one before it runs.

These are attributes that methods of the same object set, what is put into `g`, into the request or
into another object that all can see, and arguments that come from a decorator.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from nootropic_lsp.analysis.simplify.python import expressions
from nootropic_lsp.analysis.simplify.python.flow import Caught, Flow
from nootropic_lsp.analysis.simplify.python.values import (
    Class,
    Frame,
    Func,
    Module,
    Ref,
    Table,
    Thing,
    Unsupported,
    V,
    constants,
    name,
)

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef)
Places = dict[str, list[tuple[FunctionNode, Frame]]]

# Names under which every function knows the request that is being answered.
_REQUESTS = frozenset({"request", "req"})
_MAX_SETTERS = 4
_MAX_NODES = 120
# Calls that give what they are given in another form. What comes of any other call is not known.
_FORMS = frozenset(
    ["str", "repr", "bytes", "format", "join", "strip", "lstrip", "rstrip", "lower", "upper",
     "title", "replace", "split", "rsplit", "splitlines", "partition", "rpartition", "encode",
     "decode", "dict", "list", "tuple", "set", "sorted", "next", "iter", "get", "getlist", "pop",
     "loads", "b64decode", "urlsafe_b64decode", "unquote", "unquote_plus", "parse_qs", "parse_qsl",
     "urlparse", "urlsplit", "deepcopy", "copy", "items", "values", "__getitem__", "slice",
     "int", "float", "bool", "basename", "secure_filename", "escape", "quote", "__only__",
     "__starts__", "__quoted__", "__lacks__", "__same_host__", "__inside__", "__signed__", "__text__"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Left:
    """A value, with the things that it consists of."""

    v: V
    heap: dict[int, Thing]


class Before:
    """Answers for one file; `is_input` says of an expression whether it may come from outside."""

    def __init__(self, home: Module, tree: ast.Module, is_input: Callable[[str], bool]) -> None:
        self._home = home
        self._tree = tree
        self._is_input = is_input
        self._places: Places | None = None
        self._left: dict[tuple[object, ...], Left | None] = {}
        self._given: dict[FunctionNode, frozenset[str]] = {}

    def attribute(self, flow: Flow, owner: Class, this: V, text: str) -> V | None:
        """An attribute of the object that a method belongs to, as its other methods set it."""
        asking = flow.stack[0] if flow.stack else None
        setters = [
            (node, home)
            for node, home in _methods(flow, owner)
            if node is not asking and text in self._given_by(node)
        ]
        if not setters:
            return None
        is_only = len(setters) == 1
        several = [
            partial(self._set, Func(node, home.frame), owner, this, text, is_only)
            for node, home in setters
        ]
        return self._joined(flow, (owner.node, text, *(node for node, _ in setters)), several)

    def place(self, flow: Flow, node: ast.expr) -> V | None:
        """What others put where all can see it: `g.x`, `request.state.x`, `settings["x"]`."""
        asking = flow.stack[0] if flow.stack else None
        key = _place(node, flow.own_names)
        if key is None or not isinstance(asking, FunctionNode) or key in _sets(asking):
            return None
        if self._places is None:
            self._places = self._index(self._tree, self._home.frame)
        setters = [*self._places.get(key, ())]
        for decorator in asking.decorator_list if not setters else ():
            function = _decorating(self._apart(flow, flow.modules.home), decorator)
            if function is not None:
                setters += self._index(function.node, function.frame).get(key, ())
        several = [partial(self._put, key, each, frame) for each, frame in setters]
        return self._joined(flow, (key, *(each for each, _ in setters)), several)

    def arguments(self, flow: Flow, node: FunctionNode) -> dict[str, V]:
        """What decorators of this workspace give a function in place of its caller."""
        parameters = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
        names = {*parameters, *(each.arg for each in node.args.kwonlyargs)}
        result: dict[str, V] = {}
        for decorator in node.decorator_list:
            apart = self._apart(flow, flow.modules.home)
            function = _decorating(apart, decorator)
            if function is None:
                continue
            asking = V(name(node.name), Func(node, flow.frame.module.frame))
            made = apart.engine.inline(apart, function, [asking], {})
            if made is None or not isinstance(made.value, Func) or made.value.node is node:
                continue
            apart.caught = Caught(node)
            self._run(apart, made.value)
            for positional, named in apart.caught.given:
                bound = {**dict(zip(parameters, positional, strict=False)), **named}
                for key in bound.keys() & names:
                    v = self._whole(apart, apart.refined(bound[key]))
                    if v is not None:
                        result[key] = v
        return result

    def _set(
        self, setter: Func, owner: Class, this: V, text: str, is_only: bool, apart: Flow
    ) -> V | None:
        """An attribute as a method leaves it."""
        made = apart.make(this.node, Table({}, of=owner, is_open=True))
        if not self._run(apart, replace(setter, first=(made,))):
            return None
        thing = apart.thing(made)
        found = thing.entries.get(text) if isinstance(thing, Table) else None
        if found is None:
            return None
        inner = apart.thing(found)
        if is_only and isinstance(inner, Table) and inner.of is not None:
            return V(ast.Attribute(this.node, text, ast.Load()), found.value)
        return self._whole(apart, found)

    def _put(self, key: str, setter: FunctionNode, frame: Frame, apart: Flow) -> V | None:
        """What a function puts into a place."""
        if not self._run(apart, Func(setter, frame)):
            return None
        several = [
            self._whole(apart, V(each.value))
            for each in apart.written
            if isinstance(each, ast.Assign) and _place(each.targets[0], frozenset()) == key
        ]
        return _either([each for each in several if each is not None])

    def _given_by(self, node: FunctionNode) -> frozenset[str]:
        """The attributes that a method sets to input, or to an object of some class."""
        found = self._given.get(node)
        if found is None:
            found = _set_on_itself(node, only_objects=not self._is_input(ast.unparse(node)))
            self._given[node] = found
        return found

    def _index(self, tree: ast.AST, frame: Frame) -> Places:
        """The functions in a tree by where they put input that all can see."""
        found: Places = {}
        for node in ast.walk(tree):
            if isinstance(node, FunctionNode):
                keys = _sets(node)
                for key in keys if keys and self._is_input(ast.unparse(node)) else ():
                    found.setdefault(key, []).append((node, frame))
        return found

    def _joined(
        self,
        flow: Flow,
        key: tuple[object, ...],
        several: Sequence[Callable[[Flow], V | None]],
    ) -> V | None:
        if not several or len(several) > _MAX_SETTERS:
            return None
        if key not in self._left:
            self._left[key] = None
            found: list[V] = []
            heap: dict[int, Thing] = {}
            for value in several:
                apart = self._apart(flow, flow.modules.home)
                v = value(apart)
                if v is not None:
                    found.append(v)
                    heap.update(apart.state.heap)
            v = _either(found)
            self._left[key] = None if v is None else Left(v, heap)
        left = self._left[key]
        if left is None:
            return None
        if isinstance(left.v.value, Ref):
            for oid, thing in left.heap.items():
                flow.state.heap.setdefault(oid, thing.copy())
        return flow.refined(left.v)

    def _apart(self, flow: Flow, module: Module) -> Flow:
        frame = Frame(flow.modules.number(), module, is_linear=True)
        return Flow(flow.modules, frame, flow.engine)

    def _run(self, apart: Flow, function: Func) -> bool:
        """Write a function out, its parameters being what they are; whether that could be done."""
        assert isinstance(function.node, FunctionNode)
        arguments = function.node.args
        wanted = [*arguments.posonlyargs, *arguments.args][len(function.first) :]
        n_needed = len(wanted) - len(arguments.defaults)
        given = [_parameter(apart, each.arg) for each in wanted[: max(n_needed, 0)]]
        named = {
            each.arg: _parameter(apart, each.arg)
            for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is None
        }
        try:
            return apart.engine.inline(apart, function, given, named) is not None
        except Unsupported:
            return False

    def _whole(self, apart: Flow, v: V) -> V | None:
        """A value without the variables that were made for it, if it may come from outside."""
        v = apart.refined(v)
        if constants(v.value) is not None or isinstance(v.value, Func | Class):
            return None
        made = {
            each.targets[0].id: each.value
            for each in apart.written
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
        }
        node = _Expanded(made).visit(copy.deepcopy(apart.shown(v)))
        n_nodes = sum(1 for _ in ast.walk(node))
        if n_nodes > _MAX_NODES or not _carries(node) or not self._is_input(ast.unparse(node)):
            return None
        return V(node)


class _Expanded(ast.NodeTransformer):
    """Variables as the expressions that they were given."""

    def __init__(self, made: dict[str, ast.expr]) -> None:
        self._made = made

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._made.get(node.id)
        if value is None:
            return node
        rest = {key: each for key, each in self._made.items() if key != node.id}
        result: ast.expr = _Expanded(rest).visit(copy.deepcopy(value))
        return result


def _parameter(apart: Flow, text: str) -> V:
    return V(name(text if text in _REQUESTS else apart.modules.fresh()))


def _either(several: Sequence[V]) -> V | None:
    if len(several) < 2:
        return several[0] if several else None
    node = several[-1].node
    for each in several[-2::-1]:
        node = ast.IfExp(name("_"), each.node, node)
    return V(node)


def _carries(node: ast.expr) -> bool:
    """Whether all that is called in it gives its arguments in another form, or reads by a key."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            called = each.func.attr if isinstance(each.func, ast.Attribute) else ""
            called = each.func.id if isinstance(each.func, ast.Name) else called
            given = [*each.args, *(keyword.value for keyword in each.keywords)]
            if called not in _FORMS and not all(isinstance(v, ast.Constant) for v in given):
                return False
    return True


def _methods(flow: Flow, owner: Class, depth: int = 0) -> Iterator[tuple[FunctionNode, Class]]:
    """The methods of a class and of those that it is derived from."""
    for each in owner.node.body:
        if isinstance(each, FunctionNode):
            yield each, owner
    for base in owner.node.bases if depth < 3 else ():
        if isinstance(base, ast.Name):
            v = expressions.of_module(flow, owner.frame.module, base.id)
            if v is not None and isinstance(v.value, Class):
                yield from _methods(flow, v.value, depth + 1)


def _set_on_itself(node: FunctionNode, *, only_objects: bool) -> frozenset[str]:
    """The attributes that a method sets on its object."""
    this = node.args.args[0].arg if node.args.args else ""
    found = set()
    for each in ast.walk(node):
        if not isinstance(each, ast.Assign | ast.AnnAssign):
            continue
        is_object = isinstance(each.value, ast.Call) and isinstance(each.value.func, ast.Name)
        targets = each.targets if isinstance(each, ast.Assign) else [each.target]
        for target in targets if is_object or not only_objects else ():
            match target:
                case ast.Attribute(value=ast.Name(id=text), attr=attribute) if text == this:
                    found.add(attribute)
    return frozenset(found)


def _decorating(apart: Flow, decorator: ast.expr) -> Func | None:
    """A decorator that is a function of this workspace."""
    try:
        function = apart.ev(decorator).value
    except Unsupported:
        return None
    return function if isinstance(function, Func) and isinstance(function.node, _DEFINED) else None


def _sets(node: FunctionNode) -> frozenset[str]:
    own = {each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    targets = []
    pending: list[ast.AST] = list(node.body)
    while pending:
        each = pending.pop()
        if isinstance(each, FunctionNode | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            own.add(each.id)
        elif isinstance(each, ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store):
            targets.append(each)
        pending.extend(ast.iter_child_nodes(each))
    keys = (_place(each, frozenset(own)) for each in targets)
    return frozenset(each for each in keys if each is not None)


def _place(node: ast.expr, own: frozenset[str]) -> str | None:
    """The name of a place that other functions can see, whatever a request is called there."""
    parts = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner, attr=text):
                parts.append("." + text)
            case ast.Subscript(value=inner, slice=ast.Constant(value=str(text))):
                parts.append(f"[{text!r}]")
            case _:
                return None
        node = inner
    root = node.id
    if not parts or (root in own and root not in _REQUESTS):
        return None
    return ("request" if root in _REQUESTS else root) + "".join(reversed(parts))
