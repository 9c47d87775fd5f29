"""Rules made ready for one language, so that all of them take one pass over a member."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tree_sitter import Language, Node, Query, QueryCursor, QueryError

from nootropic_lsp.analysis.rulebook import (
    CallPattern,
    QueryPattern,
    Repair,
    Rule,
    RuleFileError,
    family_of,
)
from nootropic_lsp.analysis.structure.checks import (  # noqa: F401 -- they declare themselves
    alike,
    cookies,
    go,
    java,
    javascript,
    python_async,
    python_bugs,
    python_security,
    python_speed,
    python_texts,
    randomness,
    secrets,
)
from nootropic_lsp.analysis.structure.declared import Check, check
from nootropic_lsp.analysis.structure.kinds import KINDS
from nootropic_lsp.analysis.structure.sight import Arguments, Change, Hit, Sight, fits, is_asked_for
from nootropic_lsp.index.languages.registry import LANGUAGES

_LAST = re.compile(rb"[A-Za-z0-9_$]+$")
_MEMBERS = frozenset({"attribute", "member_expression", "selector_expression", "field_access"})
_NO_USES = frozenset(
    {"comparison_operator", "binary_expression", "dotted_name", "aliased_import", "case_pattern"}
)


class Found(NamedTuple):
    """A hit and the rule it is of."""

    rule: Rule
    hit: Hit


class _Call(NamedTuple):
    rule: Rule
    pattern: CallPattern


class _Query(NamedTuple):
    rule: Rule
    pattern: QueryPattern


class _Look(NamedTuple):
    """A query for nodes; by the names of its captures what they are and who looks at them."""

    mentions: bytes
    query: Query
    kinds: dict[str, str]
    checks: dict[str, list[tuple[Rule, Check]]]


class Plan:
    """All rules for one language."""

    def __init__(self, language: str, rules: Iterable[Rule]) -> None:
        family = family_of(language) or ""
        self.kinds = KINDS[family]
        self.language = language
        grammar = LANGUAGES[language].grammar()
        self._calls: dict[str, list[_Call]] = {}
        self._by_word: dict[str, list[tuple[Rule, Check]]] = {}
        # By what a member has to mention, and by the nodes that are looked at.
        self._by_kind: dict[str, dict[str, list[tuple[Rule, Check]]]] = {"": {}}
        self._whole: list[tuple[Rule, Check]] = []
        self._queries: list[_Query] = []
        self._uses: dict[str, list[Rule]] = {}
        sources: list[str] = []
        for rule in rules:
            part = rule.languages.get(family)
            if part is None:
                continue
            for pattern in part.calls:
                for name in pattern.names:
                    last = name.rpartition(".")[2]
                    self._calls.setdefault(last, []).append(_Call(rule, pattern))
            for name in part.uses:
                self._uses.setdefault(name.rpartition(".")[2], []).append(rule)
            for query in part.queries:
                try:
                    count = Query(grammar, query.query).pattern_count
                except QueryError as error:
                    if language == "javascript":
                        continue  # It speaks of types.
                    raise RuleFileError(f"{rule.code}: {error}") from error
                sources.append(query.query)
                self._queries += [_Query(rule, query)] * count
            if part.check:
                self._add_check(rule, family, part.check)
        self._query = Query(grammar, "\n".join(sources)) if sources else None
        words = "|".join(map(re.escape, sorted(self._uses)))
        self._use = re.compile(rf"\b(?:{words})\b".encode()) if words else None
        # What every member is asked for; no check looks at all of these.
        for kind in (*self.kinds.functions, *self.kinds.calls):
            self._by_kind[""].setdefault(kind, [])
        self._looks = [
            _Look(mentions.encode(), *_captures(grammar, by_kind))
            for mentions, by_kind in self._by_kind.items()
        ]
        self._wanted = frozenset({*self._calls, *self._by_word})

    def _add_check(self, rule: Rule, family: str, name: str) -> None:
        found = check.found.get((family, name))
        if found is None:
            raise RuleFileError(f"{rule.code}: there is no check {name!r} for {family}")
        for word in found.words:
            self._by_word.setdefault(word, []).append((rule, found.function))
        for kind in found.kinds:
            if not (found.words and kind in self.kinds.calls):
                by_kind = self._by_kind.setdefault(found.mentions, {})
                by_kind.setdefault(kind, []).append((rule, found.function))
        if not found.kinds:
            self._whole.append((rule, found.function))

    def look(self, sight: Sight) -> Iterator[Found]:
        """What the rules find in a member. In a test, only what makes it wrong matters."""
        for found in self._look(sight):
            if found.rule.pack == "bugs" or not sight.is_test:
                yield found

    def _look(self, sight: Sight) -> Iterator[Found]:
        node = sight.node
        kinds = self.kinds
        calls: list[Node] = []
        for look in self._looks:
            if sight.data.find(look.mentions, node.start_byte, node.end_byte) < 0:
                continue
            found = QueryCursor(look.query).captures(node)
            if not look.mentions:
                told = [(look.kinds[name], nodes) for name, nodes in found.items()]
                sight.function_nodes = tuple(
                    each for kind, nodes in told if kind in kinds.functions for each in nodes
                )
                calls = [each for kind, nodes in told if kind in kinds.calls for each in nodes]
            for name, nodes in found.items():
                for rule, function in look.checks[name]:
                    for each in {each.id: each for each in nodes}.values():
                        for hit in function(sight, each):
                            yield Found(rule, hit)
        for each in calls:
            yield from self._look_at_call(sight, each)
        yield from self._look_at_uses(sight)
        if self._query is not None:
            yield from self._look_at_queries(sight, self._query)
        for rule, function in self._whole:
            for hit in function(sight, sight.node):
                yield Found(rule, hit)

    def _look_at_call(self, sight: Sight, node: Node) -> Iterator[Found]:
        callee: str | None = None
        word = self._last_word(sight, node)
        for rule, function in self._by_word.get(word, ()):
            for hit in function(sight, node):
                yield Found(rule, hit)
        for rule, pattern in self._calls.get(word, ()):
            callee = sight.callee(node) if callee is None else callee
            if any(sight.matches(name, callee) for name in pattern.names) and (
                not pattern.imports or any(map(sight.imports, pattern.imports))
            ):
                arguments = sight.arguments(node)
                if _holds(pattern, arguments) and not _is_for(pattern, sight, node):
                    fix = pattern.fix or rule.languages[self.kinds.family].fix
                    yield Found(rule, _call_hit(pattern, fix, arguments, node))

    def _last_word(self, sight: Sight, call: Node) -> str:
        called = self.kinds.function(call) or (
            call.child_by_field_name("name") or call.child_by_field_name("type")
        )
        if called is None:
            return ""
        found = _LAST.search(
            sight.data[max(called.start_byte, called.end_byte - 80) : called.end_byte]
        )
        word = found[0].decode() if found else ""
        if called.type != "identifier" or word in self._calls or word in self._by_word:
            return word
        # `from hashlib import md5 as m`
        name = sight.name(called) if sight.may_rename(word, self._wanted) else word
        return name.rpartition(".")[2]

    def _look_at_uses(self, sight: Sight) -> Iterator[Found]:
        if self._use is None:
            return
        start = sight.node.start_byte
        for found in self._use.finditer(sight.data, start, sight.node.end_byte):
            node = sight.node.descendant_for_byte_range(found.start(), found.end())
            if node is None or not node.type.endswith("identifier"):
                continue
            whole = next(sight.ancestors(node), None)
            if whole is not None and whole.type in _MEMBERS and whole.end_byte == node.end_byte:
                node, whole = whole, next(sight.ancestors(whole), None)
            # Who compares with it may do so in order to refuse it.
            if whole is not None and (
                whole.type in _NO_USES | self.kinds.imports or _is_one_of_many(whole, node, sight)
            ):
                continue
            if is_asked_for(sight, node):
                continue
            name = sight.name(node)
            for rule in self._uses[found[0].decode()]:
                if any(sight.matches(each, name) for each in self._names_of(rule)):
                    yield Found(rule, Hit(node.start_byte, node.end_byte))

    def _names_of(self, rule: Rule) -> tuple[str, ...]:
        return rule.languages[self.kinds.family].uses

    def _look_at_queries(self, sight: Sight, query: Query) -> Iterator[Found]:
        for index, captures in QueryCursor(query).matches(sight.node):
            rule, pattern = self._queries[index]
            here = captures.get("here")
            if here and all(
                sight.text(captures[one][0]) == sight.text(captures[other][0])
                for one, other in pattern.equal
            ):
                fix = pattern.fix or rule.languages[self.kinds.family].fix
                changes: tuple[Change, ...] = ()
                if fix is not None and fix.replace is not None:
                    whole = captures.get("replace", here)[0]
                    texts = {name: sight.text(nodes[0]) for name, nodes in captures.items()}
                    changes = (
                        Change(whole.start_byte, whole.end_byte, _filled(fix.replace, texts)),
                    )
                hit = Hit(here[0].start_byte, here[-1].end_byte, pattern.message, changes)
                yield Found(rule, _with_fix(hit, fix))


def _captures(
    grammar: Language, by_kind: Mapping[str, list[tuple[Rule, Check]]]
) -> tuple[Query, dict[str, str], dict[str, list[tuple[Rule, Check]]]]:
    """A query for some nodes, each told by its kind or a query for it."""
    patterns: list[str] = []
    kinds: dict[str, str] = {}
    checks: dict[str, list[tuple[Rule, Check]]] = {}
    for kind, those in sorted(by_kind.items()):
        if kind.startswith("(") or grammar.id_for_node_kind(kind, True):
            name = f"here{len(checks)}"
            pattern = kind if kind.startswith("(") else f"({kind}) @here"
            patterns.append(pattern.replace("@here", f"@{name}"))
            kinds[name], checks[name] = kind, those
    return Query(grammar, "\n".join(patterns)), kinds, checks


def _is_one_of_many(pair: Node, value: Node, sight: Sight) -> bool:
    """Whether a table has it beside others of its kind, for somebody else to choose from."""
    table = pair.parent
    if pair.type != "pair" or table is None:
        return False
    kind = re.match(r"(?:\w+\.)+|[A-Z]+_|", sight.text(value))
    others = [each.child_by_field_name("value") for each in table.named_children]
    return kind is not None and sum(
        sight.text(other).startswith(kind[0]) for other in others if other is not None
    ) > 1  # fmt: skip


def _is_for(pattern: CallPattern, sight: Sight, call: Node) -> bool:
    """Whether names around a call say that it is for something harmless."""
    if not pattern.unless_for:
        return False
    function = sight.function_of(call)
    name = sight.text(function.child_by_field_name("name")) if function is not None else ""
    line = sight.data.rfind(b"\n", 0, call.start_byte) + 1
    said = sight.data[line : call.end_byte].decode("utf-8", "replace")
    return re.search(pattern.unless_for, f"{name}\n{said}", re.IGNORECASE) is not None


def _holds(pattern: CallPattern, arguments: Arguments) -> bool:
    return all(
        fits(arguments.value(which), wanted) is True for which, wanted in pattern.where.items()
    ) and all(
        fits(arguments.value(which), wanted) is False for which, wanted in pattern.unless.items()
    )


def _call_hit(pattern: CallPattern, fix: Repair | None, arguments: Arguments, node: Node) -> Hit:
    hit = Hit(node.start_byte, node.end_byte, pattern.message)
    if fix is None or fix.replace is None:
        return hit
    sight = arguments.sight
    changes: tuple[Change, ...]
    if fix.at == "function":
        called = sight.kinds.function(node)
        target = None if called is None else sight.kinds.member(called)[1] or called
        # An imported name would need another import.
        if target is None or target is called:
            return hit
        changes = (Change(target.start_byte, target.end_byte, fix.replace),)
    else:
        value = arguments.node(fix.at)
        if value is None:
            return hit
        changes = (
            (Change(value.start_byte, value.end_byte, fix.replace),)
            if fix.replace
            else removed_argument(value, sight.data)
        )
    return _with_fix(hit._replace(changes=changes), fix)


def removed_argument(value: Node, data: bytes) -> tuple[Change, ...]:
    """An argument taken out, with its keyword and one of the commas beside it."""
    argument = value.parent if value.parent and value.parent.type == "keyword_argument" else value
    start, end = argument.start_byte, argument.end_byte
    before, after = argument.prev_sibling, argument.next_sibling
    if before is not None and before.type == ",":
        start = before.start_byte
    elif after is not None and after.type == ",":
        end = after.end_byte
        while data[end : end + 1] == b" ":
            end += 1
    return (Change(start, end, ""),)


def _with_fix(hit: Hit, fix: Repair | None) -> Hit:
    return hit if fix is None else hit._replace(title=fix.title, is_safe=fix.safe)


def _filled(template: str, texts: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: texts.get(found[1], found[0]), template)
