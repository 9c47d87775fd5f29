"""Pieces of text made readable on their own: with what has to stand around them in a language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nootropic_lsp.index.facts import Facts, Op
from nootropic_lsp.index.parse import extract_tree, parsed_in_time
from nootropic_lsp.index.source import encode_source

_NAME = "probe__"
_DEADLINE_S = 0.1


@dataclass(frozen=True, slots=True)
class Frame:
    """What a statement stands in: the beginning of a file, of a class, of a method or function.

    `use` is a statement that takes a member of a value, `separator` what stands between both.
    """

    file: str = ""
    cls: str = "class C {"
    method: str = "f() {"
    function: str = "function f() {"
    end: str = "}"
    use: str = "%s%s;"
    separator: str = "."


_SCRIPT = Frame()
FRAMES: dict[str, Frame] = {
    "python": Frame(cls="", method="", function="", end="", use="(%s)%s"),
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "go": Frame("package p\n", "type C struct {", "", "func f() {", use="_ = %s%s"),
    "rust": Frame("", "impl C {", "fn f(&self) {", "fn f() {"),
    "java": Frame("", "class C {", "void f() {", "", use="Object o = %s%s;"),
    "c": Frame("", "struct C {", "", "void f() {"),
    "cpp": Frame("", "struct C {", "void f() {", "void f() {"),
    "csharp": Frame("", "class C {", "void F() {", "", use="var o = %s%s;"),
    "ruby": Frame("", "class C\n", "def f\n", "def f\n", end="\nend\n", use="%s%s"),
    "php": Frame("<?php\n", "class C {", "function f() {", "function f() {", separator="->"),
}


class Fragment(NamedTuple):
    """What a piece of text says on its own, and the offset at which it begins in its frame."""

    facts: Facts
    start: int


def read_between(language: str, before: str, piece: str, after: str) -> Fragment | None:
    """The facts of a piece of text between what makes it readable."""
    data = encode_source(before + piece + after)
    tree = parsed_in_time(data, language, deadline_s=_DEADLINE_S)
    return None if tree is None else Fragment(extract_tree(tree, data, language), len(before))


def framed(language: str, *, in_class: bool, in_function: bool) -> tuple[str, str]:
    """What has to stand before and behind statements of a class or function."""
    frame = FRAMES[language]
    if in_function and (not frame.function or (in_class and frame.method)):
        return frame.file + frame.cls + frame.method, frame.end * 2
    if in_function:
        return frame.file + frame.function, frame.end
    if in_class:
        return frame.file + frame.cls, frame.end
    return frame.file, ""


def read_receiver(language: str, receiver: str, separator: str) -> tuple[Fragment, int] | None:
    """What an expression before a member says, and its index there."""
    frame = FRAMES.get(language)
    if frame is None:
        return None
    before, after = framed(language, in_class=False, in_function=True)
    use = frame.use % ("\0", (separator or frame.separator) + _NAME)
    head, _, tail = use.partition("\0")
    fragment = read_between(language, before + head, receiver, tail + after)
    if fragment is None:
        return None
    for expression in reversed(fragment.facts.expressions):
        if expression[0] == Op.MEMBER and expression[3] == _NAME and expression[4] >= 0:
            return fragment, expression[4]
    return None
