"""Small workspaces with their token model, made in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from index.inline_pool import InlinePool

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.index.places import Place, database_of, make_ours
from nootropic_lsp.predict.builder import update
from nootropic_lsp.predict.engine import Engine
from nootropic_lsp.predict.segment import Segment, build
from nootropic_lsp.predict.shelf import Shelf, shelf_of
from nootropic_lsp.predict.streams import Lexicon
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph


def segment_of(*texts: str, language: str = "python") -> Segment:
    """A segment of files with these texts: `0.py`, `1.py` and so on."""
    lexicon = Lexicon()
    streams = [lexicon.read(text, language) for text in texts]
    return build(lexicon, [(f"{at}.py", b"%d" % at) for at in range(len(texts))], streams)


def tokens_of(segment: Segment) -> list[str]:
    """All tokens of a segment, in the order of the text."""
    return [segment.text(int(each)) for each in segment.following(np.arange(segment.n_tokens))]


class Workspace:
    """A folder with files, an index and segments. `build` is what the builder's process does."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes]) -> None:
        self.root = root
        self.database = database_of(root)
        for name, text in files.items():
            self.write(name, text)
        make_ours(Place(self.database, is_inside=True))
        self.index()

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def index(self) -> None:
        indexer = Indexer(self.root.as_posix(), self.database, Settings(), pool=InlinePool())
        indexer.sync()
        indexer.close()

    def change(self, name: str, text: str | bytes | None) -> None:
        """Write or remove a file, and index that."""
        if text is None:
            (self.root / name).unlink()
        else:
            self.write(name, text)
        self.index()

    def build(self) -> dict[str, int]:
        return update(self.root.as_posix(), self.database)

    def digests(self) -> dict[str, bytes]:
        connection = graph.open_graph(self.database, readonly=True)
        try:
            return {row.path: row.digest for row in graph.all_files(connection)}
        finally:
            connection.close()

    def shelf(self) -> Shelf:
        """The segments as they are now, checked."""
        shelf = Shelf(shelf_of(self.database))
        shelf.look(check=True)
        shelf.mask(self.digests())
        return shelf

    def segment_files(self) -> list[Path]:
        return sorted(shelf_of(self.database).glob("*.segment"))

    def engine(self) -> Engine:
        engine = Engine()
        self.look(engine)
        return engine

    def look(self, engine: Engine) -> None:
        engine.look([(self.root.as_posix(), self.database, self.digests())])

    def document(self, name: str, text: str, language: str = "python") -> Document:
        return Document((self.root / name).as_posix(), language, 1, text)

    def suggested(
        self,
        engine: Engine,
        text: str,
        *,
        name: str = "open.py",
        language: str = "python",
        threshold: float = 0.3,
        typed: str | None = None,
    ) -> str:
        """What is suggested at the mark "|" in a text, or "" for nothing."""
        offset = text.index("|")
        document = self.document(name, text.replace("|", "", 1), language)
        found = engine.suggest(document, offset, threshold=threshold, typed=typed)
        assert isinstance(found, (Suggestion, Silence))
        return found.text if isinstance(found, Suggestion) else ""
