"""`nootropic search`: passages that belong to a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nootropic_lsp.app import App
from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.limits import limit_of
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.workspace import opened, root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.search import Hit, Hits, Near, last_line_of, search, source_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.worker.meaning import near_of

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
    root = root_for(workspace)
    with opened(root, trust=trust) as app:
        with Bar("indexing") as bar:
            app.index(bar.show, resolve=False)
        with Bar("reading passages") as bar:
            app.read_passages(bar.show)
        snapshot = app.snapshot()
        found = search(snapshot, question, limit=most, near=_near(app, root))
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


def _near(app: App, root: Path) -> Near | str:
    """What knows the meaning of passages."""
    is_with_worker = app.settings.worker.enabled and app.vector_store not in ("own", "off")
    return near_of(root) if is_with_worker else app.near


def _note(found: Hits) -> str:
    if not found.hits:
        return "no passage has any of these words; try others"
    return f"found by words alone: {found.by_words}" if found.by_words else ""


def _text(snapshot: Snapshot, hit: Hit) -> str:
    lines = source_of(snapshot, hit).splitlines()
    begin = [f"    {line}" for line in lines[:_LINES_SHOWN] if line.strip()]
    return "\n".join(
        [
            f"{shown.spot(snapshot, hit.place)}  {hit.kind} {_qualified(hit)}",
            *begin,
            f"  why: {'; '.join(hit.reasons)}",
        ]
    )


def _data(snapshot: Snapshot, hit: Hit) -> dict[str, Any]:
    return {
        **shown.place_data(snapshot, hit.place),
        "end_line": last_line_of(snapshot, hit) + 1,
        "kind": hit.kind,
        "name": _qualified(hit),
        "score": hit.score,
        "reasons": list(hit.reasons),
        "text": source_of(snapshot, hit),
    }


def _qualified(hit: Hit) -> str:
    return f"{hit.container}.{hit.name}" if hit.container else hit.name
