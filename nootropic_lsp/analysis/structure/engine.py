"""All structural findings of one text, and after a key only those of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any, NamedTuple

from tree_sitter import Node

from nootropic_lsp.analysis.rulebook import Rule, family_of, rules
from nootropic_lsp.analysis.structure.members import Member, Members, Names
from nootropic_lsp.analysis.structure.plan import Found, Plan
from nootropic_lsp.analysis.structure.sight import Sight, outside
from nootropic_lsp.analysis.testing import has_tests, is_test
from nootropic_lsp.core.findings import Finding, Fix
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.index.offsets import code_point_table

# A file of generated code must not bury all others.
MOST_FINDINGS = 10_000
# Rules live as long as their plan does, so that none can take the place of another one.
_plans: dict[tuple[str, tuple[int, ...]], tuple[Plan, list[Rule]]] = {}


class _Entry(NamedTuple):
    """What was found in a member, in bytes from its start, and what it was told of the file.

    `top` and `fields` are the names for which that was last seen to hold.
    """

    found: tuple[Found, ...]
    asked: dict[str, Any]
    top: Names
    fields: Names


class Kept:
    """What is kept of one open text from key to key. It belongs to one language."""

    def __init__(self) -> None:
        # An editor asks on several threads, perhaps about several versions.
        self.lock = Lock()
        self.plan: Plan | None = None
        self.members: Members | None = None
        self.entries: dict[bytes, _Entry] = {}


def structural(
    root: Node,
    data: bytes,
    language: str,
    *,
    selected: Iterable[Rule] | None = None,
    kept: Kept | None = None,
    path: str = "",
) -> list[Finding]:
    """The findings of the structural rules in a text, in order.

    `selected` are the rules to use; without them, all that are shown unasked. Whoever asks again after an edit
    passes the same `kept`. `path` tells whether it is a test; inside the workspace only.
    """
    if family_of(language) is None:
        return []
    if selected is None:
        selected = [rule for rule in rules().values() if rule.is_shown]
    plan = plan_for(language, selected)
    kept = kept or Kept()
    in_test = is_test(path) and has_tests(data.decode("utf-8", "replace"))
    with kept.lock:
        if kept.plan is not plan or kept.members is None:
            kept.plan, kept.entries = plan, {}
            kept.members = Members(plan.kinds, language)
        found = sorted(_found(root, data, plan, kept, in_test), key=_place)[:MOST_FINDINGS]
    table = None if data.isascii() or not found else code_point_table(data)
    return [_finding(each, plan.kinds.family, table) for each in found]


def plan_for(language: str, chosen: Iterable[Rule]) -> Plan:
    """The rules made ready for a language; made once."""
    family = family_of(language)
    usable = [
        rule
        for rule in chosen
        if (part := rule.languages.get(family or "")) is not None and part.is_structural
    ]
    key = language, tuple(map(id, usable))
    if key not in _plans:
        _plans[key] = Plan(language, usable), usable
    return _plans[key][0]


def _found(root: Node, data: bytes, plan: Plan, kept: Kept, in_test: bool) -> Iterator[Found]:
    assert kept.members is not None
    top, members = kept.members.split(root, data)
    entries: dict[bytes, _Entry] = {}
    for member in members:
        start = member.node.start_byte
        key = data[start : member.node.end_byte]
        entry = entries.get(key) or kept.entries.get(key)
        if entry is None or not (
            (entry.top is top and entry.fields is member.fields)
            or _still_true(entry.asked, top, member.fields)
        ):
            entry = _looked_at(member, top, data, plan, in_test)
        if entry.top is not top or entry.fields is not member.fields:
            entry = entry._replace(top=top, fields=member.fields)
        entries[key] = entry
        for rule, hit in entry.found:
            yield Found(rule, _moved(hit, start))
    kept.entries = entries


def _still_true(asked: dict[str, Any], top: Names, fields: Names) -> bool:
    return all(outside(question, top, fields) == answer for question, answer in asked.items())


def _looked_at(member: Member, top: Names, data: bytes, plan: Plan, in_test: bool) -> _Entry:
    sight = Sight(member, top, data, plan.kinds, plan.language, in_test=in_test)
    start = member.node.start_byte
    has_error = member.node.has_error
    found = []
    seen = set()
    for each in plan.look(sight):
        hit = each.hit
        key = each.rule.code, hit.start, hit.end
        # What lies outside is not known again by the member's text.
        if hit.start < start or hit.end > member.node.end_byte or key in seen:
            continue
        if not (has_error and _is_in_error(member.node, hit.start, hit.end)):
            seen.add(key)
            found.append(Found(each.rule, _moved(hit, -start)))
    return _Entry(tuple(found), sight.asked, top, member.fields)


def _is_in_error(top: Node, start: int, end: int) -> bool:
    """Whether a place belongs to what could not be read, or has such in it."""
    node = top.descendant_for_byte_range(start, end)
    if node is None or node.has_error:
        return True
    at: Node | None = top
    while at is not None and at.id != node.id:
        if at.is_error:
            return True
        at = at.child_with_descendant(node)
    return False


def _moved(hit: Any, by: int) -> Any:
    return hit._replace(
        start=hit.start + by,
        end=hit.end + by,
        changes=tuple(
            each._replace(start=each.start + by, end=each.end + by) for each in hit.changes
        ),
    )


def _place(found: Found) -> tuple[int, int, str]:
    return found.hit.start, found.hit.end, found.rule.code


def _finding(found: Found, family: str, table: list[int] | None) -> Finding:
    rule, hit = found

    def span(start: int, end: int) -> Span:
        return Span(start, end) if table is None else Span(table[start], table[end])

    fix = None
    if hit.changes:
        edits = tuple(Edit(span(each.start, each.end), each.text) for each in hit.changes)
        repair = rule.languages[family].fix
        is_safe = hit.is_safe if repair is None or hit.is_safe is not None else repair.safe
        fix = Fix(hit.title, edits, bool(is_safe))
    return Finding(
        span(hit.start, hit.end),
        rule.code,
        hit.message or rule.languages[family].message or rule.title,
        rule.severity,
        tags=rule.tags,
        fix=fix,
    )
