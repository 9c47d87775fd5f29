"""What a text has to contain for a rule that follows values to find anything in it.

Such a rule looks for a flow inside one function. A function without a source or without a sink,
helpers included, need not be looked at: that is nearly all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from nootropic_lsp.analysis.simplify.patterns import codes, parser

SemgrepRule = Mapping[str, Any]

WORD = re.compile(r"[A-Za-z_$][\w$]*")
_TEXT = re.compile(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`[^`]*`")
_REGEX_TEXT = re.compile(r"""["']=~/(.*?)/["']""")
# Names of Semgrep's variables, whatever they stand for.
_VARIABLE = re.compile(r"\$\.{0,3}[A-Z_][A-Z0-9_]*")
_KEYWORDS = frozenset(
    ["def", "class", "return", "async", "await", "for", "in", "if", "else", "not", "with", "as",
     "from", "new", "function", "const", "let", "var", "func", "throws", "void",
     "public", "self", "this", "None", "True", "False", "null", "true", "false", "undefined"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clue:
    """One of these words, a word that matches one of these, a text in which one of these is found,
    or what passes both of two clues.
    """

    words: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    pairs: tuple[tuple[Clue, Clue], ...] = ()

    def __or__(self, other: Clue) -> Clue:
        return Clue(
            self.words | other.words,
            self.patterns + other.patterns,
            self.texts + other.texts,
            self.pairs + other.pairs,
        )

    @property
    def breadth(self) -> tuple[bool, int]:
        """How much passes: single words are known best."""
        if self.pairs:
            return max(each[0].breadth for each in self.pairs)
        return bool(self.patterns), len(self.words) + sum(map(len, self.patterns))

    def passes(self, words: frozenset[str], text: str) -> bool:
        """Whether a text passes that consists of these words."""
        return (
            not self.words.isdisjoint(words)
            or any(any(map(re.compile(each).match, words)) for each in self.patterns)
            or any(re.search(each, text) for each in self.texts)
            or any(all(each.passes(words, text) for each in pair) for pair in self.pairs)
        )


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of a function's body, counted from 1, and the rules that have to see it.

    `nothing` is what stands there for all others.
    """

    first: int
    last: int
    nothing: str = ""
    rules: tuple[str, ...] = ()

    def emptied(self) -> list[str]:
        """Its lines for the rules that need not see it."""
        return [self.nothing] + [""] * (self.last - self.first)


@dataclass(frozen=True, slots=True)
class Simple:
    """A simplified text, by what the rules that follow values have to see of it.

    `rules` have to see what stands outside of the `parts`; None are all rules.
    """

    text: str
    rules: tuple[str, ...] | None = None
    parts: tuple[Part, ...] = ()

    def seen_by(self, rule: str) -> str | None:
        """What a rule has to see; None if that is nothing."""
        mine = [each for each in self.parts if rule in each.rules]
        if self.rules is not None and rule not in self.rules and not mine:
            return None
        if len(mine) == len(self.parts):
            return self.text
        lines = self.text.split("\n")
        for each in self.parts:
            if rule not in each.rules:
                lines[each.first - 1 : each.last] = each.emptied()
        return "\n".join(lines)


NOTHING = Simple("", ())


class Sides(NamedTuple):
    """The rules, as bits, of which a text has a source, and those of which it has a sink."""

    source: int = 0
    sink: int = 0

    def __or__(self, other: Sides) -> Sides:
        return Sides(self.source | other.source, self.sink | other.sink)

    @property
    def both(self) -> int:
        """The rules of which it has both."""
        return self.source & self.sink


@dataclass(frozen=True, slots=True)
class Need:
    """The clues that a function has to have for one rule; without one, all pass."""

    rule: str
    source: Clue | None
    sink: Clue | None


class Needed:
    """What the rules for one language need: tells of a text which sides of a flow it has.

    `is_nothing` if there are no such rules.
    """

    def __init__(self, needs: Sequence[Need]) -> None:
        self._rules = [each.rule for each in needs]
        self.is_nothing = not needs
        self._always = Sides()
        self._words: dict[str, Sides] = {}
        self._texts: dict[re.Pattern[str], Sides] = {}
        self._patterns: list[tuple[re.Pattern[str], Sides]] = []
        self._pairs: list[tuple[Clue, Clue, Sides]] = []
        for number, each in enumerate(needs):
            self._add(each.source, Sides(1 << number))
            self._add(each.sink, Sides(0, 1 << number))
        self._of_word = lru_cache(50_000)(self._sides_of_word)

    def _add(self, clue: Clue | None, side: Sides) -> None:
        if clue is None:
            self._always |= side
            return
        for word in clue.words:
            self._words[word] = self._words.get(word, Sides()) | side
        if clue.patterns:
            one_of = "|".join(f"(?:{each})" for each in dict.fromkeys(clue.patterns))
            self._patterns.append((re.compile(one_of), side))
        self._pairs += [(*pair, side) for pair in clue.pairs]
        for each in clue.texts:
            pattern = re.compile(each)
            self._texts[pattern] = self._texts.get(pattern, Sides()) | side

    def _sides_of_word(self, word: str) -> Sides:
        found = self._words.get(word, Sides())
        for pattern, side in self._patterns:
            if pattern.match(word):
                found |= side
        return found

    def sides(self, text: str, words: frozenset[str]) -> Sides:
        """The sides that a text has, which consists of these words."""
        source, sink = self._always
        for word in words:
            more = self._of_word(word)
            source |= more.source
            sink |= more.sink
        for pattern, side in self._texts.items():
            if (side.source & ~source or side.sink & ~sink) and pattern.search(text):
                source |= side.source
                sink |= side.sink
        for one, other, side in self._pairs:
            is_new = side.source & ~source or side.sink & ~sink
            if is_new and one.passes(words, text) and other.passes(words, text):
                source |= side.source
                sink |= side.sink
        return Sides(source, sink)

    def has_source(self, text: str) -> bool:
        """Whether there is a source in a text, as far as rules say what theirs are."""
        source = self.sides(text, frozenset(WORD.findall(text))).source
        return bool(source & ~self._always.source)

    def rules(self, sides: Sides) -> tuple[str, ...]:
        """The rules of which a text has both sides."""
        both = sides.both
        return tuple(each for number, each in enumerate(self._rules) if both >> number & 1)


class Needs:
    """What the rules need that follow values: ours and users', of which tests see users' alone.

    The rules are those of Semgrep, as plain data.
    """

    def __init__(
        self, ours: Sequence[SemgrepRule] = (), theirs: Sequence[SemgrepRule] = ()
    ) -> None:
        self.ours = list(ours)
        self.theirs = list(theirs)
        self._known: dict[tuple[str, bool], Needed] = {}

    def of(self, language: str, *, in_test: bool) -> Needed:
        """What those for a language need, as Semgrep calls it."""
        key = language, in_test
        if key not in self._known:
            rules = self.theirs if in_test else [*self.ours, *self.theirs]
            some = [each for each in rules if language in each.get("languages", ())]
            self._known[key] = Needed(needs_of(some))
        return self._known[key]


def needs_of(rules: Iterable[SemgrepRule]) -> list[Need]:
    """What each of these Semgrep rules needs, as far as it follows values."""
    return [
        Need(
            str(each.get("id")),
            _named(each) or _any_of(each.get("pattern-sources", ())),
            _any_of(each.get("pattern-sinks", ())),
        )
        for each in rules
        if each.get("mode") == "taint"
    ]


def _named(rule: SemgrepRule) -> Clue | None:
    """What the rule itself says about its sources."""
    text = (rule.get("metadata") or {}).get("needs")
    return Clue(texts=(str(text),)) if text else None


def _any_of(formulas: Sequence[Any]) -> Clue | None:
    found = Clue()
    # What holds only where another one does adds nothing.
    alone = [each for each in formulas if not (isinstance(each, Mapping) and "requires" in each)]
    for each in alone or formulas:
        clue = _of_formula(each)
        if clue is None:
            return None
        found |= clue
    return found if formulas else None


def _all_of(formulas: Sequence[Any]) -> Clue | None:
    """The two narrowest of several clues that are all needed."""
    # What stands around it may be in another function.
    near = [each for each in formulas if not _is_around(each)]
    clues = _clues(near) or _clues(formulas)
    if len(clues) < 2:
        return clues[0] if clues else None
    return Clue(pairs=((clues[0], clues[1]),))


def _clues(formulas: Sequence[Any]) -> list[Clue]:
    """The clues of some formulas, the narrowest one first."""
    clues = [clue for each in formulas if (clue := _of_formula(each)) is not None]
    return sorted(dict.fromkeys(clues), key=lambda clue: clue.breadth)


def _is_around(formula: Any) -> bool:
    if not isinstance(formula, Mapping):
        return False
    several = formula.get("pattern-either") or formula.get("patterns")
    if isinstance(several, list):
        return any(map(_is_around, several))
    return "pattern-inside" in formula


def _of_formula(formula: Any) -> Clue | None:
    if isinstance(formula, str):
        return _of_pattern(formula)
    if not isinstance(formula, Mapping):
        return None
    if "metavariable-regex" in formula:
        return _of_regex(str((formula["metavariable-regex"] or {}).get("regex", "")))
    found = []
    for key, value in formula.items():
        if key in {"pattern", "pattern-inside"}:
            found.append(_of_formula(value))
        elif key in {"patterns", "all"} and isinstance(value, list):
            found.append(_all_of(value))
        elif key in {"pattern-either", "any"} and isinstance(value, list):
            found.append(_any_of(value))
    clues = [each for each in found if each is not None]
    return min(clues, key=lambda clue: clue.breadth, default=None)


def _of_pattern(pattern: str) -> Clue | None:
    """The last name that is written in a pattern: what is called, or read."""
    bare = _VARIABLE.sub(" ", _TEXT.sub(" ", pattern.replace("...", " ")))
    names = [each for each in WORD.findall(bare) if each not in _KEYWORDS]
    if names:
        return Clue(frozenset(names[-1:]))
    regex = _REGEX_TEXT.search(pattern)
    if regex is not None:
        return _of_text(regex[1])
    literal = _TEXT.search(pattern)
    return _of_text(re.escape(literal[0][1:-1])) if literal and len(literal[0]) > 3 else None


def _of_text(regex: str) -> Clue | None:
    """A regular expression for a literal, which may be one of several put together."""
    text = regex.replace("^", "").removesuffix("$")
    return Clue(texts=(text,)) if text and _is_regex(text) else None


def _of_regex(regex: str) -> Clue | None:
    """A regular expression for an expression: what the last name in that can be."""
    try:
        parsed = list(parser.parse(regex))
        endings = _endings(parsed, {""})
    except (re.error, OverflowError, RecursionError):
        return None
    names = {each.removeprefix(_END) for each in endings or ()}
    if not all(re.match(r"[A-Za-z_$]|\\w\*.*[A-Za-z_$]", each) for each in names or ("",)):
        # It may match what is no name.
        return None
    if regex.startswith("(?i)"):
        return Clue(patterns=tuple(f"(?i:{each})$" for each in sorted(names)))
    words = frozenset(each for each in names if _ANY not in each)
    return Clue(words, tuple(f"{each}$" for each in sorted(names - words)))


# Before an ending that is known up to its first character; anything that names consist of.
_END, _ANY = "^", r"\w*"
_MOST_ENDINGS = 400


def _endings(parsed: Sequence[Any], after: set[str]) -> set[str] | None:
    """The last names, as regular expressions, in what a sequence followed by these matches."""
    found: set[str] | None = after
    for operation, argument in reversed(parsed):
        if found is None or len(found) > _MOST_ENDINGS:
            return None
        if operation in {codes.AT, codes.ASSERT, codes.ASSERT_NOT}:
            continue
        found = _before(operation, argument, found)
    return found


def _before(operation: Any, argument: Any, after: set[str]) -> set[str] | None:
    done = {each for each in after if each.startswith(_END)}
    going = after - done
    if not going:
        return after
    if operation is codes.LITERAL:
        if re.match(r"[\w$]", chr(argument)):
            return done | {re.escape(chr(argument)) + each for each in going}
        return done | {_END + each if each else "" for each in going}
    if operation is codes.SUBPATTERN:
        more = _endings(argument[3], going)
        return None if more is None else done | more
    if operation is codes.BRANCH:
        several = [_endings(each, going) for each in argument[1]]
        if any(each is None for each in several):
            return None
        return done.union(*(each for each in several if each is not None))
    if operation in {codes.MAX_REPEAT, codes.MIN_REPEAT} and argument[1] == 1:
        more = _endings(argument[2], going)
        return None if more is None else done | going | more
    # Whatever else it is, it may be a part of a name.
    return done | {_ANY + each.removeprefix(_ANY) for each in going}


def _is_regex(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
