"""`nootropic lint` as it is typed: what it looks at, what it says, how it exits, what it writes."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from nootropic_lsp.features.lint import fresh, linting, targets

BAD = 'def f(x):\n    return x is "a"\n'
GOOD = "def f(x):\n    return x\n"
# Needs neither the index nor another program.
ONLY = ("--select", "is-literal,unused-ignore")
Lint = Callable[..., object]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "sub").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "bad.py").write_text(BAD)
    (root / "sub" / "good.py").write_text(GOOD)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def lint(type_):
    return lambda *words: type_("lint", *ONLY, *words)


def codes(typed) -> list[str]:
    return [each["code"] for each in json.loads(typed.out)["findings"]]


# ---- what is looked at, and the exit code


def test_a_finding_is_1_and_none_is_0(project, lint):
    assert lint().code == 1
    assert lint("sub").code == 0
    assert lint("--exit-zero").code == 0


def test_the_text_shows_the_line_and_what_is_meant(project, lint):
    said = lint().out.splitlines()
    assert said[0] == "bad.py:2:12: error[is-literal] `is` compares objects, not values"
    assert said[2:4] == ['2 |     return x is "a"', "  |            ^^^^^^^^"]
    assert "1 finding in 2 files" in said[-1]


def test_syntax_errors_are_shown_whatever_is_selected(project, lint):
    (project / "broken.py").write_text("x = (\n")
    assert "syntax" in codes(lint("broken.py", "--output-format", "json"))


def test_files_and_a_folder_outside_of_the_workspace(project, tmp_path, lint):
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    for name in ("one.py", "two.py"):
        (other / name).write_text(BAD)
    assert len(codes(lint(str(other), "--output-format", "json"))) == 2
    typed = lint(str(other / "one.py"), str(other / "two.py"), "--output-format", "json")
    assert len(codes(typed)) == 2


def test_an_ignored_file_counts_when_it_is_named(project, lint):
    (project / ".gitignore").write_text("bad.py\n")
    assert lint().code == 0
    assert lint("bad.py").code == 1
    assert lint("bad.py", "--force-exclude").code == 0


def test_lint_exclude_leaves_files_out(project, lint):
    (project / ".nootropic.json").write_text('{"lint": {"exclude": ["bad.py"]}}')
    assert lint().code == 0
    assert lint("bad.py").code == 1
    assert lint("bad.py", "--force-exclude").code == 0


def test_code_of_others_is_left_out_unless_it_is_named(project, lint):
    (project / "vendor").mkdir()
    (project / "bad.py").rename(project / "vendor" / "bad.py")
    assert lint().code == 0
    assert lint("vendor/bad.py").code == 1


@pytest.mark.parametrize("name", ["bad_pb2.py", "tests/data/bad.py"])
def test_what_nobody_edits_is_passed_over_unless_it_is_named(project, lint, name):
    (project / "tests" / "data").mkdir(parents=True)
    (project / "bad.py").rename(project / name)
    for _ in range(2):  # anew, and from the cache
        typed = lint()
        assert typed.code == 0
        assert "1 file passed over" in typed.out
    assert lint(name).code == 1
    assert lint(name, "--force-exclude").code == 0
    (project / ".nootropic.json").write_text('{"lint": {"passOver": []}}')
    typed = lint()
    assert typed.code == 1
    assert "passed over" not in typed.out


def test_what_an_example_does_on_the_readers_own_machine_is_passed_over(project, type_):
    (project / "examples").mkdir()
    shop = project / "examples" / "shop.py"
    shop.write_text("import hashlib\nimport flask\nflask.Flask('').run(debug=True)\n")
    words = ("lint", "--select", "debug-on,unused-import")
    assert codes(type_(*words, "--output-format", "json")) == ["unused-import"]
    (project / ".nootropic.json").write_text('{"lint": {"passOver": []}}')
    assert codes(type_(*words, "--output-format", "json")) == ["unused-import", "debug-on"]


def test_a_key_that_a_service_issues_is_told_wherever_it_is(project, type_):
    (project / "examples").mkdir()
    # Put together here, so that this file itself holds none.
    key, sample = "AKIA" + "QX7ZP2LM4RT6WY8B", "AKIA" + "IOSFODNN7EXAMPLE"
    shop = project / "examples" / "shop.py"
    shop.write_text(f'KEY = "{key}"\nSAMPLE = "{sample}"\npassword = "hunter2secret"\n')
    typed = type_("lint", "--select", "hard-coded-secret", "--output-format", "json")
    assert [each["line"] for each in typed.json["findings"]] == [1]


def test_show_files_and_show_settings(project, lint):
    assert sorted(lint("--show-files").out.split()) == ["bad.py", "sub/good.py"]
    assert "lint.select = ('is-literal', 'unused-ignore')" in lint("--show-settings").out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere.py",), "nowhere.py does not exist; name a file or folder"),
        (
            ("--select", "is-litteral"),
            "is-litteral is neither a rule nor a pack; did you mean is-literal?",
        ),
        (("--deadline", "soon"), "--deadline soon is not a number above 0"),
        (("-",), "name the text on standard input: `- --stdin-filename FILE`"),
        (("bad.py", "--stdin-filename", "new.py"), "standard input is one text"),
        (("-", "bad.py", "--stdin-filename", "new.py"), "standard input is one text"),
        (("-o", "bad.py/report.txt"), "bad.py/report.txt cannot be written"),
        (("-o", "sub"), "sub cannot be written"),
        (
            ("--statistics", "--output-format", "sarif"),
            "--statistics is said as full, concise, json",
        ),
        (("--diff-base", "main"), "git"),
        (("--baseline", "nowhere.json"), "cannot be read"),
    ],
)
def test_a_mistake_is_one_sentence_and_2(words, sentence, project, type_):
    typed = type_("lint", *words)
    assert (typed.code, typed.out) == (2, "")
    assert sentence in typed.err
    assert len(typed.err.splitlines()) == 1


def test_our_own_bug_is_2(project, lint, monkeypatch):
    monkeypatch.setattr(fresh, "look_afresh", lambda *_: 1 / 0)
    typed = lint()
    assert typed.code == 2
    assert "please report" in typed.err


def test_select_ignore_and_severities(project, lint, type_):
    assert type_("lint", "--select", "performance").code == 0
    assert lint("--ignore", "is-literal").code == 0
    assert lint("--ignore", "bugs").code == 1  # the code weighs more than its pack
    (project / ".nootropic.json").write_text('{"lint": {"severities": {"bugs": "hint"}}}')
    assert lint().code == 1
    assert lint("--fail-on", "warning").code == 0
    (project / ".nootropic.json").write_text('{"lint": {"severities": {"is-literal": "off"}}}')
    assert lint().code == 0


# ---- standard input


def from_stdin(project: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nootropic_lsp", "lint", *ONLY, *words],
        input=text,
        capture_output=True,
        text=True,
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )


def test_standard_input_is_the_text_of_a_file(project):
    ended = from_stdin(
        project, BAD, "-", "--stdin-filename", "sub/good.py", "--output-format", "concise"
    )
    assert ended.returncode == 1
    assert ended.stdout.startswith("sub/good.py:2:12: error[is-literal]")


def test_a_name_for_standard_input_means_standard_input(project):
    ended = from_stdin(project, BAD, "--stdin-filename", "sub/good.py", "--output-format", "json")
    assert [each["path"] for each in json.loads(ended.stdout)["findings"]] == ["sub/good.py"]


def test_standard_input_is_fixed_to_standard_output(project):
    words = ("-", "--stdin-filename", "new.py", "--fix", "--unsafe-fixes")
    ended = from_stdin(project, BAD, *words)
    assert (ended.returncode, ended.stdout) == (0, BAD.replace("is", "=="))
    ended = from_stdin(project, GOOD, *words)
    assert (ended.returncode, ended.stdout) == (0, GOOD)
    assert not (project / "new.py").exists()


# ---- fixes


def test_diff_shows_and_fix_writes(project, lint):
    typed = lint("--diff", "--unsafe-fixes")
    assert typed.code == 1
    assert '-    return x is "a"\n+    return x == "a"' in typed.out
    assert (project / "bad.py").read_text() == BAD
    typed = lint("--fix", "--unsafe-fixes")
    assert (typed.code, (project / "bad.py").read_text()) == (0, BAD.replace("is", "=="))
    assert "1 finding put right" in typed.out


@pytest.mark.parametrize(
    "raw",
    [
        b"# coding: latin-1\r\ns = '\xe9'  # nootropic: ignore[is-literal]\r\n",
        "s = 'é'  # nootropic: ignore[is-literal]\n".encode("utf-16"),
        b"\xef\xbb\xbfs = 1  # nootropic: ignore[is-literal]\r\nt = 1\r\n",
    ],
)
def test_a_fix_keeps_line_ends_encoding_and_mark(raw, project, lint):
    (project / "bad.py").write_bytes(raw)
    assert lint("--fix").code == 0
    wanted = raw.decode("utf-16").encode("utf-16-le") if raw[:2] == b"\xff\xfe" else raw
    comment = "  # nootropic: ignore[is-literal]"
    cut = comment.encode("utf-16-le" if raw[:2] == b"\xff\xfe" else "ascii")
    head = raw[:2] if raw[:2] == b"\xff\xfe" else b""
    assert (project / "bad.py").read_bytes() == head + wanted.replace(cut, b"")


def test_what_cannot_be_written_is_named(project, lint):
    (project / "bad.py").chmod(stat.S_IRUSR)
    typed = lint("--fix", "--unsafe-fixes")
    assert (project / "bad.py").read_text() == BAD
    assert "is read-only, so it is left as it is" in typed.err
    assert typed.code == 1


def test_a_file_that_changed_meanwhile_is_left_alone(project, lint, monkeypatch):
    found = fresh.fixed_file

    def meanwhile(*given, **more):
        made = found(*given, **more)
        (project / "bad.py").write_text(BAD + "# mine\n")
        return made

    monkeypatch.setattr(fresh, "fixed_file", meanwhile)
    typed = lint("--fix", "--unsafe-fixes")
    assert (project / "bad.py").read_text() == BAD + "# mine\n"
    assert "was changed while it was looked at" in typed.err


def test_a_diff_says_what_unsafe_fixes_would_add(project, type_):
    (project / "settings.py").write_text("SESSION_COOKIE_SECURE = False\n")
    typed = type_("lint", "--select", "cookie-setting-off", "--diff")
    assert (typed.code, typed.out) == (0, "")
    assert typed.err == "0 files would change; `--unsafe-fixes` puts 1 more right\n"


# ---- reports in files


def test_a_report_goes_into_a_folder_that_is_made(project, lint):
    typed = lint("--output-format", "json", "-o", "reports/new/found.json")
    assert typed.code == 1
    assert typed.out.startswith("1 finding in 2 files")
    assert json.loads((project / "reports/new/found.json").read_text())["version"] == 1


def test_a_report_that_cannot_be_written_is_known_before_and_no_old_one_is_left(
    project, lint, monkeypatch
):
    (project / "found.txt").write_text("an old report")
    monkeypatch.setattr(fresh, "look_afresh", lambda *_: 1 / 0)
    assert "cannot be written" in lint("-o", "bad.py/found.txt").err
    assert lint("-o", "found.txt").code == 2
    assert (project / "found.txt").read_text().strip() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such pipes")
def test_a_report_goes_into_a_pipe_whole(project):
    os.mkfifo(project / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=project, stdout=subprocess.PIPE) as reader:
        ended = from_stdin(project, "", "bad.py", "--output-format", "json", "-o", "pipe")
        said, _ = reader.communicate(timeout=60)
    assert ended.returncode == 1
    assert [each["code"] for each in json.loads(said)["findings"]] == ["is-literal"]


def test_statistics_as_json(project, lint):
    typed = lint("--statistics", "--output-format", "json")
    assert typed.code == 1
    assert typed.json["statistics"] == [{"code": "is-literal", "count": 1, "fixable": 1}]


# ---- baseline and branch


def test_a_baseline_hides_what_it_knows_wherever_it_moves(project, lint):
    typed = lint("--write-baseline", "--baseline", "known.json")
    assert typed.code == 0
    assert "`--baseline` with this file" in typed.out
    assert lint("--baseline", "known.json").code == 0
    (project / "bad.py").write_text("import os\n\n" + BAD)
    typed = lint("--baseline", "known.json")
    assert typed.code == 0
    assert "1 known finding in the baseline" in typed.out
    (project / "bad.py").write_text(BAD + '\n\ndef g(y):\n    return y is "b"\n')
    assert lint("--baseline", "known.json").code == 1
    (project / "bad.py").write_text(GOOD)
    assert "1 finding of the baseline no longer there" in lint("--baseline", "known.json").out


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 9, "findings": []}', '{"version": 1}']
)
def test_a_bad_baseline_is_2(text, project, lint):
    (project / "known.json").write_text(text)
    typed = lint("--baseline", "known.json")
    assert typed.code == 2
    assert "--write-baseline" in typed.err


def git(project: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *who, *words], cwd=project, check=True, capture_output=True)


def test_diff_base_shows_only_what_the_branch_added(project, lint):
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    git(project, "switch", "-q", "-c", "branch")
    assert lint("--diff-base", "main").code == 0
    git(project, "mv", "bad.py", "moved.py")
    git(project, "commit", "-q", "-m", "two")
    typed = lint("--diff-base", "main")
    assert typed.code == 0
    assert "1 finding on lines that were there before" in typed.out
    (project / "moved.py").write_text(BAD + '\n\ndef g(y):\n    return y is "b"\n')
    (project / "new.py").write_text(BAD)
    typed = lint("--diff-base", "main", "--output-format", "json")
    assert [(each["path"], each["line"]) for each in json.loads(typed.out)["findings"]] == [
        ("moved.py", 6),
        ("new.py", 2),
    ]
    typed = lint("--diff-base", "nonsense")
    assert typed.code == 2
    assert "git knows no revision nonsense here" in typed.err
    assert lint("--diff-base", "--output=x").code == 2


def test_diff_base_runs_nothing_that_the_repository_configures(project, lint, tmp_path):
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    trap = tmp_path / "sprung"
    script = project / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(trap))}\ncat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.x.clean",
        "filter.x.smudge",
        "diff.x.textconv",
        "core.pager",
    ):
        git(project, "config", key, str(script))
    git(project, "config", "core.hooksPath", str(project))
    (project / ".gitattributes").write_text("*.py filter=x diff=x\n")
    (project / "git").write_text(script.read_text())
    (project / "git").chmod(0o755)
    assert lint("--diff-base", "main").code == 0
    assert not trap.exists()


# ---- the cache


def test_nothing_changed_looks_at_nothing(project, lint, monkeypatch):
    before = lint()
    monkeypatch.setattr(fresh, "look_afresh", lambda *_: 1 / 0)
    assert lint() == before
    assert lint("--no-cache").code == 2


def test_only_what_changed_is_looked_at(project, lint, monkeypatch):
    lint()
    seen: list[list[str]] = []
    gather = fresh.gather

    def spied(task, wanted):
        seen.append([Path(each).name for each in wanted["own"]])
        return gather(task, wanted)

    monkeypatch.setattr(fresh, "gather", spied)
    (project / "sub" / "good.py").write_text(BAD)
    assert len(codes(lint("--output-format", "json"))) == 2
    assert seen == [["good.py"]]
    os.utime(project / "bad.py")  # only its time is another one
    lint()
    assert seen[1:] == [[]]


def test_findings_of_a_removed_file_are_gone(project, lint):
    assert lint().code == 1
    (project / "bad.py").unlink()
    assert lint().code == 0


def test_another_choice_of_rules_is_another_answer(project, lint, type_):
    assert lint().code == 1
    assert type_("lint", "--select", "performance").code == 0
    assert lint().code == 1


def test_a_damaged_cache_begins_anew(project, lint):
    lint()
    linting.cache_file(str(project)).write_bytes(b"no database" * 1000)
    assert lint().code == 1


# ---- faults


def test_an_unreadable_file_makes_it_incomplete(project, lint, monkeypatch):
    (project / "gone.py").symlink_to(project / "nowhere.py")
    (project / "bad.py").write_text(GOOD)
    real = open

    def refusing(path, *given, **more):
        if str(path).endswith("bad.py"):
            raise PermissionError(13, "Permission denied")
        return real(path, *given, **more)

    monkeypatch.setattr("nootropic_lsp.features.lint.fresh.open", refusing, raising=False)
    typed = lint()
    assert typed.code == 2
    assert "bad.py cannot be read (Permission denied)" in typed.err
    assert lint("--allow-incomplete").code == 0


def test_people_are_told_the_first_of_many_problems(project, lint, monkeypatch):
    for number in range(30):
        (project / f"m{number}.py").write_text(GOOD)

    def refusing(*_given, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nootropic_lsp.features.lint.fresh.open", refusing, raising=False)
    typed = lint()
    assert typed.err.count("cannot be read (Permission denied)") == 20
    assert "… and 12 more problems" in typed.err
    assert len(lint("--output-format", "json").json["problems"]) == 32


def test_a_deadline_makes_it_incomplete(project, lint):
    typed = lint("--deadline", "0.000001")
    assert typed.code == 2
    assert "the time was up" in typed.err
    assert lint().code == 1  # and nothing of that was kept


def test_ten_thousand_findings_in_one_file(project, lint):
    (project / "bad.py").write_text("".join(f'a{n} = b is "x"\n' for n in range(10_000)))
    typed = lint("--output-format", "jsonl")
    assert len(typed.out.splitlines()) == 10_000


def test_a_reader_that_goes_away_is_no_error(project):
    (project / "bad.py").write_text("".join(f'a{n} = b is "x"\n' for n in range(3_000)))
    words = f"{shlex.quote(sys.executable)} -m nootropic_lsp lint {' '.join(ONLY)}"
    script = f"({words}; echo $? >&2) | head -1"
    ended = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.stderr.strip() in ("141", "1")


def test_a_pipe_gets_neither_colours_nor_a_bar(project, lint):
    typed = lint()
    assert "\x1b" not in typed.out + typed.err
    assert "\r" not in typed.err


# ---- where teams meet it


def top() -> Path:
    return Path(__file__).parents[2]


@pytest.mark.parametrize(
    "hook",
    yaml.safe_load((top() / ".pre-commit-hooks.yaml").read_text()),
    ids=lambda hook: hook["id"],
)
def test_the_pre_commit_hooks_run(hook, project, type_):
    """What pre-commit would run: the entry, the arguments of the user, the files of the commit."""
    words = shlex.split(hook["entry"])
    assert words[0] == "nootropic"
    typed = type_(*words[1:], *ONLY, "bad.py", "sub/good.py")
    is_fixing = "--fix" in words
    assert typed.code == (0 if is_fixing else 1)
    assert (project / "bad.py").read_text() == (BAD.replace("is", "==") if is_fixing else BAD)


@pytest.mark.skipif(sys.platform == "win32", reason="the action's script is for bash")
def test_the_action_runs(project, tmp_path):
    """The script of the action, with pip replaced by nothing."""
    action = yaml.safe_load((top() / "action.yml").read_text())
    script = next(each["run"] for each in action["runs"]["steps"] if each.get("id") == "lint")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python").write_text("#!/bin/sh\nexit 0\n")
    (tools / "nootropic").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m nootropic_lsp "$@"\n'
    )
    for each in tools.iterdir():
        each.chmod(0o755)
    outputs = tmp_path / "outputs"
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "GITHUB_OUTPUT": str(outputs),
        "ACTION_PATH": str(top()),
        "INPUT_PATHS": "bad.py",
        "INPUT_ARGS": " ".join(ONLY),
        "INPUT_VERSION": "",
    }
    for sarif in ("", "found.sarif"):
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=project,
            env={**environment, "INPUT_SARIF_FILE": sarif},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 1, ended.stderr
        if sarif:
            assert json.loads((project / sarif).read_text())["version"] == "2.1.0"
            assert outputs.read_text() == "sarif-file=found.sarif\n"
        else:
            assert ended.stdout.startswith("::error file=bad.py,line=2,")


# ---- the graph, with an index


def test_a_change_is_seen_in_files_that_depend_on_it(project, type_):
    """What is kept of a file holds only as long as what it was judged by is the same."""
    words = ("lint", "--select", "graph", "--output-format", "json")
    (project / "a.py").write_text("def f(x):\n    return x\n")
    (project / "b.py").write_text("from a import f\n\nprint(f(1))\n")
    assert "wrong-arguments" not in codes(type_(*words))
    (project / "a.py").write_text("def f(x, y):\n    return x + y\n")
    changed = type_(*words)
    assert "wrong-arguments" in codes(changed)
    assert changed == type_(*words) == type_(*words, "--no-cache")
    (project / "a.py").write_text("def f(x):\n    return x\n")
    assert "wrong-arguments" not in codes(type_(*words, "b.py"))


def test_a_change_is_seen_in_one_file_of_which_nobody_knows_on_what_it_depends(project, type_):
    """Where few files are looked at, names are not resolved in the others."""
    words = ("lint", "--select", "graph", "--output-format", "json", "a.py")
    (project / "a.py").write_text("from b import g\n\nprint(g(1))\n")
    (project / "b.py").write_text("def g(x):\n    return x\n")
    assert codes(type_(*words)) == []
    (project / "b.py").write_text("def h(x):\n    return x\n")
    assert codes(type_(*words)) == ["unresolved-import"]


def test_one_file_is_looked_at_once_and_nobody_else_is(project, type_, monkeypatch):
    """With the rules of the graph, though the other files were never looked at."""
    words = ("lint", "--select", "graph,is-literal", "--output-format", "json", "bad.py")
    looked = []
    gather = fresh.gather

    def noted(task, wanted):
        looked.extend(path for paths in wanted.values() for path in paths)
        return gather(task, wanted)

    monkeypatch.setattr(fresh, "gather", noted)
    assert codes(type_(*words)) == ["is-literal"]
    assert {Path(each).name for each in looked} == {"bad.py"}
    looked.clear()
    assert codes(type_(*words)) == ["is-literal"]
    assert looked == []
    (project / "bad.py").write_text(GOOD)
    assert codes(type_(*words)) == []


def test_who_names_a_file_does_not_wait_for_all_others_to_be_found(project, lint, monkeypatch):
    def discovered(root, **_):
        raise AssertionError("the workspace is walked through")

    monkeypatch.setattr(targets, "discover", discovered)
    assert lint("bad.py").code == 1
    assert lint("bad.py", "--force-exclude").code == 1
    (project / ".gitignore").write_text("bad.py\n")
    assert lint("bad.py", "--force-exclude").code == 0
