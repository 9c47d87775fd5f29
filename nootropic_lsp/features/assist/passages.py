"""Pieces of the workspace for a prompt, with the reason why each belongs there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.assist.means import FENCE_TOKENS, Means
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.prompts.packing import Count, Part, Strategy, pack
from nootropic_lsp.prompts.registry import Quoted, numbered


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole lines of a file, counted from 1; the more worth, the better. `why` it is there."""

    path: str
    first: int
    last: int
    text: str
    worth: float = 0.0
    name: str = ""
    why: str = ""

    def holds(self, other: Passage) -> bool:
        """Whether all lines of another one are in this one."""
        return self.path == other.path and self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class Source:
    """What of a file a model was given, and why. `shown` is the path as people read it."""

    path: str
    shown: str
    first: int
    last: int
    name: str = ""
    why: str = ""


def passage_of(
    means: Means,
    path: str,
    span: Span,
    *,
    worth: float = 0.0,
    name: str = "",
    why: str = "",
    most_lines: int = 0,
) -> Passage | None:
    """The lines of a span, `most_lines` if that is not 0; None for what models must not be given."""
    text = text_of(means.snapshot, path)
    if not text or not means.readable.may_read(path):
        return None
    lines = means.snapshot.lines(path)
    first = lines.line_of(min(span.start, len(text)))
    last = lines.line_of(max(span.start, min(span.end, len(text)) - 1))
    if most_lines:
        last = min(last, first + most_lines - 1)
    end = lines.start_of(last + 1) if last + 1 < len(lines) else len(text)
    shown = text[lines.start_of(first) : end]
    return Passage(path, first + 1, last + 1, shown, worth, name, why) if shown.strip() else None


def once(passages: Iterable[Passage | None]) -> list[Passage]:
    """The passages that are no part of a better one, the best first."""
    kept: list[Passage] = []
    for each in sorted(filter(None, passages), key=lambda each: -each.worth):
        if not any(other.holds(each) for other in kept):
            kept.append(each)
    return kept


def packed(
    passages: Sequence[Passage], tokens: int, count: Count, *, strategy: Strategy = "priority"
) -> list[Passage]:
    """The passages that fit, perhaps with fewer lines; the best ones last, beside the question."""
    ordered = sorted(passages, key=lambda each: each.worth)
    # The number before its first line says which lines are left of a passage that was cut.
    parts = [
        Part(numbered(each.text, each.first), each.worth, str(place))
        for place, each in enumerate(ordered)
    ]
    chosen = pack(
        parts, budget_tokens=tokens, strategy=strategy, count=count, extra_tokens=FENCE_TOKENS
    )
    return [_cut(ordered[int(part.source)], part.text) for part in chosen]


def sources(means: Means, passages: Iterable[Passage]) -> tuple[Source, ...]:
    """The passages as they are told to people, the best first."""
    return tuple(
        Source(each.path, means.shown(each.path), each.first, each.last, each.name, each.why)
        for each in sorted(passages, key=lambda each: -each.worth)
    )


def to_cite(means: Means, passages: Iterable[Passage]) -> list[Quoted]:
    """The passages with numbered lines."""
    return [Quoted(means.shown(each.path), numbered(each.text, each.first)) for each in passages]


def to_read(means: Means, passages: Iterable[Passage]) -> Iterator[Quoted]:
    """The passages as they are written."""
    for each in passages:
        yield Quoted(f"{means.shown(each.path)}:{each.first}-{each.last}", each.text)


def _cut(passage: Passage, text: str) -> Passage:
    """A passage of which only some numbered lines are left."""
    lines = text.splitlines()
    first = int(lines[0].split(" ", 1)[0])
    if len(lines) == passage.last - passage.first + 1:
        return passage
    shown = "".join(f"{line.partition(' ')[2]}\n" for line in lines)
    return Passage(
        passage.path,
        first,
        first + len(lines) - 1,
        shown,
        passage.worth,
        passage.name,
        passage.why,
    )
