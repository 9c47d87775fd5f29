"""A repository that means harm is opened by the server and the command line, and gets nothing.

Everything it could have run would write a canary; everything it could have had us write
would lie outside.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.house import House, make_shop, run_cli, wait_until

from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.places import database_of

# What an editor or a user starts: the script, not `python -m`, which imports from the current folder.
SCRIPT = Path(sys.executable).with_name("nootropic.exe" if os.name == "nt" else "nootropic")
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed")
VERBS = (
    ("index",),
    ("where", "Cart"),
    ("refs", "Cart"),
    ("callers", "Cart.total"),
    ("impact", "cart.py"),
    ("outline", "cart.py"),
    ("doctor",),
    ("list-capabilities",),
)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What must stay as it is."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious.txt").write_text("mine")
    (folder / "precious.db").write_text("mine, too")
    (folder / "folder").mkdir()
    (folder / "folder" / "graph.db").write_text("mine as well")
    return folder


@pytest.fixture
def repo(tmp_path: Path, outside: Path) -> Iterator[Path]:
    """A small project with everything in it that could make a tool run or write something."""
    root = make_shop(tmp_path / "repo")
    canary = outside / "canary"
    before = listing(outside)
    code = f"open({str(canary)!r}, 'w').write(__name__)\n"
    script = f"#!/bin/sh\ntouch '{canary}'\nexec '{sys.executable}' \"$@\"\n"
    for module in ("sitecustomize", "usercustomize", "msgspec", "tree_sitter", "logging", "json"):
        (root / f"{module}.py").write_text(code)
    for package in ("nootropic_lsp", "tree_sitter_python", "detect_secrets"):
        (root / package).mkdir()
        (root / package / "__init__.py").write_text(code)
        (root / package / "__main__.py").write_text(code)
    (root / "conftest.py").write_text(code)
    (root / "setup.py").write_text(code)
    # An environment of its own, with an interpreter and with lines that Python would run.
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text(f"home = {root / 'bin'}\nversion = 3.12\n")
    (site / "evil.pth").write_text(f"import os; os.system('touch {canary}')\n{outside}\n")
    (site / "sitecustomize.py").write_text(code)
    (site / "lib.py").write_text("class FromLibrary:\n    pass\n")
    (root / "uses.py").write_text("import lib\nlib.FromLibrary()\n")
    for folder in (root / ".venv" / "bin", root / "bin", root / "node_modules" / ".bin"):
        folder.mkdir(parents=True)
        for name in ("python", "python3", "git", "node", "nootropic"):
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)
    (root / "git").write_text(script)
    (root / "git").chmod(0o755)
    # Settings that name what must not be named.
    (root / ".nootropic.json").write_text(
        '{"python": {"environment": "bin/python"}, "index": {"workers": 64, "useGitignore": false,'
        ' "maxFileBytes": 1000000000}, "trusted": true, "plugins": ["evil"]}'
    )
    (root / "pyproject.toml").write_text(
        '[tool.nootropic]\npython = { environment = "/usr/bin/../bin/evil" }\n'
        '[tool.nootropic.index]\nworkers = 64\n[build-system]\nbuild-backend = "conftest"\n'
    )
    (root / "tsconfig.json").write_text('{"extends": "../outside/precious.txt"}')
    # git, should anybody run it.
    (root / ".git" / "hooks").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git" / "config").write_text(
        f"[core]\n\tfsmonitor = touch {canary}\n\thooksPath = .git/hooks\n"
        f'[filter "x"]\n\tclean = touch {canary}\n'
    )
    (root / ".gitattributes").write_text("* filter=x\n")
    for hook in ("post-checkout", "post-index-change", "fsmonitor-watchman"):
        (root / ".git" / "hooks" / hook).write_text(script)
        (root / ".git" / "hooks" / hook).chmod(0o755)
    # Patterns that take a careless matcher for ever.
    (root / ".gitignore").write_text(("a*" * 60 + "b\n") + "**/" * 200 + "x\n" + "[" * 500 + "\n")
    (root / ("a" * 120)).write_text("x")
    (root / "link.py").symlink_to(outside / "precious.txt")
    (root / "out").symlink_to(outside)
    yield root
    assert listing(outside) == before


def listing(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def look_around(repo: Path) -> list[str]:
    """What an editor does first, and every verb; what the editor's user was told."""
    path = os.pathsep.join((".", str(repo / "bin"), os.environ["PATH"]))
    with House(repo, command=(str(SCRIPT), "lsp"), env={"PATH": path}) as house:
        house.begin_indexing().wait_indexed()
        house.open_file("shop.py")
        house.open_file("uses.py")
        assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]
        for name in ("hover", "references", "documentHighlight", "prepareCallHierarchy"):
            house.at(
                f"textDocument/{name}",
                house.uri("shop.py"),
                4,
                11,
                context={"includeDeclaration": True},
            )
        house.definition("uses.py", 1, 5)
        house.save("cart.py", (repo / "cart.py").read_text() + "\n\nclass Later:\n    pass\n")
        wait_until(lambda: "Later" in house.symbols("Later"), "the new class")
        said = house.told()
        assert house.leave() == 0
        assert "Traceback" not in house.errors
    for verb in VERBS:
        done = subprocess.run(
            (str(SCRIPT), *verb),
            cwd=repo,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 1), done.stderr
    return said


def test_nothing_of_it_runs(repo: Path, outside: Path) -> None:
    said = look_around(repo)
    # What was not taken over is said, and each of it once.
    for name in ("python.environment", "index.workers", "index.useGitignore", "index.maxFileBytes"):
        assert len([each for each in said if f'"{name}"' in each]) >= 1, name
    assert len(said) == len(set(said))
    assert not (outside / "canary").exists()


def test_the_canary_sings(repo: Path, outside: Path) -> None:
    """A tool that is not careful does run it, so that its silence means something."""
    subprocess.run((sys.executable, "-c", "import msgspec"), cwd=repo, check=True)
    assert (outside / "canary").exists()
    (outside / "canary").unlink()


def test_a_library_of_its_environment_is_only_read(repo: Path) -> None:
    with House(repo, command=(str(SCRIPT), "lsp")) as house:
        house.begin_indexing().wait_indexed()
        house.open_file("uses.py")
        assert house.definition("uses.py", 1, 5) == [("lib.py", 0)]


def state(repo: Path) -> Path:
    folder = database_of(repo).parent
    folder.mkdir(parents=True)
    return folder


def test_an_index_that_came_with_it_is_not_believed(repo: Path, outside: Path) -> None:
    """It would say where `Cart` is, fire triggers, and have SQLite delete a file."""
    other = make_shop(repo.parent / "other")
    run_cli(other, "index")
    database = state(repo) / "graph.db"
    shutil.copytree(database_of(other).parent, database.parent, dirs_exist_ok=True)
    connection = sqlite3.connect(database)
    connection.execute("UPDATE symbols SET name = 'Planted' WHERE name = 'Cart'")
    connection.execute("CREATE TRIGGER evil AFTER INSERT ON meta BEGIN DELETE FROM files; END")
    connection.execute("CREATE VIEW planted AS SELECT * FROM files")
    connection.commit()
    connection.close()
    # A rollback journal names a file that SQLite deletes when it has recovered.
    name = str(outside / "precious.txt").encode()
    tail = (0x40000000).to_bytes(4, "big") + name + len(name).to_bytes(4, "big")
    checksum = sum(name).to_bytes(4, "big")
    magic = bytes.fromhex("d9d505f920a163d7")
    header = magic + (0).to_bytes(4, "big") + bytes(8) + (512).to_bytes(4, "big")
    header += (4096).to_bytes(4, "big")
    (database.parent / "graph.db-journal").write_bytes(
        header.ljust(512, b"\0") + tail + checksum + magic
    )
    with House(repo, command=(str(SCRIPT), "lsp")) as house:
        house.begin_indexing().wait_indexed()
        assert "Planted" not in house.symbols("Planted")
        assert "Cart" in house.symbols("Cart")
    assert (outside / "precious.txt").read_text() == "mine"
    connection = sqlite3.connect(database)
    kinds = connection.execute("SELECT DISTINCT type FROM sqlite_schema").fetchall()
    connection.close()
    assert ("trigger",) not in kinds
    assert ("view",) not in kinds


@pytest.mark.parametrize("what", ["database", "lock", "seal", "log", "version", "state", "ignore"])
def test_links_out_of_it_are_not_written_through(repo: Path, outside: Path, what: str) -> None:
    inside = database_of(repo).parent
    if what == "state":
        inside.parent.symlink_to(outside / "folder")
    elif what == "version":
        inside.parent.mkdir()
        inside.symlink_to(outside / "folder")
    else:
        inside.mkdir(parents=True)
        link, target = {
            "database": (inside / "graph.db", "precious.db"),
            "lock": (inside / "lock", "precious.txt"),
            "seal": (inside / "seal", "precious.txt"),
            "log": (inside / "graph.db-wal", "precious.txt"),
            "ignore": (inside.parent / ".gitignore", "not-there-yet"),
        }[what]
        link.symlink_to(outside / target)
    with House(repo, command=(str(SCRIPT), "lsp")) as house:
        house.begin_indexing().wait_indexed()
        assert "Cart" in house.symbols("Cart")
        house.leave()
    done = run_cli_script(repo, "where", "Cart")
    assert done.returncode == 0, done.stderr
    # The fixture compares what is outside with what was there.


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes in folders")
def test_pipes_are_not_waited_for(repo: Path) -> None:
    inside = state(repo)
    for name in ("seal", "graph.db"):
        os.mkfifo(inside / name)
    os.mkfifo(repo / "pipe.py")
    os.mkfifo(repo / "Makefile")
    done = run_cli_script(repo, "where", "Cart")
    assert done.returncode == 0, done.stderr


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / "lock").symlink_to(target)
    with pytest.raises(OSError, match="link"):
        WriterLock(tmp_path / "lock").acquire()
    assert target.read_text() == "mine"


def run_cli_script(repo: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (str(SCRIPT), *words), cwd=repo, capture_output=True, text=True, timeout=60, check=False
    )
