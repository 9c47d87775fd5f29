"""A file as the pieces that are looked at on their own: functions, methods, other statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tree_sitter import Node

from nootropic_lsp.analysis.structure.kinds import Kinds
from nootropic_lsp.analysis.structure.names import Binding, bindings, resolved
from nootropic_lsp.analysis.structure.values import UNKNOWN, Named, first_token, named, text_of

Names = dict[str, Any]
# What the name of a function stands for that has to be awaited.
ASYNC = Named("async function")


_NO_FIELDS: Names = {}


_FUNCTION = re.compile(rb"=>|\bfunction\b")


class Member(NamedTuple):
    """A piece of a file. `fields` is what the class around it holds, as "self.name"."""

    node: Node
    fields: Names


class Members:
    """Splits one version of a file after the other, and keeps what did not change."""

    def __init__(self, kinds: Kinds, language: str) -> None:
        self.kinds = kinds
        self.language = language
        # By the texts they come from, with the names around them.
        self._known: dict[tuple[bytes, ...], tuple[Names, Names | None]] = {}
        self._used: dict[tuple[bytes, ...], tuple[Names, Names | None]] = {}

    def split(self, root: Node, data: bytes) -> tuple[Names, list[Member]]:
        """What the names at the top stand for, and the members in order.

        What could not be read as a whole is no member: half a class would be looked at anew
        after every key until it is whole again.
        """
        self._used = {}
        children = _read(root)
        top = self._names(children, data)
        members = list(self._members(children, data, top))
        self._known = self._used
        return top, members

    def _members(self, children: list[Node], data: bytes, top: Names) -> Iterator[Member]:
        for child in children:
            inner = self._unwrapped(child)
            if inner.type in self.kinds.classes:
                yield from self._of_class(child, inner, data, top, 0)
            else:
                yield Member(child, _NO_FIELDS)

    def _of_class(
        self, whole: Node, node: Node, data: bytes, top: Names, depth: int
    ) -> Iterator[Member]:
        body = node.child_by_field_name("body")
        if body is None or depth > 8:
            yield Member(whole, _NO_FIELDS)
            return
        head = data[whole.start_byte : body.start_byte]
        children = _read(body)
        fields = self._fields(head, children, data, top)
        if whole is not node:
            for child in whole.named_children:
                if child.type == "decorator":
                    yield Member(child, _NO_FIELDS)
        for child in children:
            inner = self._unwrapped(child)
            if inner.type in self.kinds.classes:
                yield from self._of_class(child, inner, data, top, depth + 1)
            else:
                yield Member(child, fields)

    def _fields(self, head: bytes, children: list[Node], data: bytes, top: Names) -> Names:
        makers, told = [], [head]
        for each in children:
            if self._is_maker(self._unwrapped(each), data):
                makers.append(each)
                told.append(_text(each, data))
            else:
                told.append(
                    _text(each, data) if self._is_plain(each, data) else self._name_of(each, data)
                )
        key = tuple(told)
        found, known_top = self._known.get(key, (None, None))
        if found is None or known_top is not top:
            plain = resolved(self._bound(children, data), data, self.kinds, top)
            found = {f"self.{name}": value for name, value in plain.items()}
            made = resolved(_assigned_to_self(makers, data), data, self.kinds, top)
            found |= {f"self.{name}": value for name, value in made.items()}
        self._used[key] = found, top
        return found

    def _is_maker(self, node: Node, data: bytes) -> bool:
        name = node.child_by_field_name("name")
        return name is not None and text_of(name, data) in {"__init__", "constructor"}

    def _names(self, children: list[Node], data: bytes) -> Names:
        key = tuple(
            _text(each, data) if self._is_plain(each, data) else self._name_of(each, data)
            for each in children
        )
        found, _ = self._known.get(key, (None, None))
        if found is None:
            found = resolved(self._bound(children, data), data, self.kinds, {})
        self._used[key] = found, None
        return found

    def _bound(self, children: list[Node], data: bytes) -> Iterator[Binding]:
        for child in children:
            if self._is_plain(child, data):
                yield from bindings(child, data, self.kinds, self.language)
            elif name := self._name_of(child, data):
                word = name.removeprefix(b"async ").decode("utf-8", "replace")
                value = UNKNOWN if not name.startswith(b"async ") else ASYNC
                yield Binding(word, child.start_byte, None, value)

    def _is_plain(self, node: Node, data: bytes) -> bool:
        """Whether a statement neither is nor holds a definition that is looked at on its own."""
        inner = self._unwrapped(node)
        if inner.type in self.kinds.classes or inner.type in self.kinds.members:
            return False
        if self.kinds.family != "javascript" or inner.type in self.kinds.imports:
            return True
        return inner.type != "expression_statement" and not _FUNCTION.search(
            data, inner.start_byte, inner.end_byte
        )

    def _name_of(self, node: Node, data: bytes) -> bytes:
        """The name of a definition, with `async` before it where that is written."""
        inner = self._unwrapped(node)
        if inner.type in {"lexical_declaration", "variable_declaration"}:
            inner = named(inner) or inner
        name = inner.child_by_field_name("name")
        if name is None:
            return b""
        first = first_token(inner)
        is_async = first is not None and first.type == "async"
        return b"async " * is_async + _text(name, data)

    def _unwrapped(self, node: Node) -> Node:
        if node.type in self.kinds.wrappers:
            inner = node.child_by_field_name("definition") or node.child_by_field_name(
                "declaration"
            )
            return inner or node
        return node


def _read(node: Node) -> list[Node]:
    return [
        child for child in node.named_children if "comment" not in child.type and not child.is_error
    ]


def _text(node: Node, data: bytes) -> bytes:
    return data[node.start_byte : node.end_byte]


def _assigned_to_self(makers: list[Node], data: bytes) -> Iterator[Binding]:
    """What a constructor puts into attributes, in statements of its own."""
    for maker in makers:
        body = maker.child_by_field_name("body")
        for statement in () if body is None else body.named_children:
            assignment = named(statement)
            if statement.type != "expression_statement" or assignment is None:
                continue
            left = assignment.child_by_field_name("left")
            right = assignment.child_by_field_name("right")
            if left is not None and left.type in {"attribute", "member_expression"}:
                owner, _, name = text_of(left, data).rpartition(".")
                if owner in {"self", "this"}:
                    yield Binding(name, left.start_byte, right)
