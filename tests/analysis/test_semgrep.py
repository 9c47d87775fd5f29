"""Running Semgrep's core: what it finds, and every way in which it can fail."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nootropic_lsp.analysis import rulebook, semgrep
from nootropic_lsp.analysis.semgrep import Text, scan
from nootropic_lsp.analysis.simplify import simplified
from nootropic_lsp.analysis.simplify.needs import NOTHING, Simple
from nootropic_lsp.analysis.taint import semgrep_rules

# Where the tests find the core, if it is not installed beside this package.
CORE = (
    semgrep.find_core()
    or os.environ.get("NOOTROPIC_TEST_SEMGREP_CORE")
    or shutil.which("semgrep-core")
)
# In CI it is installed, and its absence is a failure.
needs_core = pytest.mark.skipif(
    CORE is None and "CI" not in os.environ, reason="Semgrep's core is not here"
)

RULE: dict[str, Any] = {
    "id": "reaches",
    "mode": "taint",
    "message": "it reaches it",
    "severity": "WARNING",
    "languages": ["python"],
    "pattern-sources": [{"pattern": "source(...)"}],
    "pattern-sinks": [{"patterns": [{"pattern": "sink($X)"}, {"focus-metavariable": "$X"}]}],
}
TEXT = Text("/w/a.py", "python", "wörd = source()\nsink(wörd)\n")


def fake(tmp_path: Path, body: str) -> str:
    path = tmp_path / "core"
    path.write_text(f"#!{sys.executable}\nimport sys, time, os\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@needs_core
def test_findings_lie_in_the_text_of_the_user() -> None:
    result = scan([TEXT], [RULE], deadline_s=60, core=CORE)
    assert result.is_complete, result.problems
    (found,) = result.by_path["/w/a.py"]
    assert (found.code, found.severity) == ("reaches", "warning")
    assert TEXT.text[found.span.start : found.span.end] == "wörd"
    assert found.span.start == TEXT.text.index("(wörd)") + 1
    first = found.related[0]
    assert TEXT.text[first.place.span.start : first.place.span.end] == "source()"


@needs_core
def test_values_are_followed_in_the_simplified_text_and_reported_in_the_other() -> None:
    text = "def f():\n    items = [1, source()]\n    sink(items[1])\n    sink(items[0])\n"
    simple = simplified(text, "python")
    assert simple != text
    result = scan(
        [Text("/w/a.py", "python", text, Simple(simple))], [RULE], deadline_s=60, core=CORE
    )
    (found,) = result.by_path["/w/a.py"]
    assert text[: found.span.start].count("\n") == 2


@needs_core
def test_a_rule_with_an_error_is_named_and_the_others_run() -> None:
    broken = {**RULE, "id": "broken", "pattern-sources": [{"pattern": "source(("}]}
    result = scan([TEXT], [broken, RULE], deadline_s=60, core=CORE)
    assert [each.code for each in result.by_path["/w/a.py"]] == ["reaches"]
    assert not result.is_complete
    assert any("broken" in each for each in result.problems)


def test_a_core_that_is_missing_is_said() -> None:
    result = scan([TEXT], [RULE], deadline_s=5, core="/nowhere/semgrep-core")
    assert not result.is_complete
    assert "could not be started" in result.problems[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os.abort()", "ended with"),
        ("sys.exit(3)", "ended with 3"),
        ("print('rubbish')", "gave no answer"),
        ("print('[1, 2]')", "gave no answer"),
        ('print(\'{"results": [{"path": 1}]}\')', "could not be read"),
    ],
)
def test_a_core_that_fails_is_said(tmp_path: Path, body: str, said: str) -> None:
    result = scan([TEXT], [RULE], deadline_s=20, core=fake(tmp_path, body))
    assert not result.is_complete
    assert said in " ".join(result.problems)


def test_a_core_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    body = (
        "import subprocess\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(mark)!r}, 'w').write(str(child.pid))\ntime.sleep(60)"
    )
    started = time.monotonic()
    result = scan([TEXT], [RULE], deadline_s=3, core=fake(tmp_path, body))
    assert time.monotonic() - started < 30
    assert not result.is_complete
    assert "stopped" in result.problems[0]
    # A killed process may be seen for a moment more, and as a zombie until it is reaped.
    while is_alive(int(mark.read_text())):
        assert time.monotonic() - started < 30
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_rule_that_takes_too_long_is_named_and_switched_off(tmp_path: Path) -> None:
    body = (
        "import json\n"
        "rules = open(sys.argv[sys.argv.index('-rules') + 1]).read()\n"
        "slow = [{'rule_id': 'reaches', 'error_type': 'Timeout', 'message': ''}]\n"
        "print(json.dumps({'results': [], 'errors': slow if 'reaches' in rules else []}))"
    )
    texts = [Text(f"/w/{number}.py", "python", "") for number in range(semgrep.BATCH + 1)]
    result = scan(texts, [RULE], deadline_s=60, core=fake(tmp_path, body))
    assert result.problems == ["rule reaches was stopped: timeout"]


def test_texts_in_which_nothing_flows_are_not_looked_at(tmp_path: Path) -> None:
    core = fake(tmp_path, "sys.exit(1)")
    nothing = Text("/w/b.py", "python", "x = 1\n", NOTHING)
    assert scan([nothing], [RULE], deadline_s=9, core=core).is_complete
    assert not scan([TEXT], [RULE], deadline_s=9, core=core).is_complete


@needs_core
def test_no_network_is_needed_and_nothing_of_the_user_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMGREP_APP_TOKEN", "token")
    seen = tmp_path / "seen"
    body = f"open({str(seen)!r}, 'w').write(repr((sys.argv, dict(os.environ))))"
    scan([TEXT], [RULE], deadline_s=20, core=fake(tmp_path, body))
    assert "token" not in seen.read_text()
    assert "metrics" not in seen.read_text().lower().replace("send_metrics': 'off", "")
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False).returncode:
        pytest.skip("no network namespaces here")
    apart = tmp_path / "apart"
    apart.write_text(f'#!/bin/sh\nexec {unshare} -rn {CORE} "$@"\n')
    apart.chmod(0o755)
    result = scan([TEXT], [RULE], deadline_s=60, core=str(apart))
    assert result.is_complete, result.problems
    assert result.by_path


@needs_core
@pytest.mark.parametrize(
    "code",
    sorted(
        code
        for code, rule in rulebook.rules().items()
        if "python" in rule.languages
        and rule.languages["python"].taint is not None
        and not rule.languages["python"].is_structural
    ),
)
def test_examples_of_taint_rules_for_python(code: str) -> None:
    rule = rulebook.rules()[code]
    part = rule.languages["python"]
    rules = [each for each in semgrep_rules([rule]) if "python" in each["languages"]]
    texts = [
        Text(f"/w/{kind}{number}.py", "python", text, Simple(simplified(text, "python")))
        for kind, several in (("bad", part.examples.bad), ("good", part.examples.good))
        for number, text in enumerate(several)
    ]
    assert part.examples.bad
    assert part.examples.good
    result = scan(texts, rules, deadline_s=100, core=CORE)
    assert result.is_complete, result.problems
    assert sorted(result.by_path) == [each.path for each in texts if "bad" in each.path]
