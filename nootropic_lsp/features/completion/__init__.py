"""What can be written at a place, as a menu, with the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from nootropic_lsp.core.completions import NOTHING, Details, Menu
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import At, Context
from nootropic_lsp.features.completion.gather import gather
from nootropic_lsp.features.completion.guesses import guesses_at
from nootropic_lsp.features.completion.items import item
from nootropic_lsp.features.completion.rank import ranked
from nootropic_lsp.features.docstring import to_markdown
from nootropic_lsp.features.hover import documentation_of, signature
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.units import Site

# Nobody reads further. A list that is cut is asked for again when more is typed.
MOST_ITEMS = 120
_SURE = 0.8


def complete(
    snapshot: Snapshot,
    path: str,
    offset: int,
    *,
    is_triggered: bool = False,
    auto_import: bool = True,
    call_snippets: bool = False,
) -> Menu:
    """The menu at an offset of an open text.

    `is_triggered` says that nobody asked for it, but a character was typed that often means
    something. With `auto_import` there are names that would have to be imported first, with
    `call_snippets` functions are written with their brackets.
    """
    text = parsed(snapshot, path)
    if text is None:
        return NOTHING
    asked = Asked(snapshot, text, offset)
    context = asked.context
    if context.at is At.NOTHING or (is_triggered and not _is_telling(context)):
        return NOTHING
    guesses = guesses_at(asked)
    found = ranked(asked, gather(asked, guesses, auto_import=auto_import), guesses)
    shown = found[:MOST_ITEMS]
    return Menu(
        tuple(item(asked, each, call_snippets=call_snippets) for _, each in shown),
        context.span,
        is_whole=len(shown) == len(found) and context.at is not At.NAME,
        is_sure=_share([score for score, _ in found]) >= _SURE,
    )


def _share(scores: Sequence[float]) -> float:
    """The probability of the first, which is what the ranker's weights were fitted for."""
    return 1 / sum(exp(score - scores[0]) for score in scores) if scores else 0.0


def _is_telling(context: Context) -> bool:
    """Whether a menu is meant at a place that only the last character speaks for."""
    return context.at is not At.NAME or context.before in ("@", "[")


def details(snapshot: Snapshot, path: str, start: int) -> Details:
    """What is shown of an item when it is looked at, by where it is defined."""
    base = snapshot.standing(path)
    unit = base.unit(path)
    at = unit.definition_at(start) if unit is not None else -1
    if unit is None or at < 0:
        return Details()
    try:
        text = base.text(path)
    except OSError:
        return Details()
    site = base.ask(unit, lambda resolver: resolver.followed(Site(unit, at)))[0]
    if site.unit is not unit:
        return details(snapshot, site.unit.path, site.definition.start)
    return Details(signature(base, site, text), to_markdown(documentation_of(site, text)))
