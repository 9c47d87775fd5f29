"""This file is where we keep what is known at one place of a JavaScript program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify import Helper
from nootropic_lsp.analysis.simplify.javascript.sources import Source
from nootropic_lsp.analysis.simplify.javascript.values import (
    Address,
    Class,
    Constant,
    Entry,
    Facts,
    Function,
    Module,
    Pattern,
    Resolved,
    Things,
    are_constants,
    literal,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.analysis.simplify.javascript.before import Left

# How deep helpers may call each other, how often one may be in the middle of itself, how large
# one may be, and how much text one call and all of them may add.
MAX_DEPTH = 6
MAX_RECURSION = 2
MAX_HELPER_BYTES = 6_000
MAX_ADDED_BY_CALL = 2_500
MAX_ADDED = 150_000
MAX_ENTRIES = 24
MAX_STEPS = 150_000
_MAX_COPIED = 240

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_ROOT = re.compile(r"[\w$]+")
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")

# What is known of a value, as the call that rules know it by.
_MARKS = {
    "host": "__same_host__",
    "inside": "__inside__",
    "text": "__text__",
    "own key": "__own_key__",
    "short": "__short__",
}
# A text in place of one that is one of some constants, none of which we can tell.
ANY_CONSTANT = '"x"'


class TooMuchError(Exception):
    """This file would take too long."""


@dataclass(slots=True, eq=False)
class Frame:
    """A function whose statements are being written, in its own place or in that of a call."""

    source: Source
    # What its names are called in the simplified text.
    names: dict[str, str] = field(default_factory=dict)
    this: Things | None = None
    this_text: str = "this"
    # Of a function that is written in place of its call: a number for its names.
    number: int = 0
    result: str = ""
    is_result_set: bool = False
    is_weak: bool = False
    returned: list[Entry] = field(default_factory=list)
    returns: list[State] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class State:
    """What is known, by path, where a path is a name or a member of one as it is written."""

    known: dict[str, Entry] = field(default_factory=dict)
    facts: dict[str, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> State:
        """A state that can change without this one; what was one container stays one."""
        copies: dict[int, Things] = {}

        def copied(entry: Entry) -> Entry:
            if not isinstance(entry.value, Things):
                return entry
            things = copies.get(id(entry.value))
            if things is None:
                things = copies[id(entry.value)] = entry.value.copy()
                for key, each in things.entries.items():
                    things.entries[key] = copied(each)
            return Entry(entry.text, things)

        return State({path: copied(each) for path, each in self.known.items()}, dict(self.facts))


@dataclass(slots=True, eq=False)
class Flow:
    """The state at the current place, and statements that have to come before the next one."""

    helper: Helper | None
    evaluate: Callable[[Flow, Frame, Node], Entry]
    run: Callable[[Flow, Frame, Node], tuple[str, bool]]
    left: Left
    state: State = field(default_factory=State)
    before: list[str] = field(default_factory=list)
    stack: list[int] = field(default_factory=list)
    modules: dict[str, dict[str, Entry] | None] = field(default_factory=dict)
    overlays: dict[str, dict[str, Entry]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    exporting: list[dict[str, Entry]] = field(default_factory=list)
    remembered: dict[tuple[int, int], tuple[Entry, Frame]] = field(default_factory=dict)
    number: int = 0
    n_added: int = 0
    # How much there was when the outermost call was begun.
    n_added_before: int = 0
    n_steps: int = 0

    def spend(self) -> None:
        """One more expression; raises `TooMuchError` if there were enough of them."""
        self.n_steps += 1
        if self.n_steps > MAX_STEPS:
            raise TooMuchError

    def fresh(self) -> int:
        """A number for names."""
        self.number += 1
        return self.number

    def forget(self, name: str) -> None:
        """A name gets another value."""
        for path in [each for each in self.state.known if root(each) == name]:
            del self.state.known[path]
        for path in [each for each in self.state.facts if name in _WORD.findall(each)]:
            del self.state.facts[path]
        for path, entry in list(self.state.known.items()):
            if not entry.value and name in _WORD.findall(_STRINGS.sub("", entry.text)):
                del self.state.known[path]

    def forget_steady(self, frame: Frame) -> None:
        """Inside a function that runs later: names that may have changed until then."""
        unsteady = frame.source.assigned
        for name in {root(each) for each in (*self.state.known, *self.state.facts)}:
            entry = self.state.known.get(name)
            if name in unsteady and not (entry and isinstance(entry.value, Function)):
                self.forget(name)

    def assume(self, facts: Facts) -> None:
        """From here on these hold."""
        for path, some in facts.items():
            self.state.facts[path] = self.state.facts.get(path, frozenset()) | some
            entry = self.state.known.get(path)
            if entry is not None and isinstance(entry.value, Address) and entry.value.origin:
                origin = entry.value.origin
                self.state.facts[origin] = self.state.facts.get(origin, frozenset()) | some

    def bind(self, frame: Frame, name: str, entry: Entry) -> None:
        """A name has got a value."""
        self.forget(name)
        value = entry.value
        if name in frame.source.unsteady and not isinstance(value, Function | Class | Module):
            return
        if isinstance(value, Constant):
            self.state.known[name] = Entry(literal(value.value), value)
        elif isinstance(value, Address):
            self.state.known[name] = Entry(name, Address(value.origin, name, value.part))
        elif value is not None:
            self.state.known[name] = Entry(name, value)

    def shown(self, path: str) -> str:
        """A path as it is written where something is known of it."""
        facts = self.state.facts.get(path)
        return marked(path, facts) if facts else path

    def is_steady(self, frame: Frame, text: str) -> bool:
        """Whether an expression means the same later on."""
        if len(text) > _MAX_COPIED or "\n" in text or "=>" in text or "function" in text:
            return False
        return not any(
            each in frame.source.assigned for each in _WORD.findall(_STRINGS.sub("", text))
        )

    def scalar(self, frame: Frame, entry: Entry) -> Entry:
        """An entry that can be read again: an expression, or a new name for it."""
        if isinstance(entry.value, Constant):
            return Entry(literal(entry.value.value), entry.value)
        if self.is_steady(frame, entry.text) or isinstance(entry.value, Function | Class | Things):
            return entry
        if "\n" in entry.text:
            return Entry("", entry.value)
        name = f"v_{self.fresh()}_"
        self.before.append(f"const {name} = {entry.text};")
        return Entry(name, entry.value)

    def take_before(self) -> str:
        """The statements that have to come before this one."""
        text = " ".join(self.before)
        self.before.clear()
        self.n_added += len(text)
        return text + " " if text else ""


def root(path: str) -> str:
    """The name with which a path begins."""
    found = _ROOT.match(path)
    return found[0] if found else path


def marked(text: str, facts: Iterable[str]) -> str:
    """An expression with what is known of it."""
    some = set(facts)
    if "constant" in some:
        return ANY_CONSTANT
    if {"slash", "single slash"} <= some:
        some.add("host")
    for fact, mark in _MARKS.items():
        if fact in some:
            text = f"{mark}({text})"
    return text


def merged(one: State, other: State) -> State:
    """What holds after either of two branches."""
    known = {}
    for path, entry in one.known.items():
        theirs = other.known.get(path)
        if theirs is None:
            continue
        if entry == theirs or entry.value is theirs.value is not None:
            known[path] = entry
        elif isinstance(entry.value, Things) and isinstance(theirs.value, Things):
            known[path] = Entry(entry.text, _common(entry.value, theirs.value))
        elif isinstance(entry.value, Resolved) and isinstance(theirs.value, Resolved):
            known[path] = entry
    facts = {
        path: some & other.facts[path]
        for path, some in one.facts.items()
        if path in other.facts and some & other.facts[path]
    }
    return State(known, facts)


def all_merged(states: list[State]) -> State:
    """What holds after any of several branches."""
    state = states[0]
    for each in states[1:]:
        state = merged(state, each)
    return state


def _common(one: Things, other: Things) -> Things:
    entries = {
        key: each for key, each in one.entries.items() if _same(each, other.entries.get(key))
    }
    is_whole = (
        one.is_whole and other.is_whole and len(entries) == len(one.entries) == len(other.entries)
    )
    return Things(one.kind, entries, is_whole, one.of)


def _same(one: Entry, other: Entry | None) -> bool:
    if other is None:
        return False
    if isinstance(one.value, Things) and isinstance(other.value, Things):
        same = one.value.entries.keys() == other.value.entries.keys()
        return same and all(
            _same(each, other.value.entries.get(key)) for key, each in one.value.entries.items()
        )
    return one == other


def flat(text: str) -> str:
    """A text on one line. Statements in it end with a semicolon, and comments are gone."""
    return " ".join(part for each in text.splitlines() if (part := each.strip()))


def padded(text: str, original: str) -> str:
    """A text with as many line breaks as that in whose place it stands."""
    missing = original.count("\n") - text.count("\n")
    return text + "\n" * missing if missing > 0 else text


def inside(frame: Frame, shadowing: Iterable[str]) -> dict[str, str]:
    """What names are called within a function that has these names of its own."""
    gone = set(shadowing)
    return {name: text for name, text in frame.names.items() if name not in gone}


def declared(flow: Flow, frame: Frame, name: str) -> str:
    """What a name that is declared here is called."""
    if frame.number:
        frame.names[name] = f"{name}_{frame.number}_"
    else:
        frame.names.pop(name, None)
    return frame.names.get(name, name)


def written(things: Things) -> str | None:
    """A container as a literal, if that is all there is to it."""
    if not things.is_whole or things.of is not None or len(things.entries) > MAX_ENTRIES:
        return None
    texts = []
    for key, entry in things.entries.items():
        text = entry.text
        if isinstance(entry.value, Things):
            text = written(entry.value) or ""
        if not text or isinstance(entry.value, Function | Class | Pattern):
            return None
        if things.kind == "array":
            texts.append(text)
        else:
            texts.append(f"{key if _WORD.fullmatch(key) else literal(key)}: {text}")
    joined = ", ".join(texts)
    if len(joined) > 2 * _MAX_COPIED or things.kind not in {"array", "object"}:
        return None
    return f"[{joined}]" if things.kind == "array" else f"{{{joined}}}"


def is_table(things: Things) -> bool:
    """Whether whatever is found in it is a constant."""
    return bool(things.entries) and are_constants(things)
