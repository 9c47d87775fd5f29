"""Running users' rules of ast-grep, in a process of their own.

A rule may take for ever, and the library ends what it does not know with a panic that is no
ordinary exception. The process is `python -P -m nootropic_lsp.analysis.astgrep`; it speaks
`frames` on its standard streams.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any

from nootropic_lsp.analysis.user_rules import AstGrepRule
from nootropic_lsp.core.findings import Finding, Fix
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.workers import Worker, WorkerDiedError

# What all rules together may take for one file, and one rule alone when that was too long.
FILE_S = 10.0
RULE_S = 3.0
MOST_FINDINGS = 10_000
MISSING = (
    "ast-grep is not installed, so that its rules did not run; "
    "`pip install 'nootropic-lsp[lint]'` brings it"
)
_COMMAND = (sys.executable, "-P", "-m", "nootropic_lsp.analysis.astgrep")
_VARIABLE = re.compile(r"\$\$\$([A-Z_][A-Z0-9_]*)|\$([A-Z_][A-Z0-9_]*)")


class _NotUnderstoodError(Exception):
    """The library does not take a rule; the text is what it says."""


class AstGrep:
    """The rules made ready, and the process that runs them. `close` it at the end.

    `problems` are sentences on the rules that do not count, or no longer.
    """

    def __init__(self, rules: Iterable[AstGrepRule], places: dict[str, str]) -> None:
        self.problems: list[str] = []
        self._places = places
        self._worker = Worker(_COMMAND)
        self._rules = list(rules)
        self._is_checked = False

    def findings(self, text: str, language: str, *, deadline_s: float) -> list[Finding]:
        """What the rules find in a text. What takes too long is switched off and said."""
        if not self._is_checked:
            self._check()
        rules = [each for each in self._rules if each.language == language]
        if not rules:
            return []
        until = time.monotonic() + deadline_s
        try:
            return self._ask(rules, text, min(FILE_S, deadline_s))
        except (WorkerDiedError, _NotUnderstoodError):
            return self._one_by_one(rules, text, until)

    def close(self) -> None:
        """End the process."""
        self._worker.stop()

    def _check(self) -> None:
        """Find out which rules the library understands."""
        self._is_checked = True
        if not self._rules:
            return
        if find_spec("ast_grep_py") is None:
            self.problems.append(MISSING)
            self._rules = []
            return
        for rule in list(self._rules):
            try:
                self._ask([rule], "", RULE_S)
            except (WorkerDiedError, _NotUnderstoodError) as error:
                self._drop(rule, str(error))

    def _one_by_one(self, rules: Sequence[AstGrepRule], text: str, until: float) -> list[Finding]:
        found = []
        for rule in rules:
            left_s = until - time.monotonic()
            try:
                if left_s <= 0:
                    raise WorkerDiedError("was not tried: the time was up", was_late=True)
                found += self._ask([rule], text, min(RULE_S, left_s))
            except (WorkerDiedError, _NotUnderstoodError) as error:
                self._drop(rule, f"it {error}")
        return sorted(found, key=lambda each: each.span)

    def _drop(self, rule: AstGrepRule, why: str) -> None:
        place = self._places.get(rule.code, "")
        self.problems.append(
            f"{place}{': ' if place else ''}the rule {rule.code} was switched off: {why}"
        )
        self._rules = [each for each in self._rules if each.code != rule.code]

    def _ask(self, rules: Sequence[AstGrepRule], text: str, deadline_s: float) -> list[Finding]:
        # The library knows no half characters; a question mark takes as much room.
        whole = text.encode("utf-8", "replace").decode()
        asked = {"do": "find", "rules": [_sent(each) for each in rules], "text": whole}
        answer = self._worker.ask(asked, deadline_s)
        if isinstance(answer, str):
            raise _NotUnderstoodError(answer)
        by_code = {each.code: each for each in rules}
        return [_finding(by_code[code], start, end, fix) for code, start, end, fix in answer]


def _sent(rule: AstGrepRule) -> dict[str, Any]:
    return {"code": rule.code, "language": rule.language, "config": rule.config, "fix": rule.fix}


def _finding(rule: AstGrepRule, start: int, end: int, replaced: str | None) -> Finding:
    span = Span(start, end)
    fix = None
    if replaced is not None:
        fix = Fix(f"Replace by what {rule.code} says", (Edit(span, replaced),), is_safe=False)
    return Finding(span, rule.code, rule.message, rule.severity, fix=fix)


# ---- in the process


def main() -> int:
    """Answer requests until the input ends."""
    streams = sys.stdin.buffer, sys.stdout.buffer
    # A panic writes its own report, and nothing but answers may reach the stream of answers.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    sys.stdout = sys.stderr
    while (request := receive(streams[0])) is not None:
        send(streams[1], _answer(request))
    return 0


def _answer(request: dict[str, Any]) -> Any:
    if request["do"] != "find":
        return []
    found: list[Any] = []
    trees: dict[str, Any] = {}
    for rule in request["rules"]:
        try:
            found += _matches(rule, request["text"], trees)
        except KeyboardInterrupt:
            raise
        # The library's panics derive from nothing else.
        except BaseException as error:  # noqa: BLE001
            return _reason(error)
    return found[:MOST_FINDINGS]


def _matches(rule: dict[str, Any], text: str, trees: dict[str, Any]) -> list[Any]:
    language = rule["language"]
    if language not in trees:
        library = importlib.import_module("ast_grep_py")
        trees[language] = library.SgRoot(text, language).root()
    found = []
    for node in trees[language].find_all(rule["config"]):
        place = node.range()
        fix = None if rule["fix"] is None else _filled(rule["fix"], node, text)
        found.append((rule["code"], place.start.index, place.end.index, fix))
        if len(found) >= MOST_FINDINGS:
            break
    return found


def _filled(template: str, node: Any, text: str) -> str:
    """A fix with its variables replaced by what they matched."""

    def value(found: re.Match[str]) -> str:
        if found[1]:
            several = node.get_multiple_matches(found[1])
            if not several:
                return ""
            return text[several[0].range().start.index : several[-1].range().end.index]
        one = node.get_match(found[2]) or node.get_transformed(found[2])
        return one if isinstance(one, str) else "" if one is None else str(one.text())

    return _VARIABLE.sub(value, template)


def _reason(error: BaseException) -> str:
    """What a library's error says, without the report of where it happened."""
    said = str(error).partition("Stack backtrace")[0]
    lines = [re.sub(r"^\s*\d+: ", "", line).strip() for line in said.splitlines()]
    kept = [line for line in lines if line and line not in ("Caused by:", "cannot get matcher")]
    return " ".join(kept)[:300] or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
