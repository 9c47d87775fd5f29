"""This file is where we say what can be known of a value in JavaScript without running it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.analysis.simplify.javascript.sources import Source

# What is known of the value of a path such as `url` or `req.query.name`, by its text.
Facts = Mapping[str, frozenset[str]]
NO_FACTS: Facts = {}


# Modules of which rules speak, by the names that rules use for them.
MODULES = {
    "child_process": "child_process",
    "fs": "fs",
    "fs/promises": "fs",
    "fs-extra": "fs",
    "path": "path",
    "path/posix": "path",
    "vm": "vm",
    "http": "http",
    "https": "https",
    "axios": "axios",
    "got": "got",
    "node-fetch": "fetch",
    "lodash": "_",
    "xpath": "xpath",
    "ejs": "ejs",
    "pug": "pug",
    "handlebars": "Handlebars",
    "nunjucks": "nunjucks",
    "js-yaml": "yaml",
    "dompurify": "DOMPurify",
    "validator": "validator",
    "sanitize-filename": "sanitizeFilename",
    "v8": "v8",
    "escape-html": "escapeHtml",
    "node-serialize": "serialize",
    "funcster": "funcster",
    "lodash.merge": "_.merge",
    "lodash/merge": "_.merge",
    "lodash/set": "_.set",
    "lodash/template": "_.template",
    "lodash.set": "_.set",
}
MODULE_NAMES = frozenset(MODULES.values()) - {"fetch"}


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; None stands for null and undefined."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: what holds where it is true, and where it is false."""

    when_true: Facts = field(default_factory=dict)
    when_false: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    source: str
    flags: str


@dataclass(frozen=True, slots=True)
class Address:
    """An URL that was read from the value of `origin`, or a part of it."""

    origin: str
    itself: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path without `..` in it; `base_of` is the path that this one is relative to."""

    relative_of: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function whose source is known; `scope` is what its free names stand for."""

    node: Node
    source: Source
    scope: Mapping[str, str]
    this: Things | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class whose source is known."""

    node: Node
    source: Source
    scope: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A file of this workspace."""

    source: Source


@dataclass(slots=True, eq=False)
class Things:
    """An array, an object, a Map, a Set or an instance of a class, by texts of its entries.

    `is_whole` says that there are no other entries. Keys of an array are its indexes.
    """

    kind: str
    entries: dict[str, Entry]
    is_whole: bool = True
    of: Class | None = None

    def copy(self) -> Things:
        return Things(self.kind, dict(self.entries), self.is_whole, self.of)


Value = Constant | Condition | Pattern | Address | Resolved | Function | Class | Module | Things


@dataclass(frozen=True, slots=True)
class Entry:
    """An expression of the simplified text, and what is known of its value."""

    text: str
    value: Value | None = None


def literal(value: str | float | bool | None) -> str:
    """A constant as JavaScript writes it."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) else repr(value)


def as_text(value: str | float | bool | None) -> str:
    """A constant as part of a string."""
    return value if isinstance(value, str) else literal(value)


def truth(value: Value | None) -> bool | None:
    """Whether it counts as true, where that is known."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, Function | Class | Pattern | Things | Module):
        return True
    return None


def are_constants(value: Value | None) -> bool:
    """Whether it is a constant, or a container that has nothing but constants in it."""
    if isinstance(value, Constant | Function | Pattern):
        return True
    if isinstance(value, Things) and value.is_whole and value.of is None:
        return all(are_constants(each.value) for each in value.entries.values())
    return False


def both(one: Facts, other: Facts) -> Facts:
    """What holds where both hold."""
    if not one or not other:
        return one or other
    return {k: one.get(k, frozenset()) | other.get(k, frozenset()) for k in {**one, **other}}


def either(one: Facts, other: Facts) -> Facts:
    """What holds where at least one of them holds."""
    return {k: one[k] & other[k] for k in one if k in other and one[k] & other[k]}
