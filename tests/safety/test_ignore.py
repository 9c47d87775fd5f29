"""Ignore files mean to us what they mean to git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nootropic_lsp.safety.ignore import Ignore, Rules

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(
    GIT is None or sys.platform != "linux",
    reason="compares with git itself, with file names that only Linux allows",
)


def repository(folder: Path) -> Path:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([str(GIT), "init", "-q", str(folder)], check=True, env=environment)
    return folder


def plant(root: Path, asked: list[tuple[str, bool]]) -> list[str]:
    """Make the folders that are asked for; git looks at the disk to see what a path is."""
    for child in root.iterdir():
        if child.is_dir() and child.name != ".git":
            shutil.rmtree(child)
    for path, is_dir in asked:
        folder = root / path if is_dir else (root / path).parent
        folder.mkdir(parents=True, exist_ok=True)
    return sorted({path for path, _ in asked})


def git_ignores(root: Path, paths: list[str]) -> set[str]:
    asked = subprocess.run(
        [str(GIT), "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=root,
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
    )
    assert asked.returncode in (0, 1), asked.stderr
    return {path for path in asked.stdout.decode().split("\0") if path}


def we_ignore(root: Path, paths: list[str]) -> set[str]:
    ignore = Ignore(root)
    return {path for path in paths if ignore.matches(path, (root / path).is_dir())}


NAMES = ["a", "b", "ab", "a.b", "b.a", "abc", "[a]", "a b", "!a", "#a", "a\\b", "-", "A", "]", "a*"]
PIECES = [
    *("a", "b", "c", ".", "*", "**", "***", "?", "/", "\\", "!", "#", " ", "-", "]", "A"),
    *("[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[!]]", "[", "[[:alpha:]]", "[[:nope:]]", "[a\\]]"),
    *("/**/", "**/", "/**", "*/", "/*", "\\*", "\\ ", "[c-a]", "[a-]", "[--a]", "[/]", "[[:alpha]"),
]
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)
LINES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


@needs_git
@given(
    lines=st.lists(LINES, min_size=1, max_size=5),
    nested=st.lists(LINES, max_size=3),
    asked=st.lists(st.tuples(PATHS, st.booleans()), min_size=1, max_size=40, unique=True),
)
@settings(
    max_examples=int(os.environ.get("NOOTROPIC_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(lines=["a**/b"], nested=[], asked=[("ab/b", False), ("a/b/b", False)])
@example(lines=["*", "!*/", "!a.b"], nested=["!b"], asked=[("a/b", False), ("a/a.b", False)])
@example(lines=["\\!a", "\\#a", "a\\ ", "b\\"], nested=[], asked=[("!a", False), ("#a", True)])
def test_same_answer_as_git(
    tmp_path: Path, lines: list[str], nested: list[str], asked: list[tuple[str, bool]]
) -> None:
    root = tmp_path / "repository"
    if not root.exists():
        repository(root)
    paths = plant(root, [*asked, ("a", True)])
    (root / ".gitignore").write_text("\n".join(lines) + "\n")
    (root / "a" / ".gitignore").write_text("\n".join(nested) + "\n")
    assert we_ignore(root, paths) == git_ignores(root, paths)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


@pytest.mark.parametrize(
    ("lines", "path", "is_dir", "said"),
    [
        (["*.log"], "a/b.log", False, True),
        (["*.log", "!keep.log"], "a/keep.log", False, False),
        (["!keep.log", "*.log"], "a/keep.log", False, True),
        (["build/"], "a/build", True, True),
        (["build/"], "a/build", False, None),
        (["/build"], "a/build", True, None),
        (["docs/*.txt"], "docs/a/b.txt", False, None),
        (["docs/**/*.txt"], "docs/b.txt", False, True),
        (["docs/**"], "docs/a/b", False, True),
        (["**/gen/x.py"], "a/b/gen/x.py", False, True),
        (["a[0-9].py"], "a7.py", False, True),
        (["a[!0-9].py"], "a7.py", False, None),
        (["# no pattern", ""], "# no pattern", False, None),
        (["trailing   "], "trailing", False, True),
        (["kept\\ "], "kept ", False, True),
        (["ünï*"], "ünïcode", False, True),
    ],
)
def test_patterns(lines: list[str], path: str, is_dir: bool, said: bool | None) -> None:
    rules = Rules(lines, ignore_case=False)
    assert rules.verdict(path, path.rpartition("/")[2], is_dir=is_dir) is said


def test_case_is_ignored_where_the_file_system_ignores_it() -> None:
    rules = Rules(["Build/", "*.[O]"], ignore_case=True)
    assert rules.verdict("BUILD", "BUILD", is_dir=True)
    assert rules.verdict("x.o", "x.o", is_dir=False)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", "a" * 255),
        ("**/a" * 60 + "/b", "/".join("a" * 500)),
        ("*a" * 30 + "/**/" + "*b" * 30, "a" * 250 + "/" + "b" * 250 + "/c"),
        ("[!b]*" * 60 + "z", "a" * 255),
    ],
)
def test_a_hostile_pattern_does_not_hang(pattern: str, path: str) -> None:
    assert Rules([pattern]).verdict(path, path.rpartition("/")[2], is_dir=False) is None


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "\ufeffa.py\r\nb.py\r\n"})
    assert we_ignore(tmp_path, ["a.py", "b.py", "c.py"]) == {"a.py", "b.py"}


def test_our_own_file_outranks_the_others(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".nootropicignore": "!gen/\nmine.py\n",
            ".ignore": "!lib.py\n",
            ".gitignore": "gen/\nlib.py\nother.py\n",
            "sub/.gitignore": "lib.py\n",
        },
    )
    asked = ["gen/a.py", "lib.py", "sub/lib.py", "other.py", "mine.py"]
    assert we_ignore(tmp_path, asked) == {"other.py", "mine.py"}


def test_gitignore_can_be_switched_off(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "a.py", ".ignore": "b.py", ".git/info/exclude": "c.py"})
    ignore = Ignore(tmp_path, use_gitignore=False)
    assert [ignore.matches(name, False) for name in ("a.py", "b.py", "c.py")] == [
        *(False, True, False)
    ]


def test_the_repository_s_private_exclusions_count_last(tmp_path: Path) -> None:
    write(tmp_path, {".git/info/exclude": "a.py\nb.py\n", ".gitignore": "!b.py\n"})
    assert we_ignore(tmp_path, ["a.py", "x/a.py", "b.py"]) == {"a.py", "x/a.py"}


def test_a_worktree_has_the_exclusions_of_its_repository(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main/.git/info/exclude": "a.py\n",
            "main/.git/worktrees/tree/commondir": "../..\n",
            "tree/.git": "gitdir: ../main/.git/worktrees/tree\n",
        },
    )
    assert we_ignore(tmp_path / "tree", ["a.py", "b.py"]) == {"a.py"}


def test_a_folder_of_a_repository_follows_the_files_above_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/info/exclude": "private.py\n",
            ".gitignore": "/packages/one/gen\n*.tmp.py\n",
            "packages/.gitignore": "!b.tmp.py\none/x.py\n",
        },
    )
    asked = ["gen/a.py", "a.tmp.py", "b.tmp.py", "x.py", "sub/x.py", "private.py"]
    (tmp_path / "packages" / "one").mkdir()
    assert we_ignore(tmp_path / "packages" / "one", asked) == {
        *("gen/a.py", "a.tmp.py", "x.py", "private.py")
    }


def test_an_ignored_folder_that_is_opened_itself_is_seen(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "corpora/\n*.py\n"})
    corpus = write(tmp_path / "corpora" / "django", {"a.py": "", ".gitignore": "b.py\n"})
    assert we_ignore(corpus, ["a.py", "b.py"]) == {"b.py"}


def test_folders_of_tools_and_environments(tmp_path: Path) -> None:
    write(
        tmp_path, {"anywhere/pyvenv.cfg": "", "target/CACHEDIR.TAG": "", "conda/conda-meta/x": ""}
    )
    asked = [
        *("node_modules/a.js", "a/__pycache__/b.py", ".git/hooks/x.py", ".nootropic/x.py"),
        *(".nootropic-cache/x.json", ".vectorstore/x.py", "anywhere/lib/x.py", "target/x.rs"),
        "conda/bin/x.py",
    ]
    assert we_ignore(tmp_path, asked) == set(asked)
    assert we_ignore(tmp_path, ["src/node_modules.py", "env/x.py", "git/x.py"]) == set()


def test_what_is_outside_is_left_out(tmp_path: Path) -> None:
    ignore = Ignore(tmp_path / "workspace")
    assert ignore.matches(tmp_path / "other.py", False)
    assert ignore.matches("../other.py", False)
    assert not ignore.matches(tmp_path / "workspace", True)


def test_include_and_exclude(tmp_path: Path) -> None:
    ignore = Ignore(tmp_path, include=["src/", "*.js"], exclude=["**/tests/"])
    assert not ignore.matches("src/a.py", False)
    assert not ignore.matches("web/a.js", False)
    assert not ignore.matches("web", True)
    assert ignore.matches("web/a.py", False)
    assert ignore.matches("src/tests/a.py", False)


def test_unreadable_ignore_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").mkdir()
    write(tmp_path, {".ignore": "x" * 600_000 + "\n"})
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / ".nootropicignore")
    assert we_ignore(tmp_path, ["a.py", "b.py"]) == set()
