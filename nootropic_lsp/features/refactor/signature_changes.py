"""Small changes of a signature, as a cursor in it invites them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nootropic_lsp.features.refactor.change_signature import changeable
from nootropic_lsp.features.refactor.parameters import Parameter, Written
from nootropic_lsp.features.refactor.source import Source, free_name
from nootropic_lsp.index.nodes import Node


@dataclass(frozen=True)
class SignatureChange:
    """New parameters for the function that is named at `start`; `new` is one that it adds."""

    title: str
    start: int
    parameters: tuple[Parameter, ...]
    new: str = ""


def signature_changes(source: Source, function: Node, offset: int) -> Iterator[SignatureChange]:
    """What can be done to the parameters of a function with the cursor in its head."""
    name, holder = function.child("name"), function.child("parameters")
    written = changeable(source, name.start) if name is not None else None
    if name is None or holder is None or written is None:
        return
    start = name.start
    kept = [Parameter(each.name, each.name) for each in written]
    at = next(
        (n for n, each in enumerate(written) if each.node.start <= offset <= each.node.end), -1
    )
    if at >= 0 and written[at].is_plain:
        shown = written[at].name
        if not _is_used(source, start, shown):
            rest = (*kept[:at], *kept[at + 1 :])
            yield SignatureChange(f"Remove unused parameter {shown}", start, rest)
        for title, other in (("left", at - 1), ("right", at + 1)):
            if 0 <= other < len(written) and _may_swap(written[at], written[other]):
                yield SignatureChange(
                    f"Move parameter {shown} {title}", start, _swapped(kept, at, other)
                )
    if offset <= name.end or holder.start <= offset <= holder.end:
        last = len(kept) - (bool(kept) and kept[-1].name.startswith("**"))
        new = free_name("parameter", _names_in(source, function))
        added = Parameter(new, default="None")
        yield SignatureChange("Add a parameter", start, (*kept[:last], added, *kept[last:]), new)


def _is_used(source: Source, start: int, name: str) -> bool:
    definition = source.unit.definitions[source.unit.definition_at(start)]
    return len(source.variables.of((definition.body, name))) > 1


def _may_swap(one: Written, other: Written) -> bool:
    """Whether two neighbours can change places: behind a default, all need one."""
    return other.is_plain and (one.is_keyword_only or one.has_default == other.has_default)


def _swapped(kept: Sequence[Parameter], one: int, other: int) -> tuple[Parameter, ...]:
    found = list(kept)
    found[one], found[other] = found[other], found[one]
    return tuple(found)


def _names_in(source: Source, function: Node) -> set[str]:
    return {each.name for each in source.variables.between(function.start, function.end)}
