"""A small workspace with the real server, indexer and command line on it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from index.inline_pool import InlinePool
from server.client import REAL, Client, place

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.index.places import database_of
from nootropic_lsp.settings.options import Settings

DEADLINE_S = 20.0


def make_shop(root: Path, *, n_more: int = 0) -> Path:
    """Two files that know each other, and more of them on demand."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "cart.py").write_text("class Cart:\n    def total(self):\n        return 1\n")
    (root / "shop.py").write_text(
        "from cart import Cart\n\n\ndef buy():\n    return Cart().total()\n"
    )
    for number in range(n_more):
        body = "".join(f"def f{number}_{n}():\n    return Cart().total()\n\n\n" for n in range(40))
        (root / f"more{number}.py").write_text("from cart import Cart\n\n\n" + body)
    return root


class House(Client):
    """The real server on a workspace."""

    def __init__(
        self,
        root: Path | None,
        *,
        command: tuple[str, ...] = REAL,
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(command, cwd=root if root and root.is_dir() else None, env=env)
        self.root = root

    def begin_indexing(self, **more: Any) -> House:
        """Shake hands."""
        self.start(self.root, **more)
        return self

    def wait_indexed(self) -> House:
        """Until nothing is left to be done for the index, by what the server says of itself."""
        wait_until(lambda: self.is_complete() and not self.is_busy(), "the index")
        return self

    def is_busy(self) -> bool:
        """Whether the index is still being written, as it was last told."""
        told = self.notified("$/nootropic/status")
        return not told or bool(told[-1]["busy"])

    def is_complete(self) -> bool:
        """Whether the answers are complete, asked as an editor would: a question, then the status."""
        self.symbols("nothing_has_this_name")
        told = [each["complete"] for each in self.notified("$/nootropic/status")]
        return self.has_answered and (not told or bool(told[-1]))

    has_answered = False

    def symbols(self, query: str) -> list[str]:
        """The names that a workspace symbol query finds."""
        found = self.request("workspace/symbol", {"query": query})
        self.has_answered = True
        return [each["name"] for each in found or ()]

    def uri(self, name: str) -> str:
        assert self.root
        return (self.root / name).as_uri()

    def open_file(self, name: str, text: str | None = None, language: str = "python") -> str:
        """Open a file as it is on disk, or with another text."""
        assert self.root
        self.open(
            self.uri(name), (self.root / name).read_text() if text is None else text, language
        )
        return self.uri(name)

    def save(self, name: str, text: str) -> None:
        """Write a file and tell the server, as an editor does."""
        assert self.root
        (self.root / name).write_text(text)
        self.tell_saved(name)

    def tell_saved(self, name: str) -> None:
        """Say that a file was written."""
        self.notify("textDocument/didSave", {"textDocument": {"uri": self.uri(name)}})

    def definition(self, name: str, line: int, character: int) -> list[tuple[str, int]]:
        """File name and line of each definition of what stands at a place."""
        found = self.request("textDocument/definition", place(self.uri(name), line, character))
        found = [found] if isinstance(found, dict) else found or []
        return [
            (
                (each.get("uri") or each["targetUri"]).rpartition("/")[2],
                (each.get("range") or each["targetSelectionRange"])["start"]["line"],
            )
            for each in found
        ]

    def told(self) -> list[str]:
        """What the user was shown."""
        return [each["message"] for each in self.notified("window/showMessage")]

    def children(self) -> list[int]:
        """The processes that the server has started, and those that they have."""
        return descendants(self.process.pid)


def wait_until(found: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """Ask again until there is an answer: for what nobody would tell us."""
    until = time.monotonic() + deadline_s
    while not (result := found()):
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.01)
    return result


def descendants(pid: int) -> list[int]:
    """All processes below one (Linux only)."""
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return found
    for task in tasks:
        try:
            children = [int(each) for each in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has only not been waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def run_cli(root: Path, *words: str, env: Mapping[str, str] | None = None) -> Any:
    """`nootropic` in a process of its own, with the workspace as its current folder."""
    return subprocess.run(
        (sys.executable, "-m", "nootropic_lsp", *words),
        cwd=root,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def contents(root: Path) -> tuple[list[Any], list[Any]]:
    """All that the graph of a workspace says, without the numbers it happens to give to files."""
    return contents_of(database_of(root))


def contents_of(database: Path) -> tuple[list[Any], list[Any]]:
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        symbols = connection.execute(
            "SELECT symbols.id, files.path, name, kind, start, container FROM symbols"
            " JOIN files ON files.id = symbols.file ORDER BY 1, 2"
        ).fetchall()
        edges = connection.execute(
            "SELECT target, files.path, uses FROM edges JOIN files ON files.id = edges.file"
            " ORDER BY 1, 2"
        ).fetchall()
    finally:
        connection.close()
    return symbols, edges


def fresh_contents(root: Path, scratch: Path) -> tuple[list[Any], list[Any]]:
    """What an index made from nothing says."""
    database = scratch / "graph.db"
    indexer = Indexer(root.as_posix(), database, Settings(), pool=InlinePool())
    indexer.sync()
    indexer.close()
    return contents_of(database)
