"""`nootropic evaluate`: how good menus and ghost text are on one's own code."""

from __future__ import annotations

from statistics import mean
from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.output import bold
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.workspace import folder, opened
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.evaluation import TYPED, Score, spread
from nootropic_lsp.features.evaluation import evaluate as evaluated
from nootropic_lsp.features.snapshot import Snapshot

_PLACES = 500
_MOST_PLACES = 100_000


def evaluate(
    path: str, *, places: str | None = None, seed: str | None = None, trust: bool = False
) -> Answer:
    """Hide what is written at random places, ask for it, and count."""
    n_places = _number("--places", places, _PLACES)
    chosen_seed = _number("--seed", seed, 0)
    root = folder(path)
    with opened(root, trust=trust) as app:
        with Bar("indexing") as bar:
            app.index(bar.show, resolve=False)
        app.read_tokens()

        def show(document: Document) -> Snapshot:
            app.change(document)
            return app.snapshot()

        threshold = app.settings.ghost_text.threshold
        with Bar("asking") as bar:
            scores = evaluated(
                app.snapshot(),
                show,
                places=n_places,
                seed=chosen_seed,
                threshold=threshold,
                progress=bar.show,
            )
        data = {"seed": chosen_seed, "threshold": threshold}
        return Answer(
            _text(scores, n_places, chosen_seed),
            {**data, "languages": {name: _data(score) for name, score in scores.items()}},
            code=FOUND if scores else NOTHING_FOUND,
            incomplete=app.snapshot().incomplete,
        )


def _number(option: str, given: str | None, default: int) -> int:
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or not int(given[:9]) <= _MOST_PLACES:
        raise NootropicError(f"{option} takes a whole number up to {_MOST_PLACES:,}, not {given}")
    return int(given)


def _text(scores: dict[str, Score], places: int, seed: int) -> str:
    if not scores:
        return "there is no code here to evaluate on"
    parts = [f"{places:,} places chosen at random (seed {seed}), each with its line cut off there"]
    for language, score in sorted(scores.items(), key=lambda each: -each[1].places):
        parts.append(f"{bold(language)}, {score.places:,} places\n{shown.table(_rows(score))}")
    return "\n\n".join(parts)


def _rows(score: Score) -> list[tuple[str, str]]:
    said = mean(score.said) if score.said else 0.0
    rows = [
        ("  ghost text shown", f"{_share(score.shown, score.places):.1%}"),
        ("  of that wholly right", f"{_share(score.right, score.shown):.1%} (said {said:.1%})"),
        ("  keys saved", f"{1 - _share(score.keys, score.characters):.1%}"),
        ("  ghost text p50/p95/p99", _times(score.ghost_ms)),
    ]
    for typed in TYPED:
        label = ("nothing typed", "1 character", "3 characters")[TYPED.index(typed)]
        value = f"{score.top(typed, 1):.2f}/{score.top(typed, 5):.2f}/{score.mrr(typed):.2f}"
        rows.append((f"  menu first/first 5/MRR, {label}", value))
    return [*rows, ("  menu p50/p95/p99", _times(score.menu_ms))]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _times(times: list[float]) -> str:
    return "/".join(f"{each:.1f}" for each in spread(times)) + " ms"


def _data(score: Score) -> dict[str, Any]:
    return {
        "places": score.places,
        "shown": round(_share(score.shown, score.places), 4),
        "right": round(_share(score.right, score.shown), 4),
        "said": round(mean(score.said), 4) if score.said else None,
        "keys_saved": round(1 - _share(score.keys, score.characters), 4),
        "ghost_ms": [round(each, 2) for each in spread(score.ghost_ms)],
        "menu_ms": [round(each, 2) for each in spread(score.menu_ms)],
        "menu": {
            str(typed): {
                "names": len(score.ranks[typed]),
                "first": round(score.top(typed, 1), 4),
                "first5": round(score.top(typed, 5), 4),
                "mrr": round(score.mrr(typed), 4),
            }
            for typed in TYPED
        },
    }
