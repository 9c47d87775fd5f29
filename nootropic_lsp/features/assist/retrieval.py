"""What of the workspace belongs to a question: found by its words, its names and the symbol graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.assist.neighbours import calling, symbol_around, used
from nootropic_lsp.features.assist.passages import Passage, once, passage_of
from nootropic_lsp.features.graph import find
from nootropic_lsp.features.search import Hit, search
from nootropic_lsp.retrieval.words import question_words

_MOST_HITS = 12
# Of a name that many things have, those that are used most.
_MOST_NAMED, _MOST_OF_A_NAME = 6, 2
_MOST_WITH_NEIGHBOURS = 3
# The workspace has something on a question if more than this part of its words is in what was
# found, or if some of that is as like it as this. On Django, eleven of eleven questions about the
# code pass, and one of seven about anything else.
_FITTING, _ALIKE = 0.5, 0.5
# The best hit is worth 1.
_NAMED_WORTH, _HERE_WORTH, _NEIGHBOURS_WORTH = 1.5, 1.2, 0.4
# Longer ones are known by how they begin.
_MOST_LINES = 80
_LINES_AROUND = 20

# What people write as code: `name`, a.name, name(), some_name, someName, SomeName.
_QUOTED = re.compile(r"`([^`\s]{2,80})`")
_NAME = re.compile(
    r"\b(?:\w+(?:(?:\.|::)\w+)+|\w+(?=\()|[A-Za-z]+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)"
)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for a question, the best first; `by_words` says why words alone were used."""

    passages: tuple[Passage, ...]
    by_words: str = ""


def retrieve(
    means: Means, question: str, *, at: Place | None = None, earlier: str = ""
) -> Retrieved:
    """The passages that belong to a question; none if the workspace has nothing fitting.

    `at` is where the user is. `earlier` is the question before, for one that says little itself.
    """
    symbols_named = [*named(means, question)]
    hits, by_words = _fitting(means, question)
    if not hits and not symbols_named and earlier:
        question = f"{earlier}\n{question}"
        symbols_named = [*named(means, question)]
        hits, by_words = _fitting(means, question)
    passages: list[Passage | None] = [_here(means, at)]
    best: list[tuple[Symbol, float]] = []
    for symbol in symbols_named:
        why = f"the question names `{symbol.name}`"
        passages.append(_of_symbol(means, symbol, _NAMED_WORTH, why))
        best.append((symbol, _NAMED_WORTH))
    symbols = means.snapshot.symbols_by_id([hit.symbol for hit in hits])
    most = max((hit.score for hit in hits), default=0.0) or 1.0
    for hit in hits:
        worth = max(hit.score / most, 0.0)
        place = hit.place
        passages.append(
            passage_of(
                means,
                place.path,
                place.span,
                worth=worth,
                name=hit.name,
                why="; ".join(hit.reasons),
                most_lines=_MOST_LINES,
            )
        )
        if hit.symbol in symbols:
            best.append((symbols[hit.symbol], worth))
    for symbol, worth in best[:_MOST_WITH_NEIGHBOURS]:
        if means.readable.may_read(symbol.path):
            passages += calling(means, symbol, worth * _NEIGHBOURS_WORTH)
            passages += used(means, symbol.path, symbol.full_span, worth * _NEIGHBOURS_WORTH)
    return Retrieved(tuple(once(passages)), by_words)


def named(means: Means, question: str) -> Iterator[Symbol]:
    """What a question or an instruction names as one names code."""
    names = [*_QUOTED.findall(question), *_NAME.findall(_QUOTED.sub(" ", question))]
    for name in list(dict.fromkeys(each.rstrip("()") for each in names))[:_MOST_NAMED]:
        found = find(means.snapshot, name)
        inside = [each for each in found if means.readable.may_read(each.path)]
        yield from inside[:_MOST_OF_A_NAME]


def _fitting(means: Means, question: str) -> tuple[Sequence[Hit], str]:
    """What search finds, if it has enough of the question."""
    found = search(means.snapshot, question, limit=_MOST_HITS, near=means.near)
    hits = [hit for hit in found.hits if means.readable.may_read(hit.place.path)]
    words = {word for hit in hits for word in hit.words}
    fits = len(words) > _FITTING * len(question_words(question))
    fits = fits or any(hit.likeness >= _ALIKE for hit in hits)
    return (hits if fits else []), found.by_words


def _of_symbol(means: Means, symbol: Symbol, worth: float, why: str) -> Passage | None:
    return passage_of(
        means,
        symbol.path,
        symbol.full_span,
        worth=worth,
        name=symbol.name,
        why=why,
        most_lines=_MOST_LINES,
    )


def _here(means: Means, at: Place | None) -> Passage | None:
    """What is around the place where the user is."""
    if at is None:
        return None
    why = "you are there"
    symbol = symbol_around(means.snapshot, at.path, at.span)
    if symbol is not None and symbol.kind != "class":
        return _of_symbol(means, symbol, _HERE_WORTH, why)
    lines = means.snapshot.lines(at.path)
    line = lines.line_of(at.span.start)
    start = lines.start_of(max(0, line - _LINES_AROUND))
    end = lines.start_of(lines.line_of(at.span.end) + _LINES_AROUND)
    return passage_of(means, at.path, Span(start, end), worth=_HERE_WORTH, why=why)
