"""Calls with arguments that the function they call does not take."""

from __future__ import annotations

import re

from nootropic_lsp.core.findings import ERROR, Finding, Related
from nootropic_lsp.features.checks.callees import Callee, Callees, is_redefined
from nootropic_lsp.features.checks.code import Code, named
from nootropic_lsp.features.checks.shapes import Given, given_at, misfit
from nootropic_lsp.features.snapshot import Snapshot, place_of
from nootropic_lsp.index.arguments import calls_between
from nootropic_lsp.index.facts import Expression, Kind, Op, Role
from nootropic_lsp.index.mentions import all_aliases, mention
from nootropic_lsp.store import graph

CODE = "wrong-arguments"

_CALLED = (Kind.CLASS, Kind.FUNCTION, Kind.METHOD)
_IMPORT = Kind.IMPORT

_EXPECTED = re.compile(r"[rR]aises|TypeError|suppress|warns|Exception|except\s*:")
_FAILING = re.compile(r"@.*(?:xfail|skip|expectedFailure)", re.IGNORECASE)


def wrong_arguments(code: Code) -> list[Finding]:
    """Calls that fail because of the number or the names of their arguments."""
    unit = code.unit
    if unit.errors:
        return []
    callees = Callees(code)
    names, aliases = _known(code.snapshot)
    own = {each.name for each in unit.definitions if each.kind in _CALLED or each.kind == _IMPORT}
    replaced = {
        expression[3]
        for expression in unit.expressions
        if expression[0] == Op.MEMBER and expression[1] == Role.WRITE
    }
    found = []
    for expression in unit.expressions:
        if expression[0] != Op.CALL or expression[1] < 0:
            continue
        use = unit.expressions[expression[1]]
        if use[0] > Op.MEMBER:
            continue
        if use[3] not in names and use[3] not in own and mention(use[3]) not in aliases:
            continue
        if use[0] == Op.MEMBER and use[3] in replaced:
            continue
        callee = callees.of(expression[1], use)
        if callee is not None and (finding := _finding(code, use, callee)) is not None:
            found.append(finding)
    return found


def _known(snapshot: Snapshot) -> tuple[set[str], set[int]]:
    """The names of what can be called in the workspace, and those that imports give instead."""
    known: tuple[set[str], set[int]] | None = snapshot.noted.get(CODE)
    if known is None:
        names, aliases = set[str](), set[int]()
        for index in snapshot.indexes:
            names.update(graph.names_of_kinds(index.connection, _CALLED))
            aliases |= all_aliases(index.connection)
        known = snapshot.noted[CODE] = names, aliases
    return known


def _finding(code: Code, use: Expression, callee: Callee) -> Finding | None:
    if callee.shape.takes_all:
        return None
    position, name = use[2], use[3]
    end = position + len(name)
    given = given_at(code.text, end)
    if given is None or not misfit(callee.shape, given) or not code.is_at(position, name):
        return None
    given = _surely_given(code, end)
    why = "" if given is None else misfit(callee.shape, given)
    if not why or _is_expected(code, position):
        return None
    if callee.through is not None and is_redefined(code.snapshot, callee.site, callee.through):
        return None
    related = Related(place_of(callee.site), f"`{callee.site.definition.name}` is defined here")
    return Finding(named(position, name), CODE, f"`{name}` {why}", ERROR, (related,))


def _is_expected(code: Code, position: int) -> bool:
    """Whether a call is meant to fail, or its failure is caught."""
    for each in code.around(position):
        if each.kind in ("try", "with", "call") and _EXPECTED.search(each.text):
            return True
        if each.kind in ("function", "class") and _FAILING.search(each.text):
            return True
    return False


def _surely_given(code: Code, end: int) -> Given | None:
    """The arguments of the call whose name ends at an offset, by the syntax tree."""
    if code.tree is None:
        return None
    for call in calls_between(code.tree, end, end):
        if call.callee_end == end:
            starts = [code.text[each.start : each.start + 2] for each in call.arguments]
            return Given(
                sum(not each.keyword and not each.is_spread for each in call.arguments),
                tuple(each.keyword for each in call.arguments if each.keyword),
                any(start[:1] == "*" and start != "**" for start in starts),
                any(start == "**" for start in starts),
            )
    return None
