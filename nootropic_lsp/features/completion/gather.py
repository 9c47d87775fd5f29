"""Everything that may be written at a cursor, in no order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import SELVES, At
from nootropic_lsp.features.completion.elsewhere import elsewhere
from nootropic_lsp.features.completion.expected import choices, expected, members_of_enum
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.keywords import keywords, predefined
from nootropic_lsp.features.completion.literals import keys, literals
from nootropic_lsp.features.completion.matching import NO, fitter
from nootropic_lsp.features.completion.modules import imported, modules
from nootropic_lsp.features.completion.overriding import overridable
from nootropic_lsp.features.completion.properties import properties
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
# The token model goes on for long, but what comes late is not read.
_MOST_GUESSED = 60
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
            found = modules(asked)
        case At.IMPORTED:
            found = imported(asked, guesses)
        case At.METHOD:
            found = overridable(asked)
        case At.TEXT:
            found = (Found(text, Source.TEXT) for text in literals(asked))
        case _:
            found = iter(())
    return list(_fitting(found, asked.context.typed))


def _fitting(found: Iterable[Found], typed: str) -> Iterator[Found]:
    seen: set[tuple[str, bool]] = set()
    for each in _of_letters(found, typed) if typed else found:
        shown = (each.name, each.source == Source.KEY)
        if shown not in seen:
            seen.add(shown)
            yield each


def _of_letters(found: Iterable[Found], typed: str) -> list[Found]:
    fit = fitter(typed)
    return [each for each in found if fit(each.name) != NO]


def _scope(candidates: Sequence[Candidate] | None) -> Iterator[Found]:
    for name, site, depth in candidates or ():
        yield Found(name, Source.SCOPE, site, depth)


# ---- names


def _names(asked: Asked, *, auto_import: bool) -> Iterator[Found]:
    yield from asked.once("names", lambda: list(_certain_names(asked)))
    if auto_import:
        yield from elsewhere(asked)
    yield from asked.once("words", lambda: _words(asked.words.bare()))


def _certain_names(asked: Asked) -> Iterator[Found]:
    context = asked.context
    if context.before == "[":
        for key in keys(asked, context.span.start, context.span.end):
            yield Found(key, Source.KEY)
    yield from properties(asked)
    wanted = choices(asked, expected(asked, context.span.start))
    for text in wanted.texts:
        yield Found(text, Source.KEY)
    yield from _arguments(asked)
    for word in keywords(asked.language, begins_statement=context.begins_statement):
        yield Found(word, Source.KEYWORD)
    visible = asked.ask(lambda lister, at: lister.visible(at.unit, at.scope, at.position)) or ()
    for enum in wanted.enums:
        name = enum.definition.name
        if any(each.name == name for each in visible):
            for member, site in members_of_enum(enum):
                yield Found(f"{name}.{member}", Source.EXPECTED, site)
    yield from _scope(visible)
    for word in predefined(asked.language):
        yield Found(word, Source.PREDEFINED)


def _words(words: Iterable[str]) -> list[Found]:
    return [Found(word, Source.WORD) for word in sorted(words)]


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
    typed = asked.context.typed
    known = asked.once("members", lambda: list(_scope(_known_members(asked))))
    yield from known
    yield from asked.once("used", lambda: list(_used_members(asked)))
    # Who types what no known member is called like knows better.
    fit = fitter(typed)
    is_known = known and (not typed or any(fit(each.name) < NO for each in known))
    if not is_known or typed:
        yield from asked.once("words", lambda: _words(asked.words.members()))
    likely = (word for word in guesses if word.isidentifier() and (not typed or fit(word) < NO))
    for word in islice(likely, _MOST_GUESSED):
        yield Found(word, Source.GUESS)
    if not is_known:
        yield from asked.once("likely", lambda: list(_likely_members(asked)))
        yield from _members_anywhere(asked)


def _known_members(asked: Asked) -> Sequence[Candidate] | None:
    context = asked.context
    return asked.of_expression(
        context.receiver, lambda lister, unit, index: lister.members(unit, index), context.link
    )


def _used_members(asked: Asked) -> Iterator[Found]:
    owner = asked.context.owner
    yield from _words(asked.words.after(owner))
    if owner in SELVES:
        yield from _assigned(asked)


def _likely_members(asked: Asked) -> Iterator[Found]:
    """Members of the commonest types."""
    for literal in _LIKELY.get(asked.language, ()):
        likely = asked.of_expression(
            literal, lambda lister, unit, index: lister.members(unit, index)
        )
        for candidate in likely or ():
            yield Found(candidate.name, Source.GUESS, candidate.site, candidate.depth)


def _members_anywhere(asked: Asked) -> Iterator[Found]:
    """Members of any type of the workspace that begin as typed."""
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
