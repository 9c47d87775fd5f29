"""Rules that users wrote themselves, in the YAML of Semgrep or of ast-grep.

They lie in `.nootropic/rules` of the workspace, or where `lint.rules` says. A mistake in a file
is named with its line, and costs that rule only. Rules are data: nothing in them is ever run but
the matching that they describe, under a deadline.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nootropic_lsp.analysis.shelf import USERS

FOLDER = ".nootropic/rules"
MOST_FILES = 500
MOST_BYTES = 1_000_000
# A few anchors can stand for more nodes than fit into memory.
_MOST_NODES = 50_000

# What can be written in a comment, and Semgrep accepts.
_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
# Before the id of a rule, where a "/" cannot be.
_PREFIX = f"{USERS}."
_MODES = frozenset({"search", "taint"})
_PATTERNS = frozenset(
    ["pattern", "patterns", "pattern-either", "pattern-regex", "pattern-sources", "match", "taint"]
)
_SEMGREP_SEVERITIES = frozenset(
    ["ERROR", "WARNING", "INFO", "CRITICAL", "HIGH", "MEDIUM", "LOW", "INVENTORY", "EXPERIMENT"]
)
_SEMGREP_LANGUAGES = {
    "python": "python", "py": "python", "python3": "python", "javascript": "javascript",
    "js": "javascript", "typescript": "typescript", "ts": "typescript", "go": "go",
    "golang": "go", "java": "java",
}  # fmt: skip
_AST_GREP_SEVERITIES = {
    "error": "error",
    "warning": "warning",
    "info": "information",
    "hint": "hint",
}
_AST_GREP_LANGUAGES = {
    "python": "python", "py": "python", "javascript": "javascript", "js": "javascript",
    "jsx": "javascript", "typescript": "typescript", "ts": "typescript", "tsx": "tsx",
    "go": "go", "golang": "go", "java": "java", "rust": "rust", "rs": "rust", "c": "c",
    "cpp": "cpp", "c++": "cpp", "csharp": "csharp", "cs": "csharp", "ruby": "ruby", "rb": "ruby",
    "php": "php", "bash": "bash", "sh": "bash", "json": "json", "html": "html", "css": "css",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AstGrepRule:
    """A rule of ast-grep; `config` is what its engine is given."""

    code: str
    language: str
    message: str
    severity: str
    config: dict[str, Any]
    fix: str | None = None


@dataclass(slots=True)
class UserRules:
    """All rules of users. `places` say for each code where it is written."""

    semgrep: list[dict[str, Any]] = field(default_factory=list)
    ast_grep: list[AstGrepRule] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def user_rule_files(root: Path, named: Sequence[str]) -> list[Path]:
    """The files of users' rules in a workspace, in order. Links out of it do not count."""
    found: dict[Path, None] = {}
    real = os.path.realpath(root)
    for each in (FOLDER, *named):
        place = root / each
        files = sorted(_below(place)) if place.is_dir() else [place] if place.is_file() else []
        for path in files:
            inside = os.path.realpath(path).startswith(os.path.join(real, ""))  # noqa: PTH118
            if inside and len(found) < MOST_FILES:
                found[path] = None
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix in (".yml", ".yaml") and path.is_file():
            yield path


def read_user_rules(root: Path, named: Sequence[str]) -> UserRules:
    """The rules in the files of a workspace."""
    rules = UserRules()
    for each in named:
        if not (root / each).exists():
            rules.problems.append(f"lint.rules names {each}, which does not exist")
    for path in user_rule_files(root, named):
        _read(path, path.relative_to(root).as_posix(), rules)
    return rules


def _read(path: Path, shown: str, rules: UserRules) -> None:
    yaml = importlib.import_module("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if path.stat().st_size > MOST_BYTES:
            rules.problems.append(f"{shown} is too large for a file of rules and does not count")
            return
        text = path.read_text(encoding="utf-8-sig")
        nodes = list(yaml.compose_all(text, Loader=loader))
        if any(_size(node, {}) > _MOST_NODES for node in nodes if node is not None):
            rules.problems.append(f"{shown} is too large for a file of rules and does not count")
            return
        documents = list(yaml.load_all(text, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        what = getattr(error, "problem", None) or str(error)
        rules.problems.append(f"{shown}, line {line}: not valid YAML ({what})")
        return
    except (OSError, ValueError, RecursionError) as error:
        rules.problems.append(f"{shown} cannot be read as rules ({error})")
        return
    for node, document in zip(nodes, documents, strict=True):
        if document is not None:
            _take(node, document, shown, rules)


def _size(node: Any, known: dict[int, int]) -> int:
    """How many nodes a tree has when its anchors are written out."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = _MOST_NODES + 1  # a node inside itself has no end
    if isinstance(node.value, list):
        parts = [
            part for each in node.value for part in (each if isinstance(each, tuple) else (each,))
        ]
        size = 1 + sum(_size(part, known) for part in parts)
    else:
        size = 1
    known[id(node)] = size
    return size


def _take(node: Any, document: Any, shown: str, rules: UserRules) -> None:
    line = node.start_mark.line + 1
    if not isinstance(document, dict):
        rules.problems.append(f"{shown}, line {line}: a rule of Semgrep or ast-grep was expected")
        return
    if "rules" in document:
        listed = next((value for key, value in node.value if key.value == "rules"), None)
        items = document["rules"]
        if not isinstance(items, list) or listed is None:
            rules.problems.append(f'{shown}, line {line}: "rules" must be a list')
            return
        for each, rule in zip(listed.value, items, strict=True):
            place = f"{shown}, line {each.start_mark.line + 1}"
            _add(rule, place, _semgrep_mistake(rule), rules, is_semgrep=True)
    else:
        place = f"{shown}, line {line}"
        _add(document, place, _ast_grep_mistake(document), rules, is_semgrep=False)


def _add(rule: Any, place: str, mistake: str, rules: UserRules, *, is_semgrep: bool) -> None:
    if not mistake and f"{USERS}/{rule['id']}" in rules.places:
        mistake = (
            f"there is a rule {rule['id']} already, in {rules.places[USERS + '/' + rule['id']]}"
        )
    if mistake:
        rules.problems.append(f"{place}: {mistake}")
        return
    code = f"{USERS}/{rule['id']}"
    rules.places[code] = place
    if is_semgrep:
        rules.semgrep.append(_semgrep(rule))
    elif rule.get("severity") != "off":
        rules.ast_grep.append(_ast_grep(code, rule))


def _semgrep_mistake(rule: Any) -> str:
    if not isinstance(rule, dict):
        return "a rule is a table with an id"
    if mistake := _id_mistake(rule):
        return mistake
    languages = rule.get("languages")
    if not isinstance(languages, list) or not all(isinstance(each, str) for each in languages):
        return '"languages" must be a list of names'
    if not any(each in _SEMGREP_LANGUAGES for each in languages):
        return f"none of the languages {', '.join(languages)} is one that Semgrep looks at here"
    if rule.get("severity") not in _SEMGREP_SEVERITIES:
        return '"severity" must be ERROR, WARNING or INFO'
    if rule.get("mode", "search") not in _MODES:
        return f'the mode "{rule["mode"]}" is not supported; there are search and taint'
    if _PATTERNS.isdisjoint(rule):
        return "it has no pattern"
    return ""


def _ast_grep_mistake(rule: dict[str, Any]) -> str:
    if mistake := _id_mistake(rule):
        return mistake
    language = rule.get("language")
    if not isinstance(language, str) or language.lower() not in _AST_GREP_LANGUAGES:
        return f'"language" must be a language that is linted, not {language!r}'
    if not isinstance(rule.get("rule"), dict):
        return '"rule" must be a table'
    if rule.get("severity", "hint") not in (*_AST_GREP_SEVERITIES, "off"):
        return '"severity" must be error, warning, info, hint or off'
    return ""


def _id_mistake(rule: dict[str, Any]) -> str:
    identity = rule.get("id")
    if not isinstance(identity, str):
        return "it has no id"
    if not _ID.fullmatch(identity):
        return f'the id "{identity[:80]}" may have letters, digits, ".", "_" and "-" only'
    return ""


def _semgrep(rule: dict[str, Any]) -> dict[str, Any]:
    languages = [
        _SEMGREP_LANGUAGES[each] for each in rule["languages"] if each in _SEMGREP_LANGUAGES
    ]
    return {
        **rule,
        "id": f"{_PREFIX}{rule['id']}",
        "message": str(rule.get("message") or rule["id"]),
        "languages": list(dict.fromkeys(languages)),
        # Ours has a meaning there.
        "metadata": {},
    }


def code_of(identity: str) -> str:
    """The code of a rule by the id under which Semgrep knows it."""
    if not identity.startswith(_PREFIX):
        return identity
    return f"{USERS}/{identity.removeprefix(_PREFIX)}"


def _ast_grep(code: str, rule: dict[str, Any]) -> AstGrepRule:
    config: dict[str, Any] = {
        name: rule[name] for name in ("rule", "constraints", "utils", "transform") if name in rule
    }
    fix = rule.get("fix")
    return AstGrepRule(
        code,
        _AST_GREP_LANGUAGES[rule["language"].lower()],
        str(rule.get("message") or rule["id"]),
        _AST_GREP_SEVERITIES[rule.get("severity", "hint")],
        config,
        fix if isinstance(fix, str) else None,
    )
