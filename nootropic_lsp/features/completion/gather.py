"""Everything that may be written at a cursor, in no order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import SELVES, At
from nootropic_lsp.features.completion.elsewhere import elsewhere
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.keywords import keywords, predefined
from nootropic_lsp.features.completion.literals import keys, literals
from nootropic_lsp.features.completion.matching import NO, fitter
from nootropic_lsp.features.completion.overriding import overridable
from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Flag, Kind
from nootropic_lsp.store import graph

_KEYWORDED = frozenset({"python"})
# What a value is whose type nobody knows, as often as not.
_LIKELY = {
    "python": ('""', "[]", "{}"),
    **dict.fromkeys(("javascript", "typescript", "tsx"), ('""', "[]")),
}
_FEWEST_TYPED = 2
_MOST_ROWS = 1_000
_GIVEN = re.compile(r"[(,]\s*(\w+)\s*=(?!=)")
_NOT_NAMED = Flag.VARIADIC | Flag.VARIADIC_KEYWORDS | Flag.POSITIONAL_ONLY


def gather(asked: Asked, guesses: Mapping[str, float], *, auto_import: bool = False) -> list[Found]:
    """What fits what has been typed, each name once, the best known first.

    `guesses` are the tokens that the token model expects, with their probabilities. With
    `auto_import` there are names that would have to be imported first.
    """
    match asked.context.at:
        case At.MEMBER:
            found = _members(asked, guesses)
        case At.NAME:
            found = _names(asked, auto_import=auto_import)
        case At.IMPORT:
            found = iter((Found("import", Source.KEYWORD),))
        case At.MODULE:
            found = _modules(asked)
        case At.IMPORTED:
            found = _imported(asked)
        case At.METHOD:
            found = overridable(asked)
        case At.TEXT:
            found = (Found(text, Source.TEXT) for text in literals(asked))
        case _:
            found = iter(())
    return list(_fitting(found, asked.context.typed))


def _fitting(found: Iterable[Found], typed: str) -> Iterator[Found]:
    fit = fitter(typed)
    seen: set[tuple[str, bool]] = set()
    for each in found:
        if typed and fit(each.name) == NO:
            continue
        shown = (each.name, each.source == Source.KEY)
        if shown not in seen:
            seen.add(shown)
            yield each


def _scope(candidates: Sequence[Candidate] | None) -> Iterator[Found]:
    for name, site, depth in candidates or ():
        yield Found(name, Source.SCOPE, site, depth)


# ---- names


def _names(asked: Asked, *, auto_import: bool) -> Iterator[Found]:
    context = asked.context
    if context.before == "[":
        for key in keys(asked, context.span.start, context.span.end):
            yield Found(key, Source.KEY)
    yield from _arguments(asked)
    for word in keywords(asked.language, begins_statement=context.begins_statement):
        yield Found(word, Source.KEYWORD)
    yield from _scope(asked.ask(lambda lister, at: lister.visible(at.unit, at.scope, at.position)))
    for word in predefined(asked.language):
        yield Found(word, Source.PREDEFINED)
    if auto_import:
        yield from elsewhere(asked)
    for word in sorted(asked.words.bare()):
        yield Found(word, Source.WORD)


def _arguments(asked: Asked) -> Iterator[Found]:
    """Names of arguments that the call has not been given."""
    call = asked.call
    if asked.language not in _KEYWORDED or call is None or call.keyword:
        return
    text, span = asked.document.text, asked.context.span
    before = text[call.callee_end : span.start].rstrip()
    if not before.endswith(("(", ",")):
        return
    given = set(_GIVEN.findall(before))
    mark = "" if text.startswith("=", span.end) else "="
    for called in asked.called:
        n_given = call.n_before - len(given)
        for slot in called.slots[n_given:]:
            if not slot.flags & _NOT_NAMED and slot.name not in given:
                yield Found(f"{slot.name}{mark}", Source.ARGUMENT)


# ---- members


def _members(asked: Asked, guesses: Mapping[str, float]) -> Iterator[Found]:
    context = asked.context
    known = asked.of_expression(
        context.receiver,
        lambda lister, unit, index: lister.members(unit, index),
        context.link,
    )
    yield from _scope(known)
    for word in sorted(asked.words.after(context.owner)):
        yield Found(word, Source.WORD)
    if context.owner in SELVES:
        yield from _assigned(asked)
    # Who types what no known member is called like knows better.
    fit = fitter(context.typed)
    is_known = known and (not context.typed or any(fit(each.name) < NO for each in known))
    if not is_known or context.typed:
        for word in sorted(asked.words.members()):
            yield Found(word, Source.WORD)
    for word in guesses:
        if word.isidentifier():
            yield Found(word, Source.GUESS)
    if not is_known:
        yield from _likely_members(asked)


def _likely_members(asked: Asked) -> Iterator[Found]:
    """Members of the commonest types, and of those of the workspace."""
    for literal in _LIKELY.get(asked.language, ()):
        likely = asked.of_expression(
            literal, lambda lister, unit, index: lister.members(unit, index)
        )
        for candidate in likely or ():
            yield Found(candidate.name, Source.GUESS, candidate.site, candidate.depth)
    typed = asked.context.typed
    if len(typed) >= _FEWEST_TYPED:
        for index in asked.base.indexes:
            rows = graph.symbols_with_prefix(index.connection, typed, _MOST_ROWS)
            for name in sorted({row.name for row in rows if row.container}):
                yield Found(name, Source.GUESS)


def _assigned(asked: Asked) -> Iterator[Found]:
    """Parameters of the function around: `self.name = name` is how attributes begin."""
    at = asked.standing
    for name, entry in at.unit.names[at.scope].items() if at is not None else ():
        if at is not None and at.unit.definitions[entry[0]].kind == Kind.PARAMETER:
            yield Found(name, Source.PARAMETER)


# ---- inside of imports


def _modules(asked: Asked) -> Iterator[Found]:
    context = asked.context
    found = asked.ask(lambda lister, at: lister.modules(at.unit, context.dotted, context.level))
    for name in found or ():
        yield Found(name, Source.MODULE)


def _imported(asked: Asked) -> Iterator[Found]:
    context = asked.context
    yield from _scope(
        asked.ask(lambda lister, at: lister.exported(at.unit, context.dotted, context.level))
    )
    if asked.language == "python":
        yield from _modules(asked)
