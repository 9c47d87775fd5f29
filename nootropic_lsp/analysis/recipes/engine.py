"""Applies a recipe to one text, step by step."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import CODEMODS, Around, loaded
from nootropic_lsp.analysis.recipes.pattern import Pattern, compiled
from nootropic_lsp.analysis.recipes.steps import (
    Condition,
    ImportsStep,
    PatternStep,
    QueryStep,
    Recipe,
    Step,
    TransformStep,
)
from nootropic_lsp.analysis.recipes.template import Template
from nootropic_lsp.analysis.recipes.tree import (
    Change,
    Replacement,
    Rewriter,
    Source,
    parse,
    replaced,
    walk,
)
from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.index.languages.registry import LANGUAGES

if TYPE_CHECKING:
    from tree_sitter import Node

_LONE_FEED = re.compile(r"(?<!\r)\n")
# What the caller does for a step that needs more than one text, such as imports.
Elsewhere = Callable[[Step, Source], Change]
# Whether a regular expression of the recipe's author matches anywhere in a text.
Finds = Callable[[re.Pattern[str], str], bool]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text after a recipe. `n_changes` counts replacements."""

    data: bytes
    n_changes: int = 0
    notes: list[str] = field(default_factory=list)


def may_apply(recipe: Recipe, language: str, data: bytes) -> bool:
    """Whether any step could find something, by the words that it looks for."""
    return any(_may_apply(step, language, data) for step in recipe.steps)


def rewritten(
    recipe: Recipe,
    path: str,
    relative: str,
    language: str,
    data: bytes,
    *,
    around: Around,
    elsewhere: Elsewhere,
    finds: Finds,
) -> Rewritten:
    """Apply a recipe to a text. Raises `RefusedError` if it has to be left as it is."""
    source = parse(path, language, data)
    if source.root.has_error:
        raise RefusedError("it has syntax errors")
    notes: list[str] = []
    n_changes = 0
    for step in recipe.steps:
        if not fits(relative, step.files):
            continue
        if isinstance(step, ImportsStep) and not n_changes and not recipe.is_imports_only:
            continue  # What nobody used before is none of this recipe's business.
        change = _change(step, source, around, elsewhere, finds)
        notes += change.notes
        if not change.replacements:
            continue
        after = replaced(source.data, _with_line_ends(change.replacements, data))
        if after == source.data:
            continue
        n_changes += len(change.replacements)
        source = parse(path, language, after)
        if source.root.has_error:
            line = next(node for node in walk(source.root) if node.is_error or node.is_missing)
            raise RefusedError(f"it would have a syntax error in line {source.line(line)}")
    return Rewritten(source.data, n_changes, notes)


def fits(relative: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path fits one of the patterns; `**/` is any number of folders."""
    return not patterns or any(_glob(pattern).fullmatch(relative) for pattern in patterns)


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]*\])", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(
            known.get(part)
            or (fnmatch.translate(part)[4:-3] if part[:1] == "[" else re.escape(part))
            for part in parts
        )
    )


def _with_line_ends(replacements: list[Replacement], data: bytes) -> list[Replacement]:
    """New lines end as the lines of the text do."""
    if data.count(b"\r\n") * 2 <= data.count(b"\n"):
        return replacements
    return [each._replace(text=_LONE_FEED.sub("\r\n", each.text)) for each in replacements]


def _change(
    step: Step, source: Source, around: Around, elsewhere: Elsewhere, finds: Finds
) -> Change:
    if isinstance(step, TransformStep):
        if source.language not in CODEMODS[step.transform].languages:
            return Change()
        return loaded(step.transform)(source, around)
    if isinstance(step, PatternStep):
        pattern = _compiled(step.pattern, source.language)
        if pattern is None or pattern.word not in source.data:
            return Change()
        return Change(_by_pattern(step, pattern, source, finds))
    if isinstance(step, QueryStep):
        return Change(_by_query(step, source))
    return elsewhere(step, source)


def _may_apply(step: Step, language: str, data: bytes) -> bool:
    if isinstance(step, TransformStep):
        codemod = CODEMODS[step.transform]
        return language in codemod.languages and any(word in data for word in codemod.words)
    if isinstance(step, PatternStep):
        pattern = _compiled(step.pattern, language)
        return pattern is not None and pattern.word in data
    return True


@lru_cache(maxsize=256)
def _compiled(text: str, language: str) -> Pattern | None:
    """A pattern, or None in a language in which it cannot be read."""
    try:
        return compiled(text, language)
    except NootropicError:
        return None


@lru_cache(maxsize=256)
def _template(text: str, language: str) -> Template:
    return Template(text, language)


def _by_pattern(
    step: PatternStep, pattern: Pattern, source: Source, finds: Finds
) -> list[Replacement]:
    template = _template(step.rewrite, source.language)

    def rule(node: Node, rewriter: Rewriter) -> str | None:
        if not node.is_named:
            return None
        bound = pattern.match(node, source)
        if bound is None:
            return None
        for name, condition in step.where.items():
            nodes = bound.get(name)
            if nodes is not None and not all(
                _holds(condition, each, source, finds) for each in nodes
            ):
                return None
        if step.inside is not None and not _is_inside(step.inside, node, source, finds):
            return None
        if step.not_inside is not None and _is_inside(step.not_inside, node, source, finds):
            return None
        return template.fill(node, bound, rewriter)

    return Rewriter(source, rule).replacements()


def _is_inside(condition: Condition, node: Node, source: Source, finds: Finds) -> bool:
    around = node.parent
    while around is not None:
        if _holds(condition, around, source, finds):
            return True
        around = around.parent
    return False


def _holds(condition: Condition, node: Node, source: Source, finds: Finds) -> bool:
    if condition.kinds and node.type not in condition.kinds:
        return False
    if condition.regex is not None and not finds(condition.regex, source.text(node)):
        return False
    if condition.pattern:
        pattern = _compiled(condition.pattern, source.language)
        if pattern is None or pattern.match(node, source) is None:
            return False
    return condition.negated is None or not _holds(condition.negated, node, source, finds)


def _by_query(step: QueryStep, source: Source) -> list[Replacement]:
    targets = _captured(step.query, source)
    template = _template(step.rewrite, source.language)

    def rule(node: Node, rewriter: Rewriter) -> str | None:
        bound = targets.get(node.id)
        return None if bound is None else template.fill(node, bound, rewriter)

    return Rewriter(source, rule).replacements()


def _captured(query: str, source: Source) -> Mapping[int, dict[str, list[Node]]]:
    """By the node of each target, what the names of its match stand for."""
    from tree_sitter import Query, QueryCursor, QueryError  # noqa: PLC0415 -- loaded when needed

    try:
        cursor = QueryCursor(Query(LANGUAGES[source.language].grammar(), query))
    except (QueryError, ValueError):
        return {}  # It is written for another language of the recipe.
    found: dict[int, dict[str, list[Node]]] = {}
    for _, captures in cursor.matches(source.root):
        for target in captures.get("target", ()):
            found.setdefault(
                target.id,
                {name.upper().replace("-", "_"): list(nodes) for name, nodes in captures.items()},
            )
    return found
