"""What a function takes and what a call gives, and whether the two fit."""

from __future__ import annotations

import re
from typing import NamedTuple

from nootropic_lsp.index.facts import Flag
from nootropic_lsp.index.languages.python.reaching import parameters
from nootropic_lsp.index.units import Site

_MANY = Flag.VARIADIC | Flag.VARIADIC_KEYWORDS
_TOKEN = re.compile(
    r"""(?P<string>[rbufRBUFtT]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"""|(?P<comment>\#[^\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)""",
    re.DOTALL,
)
_KEYWORD = re.compile(r"([^\W\d]\w*)\s*=(?!=)")


class Shape(NamedTuple):
    """The parameters of a function. `by_place` are those that may be given without a name."""

    by_place: tuple[str, ...]
    n_nameless: int  # of them, those that can only be given by their place
    required: frozenset[str]
    by_name: frozenset[str]  # keyword-only ones
    takes_more: bool  # `*args`
    takes_any_name: bool  # `**kwargs`

    @property
    def takes_all(self) -> bool:
        """Whether there is no call that does not fit."""
        return self.takes_more and self.takes_any_name and not self.required

    def bound(self) -> Shape | None:
        """What is left to be given when the first parameter is; None if it cannot be."""
        if not self.by_place:
            return self if self.takes_more else None
        first = self.by_place[0]
        return self._replace(
            by_place=self.by_place[1:],
            n_nameless=max(self.n_nameless - 1, 0),
            required=self.required - {first},
        )


class Given(NamedTuple):
    """The arguments of a call."""

    n_by_place: int
    keywords: tuple[str, ...]
    spreads: bool  # `*values`
    spreads_names: bool  # `**values`


def shape_of(function: Site) -> Shape:
    """The parameters of a function, `self` among them."""
    by_place: list[str] = []
    required: set[str] = set()
    by_name: set[str] = set()
    flags = n_nameless = 0
    for index in parameters(function.unit, function.index):
        parameter = function.unit.definitions[index]
        flags |= parameter.flags & _MANY
        if parameter.flags & _MANY:
            continue
        if parameter.flags & Flag.KEYWORD_ONLY:
            by_name.add(parameter.name)
        else:
            by_place.append(parameter.name)
            # The old way to say so, which type checkers and stubs honour as well.
            is_nameless = parameter.flags & Flag.POSITIONAL_ONLY
            n_nameless += bool(is_nameless)
        if not parameter.flags & Flag.HAS_DEFAULT:
            required.add(parameter.name)
    return Shape(
        tuple(by_place),
        n_nameless,
        frozenset(required),
        frozenset(by_name),
        bool(flags & Flag.VARIADIC),
        bool(flags & Flag.VARIADIC_KEYWORDS),
    )


def misfit(shape: Shape, given: Given) -> str:
    """Why a call fails, as the end of a sentence; "" if it may run."""
    n_places = len(shape.by_place)
    if given.n_by_place > n_places and not shape.takes_more:
        takes = f"at most {n_places}" if n_places else "no"
        return f"takes {takes} positional argument{'s' * (n_places != 1)}, not {given.n_by_place}"
    filled = set(shape.by_place[: given.n_by_place])
    named = shape.by_name.union(shape.by_place[shape.n_nameless :])
    for keyword in given.keywords:
        if keyword in filled and keyword in named and not shape.takes_any_name:
            return f"is given `{keyword}` twice"
        if keyword not in named and not shape.takes_any_name:
            return f"has no parameter `{keyword}`"
    if given.spreads_names:
        return ""
    missing = shape.required - filled - set(given.keywords)
    if given.spreads:
        missing -= set(shape.by_place)
    if missing:
        order = [name for name in (*shape.by_place, *sorted(shape.by_name)) if name in missing]
        names = ", ".join(f"`{name}`" for name in order)
        return f"lacks the argument{'s' * (len(order) > 1)} {names}"
    return ""


def given_at(text: str, offset: int) -> Given | None:
    """The arguments of the call whose name ends at an offset, as far as the text alone tells.

    Strings with quotes inside their braces and lambdas can mislead it: what comes of it is
    to be confirmed by the syntax tree.
    """
    at = offset
    while text[at : at + 1].isspace():
        at += 1
    if text[at : at + 1] != "(":
        return None
    parts: list[str] = []
    part: list[str] = []
    depth, start = 1, at + 1
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if not depth:
                part.append(text[start : match.start()])
                parts.append("".join(part))
                return _counted(parts)
        elif kind == "comma" and depth == 1:
            part.append(text[start : match.start()])
            parts.append("".join(part))
            part, start = [], match.end()
        elif kind == "comment" and depth == 1:
            part.append(text[start : match.start()])
            start = match.end()
    return None


def _counted(parts: list[str]) -> Given:
    n_by_place = 0
    keywords: list[str] = []
    spreads = spreads_names = False
    for part in parts:
        written = part.strip()
        if not written:
            continue
        keyword = _KEYWORD.match(written)
        if written.startswith("**"):
            spreads_names = True
        elif written.startswith("*"):
            spreads = True
        elif keyword is not None:
            keywords.append(keyword[1])
        else:
            n_by_place += 1
    return Given(n_by_place, tuple(keywords), spreads, spreads_names)
