"""A file that is to be changed, as a prompt has room for it: whole, or what matters of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import OutlineItem
from nootropic_lsp.features.assist.means import Means, Room
from nootropic_lsp.features.assist.passages import Passage, passage_of, to_read
from nootropic_lsp.features.outline import outline
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.prompts.registry import Quoted
from nootropic_lsp.retrieval.words import words_of

# What of the room a file may take whole.
_WHOLE_SHARE = 0.7
# Longer definitions are cut at what is in them.
_LONG_LINES = 60
# Always more than what a file uses.
_WORTH, _FOCUS_WORTH, _HEAD_WORTH = 10.0, 100.0, 50.0


def view(
    means: Means, path: str, room: Room, focus: Sequence[Span], words: Collection[str]
) -> list[Passage]:
    """All of a file if there is room, else its pieces, by their distance from what is asked.

    `focus` is what is to be changed, `words` are those of the instruction.
    """
    text = text_of(means.snapshot, path)
    whole = passage_of(means, path, Span(0, len(text)), worth=_FOCUS_WORTH, why=_WHY)
    if whole is None:
        return []
    if room.count(text) <= room.tokens * _WHOLE_SHARE:
        return [whole]
    lines = means.snapshot.lines(path)
    starts = sorted({0, *(lines.line_of(each) for each in _starts(outline(means.snapshot, path)))})
    ends = [*starts[1:], len(lines)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        span = Span(lines.start_of(start), lines.start_of(end) if end < len(lines) else len(text))
        worth = _worth(text, span, focus, words, is_head=start == 0)
        found.append(passage_of(means, path, span, worth=worth, why=_WHY))
    return [each for each in found if each is not None]


def code_and_context(
    means: Means, passages: Sequence[Passage]
) -> tuple[list[Quoted], list[Quoted]]:
    """What is to be changed, in the order of the files, and what else there is."""
    code = [each for each in passages if each.worth >= _WORTH]
    code.sort(key=lambda each: (each.path, each.first))
    return (
        [*to_read(means, code)],
        [*to_read(means, (each for each in passages if each.worth < _WORTH))],
    )


_WHY = "it is to be changed"


def _worth(
    text: str, span: Span, focus: Sequence[Span], words: Collection[str], *, is_head: bool
) -> float:
    if any(each.start < span.end and span.start <= each.end for each in focus):
        return _FOCUS_WORTH
    if is_head:
        return _HEAD_WORTH
    shared = len(set(words).intersection(words_of(text[span.start : span.end])))
    away = min((abs(each.start - span.start) for each in focus), default=0)
    return _WORTH + shared + 1 / (1 + away)


def _starts(items: Sequence[OutlineItem]) -> list[int]:
    """Where definitions begin, and in long ones those that they hold."""
    found = []
    for item in items:
        found.append(item.full_span.start)
        if item.full_span.end - item.full_span.start > _LONG_LINES * 30:
            found += _starts(item.children)
    return found
