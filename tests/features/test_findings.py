"""The one function behind the editor and `nootropic lint`: both find the same, in any process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from features.workspace import Workspace

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.findings import examined
from nootropic_lsp.features.findings.find import as_you_type, findings
from nootropic_lsp.settings.options import LintSettings, Settings

TEXT = 'import os\nfrom nowhere import thing\n\n\ndef f{n}(x):\n    return x is "a" or thing\n'
SETTINGS = Settings(lint=LintSettings(semgrep=False))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, {f"m{n}.py": TEXT.replace("{n}", str(n)) for n in range(20)})


def codes(found: list[Finding]) -> list[str]:
    return [each.code for each in found]


def test_processes_of_their_own_find_what_this_one_finds(workspace):
    snapshot = workspace.snapshot()
    paths = [workspace.path(f"m{n}.py") for n in range(20)]
    here = findings(snapshot, paths, SETTINGS, deadline_s=60)
    apart = findings(snapshot, paths, SETTINGS, deadline_s=60, jobs=2)
    assert apart == here
    assert here.is_complete
    assert {"is-literal", "unused-import"} <= set(codes(here.by_path[paths[0]]))


def test_what_the_editor_shows_at_once_is_part_of_all(workspace):
    path = workspace.path("m1.py")
    whole = findings(workspace.snapshot(), [path], SETTINGS, deadline_s=60).by_path[path]
    quick = as_you_type(workspace.snapshot(), path, SETTINGS)
    assert quick
    assert set(quick) <= set(whole)


def test_an_unsaved_text_counts_as_it_is_open(workspace):
    workspace.open("m1.py", "x = 1\n")
    path = workspace.path("m1.py")
    assert findings(workspace.snapshot(), [path], SETTINGS, deadline_s=60).by_path[path] == []


def test_the_last_step_selects_and_gives_severities(workspace):
    path = workspace.path("m1.py")
    options = LintSettings(select=("bugs",), severities={"is-literal": "hint"}, semgrep=False)
    (finding,) = as_you_type(workspace.snapshot(), path, replace(SETTINGS, lint=options))
    assert (finding.code, finding.severity) == ("is-literal", "hint")


def test_the_same_rule_speaks_once_for_a_line(workspace):
    workspace.open("m1.py", 'x = y is "a", z is "b"\n')
    options = LintSettings(select=("is-literal",), semgrep=False)
    settings = replace(SETTINGS, lint=options)
    assert len(as_you_type(workspace.snapshot(), workspace.path("m1.py"), settings)) == 1


def test_a_fault_of_ours_costs_one_file_and_is_named(workspace, monkeypatch):
    def failing(snapshot, path, selection):
        if path.endswith("m1.py"):
            raise ValueError("odd")
        return []

    monkeypatch.setattr(examined, "own_findings", failing)
    paths = [workspace.path("m1.py"), workspace.path("m2.py")]
    report = findings(workspace.snapshot(), paths, SETTINGS, deadline_s=60)
    assert not report.is_complete
    (problem,) = report.problems
    assert problem == f"{paths[0]}: it could not be looked at (ValueError: odd)"
    assert "unused-import" in codes(report.by_path[paths[1]])


def test_without_time_nothing_is_looked_at_and_said(workspace):
    paths = [workspace.path(f"m{n}.py") for n in range(20)]
    for jobs in (0, 2):
        report = findings(workspace.snapshot(), paths, SETTINGS, deadline_s=0, jobs=jobs)
        assert not report.is_complete
        assert "the time was up" in report.problems[0]


def test_users_rules_speak_too(workspace):
    pytest.importorskip("ast_grep_py")
    rules = workspace.root / ".nootropic" / "rules"
    rules.mkdir(parents=True)
    (rules / "mine.yml").write_text("id: os\nlanguage: python\nrule: {pattern: import os}\n")
    path = workspace.path("m1.py")
    report = findings(workspace.snapshot(), [path], SETTINGS, deadline_s=60)
    assert "user/os" in codes(report.by_path[path])
