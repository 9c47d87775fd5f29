"""What an edit of a model has to pass before anybody is offered it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines
from nootropic_lsp.features.findings.find import findings
from nootropic_lsp.features.findings.supposed import with_texts
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.features.syntax import syntax_findings
from nootropic_lsp.index.bare import bare_digest
from nootropic_lsp.settings.options import Settings

DEADLINE_S = 30.0
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Check:
    """Something that an edit was held against. `said` says why it failed, or was not checked."""

    name: str
    outcome: Literal["passed", "failed", "not checked"]
    said: str = ""


class Trial:
    """Some files as they are and as they would be, and the workspace with either."""

    def __init__(
        self, snapshot: Snapshot, texts: Mapping[str, tuple[str, str]], settings: Settings
    ) -> None:
        self.before = snapshot
        self.after = with_texts(snapshot, {path: after for path, (_, after) in texts.items()})
        self.texts = texts
        self.settings = settings


Judge = Callable[[Trial], Check]


def reads(trial: Trial) -> Check:
    """No syntax error that was not there."""
    name = "it can be read"
    without = [path for path in trial.texts if parsed(trial.after, path) is None]
    if without:
        return Check(name, "not checked", f"there is no grammar for {_names(without)}")
    for path in trial.texts:
        known = Counter(each.message for each in syntax_findings(trial.before, path))
        lines = trial.after.lines(path)
        for each in syntax_findings(trial.after, path):
            if not known[each.message]:
                line = lines.line_of(each.span.start) + 1
                return Check(name, "failed", f"line {line} cannot be read: {each.message}")
            known[each.message] -= 1
    return Check(name, "passed")


def without_new_findings(is_meant: Callable[[str, Finding], bool] | None = None) -> Judge:
    """No finding that was not there, by all that `lint` knows.

    Of our own findings, those that are meant, by path and finding, have to be gone.
    """
    known: dict[str, list[Finding]] = {}

    def check(trial: Trial) -> Check:
        for path in trial.texts.keys() - known.keys():
            report = findings(trial.before, [path], trial.settings, deadline_s=DEADLINE_S)
            known[path] = [
                each
                for each in report.by_path[path]
                if is_meant is None or not is_meant(path, each)
            ]
        report = findings(trial.after, list(trial.texts), trial.settings, deadline_s=DEADLINE_S)
        new = [
            (path, each)
            for path, (before, after) in trial.texts.items()
            for each in new_findings(known[path], report.by_path[path], before, after)
        ]
        name = "no finding is new" if is_meant is None else "it is found no more, and nothing new"
        if new:
            return Check(name, "failed", "; ".join(_shown(trial, *e) for e in new[:_MOST_NAMED]))
        if not report.is_complete:
            return Check(name, "passed", f"as far as was looked: {'; '.join(report.problems)}")
        return Check(name, "passed")

    return check


def new_findings(
    known: Sequence[Finding], found: Sequence[Finding], before: str, after: str
) -> list[Finding]:
    """Those that are found in a text and were not known of the one before.

    One on a line that is as it was is the same, wherever that is now; of the rest there may be
    no more of a kind than before.
    """
    there = Counter((each.code, line) for each, line in _with_lines(known, before))
    unlike = []
    for each, line in _with_lines(found, after):
        if there[each.code, line]:
            there[each.code, line] -= 1
        else:
            unlike.append(each)
    left: Counter[str] = Counter()
    for (code, _), n in there.items():
        left[code] += n
    new = []
    for each in unlike:
        if left[each.code]:
            left[each.code] -= 1
        else:
            new.append(each)
    return new


def same_code(trial: Trial) -> Check:
    """Nothing but comments and docstrings has changed."""
    name = "the code is as it was"
    for path in trial.texts:
        before, after = parsed(trial.before, path), parsed(trial.after, path)
        if before is None or after is None or bare_digest(after) is None:
            return Check(name, "failed", f"there is no grammar for {_names([path])} to prove it")
        if bare_digest(before) != bare_digest(after):
            return Check(name, "failed", "it changes code, not only comments and docstrings")
    return Check(name, "passed")


def silences_nothing(trial: Trial) -> Check:
    """No more comments than before that switch a check off."""
    name = "no check is switched off"
    for before, after in trial.texts.values():
        if len(_SILENCING.findall(after)) > len(_SILENCING.findall(before)):
            said = "it switches a check off instead of correcting the code"
            return Check(name, "failed", said)
    return Check(name, "passed")


_SILENCING = re.compile(
    r"nootropic:[ \t]*ignore|#[ \t]*noqa|#[ \t]*type:[ \t]*ignore|pylint:[ \t]*disable|\bnosec\b"
    r"|nosemgrep|pragma:[ \t]*no cover|pyright:[ \t]*ignore|eslint-disable|@ts-(?:ignore|nocheck|"
    r"expect-error)|biome-ignore|NOLINT|//[ \t]*nolint|@SuppressWarnings|#!?\[allow\(|"
    r"rubocop:disable|phpcs:ignore|@phpstan-ignore|#pragma warning disable|shellcheck disable"
)


def _with_lines(found: Sequence[Finding], text: str) -> Iterator[tuple[Finding, str]]:
    lines = Lines.of(text)
    for each in found:
        line = lines.line_of(each.span.start)
        end = lines.start_of(line + 1) if line + 1 < len(lines) else len(text)
        yield each, text[lines.start_of(line) : end].strip()


def _shown(trial: Trial, path: str, finding: Finding) -> str:
    line = trial.after.lines(path).line_of(finding.span.start) + 1
    return f"line {line} would have {finding.code}: {finding.message}"


def _names(paths: Sequence[str]) -> str:
    return ", ".join(path.rpartition("/")[2] for path in paths)
