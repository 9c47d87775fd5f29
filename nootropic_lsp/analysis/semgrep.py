"""This file is where Semgrep's native core is run over texts, and what it says is put into findings.

The core is started directly: a tenth of the time of its command line, no metrics, no network.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from nootropic_lsp.analysis.simplify.needs import Simple
from nootropic_lsp.analysis.where import located
from nootropic_lsp.core.findings import Finding, Related
from nootropic_lsp.core.spans import Place

MISSING = (
    "Semgrep is not installed, so that its rules did not run; "
    "`pip install 'nootropic-lsp[lint]'` brings it"
)
# What one rule may take for one file, and how much memory the process may have.
RULE_S = 8.0
MEMORY_MB = 2000
# Files that are looked at by one process: a rule that took too long is switched off for the next.
BATCH = 400

# What Semgrep calls our languages.
ANALYZERS = {
    "python": "python", "javascript": "javascript", "typescript": "typescript", "tsx": "typescript",
    "go": "go", "java": "java",
}  # fmt: skip
_ENDINGS = {
    "python": "py", "javascript": "js", "typescript": "ts", "tsx": "tsx", "go": "go", "java": "java",
}  # fmt: skip
_SEVERITIES = {
    "ERROR": "error", "CRITICAL": "error", "HIGH": "error", "WARNING": "warning",
    "MEDIUM": "warning", "INFO": "information", "LOW": "information",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A text to look at.

    `simple` is what `simplify` made of it: values are followed there, all else is looked for in
    the text itself. `place` is its path inside the workspace, for rules that name some.
    """

    path: str
    language: str
    text: str
    simple: Simple | None = None
    place: str = ""


@dataclass(slots=True)
class Scan:
    """What was found by path, and sentences about what was not looked at."""

    by_path: dict[str, list[Finding]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    is_complete: bool = True

    def incomplete(self, problem: str) -> None:
        self.is_complete = False
        if problem not in self.problems:
            self.problems.append(problem)


@cache
def find_core() -> str | None:
    """The native core of the Semgrep that is installed beside this package, never another."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    for distribution in metadata.distributions(name="semgrep", path=list(dict.fromkeys(folders))):
        core = Path(str(distribution.locate_file("semgrep/bin/semgrep-core")))
        if core.is_file() and os.access(core, os.X_OK):
            return str(core)
    return None


def scan(
    texts: Sequence[Text],
    rules: Sequence[Mapping[str, Any]],
    *,
    deadline_s: float,
    n_jobs: int = 1,
    core: str | None = None,
) -> Scan:
    """Run Semgrep rules, given as plain data, over texts. Whatever happens, nothing is raised."""
    result = Scan()
    until = time.monotonic() + deadline_s
    core = core or find_core()
    wanted = [each for each in texts if each.language in ANALYZERS]
    if not rules or not wanted:
        return result
    if core is None:
        result.incomplete(MISSING)
        return result
    with tempfile.TemporaryDirectory(prefix="nootropic-") as folder:
        off: set[str] = set()
        for some, make in (
            ([each for each in rules if _is_taint(each) and "paths" not in each], _views),
            ([each for each in rules if not _is_taint(each) or "paths" in each], _wholes),
        ):
            for start in range(0, len(wanted), BATCH):
                run = _Run(core, Path(folder), until, n_jobs, result, off)
                run.batch(wanted[start : start + BATCH], some, make)
    for findings in result.by_path.values():
        findings.sort(key=lambda each: (each.span, each.code))
    return result


def _is_taint(rule: Mapping[str, Any]) -> bool:
    return rule.get("mode") == "taint"


class _View(NamedTuple):
    """A text as some rules see it; all if they are None."""

    text: Text
    seen: str
    rules: tuple[str, ...] | None = None

    @property
    def place(self) -> str:
        """A path that says which rules are meant, or the one that they know."""
        if self.rules is None:
            return f"/{self.text.place or Path(self.text.path).name}"
        return "/".join(["", *self.rules, "file"])


_Views = Callable[[Sequence[Text], Sequence[Mapping[str, Any]]], Iterator[_View]]


def _views(texts: Sequence[Text], rules: Sequence[Mapping[str, Any]]) -> Iterator[_View]:
    """Of each text what each rule that follows values has to see."""
    for text in texts:
        views: dict[str, list[str]] = {}
        for each in _rules_for(rules, text.language):
            rule = str(each.get("id"))
            seen = text.text if text.simple is None else text.simple.seen_by(rule)
            if seen is not None:
                views.setdefault(seen, []).append(rule)
        for seen, some in views.items():
            yield _View(text, seen, tuple(some))


def _wholes(texts: Sequence[Text], rules: Sequence[Mapping[str, Any]]) -> Iterator[_View]:
    """The texts as they are."""
    for text in texts:
        if _rules_for(rules, text.language):
            yield _View(text, text.text)


def _rules_for(rules: Sequence[Mapping[str, Any]], language: str) -> list[Mapping[str, Any]]:
    return [each for each in rules if ANALYZERS[language] in each.get("languages", ())]


@dataclass(slots=True)
class _Run:
    """One process of the core."""

    core: str
    folder: Path
    until: float
    n_jobs: int
    result: Scan
    off: set[str]

    def batch(
        self, texts: Sequence[Text], rules: Sequence[Mapping[str, Any]], make: _Views
    ) -> None:
        remaining = [each for each in rules if each.get("id") not in self.off]
        written = self._written(make(texts, remaining))
        if not written:
            return
        left_s = self.until - time.monotonic()
        if left_s <= 0:
            self.result.incomplete("there was no time for Semgrep to look at all files")
            return
        answer = self._answer(self._prepared(remaining, written), left_s)
        if answer is not None:
            self._read(answer, written, {str(each.get("id")): each for each in rules})

    def _written(self, views: Iterator[_View]) -> dict[str, _View]:
        """The views as files, by their paths."""
        written = {}
        for number, each in enumerate(views):
            path = self.folder / f"{number}.{_ENDINGS[each.text.language]}"
            path.write_text(each.seen, encoding="utf-8", errors="surrogatepass", newline="")
            written[str(path)] = each
        return written

    def _prepared(
        self, rules: Sequence[Mapping[str, Any]], written: Mapping[str, _View]
    ) -> list[str]:
        named = [view.rules for view in written.values()]
        view_rules = None if None in named else {rule for some in named for rule in some or ()}
        targets = [
            ["CodeTarget", {
                "path": {"fpath": path, "ppath": view.place},
                "analyzer": ANALYZERS[view.text.language],
                "products": ["sast"],
            }]
            for path, view in written.items()
        ]  # fmt: skip
        chosen = [
            each if view_rules is None else {**each, "paths": {"include": [f"**/{each['id']}/**"]}}
            for each in rules
            if view_rules is None or each["id"] in view_rules
        ]
        rule_file, target_file = self.folder / "rules.json", self.folder / "targets.json"
        rule_file.write_text(json.dumps({"rules": chosen}), encoding="utf-8")
        target_file.write_text(json.dumps(["Targets", targets]), encoding="utf-8")
        return [
            self.core, "-rules", str(rule_file), "-targets", str(target_file), "-json_nodots",
            "-timeout", f"{RULE_S:g}", "-timeout_threshold", "0", "-j", str(self.n_jobs),
            "-max_memory", str(MEMORY_MB), "-filter_irrelevant_patterns",
        ]  # fmt: skip

    def _answer(self, command: list[str], left_s: float) -> dict[str, Any] | None:
        """What the core printed, or None after saying why there is nothing."""
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env=_environment(self.folder),
                start_new_session=True,
            )
        except OSError as error:
            self.result.incomplete(f"Semgrep could not be started: {error.strerror or error}")
            return None
        try:
            out, _ = process.communicate(timeout=left_s)
        except subprocess.TimeoutExpired:
            self.result.incomplete(f"Semgrep was not ready within {left_s:.0f} s and was stopped")
            return None
        finally:
            _end(process)
        try:
            answer = json.loads(out)
            if isinstance(answer, dict) and isinstance(answer["results"], list):
                return answer
        except (ValueError, KeyError, RecursionError):
            pass
        how = f"ended with {process.returncode}" if process.returncode else "gave no answer"
        self.result.incomplete(f"Semgrep {how}, so that its rules did not run on all files")
        return None

    def _read(
        self,
        answer: Mapping[str, Any],
        written: Mapping[str, _View],
        rules: Mapping[str, Mapping[str, Any]],
    ) -> None:
        for each in answer["results"]:
            try:
                text, seen, _ = written[each["path"]]
                found = _finding(each, text, seen, rules)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError):
                self.result.incomplete("Semgrep gave an answer that could not be read")
                continue
            findings = self.result.by_path.setdefault(text.path, [])
            if not any(f.code == found.code and f.span == found.span for f in findings):
                findings.append(found)
        for problem, is_slow in _problems(answer, written):
            self.off.update(is_slow)
            self.result.incomplete(problem)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's: no tokens, no proxies, no settings."""
    kept = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder), "SEMGREP_SEND_METRICS": "off"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and its children, if they are still there."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _finding(
    result: Mapping[str, Any], text: Text, seen: str, rules: Mapping[str, Mapping[str, Any]]
) -> Finding:
    code = str(result["check_id"])
    extra = result["extra"]
    severity = rules.get(code, {}).get("metadata", {}).get("severity")
    return Finding(
        located(text.text, seen, result["start"], result["end"]),
        code,
        str(extra["message"]),
        severity or _SEVERITIES.get(str(extra.get("severity", "ERROR")).upper(), "warning"),
        tuple(_related(extra.get("dataflow_trace") or {}, text, seen)),
    )


def _related(trace: Mapping[str, Any], text: Text, seen: str) -> Iterator[Related]:
    """The way of a value, from where it comes from."""

    def place(location: Mapping[str, Any]) -> Place:
        return Place(text.path, located(text.text, seen, location["start"], location["end"]))

    source = trace.get("taint_source")
    while isinstance(source, list) and source and source[0] == "CliCall":
        source = source[1][2]
    if isinstance(source, list) and source and source[0] == "CliLoc":
        yield Related(place(source[1][0]), "the value comes from here")
    last = None
    for each in trace.get("intermediate_vars") or ():
        name = str(each["content"])
        if name in text.text and name != last:
            yield Related(place(each["location"]), f"it is kept in `{name}`")
        last = name


def _problems(
    answer: Mapping[str, Any], written: Mapping[str, _View]
) -> Iterator[tuple[str, set[str]]]:
    """What went wrong in sentences, each with the rules that were too slow."""
    for each in answer.get("errors") or ():
        kind = each.get("error_type") or each.get("type") or "error"
        kind = str(kind[0] if isinstance(kind, list) else kind)
        location = each.get("location") or {}
        at = written.get(str(location.get("path", "")))
        rule = each.get("rule_id")
        where = f" in {at.text.path}" if at is not None else ""
        if kind in {"Timeout", "Out of memory", "Stack overflow", "TimeoutDuringInterfile"}:
            named = f"rule {rule}" if rule else "a rule"
            yield f"{named} was stopped{where}: {kind.lower()}", {str(rule)} if rule else set()
        elif kind in {"Syntax error", "Lexical error", "PartialParsing", "ParseError"}:
            # Broken source code is ordinary input; syntax errors have findings of their own.
            continue
        else:
            message = " ".join(str(each.get("message", kind)).split())[:200]
            named = f"rule {rule}: " if rule else ""
            yield f"{named}{message}{where}", set()
    for each in answer.get("skipped_rules") or ():
        rule = each.get("rule_id") if isinstance(each, dict) else each
        yield f"rule {rule} could not be used", set()
