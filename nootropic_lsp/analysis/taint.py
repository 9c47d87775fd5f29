"""This file is where our rules become rules of Semgrep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from nootropic_lsp.analysis.rulebook import Rule, RuleFileError, load_yaml

_SOURCES = Path(__file__).parent / "rules" / "sources"
_LANGUAGES = {
    "python": ["python"],
    "javascript": ["javascript", "typescript"],
    "go": ["go"],
    "java": ["java"],
}
_SEVERITIES = {"error": "ERROR", "warning": "WARNING"}
_OPTIONS = {
    "taint_assume_safe_booleans": True,
    "taint_assume_safe_numbers": True,
    "taint_assume_safe_comparisons": True,
}
_PARTS = {
    "sources": "pattern-sources",
    "sinks": "pattern-sinks",
    "sanitizers": "pattern-sanitizers",
    "propagators": "pattern-propagators",
}


def semgrep_rules(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """What Semgrep has to look for, a rule per code and family of languages."""
    made = []
    for rule in rules:
        for family, part in rule.languages.items():
            head: dict[str, Any] = {
                "id": rule.code,
                "message": part.message or rule.title,
                "severity": _SEVERITIES.get(rule.severity, "INFO"),
                "languages": _LANGUAGES[family],
                "metadata": {"severity": rule.severity},
            }
            if part.taint is not None:
                needs = _needs(family, part.taint)
                metadata = {**head["metadata"], **({"needs": needs} if needs else {})}
                made.append({**head, "metadata": metadata, "mode": "taint", "options": _OPTIONS,
                             **_taint(rule.code, family, part.taint)})  # fmt: skip
            if part.search is not None:
                made.append({**head, **part.search})
    return made


def _taint(code: str, family: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    lists = _lists(family)
    made: dict[str, Any] = {}
    for part, formulas in parts.items():
        if part not in _PARTS:
            raise RuleFileError(f"{code}.yaml: {family}.taint has no part named {part}")
        made[_PARTS[part]] = _spelled(code, formulas, lists)
    return made


def _needs(family: str, parts: Mapping[str, Any]) -> str:
    """What a text has to contain for any of the sources to be in it, as a regular expression."""
    words = _lists(family).get("needs") or {}
    needed = [words.get(each) if isinstance(each, str) else None for each in parts["sources"]]
    return "|".join(map(str, needed)) if all(needed) else ""


def _spelled(code: str, formulas: Sequence[Any], lists: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Formulas with the names of lists replaced by what is in them."""
    spelled: list[dict[str, Any]] = []
    for each in formulas:
        if isinstance(each, str):
            if each not in lists:
                raise RuleFileError(f"{code}.yaml: there is no list named {each}")
            spelled += _spelled(code, lists[each], lists)
        else:
            spelled.append(each)
    return spelled


@cache
def _lists(family: str) -> Mapping[str, Any]:
    path = _SOURCES / f"{family}.yaml"
    return load_yaml(path.read_bytes()) if path.exists() else {}
