"""Any sequence of edits leaves the same graph as indexing the result afresh."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index.inline_pool import InlinePool

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.settings.options import Settings

PATHS = ("a.py", "b.py", "pkg/__init__.py", "pkg/c.py", "pkg/sub/d.py")
MODULES = ("a", "b", "pkg", "pkg.c", "pkg.sub.d")
NAMES = ("Alpha", "Beta", "make", "run", "value")

names = st.sampled_from(NAMES)
modules = st.sampled_from(MODULES)
lines = st.one_of(
    st.builds("from {} import {}".format, modules, names),
    st.builds("from {} import {} as {}".format, modules, names, names),
    st.builds("from {} import *".format, modules),
    st.builds("import {}".format, modules),
    st.builds("from . import {}".format, st.sampled_from(("c", "sub", "a"))),
    st.builds("{} = {}()".format, names, names),
    st.builds("{} = {}.{}".format, names, names, names),
    st.builds("{}.{}.{}()".format, names, names, names),
    st.builds("{}.{}()".format, modules, names),
    st.builds("class {}({}):\n    {} = {}()".format, names, names, names, names),
    st.builds(
        "class {}:\n    def {}(self) -> '{}':\n        return self.{}".format,
        names,
        names,
        names,
        names,
    ),
    st.builds(
        "class {}({}):\n    def __init__(self):\n        self.{} = {}()".format,
        names,
        names,
        names,
        names,
    ),
    st.builds("def {}({}: {}):\n    return {}.{}()".format, names, names, names, names, names),
    st.builds("def {}():\n    {} = {}()\n    return {}".format, names, names, names, names),
    st.builds("for {} in [{}()]:\n    {}.{}".format, names, names, names, names),
    st.just("def broken(:"),
    st.just("__all__ = ['Alpha', 'run']"),
)
texts = st.lists(lines, max_size=6).map("\n".join)
edits = st.lists(
    st.tuples(st.sampled_from(PATHS), st.one_of(texts, st.none())), min_size=1, max_size=6
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(start=st.dictionaries(st.sampled_from(PATHS), texts, min_size=2), edits=edits)
def test_edits_and_a_fresh_index_give_the_same_graph(
    start: dict[str, str], edits: list[tuple[str, str | None]]
) -> None:
    with workspace() as (folder, state):
        for path, text in start.items():
            write(folder, path, text)
        indexer = open_index(folder, state / "kept.db")
        indexer.sync()
        for path, text in edits:
            write(folder, path, text)
            indexer.update([f"{folder.as_posix()}/{path}"])
        kept = contents(indexer)
        indexer.close()
        fresh = open_index(folder, state / "fresh.db")
        fresh.sync()
        anew = contents(fresh)
        fresh.close()
        assert kept == anew


@contextmanager
def workspace() -> Iterator[tuple[Path, Path]]:
    root = Path(tempfile.mkdtemp())
    try:
        folder = root / "workspace"
        folder.mkdir()
        yield folder, root
    finally:
        shutil.rmtree(root)


def open_index(folder: Path, database: Path) -> Indexer:
    return Indexer(folder.as_posix(), database, Settings(), pool=InlinePool())


def write(folder: Path, path: str, text: str | None) -> None:
    file = folder / path
    if text is None:
        file.unlink(missing_ok=True)
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def contents(indexer: Indexer) -> tuple[list[object], list[object]]:
    """All that the graph says, without the numbers it happens to give to files."""
    symbols = indexer.connection.execute(
        "SELECT symbols.id, files.path, name, kind, start, container FROM symbols"
        " JOIN files ON files.id = symbols.file ORDER BY 1, 2"
    ).fetchall()
    edges = indexer.connection.execute(
        "SELECT target, files.path, uses FROM edges JOIN files ON files.id = edges.file"
        " ORDER BY 1, 2"
    ).fetchall()
    return symbols, edges
