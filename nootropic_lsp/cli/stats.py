"""`nootropic stats`: what became of ghost text on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.ghosts import counters

_COLUMNS = ("offered", "shown", "accepted", "partly", "typed", "rejected", "characters")


def stats() -> Answer:
    """Counts by language, those of most use first."""
    totals = counters().totals()
    languages = sorted(totals, key=lambda each: (-totals[each]["characters"], each))
    rows = [
        (
            language,
            *(f"{totals[language][column]:,}" for column in _COLUMNS),
            _share(totals[language]),
        )
        for language in languages
    ]
    head = ("", *_COLUMNS[:-1], "characters saved", "taken of shown")
    return Answer(
        shown.table([head, *rows]) if rows else "",
        {"languages": {language: dict(totals[language]) for language in languages}},
        code=FOUND if rows else NOTHING_FOUND,
        note="" if rows else "no ghost text has been offered on this machine so far",
    )


def _share(counts: Mapping[str, int]) -> str:
    taken = counts["accepted"] + counts["partly"]
    return f"{taken / counts['shown']:.0%}" if counts["shown"] else "–"
