"""`nootropic search`: passages that belong to a question."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.limits import limit_of
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.workspace import opened, root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.search import Hit, Hits, search
from nootropic_lsp.features.snapshot import Snapshot

_MOST = 100
# Of a passage, people are shown how it begins.
_LINES_SHOWN = 3


def answer(
    question: str, *, limit: str | None = None, workspace: str | None = None, trust: bool = False
) -> Answer:
    """The passages that belong to a question, best first."""
    most = limit_of(limit, default=5, most=_MOST)
    if not question.strip():
        raise NootropicError('there is no question; ask for something, as in "parse a date"')
    with opened(root_for(workspace), trust=trust) as app:
        with Bar("indexing") as bar:
            app.index(bar.show, resolve=False)
        with Bar("reading passages") as bar:
            app.read_passages(bar.show)
        snapshot = app.snapshot()
        found = search(snapshot, question, limit=most, near=app.near)
        hits = found.hits
        return Answer(
            "\n\n".join(_text(snapshot, hit) for hit in hits),
            {
                "question": question,
                "hits": [_data(snapshot, hit) for hit in hits],
                "by_words": found.by_words,
            },
            code=FOUND if hits else NOTHING_FOUND,
            note=_note(found),
            incomplete=snapshot.incomplete,
        )


def _note(found: Hits) -> str:
    if not found.hits:
        return "no passage has any of these words; try others"
    return f"found by words alone: {found.by_words}" if found.by_words else ""


def _text(snapshot: Snapshot, hit: Hit) -> str:
    lines = _source(snapshot, hit).splitlines()
    begin = [f"    {line}" for line in lines[:_LINES_SHOWN] if line.strip()]
    return "\n".join(
        [
            f"{shown.spot(snapshot, hit.place)}  {hit.kind} {_qualified(hit)}",
            *begin,
            f"  why: {'; '.join(hit.reasons)}",
        ]
    )


def _data(snapshot: Snapshot, hit: Hit) -> dict[str, Any]:
    last = snapshot.lines(hit.place.path).line_of(max(hit.place.span.start, hit.place.span.end - 1))
    return {
        **shown.place_data(snapshot, hit.place),
        "end_line": last + 1,
        "kind": hit.kind,
        "name": _qualified(hit),
        "score": hit.score,
        "reasons": list(hit.reasons),
        "text": _source(snapshot, hit),
    }


def _source(snapshot: Snapshot, hit: Hit) -> str:
    """The text of a passage, its lines moved to the left together."""
    span, text = hit.place.span, snapshot.text(hit.place.path)
    before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    lines = text[span.start : span.end].splitlines()
    if before.strip():
        return "\n".join(lines)
    return "\n".join([*lines[:1], *(line.removeprefix(before) for line in lines[1:])])


def _qualified(hit: Hit) -> str:
    return f"{hit.container}.{hit.name}" if hit.container else hit.name
