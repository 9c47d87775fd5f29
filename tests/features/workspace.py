"""A small workspace, indexed in this process: what every test of a feature asks its questions of."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from cases import Case

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.edges import edges_of
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.opened import OpenText, OpenUnits
from nootropic_lsp.index.worker import read_file
from nootropic_lsp.index.world import FolderIndex, IndexWorld
from nootropic_lsp.store import graph

sys.setrecursionlimit(30_000)
MAX_BYTES = 1_000_000


class Workspace:
    """Files on disk and their index. Paths are relative to its root everywhere."""

    def __init__(self, root: Path, files: Mapping[str, str], *, resolve: bool = True) -> None:
        self.root = root / "project"
        self.opened: dict[str, OpenText] = {}
        self.changed: dict[str, OpenText] = {}
        self.incomplete: str | None = None
        self._libraries = Libraries(root / "libraries")
        self._database = root / "graph.db"
        for name, text in files.items():
            self.write(name, text)
        self.index(resolve=resolve)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))

    def index(self, *, resolve: bool = True) -> None:
        """Read every file anew, and resolve it."""
        graph.remove_graph(self._database)
        writer = graph.open_graph(self._database)
        names = [
            (path.relative_to(self.root).as_posix(), language)
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
            and ".venv" not in path.parts
            and (language := language_of(path.name, path.read_bytes()[:1000])) is not None
            and language in LANGUAGES
        ]
        read = [
            read_file(str(self.root), name, language, max_bytes=MAX_BYTES)
            for name, language in names
        ]
        graph.write_files(writer, [item for item in read if isinstance(item, graph.ReadFile)])
        self._index = FolderIndex(str(self.root), graph.open_graph(self._database, readonly=True))
        world = IndexWorld([self._index], self._libraries)
        for name, language in names if resolve else ():
            unit = world.unit(self.path(name))
            if unit is None:
                continue
            uses, sources, filtered = edges_of(unit, LANGUAGES[language].resolve(world))
            edges = graph.Edges(unit.number, uses, sources, filtered)
            graph.write_edges(writer, [edges])
        writer.close()

    def open(self, name: str, text: str | None = None, version: int = 1) -> None:
        """Open a file in the editor, perhaps with another text than on disk."""
        path = self.path(name)
        on_disk = Path(path).read_bytes().decode("utf-8", "surrogatepass")
        shown = on_disk if text is None else text
        language = language_of(path, shown[:1000].encode("utf-8", "surrogatepass")) or "plaintext"
        opened = OpenText(Document(path, language, version, shown))
        self.opened[path] = opened
        if shown != on_disk:
            self.changed[path] = opened

    def snapshot(self, earlier: Snapshot | None = None) -> Snapshot:
        world = IndexWorld([self._index], self._libraries, overlay=OpenUnits(self.changed))
        return Snapshot(
            world,
            [self._index],
            dict(self.opened),
            dict(self.changed),
            self.incomplete,
            earlier=earlier,
        )

    def path(self, name: str) -> str:
        return (self.root / name).as_posix()

    def name(self, path: str) -> str:
        """The path of an answer, as a test shows it: libraries by their last two parts."""
        prefix = f"{self.root.as_posix()}/"
        if path.startswith(prefix):
            return path.removeprefix(prefix)
        return "…/" + "/".join(path.split("/")[-2:])

    # ---- answers as text

    def spot(self, snapshot: Snapshot, path: str, span: Span) -> str:
        """`path:line:column text`, counted from 1."""
        line, column = snapshot.lines(path).position(span.start)
        text = snapshot.text(path)[span.start : span.end]
        return f"{self.name(path)}:{line + 1}:{column + 1} {text}".rstrip()


def given(case: Case, root: Path, *, resolve: bool = True) -> Workspace:
    """The workspace of a case, with its open documents; its edges written, or not yet."""
    only_open = {name: "" for name in case.opened if name not in case.files}
    workspace = Workspace(root, {**case.files, **only_open}, resolve=resolve)
    for name, text in case.opened.items():
        workspace.open(name, text)
    return workspace


def lines(items: Iterable[str]) -> str:
    return "\n".join(items)
