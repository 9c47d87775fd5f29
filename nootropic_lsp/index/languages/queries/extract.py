"""From a syntax tree to the facts of one file, by the queries of its language."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import NamedTuple, cast

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from nootropic_lsp.index.facts import Facts, Op, ScopeKind
from nootropic_lsp.index.languages.broken import less_broken
from nootropic_lsp.index.languages.queries.common import COMMON
from nootropic_lsp.index.languages.queries.compounds import COMPOUNDS
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import (
    FUNCTIONS,
    KINDS,
    REFERENCES,
    TYPES,
    Captures,
)
from nootropic_lsp.index.offsets import to_code_points

_LANGUAGES = "nootropic_lsp.index.languages"
_COMMENT = re.compile(r";[^\n]*|\"(?:[^\"\\]|\\.)*\"")
_CAPTURE = re.compile(r"@([\w.]+)")
# Patterns that wait for a later sibling: with 10,000 open ones every node would look at all.
_MOST_OPEN = 2_000


_Handler = Callable[[Reading, Captures], int | None]
_Compound = tuple[int, int, int, _Handler, Captures]


class _Pattern(NamedTuple):
    """What a pattern is about: its main capture and what is done with it."""

    shape: str
    key: str


class _Compiled(NamedTuple):
    query: Query
    patterns: list[_Pattern]
    syntax: Syntax


def extract(root: Node, data: bytes, language: str) -> Facts:
    """The facts of the file whose syntax tree is `root` and whose UTF-8 text is `data`."""
    query, patterns, syntax = _compiled(language)
    broken = root.has_error
    root = _readable(root, data, language, syntax)
    buckets: list[list[Captures]] = [[] for _ in patterns]
    for index, captures in QueryCursor(query, match_limit=_MOST_OPEN).matches(root):
        buckets[index].append(captures)
    reading = Reading(
        data,
        comments=syntax.comments,
        constructors=syntax.constructors,
        rebinds=syntax.rebinds,
        text_type=syntax.text_type,
    )
    _open(reading, patterns, buckets)
    compounds = _compounds(reading, patterns, buckets, syntax)
    for (shape, key), matches in zip(patterns, buckets, strict=True):
        if shape == "reference" and key != "reference" and matches:
            reading.references(matches, key, REFERENCES[key])
    for (_, key), matches in zip(patterns, buckets, strict=True):
        if key == "reference" and matches:
            reading.references(matches, key, REFERENCES[key])
    values = reading.values
    for end, negative_start, _, handler, captures in compounds:
        value = handler(reading, captures)
        if value is not None and value >= 0:
            values[-negative_start, end] = value
    for (shape, key), matches in zip(patterns, buckets, strict=True):
        if shape == "definition":
            kind = key.partition(".")[2]
            for captures in matches:
                reading.definition((kind, captures[key][0], captures))
    if broken and syntax.mend is not None:
        syntax.mend(reading)
    definitions = reading.finish()
    if syntax.finish is not None:
        syntax.finish(reading, definitions)
    facts = Facts(
        language,
        reading.scopes,
        definitions,
        reading.expressions,
        stars=reading.stars,
        errors=int(broken),
    )
    return facts if data.isascii() else to_code_points(facts, data)


def _readable(root: Node, data: bytes, language: str, syntax: Syntax) -> Node:
    """The tree, or one of a text that the grammar reads better."""
    if syntax.prepare is not None:
        prepared = syntax.prepare(data)
        if prepared != data:
            data = prepared
            root = Parser(_grammar(language)).parse(data).root_node
    if syntax.repair is not None:
        root = less_broken(root, data, _grammar(language), syntax.repair)
    return root


def _open(reading: Reading, patterns: list[_Pattern], buckets: list[list[Captures]]) -> None:
    """Open the scopes of all definitions and blocks."""
    wanted: list[tuple[int, int, int]] = []
    kinds: dict[tuple[int, int, int], int] = {}
    for (shape, key), matches in zip(patterns, buckets, strict=True):
        if shape == "definition":
            kind = key.partition(".")[2]
            if kind not in FUNCTIONS and kind not in TYPES:
                continue
            scope_kind = ScopeKind.FUNCTION if kind in FUNCTIONS else ScopeKind.CLASS
            for captures in matches:
                if kind in FUNCTIONS or "body" in captures:
                    start, end = captures[key][0].byte_range
                    wanted.append((start, -end, scope_kind))
                    kinds[start, end, scope_kind] = KINDS[kind]
        elif shape == "scope":
            scope_kind = ScopeKind.FUNCTION if key == "scope.function" else ScopeKind.BLOCK
            for captures in matches:
                start, end = captures[key][0].byte_range
                wanted.append((start, -end, scope_kind))
    reading.open_scopes(wanted)
    for (_, key), matches in zip(patterns, buckets, strict=True):
        if key == "definition.nameless":
            for captures in matches:
                span = captures[key][0].byte_range
                body = reading.bodies.get((*span, ScopeKind.CLASS))
                if body is not None:
                    reading.values[span] = reading.add(Op.OBJECT, body)
    reading.owner_kinds = {
        scope: kinds[span] for span, scope in reading.bodies.items() if span in kinds
    }


def _compounds(
    reading: Reading, patterns: list[_Pattern], buckets: list[list[Captures]], syntax: Syntax
) -> list[_Compound]:
    """All that is made of other values, inner before outer, and the names that this takes."""
    compounds: list[_Compound] = []
    taken = reading.taken
    n_compounds = 0
    for (shape, key), matches in zip(patterns, buckets, strict=True):
        if shape in ("reference", "scope") or not matches:
            continue
        if shape in ("definition", "member", "keyword", "import"):
            for captures in matches:
                for name in captures.get("name", ()):
                    taken.add(name.start_byte)
            if shape == "definition":
                continue
        # Rules look at the values of the nodes that they are given, so they come after them.
        order = n_compounds if shape in COMPOUNDS else n_compounds + (1 << 40)
        handler = COMPOUNDS.get(shape) or _rule(shape.removeprefix("rule."), syntax)
        for captures in matches:
            start, end = captures[key][0].byte_range
            compounds.append((end, -start, order, handler, captures))
            order += 1
        n_compounds += len(matches)
    compounds.sort()  # by their first three parts, which no two have in common
    return compounds


@cache
def _compiled(language: str) -> _Compiled:
    syntax = cast("Syntax", import_module(f"{_LANGUAGES}.{language}.syntax").SYNTAX)
    source = "\n".join(
        (files(_LANGUAGES) / name).read_text(encoding="utf-8") for name in syntax.queries
    )
    query = Query(_grammar(language), source)
    encoded = source.encode()
    patterns = []
    for index in range(query.pattern_count):
        start, end = query.start_byte_for_pattern(index), query.end_byte_for_pattern(index)
        names = _CAPTURE.findall(_COMMENT.sub("", encoded[start:end].decode()))
        patterns.append(_pattern(names, syntax))
    return _Compiled(query, patterns, syntax)


def _pattern(names: list[str], syntax: Syntax) -> _Pattern:
    for name in names:
        head, _, tail = name.partition(".")
        if head in ("definition", "scope", "reference"):
            return _Pattern(head, name)
        if head == "rule":
            _rule(tail, syntax)
            return _Pattern(name, name)
    for name in names:
        if name in COMPOUNDS:
            return _Pattern(name, name)
    raise LookupError(f"a pattern says nothing: {names}")


def _rule(name: str, syntax: Syntax) -> _Handler:
    found = syntax.rules.get(name) or COMMON.get(name)
    if found is None:
        raise LookupError(f"no rule is called {name!r}")
    return found


def _grammar(language: str) -> Language:
    registry = import_module(f"{_LANGUAGES}.registry")
    grammar: Callable[[], Language] = registry.LANGUAGES[language].grammar
    return grammar()
