"""This file is where we read our own rules: a YAML file each, which is also the rule's page."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from nootropic_lsp.core.errors import NootropicError

_FOLDER = Path(__file__).parent / "rules"
_reading = Lock()
# Folders beside the packs that hold no rules, such as the lists of taint sources.
_NOT_PACKS = frozenset({"sources"})

FAMILIES = {
    "python": "python",
    "javascript": "javascript",
    "typescript": "javascript",
    "tsx": "javascript",
    "go": "go",
    "java": "java",
}


class RuleFileError(NootropicError):
    """A rule file of ours that cannot be read."""


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whole files as texts: every bad one has a finding of the rule, no good one has."""

    bad: tuple[str, ...] = ()
    good: tuple[str, ...] = ()


class Repair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a finding is put right. `replace` is for calls and queries; a check makes its own text.

    For a query, `replace` stands in place of its capture `@replace` or `@here`, and `{name}` is the
    text of another one. For a call it stands in place of what is at `at`: "function", the name of
    what is called, or an argument, which an empty text removes.
    """

    title: str
    safe: bool = False
    replace: str | None = None
    at: str = "function"


class CallPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls of some qualified names, or of `*.method`.

    `where` must hold for every argument it names, `unless` for none, and `unless_for` be found neither
    in the name of the function around nor in the line with the call. An argument is named by
    position, by keyword, or by both as in `1|Loader`. `imports` are modules of which the file
    has to import one.
    """

    names: tuple[str, ...]
    where: dict[str | int, Any] = {}
    unless: dict[str | int, Any] = {}
    unless_for: str = ""
    imports: tuple[str, ...] = ()
    message: str = ""
    fix: Repair | None = None


class QueryPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tree-sitter query; the finding lies at its capture `@here`.

    `equal` are pairs of captures whose texts must be the same.
    """

    query: str
    equal: tuple[tuple[str, str], ...] = ()
    message: str = ""
    fix: Repair | None = None


class RuleIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule is in one family of languages. `taint` and `search` are Semgrep's business.

    `uses` are qualified names that are no good wherever they are used.
    """

    message: str = ""
    uses: tuple[str, ...] = ()
    calls: tuple[CallPattern, ...] = ()
    queries: tuple[QueryPattern, ...] = ()
    check: str = ""
    taint: dict[str, Any] | None = None
    search: Any = None
    fix: Repair | None = None
    examples: Examples = Examples()

    @property
    def is_structural(self) -> bool:
        """Whether the engine in `structure` finds it."""
        return bool(self.uses or self.calls or self.queries or self.check)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    severity: Literal["error", "warning", "information", "hint"]
    why: str
    how: str
    confidence: Literal["high", "medium", "low"] = "high"
    cwe: tuple[int, ...] = ()
    owasp: str = ""
    tags: tuple[Literal["unnecessary", "deprecated"], ...] = ()
    references: tuple[str, ...] = ()
    python: RuleIn | None = None
    javascript: RuleIn | None = None
    go: RuleIn | None = None
    java: RuleIn | None = None


class Rule(msgspec.Struct, frozen=True):
    """A rule with its page. `code` is its name for good, in every language."""

    code: str
    pack: str
    title: str
    severity: str
    confidence: str
    cwe: tuple[int, ...]
    owasp: str
    tags: tuple[str, ...]
    why: str
    how: str
    references: tuple[str, ...]
    languages: Mapping[str, RuleIn]

    @property
    def is_shown(self) -> bool:
        """Whether it is shown without being asked for."""
        return self.confidence != "low"


def rules() -> Mapping[str, Rule]:
    """All rules by code, pack by pack."""
    # msgspec 0.22 crashes when two threads meet a type that is new to it.
    with _reading:
        return _rules()


@cache
def _rules() -> Mapping[str, Rule]:
    return MappingProxyType({each.code: each for each in _read_all()})


def rule(code: str) -> Rule | None:
    """The rule of a code."""
    return rules().get(code)


def family_of(language: str) -> str | None:
    """The name under which rule files speak of a language."""
    return FAMILIES.get(language)


def read_rule(path: Path) -> Rule:
    """The rule in one file; its name is the code, that of the folder is the pack."""
    try:
        parsed = msgspec.convert(load_yaml(path.read_bytes()), _File)
    except (msgspec.ValidationError, _yaml().YAMLError) as error:
        raise RuleFileError(f"{path.name}: {error}") from error
    languages = {name: part for name in dict.fromkeys(FAMILIES.values())
                 if (part := getattr(parsed, name)) is not None}  # fmt: skip
    return Rule(
        code=path.stem,
        pack=path.parent.name,
        title=parsed.title,
        severity=parsed.severity,
        confidence=parsed.confidence,
        cwe=parsed.cwe,
        owasp=parsed.owasp,
        tags=parsed.tags,
        why=parsed.why.strip(),
        how=parsed.how.strip(),
        references=parsed.references,
        languages=languages,
    )


def _read_all() -> Iterator[Rule]:
    for pack in sorted(_FOLDER.iterdir()):
        if pack.is_dir() and pack.name not in _NOT_PACKS:
            for path in sorted(pack.glob("*.yaml")):
                yield read_rule(path)


def load_yaml(text: str | bytes) -> Any:
    """Plain data from YAML, by the fast loader where there is one."""
    yaml = _yaml()
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _yaml() -> Any:
    # Rules are read by few processes, and PyYAML is slow to import.
    return importlib.import_module("yaml")
