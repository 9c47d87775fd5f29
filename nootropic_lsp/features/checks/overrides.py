"""Methods that cannot take what those give who call the method that they override."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.core.findings import WARNING, Finding, Related
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features import lineage
from nootropic_lsp.features.checks.callees import keeps_signature
from nootropic_lsp.features.checks.code import Code, named
from nootropic_lsp.features.checks.shapes import Shape, given_at, misfit, shape_of
from nootropic_lsp.features.references import uses_of
from nootropic_lsp.features.snapshot import place_of, text_of
from nootropic_lsp.index.edges import unpack
from nootropic_lsp.index.facts import Flag, Kind, Role
from nootropic_lsp.index.units import Site

CODE = "incompatible-override"

# What tests put in the place of a method is called by them alone.
_TESTS = re.compile(r"/(?:tests?|testing|t)/|/test_[^/]*$")
_KINDS = Flag.STATIC | Flag.CLASS_METHOD | Flag.PROPERTY | Flag.ASYNC
# So many calls of a method are looked at.
_MOST_CALLS = 500


def incompatible_overrides(code: Code) -> list[Finding]:
    """Methods that some call of the overridden one does not fit."""
    if code.unit.errors or _TESTS.search(code.path):
        return []
    found = []
    for method, overridden in _pairs(code):
        shape, other = _bound(method), _bound(overridden)
        if shape is None or other is None or other.takes_any_name or not _is_narrower(shape, other):
            continue
        call = next(_failing(code, overridden, shape), None)
        if call is not None:
            place, why = call
            name = method.definition.name
            related = (
                Related(place, "this call would fail"),
                Related(place_of(overridden), f"the `{name}` that is overridden"),
            )
            message = f"`{name}` cannot be called like the one it overrides: it {why}"
            span = named(method.definition.start, name)
            found.append(Finding(span, CODE, message, WARNING, related))
    return found


def _pairs(code: Code) -> Iterator[tuple[Site, Site]]:
    """The public methods of this file, each with the nearest one that it overrides."""
    unit = code.unit
    for index, definition in enumerate(unit.definitions):
        if definition.kind != Kind.CLASS or not definition.related or definition.body < 0:
            continue
        names = unit.names[definition.body]
        methods = [
            Site(unit, entry[0])
            for name, entry in names.items()
            if not name.startswith("_") and len(entry) == 1
        ]
        methods = [
            each
            for each in methods
            if each.definition.kind == Kind.METHOD and keeps_signature(each)
        ]
        if not methods:
            continue
        ancestors = lineage.ancestors(code.snapshot, Site(unit, index))
        for method in methods:
            overridden = _overridden(code, ancestors, method)
            if overridden is not None:
                yield method, overridden


def _overridden(code: Code, ancestors: list[Site], method: Site) -> Site | None:
    name = method.definition.name
    for each in ancestors:
        entry = lineage.members(code.snapshot, each, name)
        if entry:
            site = entry[0]
            is_alike = site.definition.kind == Kind.METHOD and len(entry) == 1
            if not is_alike or not code.is_ours(site.unit.path) or not keeps_signature(site):
                return None
            return site if not (site.definition.flags ^ method.definition.flags) & _KINDS else None
    return None


def _bound(method: Site) -> Shape | None:
    shape = shape_of(method)
    return shape if method.definition.flags & Flag.STATIC else shape.bound()


def _is_narrower(shape: Shape, other: Shape) -> bool:
    """Whether there are calls that fit the overridden method only."""
    if shape.takes_more and shape.takes_any_name:
        return False
    if other.required >= shape.required and (
        shape.takes_more or len(shape.by_place) >= len(other.by_place)
    ):
        names = {*other.by_name, *other.by_place[other.n_nameless :]}
        return not shape.takes_any_name and not names <= {*shape.by_name, *shape.by_place}
    return True


def _failing(code: Code, overridden: Site, shape: Shape) -> Iterator[tuple[Place, str]]:
    """The calls of a method that another one would not take."""
    snapshot = code.snapshot
    n_calls = 0
    for path, uses in uses_of(snapshot, overridden):
        text = ""
        for packed, _ in uses:
            position, length, role = unpack(packed)
            if role != Role.CALL:
                continue
            n_calls += 1
            if n_calls > _MOST_CALLS:
                return
            text = text or text_of(snapshot, path)
            if _is_on_itself(text, position):
                continue
            given = given_at(text, position + length)
            why = misfit(shape, given) if given is not None else ""
            if why:
                yield Place(path, Span(position, position + length)), why


def _is_on_itself(text: str, position: int) -> bool:
    """Whether a method is called by way of `super()` or of its class, which fits it alone."""
    line = text[text.rfind("\n", 0, position) + 1 : position]
    receiver = line.rstrip(". \t").rpartition(" ")[2]
    return receiver.endswith("super()") or receiver[:1].isupper()
