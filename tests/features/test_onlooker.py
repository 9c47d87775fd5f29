"""Another process looks at open files as they are in the editor, and says what this one would."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from features.workspace import Workspace

from nootropic_lsp.features.findings import onlooker as onlookers
from nootropic_lsp.features.findings.mirror import Mirror, sent
from nootropic_lsp.features.findings.onlooker import Onlooker
from nootropic_lsp.features.findings.thorough import by_graph, thorough
from nootropic_lsp.settings.options import LintSettings, Settings

SETTINGS = Settings(lint=LintSettings(semgrep=False))
USER_RULE = """\
id: no-print
language: python
severity: warning
message: "nobody reads what is printed"
rule: {pattern: "print($X)"}
"""
FILES = {
    ".nootropic/rules/print.yml": USER_RULE,
    "shop.py": "from prices import price\n\nprint(price(1))\n",
    "prices.py": "def price(number):\n    return number\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, FILES)


@pytest.fixture
def onlooker() -> Iterator[Onlooker]:
    made = Onlooker()
    yield made
    made.close()


def looked(onlooker: Onlooker, workspace: Workspace, name: str) -> list[tuple[str, int]]:
    look = onlooker.thorough(workspace.snapshot(), workspace.path(name), SETTINGS)
    assert look.problems == []
    return [(each.code, each.span.start) for each in look.findings]


def test_it_finds_what_this_process_would_find(workspace, onlooker):
    path = workspace.path("shop.py")
    look = onlooker.thorough(workspace.snapshot(), path, SETTINGS)
    assert look == thorough(workspace.snapshot(), path, SETTINGS)
    assert [each.code for each in look.findings] == ["user/no-print"]


def test_it_asks_the_graph_alone(workspace, onlooker):
    workspace.open("shop.py", "from prices import gone\n\nprint(gone is 1)\n")
    path = workspace.path("shop.py")
    look = onlooker.by_graph(workspace.snapshot(), path, SETTINGS)
    assert [each.code for each in look.findings] == ["unresolved-import"]
    assert look.findings == by_graph(workspace.snapshot(), path, SETTINGS).findings


def test_it_sees_texts_that_nobody_saved_as_they_are(workspace, onlooker):
    workspace.open("shop.py", "x = 1\n\nprint(x)\n# é\ud83d\n")
    assert looked(onlooker, workspace, "shop.py") == [("user/no-print", 7)]
    workspace.open("shop.py", "xy = 1\n\nprint(xy)\n")
    assert looked(onlooker, workspace, "shop.py") == [("user/no-print", 8)]
    workspace.open("shop.py", "xy = 1\n")
    assert looked(onlooker, workspace, "shop.py") == []


def test_a_process_that_died_is_started_again(workspace, onlooker):
    assert looked(onlooker, workspace, "shop.py")
    process = onlooker._worker._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert looked(onlooker, workspace, "shop.py")


def test_it_leaves_when_nothing_is_to_be_looked_at(workspace, onlooker, monkeypatch):
    monkeypatch.setattr(onlookers, "_REST_AFTER_S", 0.0)
    looked(onlooker, workspace, "shop.py")
    process, resting = onlooker._worker._process, onlooker._resting
    assert resting is not None
    resting.join(10)
    assert onlooker._worker._process is None
    assert process is None or process.poll() is not None
    assert looked(onlooker, workspace, "shop.py")


def test_one_that_takes_too_long_over_a_file_says_so(workspace, onlooker, monkeypatch):
    monkeypatch.setattr(onlookers, "_DEADLINE_S", 0.0)
    look = onlooker.thorough(workspace.snapshot(), workspace.path("shop.py"), SETTINGS)
    assert not look.findings
    assert look.problems == ["shop.py was not looked at: that took longer than 0 s"]


def test_a_closed_one_starts_nothing(workspace, onlooker):
    onlooker.close()
    look = onlooker.thorough(workspace.snapshot(), workspace.path("shop.py"), SETTINGS)
    assert not look.findings
    assert not look.problems
    assert onlooker._worker._process is None


def test_an_index_that_is_gone_is_told(workspace, onlooker):
    snapshot = workspace.snapshot()
    for file in workspace.root.parent.glob("graph.db*"):
        file.unlink()
    look = onlooker.thorough(snapshot, workspace.path("shop.py"), SETTINGS)
    (problem,) = look.problems
    assert problem.startswith("shop.py was not looked at: ")


def test_a_mirror_follows_the_index(workspace):
    mirror = Mirror()
    first = mirror.snapshot(sent(workspace.snapshot()))
    assert mirror.snapshot(sent(workspace.snapshot())) is first
    path = workspace.path("prices.py")
    before = first.unit(path)
    assert before is not None
    workspace.write("prices.py", "def price(number):\n    return number\n\n\nDEAR = 100\n")
    workspace.index()
    after = mirror.snapshot(sent(workspace.snapshot())).unit(path)
    assert after is not None
    assert [each.name for each in after.definitions if each.name == "DEAR"] == ["DEAR"]
