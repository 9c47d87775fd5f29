"""This file is where we keep what handlers leave for those after them: `req.user`, `res.locals.x`.

It is learned while a file is written anew, so that it is known when that is done once more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PLACE = (
    r"(?:(?:req|request)\.(?!(?:query|body|params|headers?|cookies|files?|url|path|session|app"
    r"|originalUrl|hostname|host|ip|method|log|route|baseUrl)\b)"
    r"|(?:res|response|reply)\.locals\.|(?:ctx|context|c)\.state\.|event\.locals\.)[\w$]+"
)
_SHARED = re.compile(_PLACE)
_ASSIGNED = re.compile(rf"({_PLACE})\s*(?:\|\|=|\?\?=|=(?![=>]))")
_INPUT = re.compile(r"\b(?:req|request|ctx|context|c|event)\.[a-z]\w*")
_NAME = re.compile(r"(?<![\w$.\"'])[A-Za-z_$][\w$]*(?![\w$]*[\"'])")
_LONGEST = 300
_DEEPEST = 4


@dataclass(slots=True, eq=False)
class Left:
    """`known` is what was learned the last time, by place; `found` what is learned now."""

    known: Mapping[str, str] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)
    # What variables were given.
    given: dict[str, str] = field(default_factory=dict)
    # The places that are set by the functions around the current one.
    own: list[frozenset[str]] = field(default_factory=list)

    def note(self, place: str, text: str, *, is_constant: bool) -> None:
        """A place is given a value."""
        if is_constant or _SHARED.fullmatch(place) is None:
            return
        whole = self._whole(" ".join(text.split()), _DEEPEST)
        if (
            len(whole) <= _LONGEST
            and _INPUT.search(whole)
            and whole not in self.found.get(place, ())
        ):
            self.found.setdefault(place, []).append(whole)

    def of(self, place: str) -> str | None:
        """What stands in a place that another function has set."""
        if place not in self.known or any(place in each for each in self.own):
            return None
        return self.known[place]

    def learned(self) -> dict[str, str]:
        """What is left in each place, by any of those that set it."""
        return {
            place: texts[0] if len(texts) == 1 else f"({' || '.join(texts)})"
            for place, texts in self.found.items()
        }

    def _whole(self, text: str, depth: int) -> str:
        if depth == 0 or len(text) > _LONGEST:
            return text
        return _NAME.sub(lambda found: self._given(found[0], depth), text)

    def _given(self, name: str, depth: int) -> str:
        text = self.given.get(name)
        return name if text is None or text == name else self._whole(text, depth - 1)


def places(text: str) -> frozenset[str]:
    """The places that a text sets."""
    return frozenset(_ASSIGNED.findall(text))
