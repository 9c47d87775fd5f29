"""Whatever uses a symbol is found among the files that mention it, before any use is resolved."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index.test_incremental import PATHS, open_index, texts, workspace, write

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.index.mentions import files_mentioning, spellings
from nootropic_lsp.index.symbols import symbols_of
from nootropic_lsp.index.units import Site, Unit
from nootropic_lsp.store import graph


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(files=st.dictionaries(st.sampled_from(PATHS), texts, min_size=2))
def test_a_file_with_uses_mentions_the_symbol(files: dict[str, str]) -> None:
    with workspace() as (folder, state):
        for path, text in files.items():
            write(folder, path, text)
        indexer = open_index(folder, state / "graph.db")
        indexer.sync(resolve=False)
        mentioning = {
            identity: set(files_mentioning(indexer.connection, spellings(site), ["python"]))
            for identity, site in symbols(indexer)
        }
        indexer.sync()
        edges = indexer.connection.execute(
            "SELECT target, files.path FROM edges JOIN files ON files.id = edges.file"
        ).fetchall()
        indexer.close()
        missed = [edge for edge in edges if edge[1] not in mentioning.get(edge[0], [edge[1]])]
        assert missed == []


def test_a_name_goes_through_aliases_and_nowhere_else() -> None:
    with workspace() as (folder, state):
        write(folder, "a.py", "def make(): ...\n")
        write(folder, "b.py", "from a import make as build\n")
        write(folder, "c.py", "import b\nb.build()\n")
        write(folder, "d.py", "from b import build as again\nfrom d2 import other\n")
        write(folder, "e.py", "import d\nd.again()\n")
        write(folder, "f.py", "def unmake(): ...\n")
        indexer = open_index(folder, state / "graph.db")
        indexer.sync(resolve=False)
        found = files_mentioning(indexer.connection, {"make"}, ["python"])
        assert sorted(found) == ["b.py", "c.py", "d.py", "e.py"]
        assert list(files_mentioning(indexer.connection, {"make"}, ["go"])) == []
        indexer.sync()
        assert list(files_mentioning(indexer.connection, {"make"}, ["python"])) == []
        indexer.close()


def test_what_is_spread_into_an_object_need_not_be_a_name() -> None:
    with workspace() as (folder, state):
        write(folder, "a.ts", "const a = { ...make() };\n")
        indexer = open_index(folder, state / "graph.db")
        indexer.sync(resolve=False)
        found = files_mentioning(indexer.connection, {"make"}, ["typescript"])
        assert list(found) == ["a.ts"]
        indexer.close()


def symbols(indexer: Indexer) -> list[tuple[int, Site]]:
    found = []
    for path in graph.file_paths(indexer.connection):
        stored = graph.read_facts(indexer.connection, path)
        assert stored is not None
        unit = Unit.stored(f"{indexer.folder}/{path}", stored[2])
        found += [(identity, Site(unit, at)) for identity, at in symbols_of(unit)]
    return found
