"""The steps of a recipe as values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Condition:
    """What the code behind a name has to be. Everything that is given has to hold."""

    kinds: frozenset[str] = frozenset()
    regex: re.Pattern[str] | None = None
    pattern: str = ""
    negated: Condition | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One rewrite of the texts whose path fits `files` (all, if it is empty)."""

    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternStep(Step):
    """Code that matches a pattern becomes a template."""

    pattern: str = ""
    rewrite: str = ""
    where: dict[str, Condition] = field(default_factory=dict)
    inside: Condition | None = None
    not_inside: Condition | None = None


@dataclass(frozen=True, slots=True)
class QueryStep(Step):
    """What a tree-sitter query captures as `@target` becomes a template."""

    query: str = ""
    rewrite: str = ""


@dataclass(frozen=True, slots=True)
class ImportsStep(Step):
    """Imports that are added if their name is used, and removed if it is not.

    `pytest` is a module, `pathlib:Path` a name of one.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    rename: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransformStep(Step):
    """A rewrite in code, by its name."""

    transform: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A sequence of rewrites. `origin` is the file that it comes from."""

    name: str
    description: str
    languages: tuple[str, ...]
    steps: tuple[Step, ...]
    files: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    origin: str = ""

    @property
    def transforms(self) -> list[str]:
        """The rewrites in code that it uses."""
        return [each.transform for each in self.steps if isinstance(each, TransformStep)]

    @property
    def is_imports_only(self) -> bool:
        """Whether imports are all that it changes."""
        return all(isinstance(each, ImportsStep) for each in self.steps)

    @property
    def removes_imports(self) -> bool:
        """Whether it has to know who takes a name from another file."""
        return any(isinstance(each, ImportsStep) and each.remove for each in self.steps)
