"""From the YAML of a recipe to its steps, or to a sentence that says which line is wrong."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from nootropic_lsp.analysis.recipes.codemods import CODEMODS
from nootropic_lsp.analysis.recipes.pattern import compiled
from nootropic_lsp.analysis.recipes.steps import (
    Condition,
    ImportsStep,
    PatternStep,
    QueryStep,
    Recipe,
    Step,
    TransformStep,
)
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.index.languages.registry import LANGUAGES

_MAX_BYTES = 200_000
_STEPS = ("pattern", "query", "imports", "transform")
_IMPORT = re.compile(r"[.\w]+(:\w+)?|[^\s:]+(:\w+)?")

T = TypeVar("T")


class RecipeError(NootropicError):
    """A recipe that cannot be used: the file, the line, and what is expected there."""


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file. Raises `RecipeError`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RecipeError(f"{path} cannot be read ({error.strerror})") from error
    if len(raw) > _MAX_BYTES:
        raise RecipeError(f"{path} is larger than a recipe can be ({_MAX_BYTES:,} bytes)")
    return _Reader(str(path)).recipe(raw, path.stem)


def recipe_in(raw: bytes, *, name: str, origin: str) -> Recipe:
    """The recipe in a text; `origin` is what errors call it. Raises `RecipeError`."""
    return _Reader(origin).recipe(raw, name)


class _Reader:
    """Reads YAML's own nodes, because they know their lines."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._languages: tuple[str, ...] = ()

    def recipe(self, raw: bytes, stem: str) -> Recipe:
        yaml = importlib.import_module("yaml")
        try:
            events = list(yaml.parse(raw, Loader=yaml.CSafeLoader))
            aliases = [each for each in events if isinstance(each, yaml.AliasEvent)]
            if aliases:
                raise self._error_at(aliases[0].start_mark.line, "aliases (*name) have no use here")
            root = yaml.compose(raw, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "it cannot be read"
            line = mark.line if mark is not None else 0
            raise self._error_at(line, f"not valid YAML ({problem})") from error
        if root is None:
            raise self._error_at(0, "a recipe with `description`, `languages` and `steps`")
        table = self._table(
            root, ("name", "description", "languages", "files", "steps", "examples"), "a recipe"
        )
        for key in ("languages", "steps"):
            if key not in table:
                raise self._error(root, f"`{key}` is missing in this recipe")
        self._languages = tuple(self._strings(table["languages"]))
        for language in self._languages:
            if language not in LANGUAGES:
                known = ", ".join(LANGUAGES)
                raise self._error(
                    table["languages"], f"a language, not `{language}`; there are {known}"
                )
        steps = tuple(self._step(each) for each in self._items(table["steps"], "a list of steps"))
        if not steps:
            raise self._error(table["steps"], "at least one step")
        return Recipe(
            self._string(table["name"]) if "name" in table else stem,
            " ".join(self._string(table["description"]).split()) if "description" in table else "",
            self._languages,
            steps,
            tuple(self._strings(table["files"])) if "files" in table else (),
            tuple(self._example(each) for each in self._items(table["examples"], "examples"))
            if "examples" in table
            else (),
            self._origin,
        )

    def _step(self, node: Any) -> Step:
        self._expect(node, "mapping", "a step, such as `transform: NAME`")
        keys = [str(key.value) for key, _ in node.value]
        kinds = [kind for kind in _STEPS if kind in keys]
        if len(kinds) != 1:
            raise self._error(node, f"a step with one of {', '.join(_STEPS)}")
        return {
            "pattern": self._pattern,
            "query": self._query,
            "imports": self._imports,
            "transform": self._transform,
        }[kinds[0]](node)

    def _pattern(self, node: Any) -> Step:
        keys = ("pattern", "rewrite", "where", "inside", "not-inside", "files")
        table = self._table(node, keys, "a step with `pattern`")
        if "rewrite" not in table:
            raise self._error(node, "`rewrite` beside `pattern`")
        pattern = self._checked_pattern(table["pattern"])
        where = self._table(table["where"], None, "names") if "where" in table else {}
        for name in where:
            if f"${name}" not in pattern:
                raise self._error(where[name], f"a name of the pattern; it has no `${name}`")
        return PatternStep(
            self._files(table),
            pattern,
            self._string(table["rewrite"]).rstrip("\n"),
            {name: self._condition(each) for name, each in where.items()},
            self._condition(table["inside"]) if "inside" in table else None,
            self._condition(table["not-inside"]) if "not-inside" in table else None,
        )

    def _condition(self, node: Any) -> Condition:
        if node.id == "scalar":
            return Condition(pattern=self._checked_pattern(node))
        table = self._table(node, ("kind", "regex", "pattern", "not"), "a condition")
        return Condition(
            frozenset(self._strings(table["kind"])) if "kind" in table else frozenset(),
            self._regex(table["regex"]) if "regex" in table else None,
            self._checked_pattern(table["pattern"]) if "pattern" in table else "",
            self._condition(table["not"]) if "not" in table else None,
        )

    def _query(self, node: Any) -> Step:
        table = self._table(node, ("query", "rewrite", "files"), "a step with `query`")
        if "rewrite" not in table:
            raise self._error(node, "`rewrite` beside `query`")
        query = self._string(table["query"])
        if "@target" not in query:
            raise self._error(table["query"], "a query that captures what is replaced as @target")
        self._in_some_language(table["query"], lambda language: _compile_query(query, language))
        return QueryStep(self._files(table), query, self._string(table["rewrite"]).rstrip("\n"))

    def _imports(self, node: Any) -> Step:
        table = self._table(node, ("imports", "files"), "a step with `imports`")
        inner = self._table(table["imports"], ("add", "remove", "rename"), "`imports`")
        renamed = self._table(inner["rename"], None, "old: new") if "rename" in inner else {}
        lists = [
            tuple(self._strings(inner[key])) if key in inner else () for key in ("add", "remove")
        ]
        for key, values in zip(("add", "remove"), lists, strict=True):
            for value in values:
                if not _IMPORT.fullmatch(value):
                    raise self._error(inner[key], f"MODULE or MODULE:NAME, not `{value}`")
        return ImportsStep(
            self._files(table),
            lists[0],
            lists[1],
            {old: self._string(new) for old, new in renamed.items()},
        )

    def _transform(self, node: Any) -> Step:
        table = self._table(node, ("transform", "files"), "a step with `transform`")
        name = self._string(table["transform"])
        if name not in CODEMODS:
            raise self._error(
                table["transform"], f"a transform, not `{name}`; there are {', '.join(CODEMODS)}"
            )
        return TransformStep(self._files(table), name)

    def _example(self, node: Any) -> tuple[str, str]:
        table = self._table(node, ("before", "after"), "an example")
        if len(table) != 2:
            raise self._error(node, "an example with `before` and `after`")
        return self._string(table["before"]), self._string(table["after"])

    # ---- values

    def _files(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(self._strings(table["files"])) if "files" in table else ()

    def _checked_pattern(self, node: Any) -> str:
        text = self._string(node)
        self._in_some_language(node, lambda language: compiled(text, language))
        return text

    def _in_some_language(self, node: Any, read: Callable[[str], object]) -> None:
        """Whether something can be read in one language of the recipe at least."""
        problem: NootropicError | None = None
        for language in self._languages:
            try:
                read(language)
            except NootropicError as error:
                problem = problem or error
            else:
                return
        raise self._error(node, str(problem))

    def _regex(self, node: Any) -> re.Pattern[str]:
        text = self._string(node)
        try:
            return re.compile(text)
        except re.error as error:
            raise self._error(node, f"a regular expression ({error.msg})") from error

    def _table(self, node: Any, keys: tuple[str, ...] | None, what: str) -> dict[str, Any]:
        self._expect(node, "mapping", what)
        table: dict[str, Any] = {}
        for key, value in node.value:
            name = self._string(key)
            if keys is not None and name not in keys:
                raise self._error(
                    key, f"`{name}` is not known in {what}; there are {', '.join(keys)}"
                )
            if name in table:
                raise self._error(key, f"`{name}` stands here twice")
            table[name] = value
        return table

    def _items(self, node: Any, what: str) -> list[Any]:
        self._expect(node, "sequence", what)
        return list(node.value)

    def _strings(self, node: Any) -> list[str]:
        if node.id == "scalar":
            return [self._string(node)]
        return [self._string(each) for each in self._items(node, "a text or a list of texts")]

    def _string(self, node: Any) -> str:
        self._expect(node, "scalar", "a text")
        return str(node.value)

    def _expect(self, node: Any, kind: str, what: str) -> None:
        if node.id != kind:
            raise self._error(node, f"expected {what}")

    def _error(self, node: Any, problem: str) -> RecipeError:
        return self._error_at(node.start_mark.line, problem)

    def _error_at(self, line: int, problem: str) -> RecipeError:
        shown = (
            problem
            if problem.startswith(("expected", "`", "not ", "this "))
            else f"expected {problem}"
        )
        return RecipeError(f"{self._origin}, line {line + 1}: {shown}")


def _compile_query(query: str, language: str) -> None:
    from tree_sitter import Query, QueryError  # noqa: PLC0415 -- loaded when needed

    try:
        Query(LANGUAGES[language].grammar(), query)
    except (QueryError, ValueError) as error:
        raise NootropicError(f"expected a tree-sitter query of {language} ({error})") from error
