"""Rules that several languages share; like those of a language they come after its compounds."""

from __future__ import annotations

from collections.abc import Callable

from nootropic_lsp.index.facts import Role
from nootropic_lsp.index.languages.queries.compounds import called
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.vocabulary import Captures


def _method(reading: Reading, captures: Captures) -> None:
    """`object.name(...)`."""
    receiver = reading.value_of(captures["receiver"][0])
    callee = reading.member(captures["name"][0], receiver, Role.CALL)
    if callee >= 0:
        node = captures["rule.method"][0]
        reading.values[node.byte_range] = called(reading, callee, -1, captures)


def _typed(reading: Reading, captures: Captures) -> None:
    reading.mark_types(reading.value_of(captures["rule.typed"][0]))


def _decorator(reading: Reading, captures: Captures) -> None:
    reading.mark(reading.value_of(captures["rule.decorator"][0]), Role.DECORATOR)


def _ignored(reading: Reading, captures: Captures) -> None:
    reading.unuse(captures["rule.ignored"][0].start_byte)


COMMON: dict[str, Callable[[Reading, Captures], None]] = {
    "method": _method,
    "typed": _typed,
    "decorator": _decorator,
    "ignored": _ignored,
}
