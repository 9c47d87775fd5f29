"""What of much goes into a prompt that has room for little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nootropic_lsp.prompts.tokens import estimate_tokens

Strategy = Literal["sliding", "priority", "hybrid"]
Count = Callable[[str], int]
# Of a hybrid's budget, what the latest parts get.
_LATEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """Something that could go into a prompt: the more worth, the better. `source` says from where."""

    text: str
    worth: float = 0.0
    source: str = ""


def pack(
    parts: Sequence[Part],
    *,
    budget_tokens: int,
    strategy: Strategy = "priority",
    count: Count = estimate_tokens,
    extra_tokens: int = 0,
) -> list[Part]:
    """The parts that fit into a budget, in the order in which they came, each text once.

    "sliding" keeps the latest, from the last one back to the first that does not fit; of that one,
    its last lines. It is for conversations and for what stands before a cursor.
    "priority" keeps those of most worth, and passes over what does not fit any more. Of the best
    one there are at least its first lines. It is for passages that were searched for.
    "hybrid" gives half of the budget to the latest whole parts and the rest, with what they left
    over, to those of most worth. It is for a conversation about passages.

    `extra_tokens` is what each part costs besides its text, such as a fence around it.
    """
    # Of what is there several times, the last one stays where it is and has the most worth.
    unlike = {(part.source, part.text): part for part in sorted(parts, key=lambda each: each.worth)}
    places = {(part.source, part.text): place for place, part in enumerate(parts)}
    several = {places[key]: part for key, part in unlike.items() if part.text}
    room = _Room(budget_tokens, count, extra_tokens)
    if strategy == "sliding":
        chosen = _latest(several, room, cuts=True)
    elif strategy == "priority":
        chosen = _worthiest(several, room)
    else:
        later = int(budget_tokens * _LATEST_SHARE)
        chosen = _latest(several, _Room(later, count, extra_tokens), cuts=False)
        room.take(chosen.values())
        rest = {place: part for place, part in several.items() if place not in chosen}
        chosen |= _worthiest(rest, room, cuts=not chosen)
    return [chosen[place] for place in sorted(chosen)]


class _Room:
    """How much of a budget is left."""

    def __init__(self, tokens: int, count: Count, extra_tokens: int) -> None:
        self.left = tokens
        self._count = count
        self._extra = extra_tokens

    def cost(self, text: str) -> int:
        return self._count(text) + self._extra

    def take(self, parts: Iterable[Part]) -> None:
        self.left -= sum(self.cost(part.text) for part in parts)

    def has(self, part: Part) -> bool:
        """Whether a part fits; then it is taken."""
        cost = self.cost(part.text)
        if cost > self.left:
            return False
        self.left -= cost
        return True

    def cut(self, part: Part, *, is_end: bool) -> Part | None:
        """As many lines of a part as fit, from its beginning or its end; None if not even one."""
        lines = part.text.splitlines(keepends=True)
        fewest, most = 0, len(lines)
        while fewest < most:
            middle = (fewest + most + 1) // 2
            if self.cost(_some(lines, middle, is_end=is_end)) <= self.left:
                fewest = middle
            else:
                most = middle - 1
        if not fewest:
            return None
        cut = replace(part, text=_some(lines, fewest, is_end=is_end))
        self.take([cut])
        return cut


def _some(lines: Sequence[str], n: int, *, is_end: bool) -> str:
    return "".join(lines[len(lines) - n :] if is_end else lines[:n])


def _latest(parts: dict[int, Part], room: _Room, *, cuts: bool) -> dict[int, Part]:
    chosen: dict[int, Part] = {}
    for place in sorted(parts, reverse=True):
        if room.has(parts[place]):
            chosen[place] = parts[place]
            continue
        cut = room.cut(parts[place], is_end=True) if cuts else None
        if cut is not None:
            chosen[place] = cut
        break
    return chosen


def _worthiest(parts: dict[int, Part], room: _Room, *, cuts: bool = True) -> dict[int, Part]:
    # Of equal worth, what came first is better.
    order = sorted(parts, key=lambda place: (-parts[place].worth, place))
    chosen: dict[int, Part] = {}
    for place in order:
        if room.has(parts[place]):
            chosen[place] = parts[place]
        elif cuts and place == order[0]:
            cut = room.cut(parts[place], is_end=False)
            if cut is not None:
                chosen[place] = cut
    return chosen
