"""Which functions of a Python file a value may flow through from a source to a sink.

It is told from words alone, those of helpers in this and other files included, before anything is
parsed: nearly all functions of a program have nothing to do with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from nootropic_lsp.analysis.simplify import Helper
from nootropic_lsp.analysis.simplify.needs import WORD, Needed, Sides

_HEAD = re.compile(
    r"^([ \t]*)(?:(@)|(?:async[ \t]+)?(def|class)[ \t]+(\w+)|(?:(from)|import)\b)", re.MULTILINE
)
_LINE_START = re.compile(r"^([ \t]*)[^\s#)\]}]", re.MULTILINE)
_FROM = re.compile(r"from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n#]*)")
_IMPORT = re.compile(r"import[ \t]+([^\n#;]*)")
_VARIABLE = re.compile(r"^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)(.*)", re.MULTILINE)
# What is put where other functions can see it: `self.x = …`, `g["x"] = …`.
_PUT = re.compile(
    r"""^[ \t]*[\w.]+(?:\.(\w+)|\[["'](\w+)["']\])[ \t]*(?::[^=\n]+)?=(?!=)""", re.MULTILINE
)
_ALIAS = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+(\w+))?")
# How far calls are followed, and through how many functions at most.
_MAX_HOPS = 2
_MAX_FUNCTIONS = 60
_NO_NEEDS = Needed(())


@dataclass(slots=True)
class Block:
    """A function with those in it, the head of a class, or what stands at the top of a file."""

    name: str
    start: int
    end: int
    column: int = 0
    # The heads of the classes around it.
    owner: str = ""
    is_function: bool = True
    ranges: list[tuple[int, int]] = field(default_factory=list)
    words: frozenset[str] = frozenset()
    sides: Sides = field(default_factory=Sides)
    # Names under which it puts values where other functions can see them.
    puts: frozenset[str] = frozenset()


@dataclass(slots=True)
class Outline:
    """A file as blocks. The first one is what stands outside of functions."""

    path: str
    blocks: list[Block]
    by_name: dict[str, list[Block]]
    # Functions with a source by the names under which they put values.
    by_put: dict[str, list[Block]]
    # Which module, and which name in it, a name stands for.
    imports: dict[str, tuple[str, str]]


class Reach:
    """Tells for the functions of one file which of them are worth a look."""

    def __init__(self, needed: Needed, helper: Helper | None) -> None:
        self._needed = needed
        self._helper = helper
        self._outlines: dict[str, Outline] = {}
        self._imported: dict[tuple[str, str], Outline | None] = {}

    def flows(self, path: str, text: str) -> dict[int, tuple[str, ...]]:
        """The rules that may find something in a function, by the line on which it begins.

        Those that may find something outside of functions stand at 0.
        """
        outline = outline_of(path, text, self._needed)
        self._outlines[path] = outline
        found = {}
        for each in outline.blocks:
            rules = self._needed.rules(self._closure(outline, each))
            if rules and (each.is_function or not each.name):
                found[text.count("\n", 0, each.start) + 1 if each.is_function else 0] = rules
        return found

    def _closure(self, outline: Outline, block: Block) -> Sides:
        """The sides of a function and of what it may call."""
        sides = block.sides
        seen = {id(block)}
        going = [(outline, block)]
        files = [outline]
        for _ in range(_MAX_HOPS):
            going = [
                pair
                for each in going
                for pair in self._next(*each, block.words, files)
                if id(pair[1]) not in seen
            ]
            seen.update(id(each) for _, each in going)
            for _, each in going:
                sides |= each.sides
            if len(seen) > _MAX_FUNCTIONS:
                break
        return sides

    def _next(
        self, outline: Outline, block: Block, asked: frozenset[str], files: list[Outline]
    ) -> Iterator[tuple[Outline, Block]]:
        """What a function may call, or may have been called before it.

        `asked` are the words of the one that it is all about, and `files` those whose objects it
        knows: methods of these may be called by functions that do not import them.
        """
        for known in files:
            if known is not outline:
                for word in block.words & known.by_name.keys():
                    for each in known.by_name[word]:
                        yield known, each
        for word in block.words:
            for each in (*outline.by_name.get(word, ()), *outline.by_put.get(word, ())):
                yield outline, each
            if word in outline.imports:
                module, name = outline.imports[word]
                other = self._of_module(outline.path, module)
                if other is None and name:
                    # It may be a module itself.
                    other = self._of_module(outline.path, f"{module.rstrip('.')}.{name}")
                if other is None:
                    continue
                if other not in files:
                    files.append(other)
                for inner in {*block.words, *asked, name, "__init__"} & other.by_name.keys():
                    for each in other.by_name[inner]:
                        yield other, each
                for inner in block.words & other.by_put.keys():
                    for each in other.by_put[inner]:
                        yield other, each

    def _of_module(self, importer: str, module: str) -> Outline | None:
        key = importer, module
        if key not in self._imported:
            answer = self._helper(*key) if self._helper is not None else None
            if answer is None:
                self._imported[key] = None
            else:
                path, text = answer
                if path not in self._outlines:
                    self._outlines[path] = outline_of(path, text, self._needed)
                self._imported[key] = self._outlines[path]
        return self._imported[key]


def consulted(text: str, others: Mapping[str, str]) -> bytes:
    """A digest of what simplifying a text may have taken from other files, given by their paths.

    These are the functions that are spoken of, and all that stands outside of functions.
    """
    words = set(WORD.findall(text))
    waiting = [
        (path, other, block)
        for path, other in sorted(others.items())
        for block in outline_of(path, other, _NO_NEEDS).blocks
    ]
    made = blake2b(digest_size=16)
    while True:
        found = [
            each
            for each in waiting
            if not each[2].is_function
            or each[2].name in words
            or not words.isdisjoint(each[2].puts)
        ]
        if not found:
            return made.digest()
        waiting = [each for each in waiting if each not in found]
        for path, other, block in found:
            words |= block.words
            made.update(path.encode("utf-8", "surrogatepass"))
            for start, end in block.ranges:
                made.update(other[start:end].encode("utf-8", "surrogatepass"))


@lru_cache(256)
def outline_of(path: str, text: str, needed: Needed) -> Outline:
    """The blocks of a file, with the sides that each of them has by itself."""
    blocks = list(_blocks(text))
    imports: dict[str, tuple[str, str]] = {}
    for match in _HEAD.finditer(text):
        if match[2] is None and match[3] is None:
            imports.update(_bound(text, match.end(1)))
    top = Block("", 0, len(text), is_function=False)
    # What stands for other names, with these.
    behind = {name: WORD.findall(" ".join(origin)) for name, origin in imports.items()}
    behind |= {each[1]: WORD.findall(each[2]) for each in _VARIABLE.finditer(text)}
    at = 0
    for block in blocks:
        if block.is_function:
            top.ranges.append((at, block.start))
            at = _end_of_body(text, block)
    top.ranges.append((at, len(text)))
    _read(top, "\n".join(text[start:end] for start, end in top.ranges), needed, behind)
    by_name: dict[str, list[Block]] = {}
    by_put: dict[str, list[Block]] = {}
    for block in blocks:
        block.ranges.append((block.start, block.end))
        _read(block, block.owner + text[block.start : block.end], needed, behind)
        by_name.setdefault(block.name, []).append(block)
        block.puts = frozenset(
            each[1] or each[2] for each in _PUT.finditer(text, block.start, block.end)
        )
        for each in block.puts if block.sides.source else ():
            by_put.setdefault(each, []).append(block)
    return Outline(path, [top, *blocks], by_name, by_put, imports)


def _read(block: Block, text: str, needed: Needed, behind: Mapping[str, list[str]]) -> None:
    words = set(WORD.findall(text))
    for word in words & behind.keys():
        words.update(behind[word])
    block.words = frozenset(words)
    block.sides = needed.sides(text, block.words)


def _blocks(text: str) -> Iterator[Block]:
    """The outermost functions, methods among them, and the heads of classes."""
    decorated: int | None = None
    open_function: Block | None = None
    classes: list[tuple[int, str]] = []
    for match in _HEAD.finditer(text):
        column = len(match[1].expandtabs())
        if open_function is not None:
            if column > open_function.column:
                continue
            open_function.end = match.start()
            yield open_function
            open_function = None
        if match[2]:
            decorated = match.start() if decorated is None else decorated
            continue
        start = match.start() if decorated is None else decorated
        decorated = None
        if match[3] is None:
            continue
        while classes and classes[-1][0] >= column:
            classes.pop()
        owner = "".join(head for _, head in classes)
        if match[3] == "class":
            end = _end_of_head(text, match.end())
            classes.append((column, text[start:end]))
            yield Block(match[4], start, end, column, owner, is_function=False)
        else:
            open_function = Block(match[4], start, len(text), column, owner)
    if open_function is not None:
        yield open_function


def _end_of_body(text: str, block: Block) -> int:
    """Where the lines of a function end; what follows up to the next head may be a string in it."""
    at = text.index(block.name, block.start)
    for line in _LINE_START.finditer(text, _end_of_head(text, at), block.end):
        if len(line[1].expandtabs()) <= block.column:
            return line.start()
    return block.end


def _end_of_head(text: str, at: int) -> int:
    """Where the line with the colon ends."""
    depth = 0
    for place in range(at, len(text)):
        each = text[place]
        if each in "([{":
            depth += 1
        elif each in ")]}":
            depth -= 1
        elif each == "\n" and depth <= 0:
            return place + 1
    return len(text)


def _bound(text: str, at: int) -> Iterator[tuple[str, tuple[str, str]]]:
    match = _FROM.match(text, at)
    if match is not None:
        for name, alias in _ALIAS.findall(match[2]):
            yield alias or name, (match[1], name)
        return
    match = _IMPORT.match(text, at)
    for name, alias in _ALIAS.findall(match[1]) if match is not None else ():
        yield alias or name.partition(".")[0], (name, "")
