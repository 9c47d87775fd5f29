"""The process that parses and resolves: it may hang or die, and only its own file suffers.

Run as `python -P -m nootropic_lsp.index.worker`; speaks `frames` on its standard streams.
"""

# Paths are strings here: there are many of them, and `Path` is slow.
# ruff: noqa: PTH123
from __future__ import annotations

import contextlib
import faulthandler
import gc
import logging
import os
import sys
from pathlib import Path
from typing import Any

from nootropic_lsp.core.spans import Lines
from nootropic_lsp.index.discover import HEAD_BYTES, skip_reason
from nootropic_lsp.index.edges import edges_of
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.interface import interface
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.mentions import mentions_of
from nootropic_lsp.index.parse import digest, extract_text
from nootropic_lsp.index.source import decode_source
from nootropic_lsp.index.symbols import container_of, symbols_of
from nootropic_lsp.index.units import Resolver, Unit
from nootropic_lsp.index.world import FolderIndex, IndexWorld, UnitCache
from nootropic_lsp.safety.secrets import find_secrets, masked
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

# Longer than anybody waits for an answer.
_LONGEST_S = 90.0
# A resolver remembers what it found out about all files; it starts afresh after this many.
_FILES_PER_RESOLVER = 700


def main() -> int:
    """Answer requests until the input ends."""
    # Hardly anything here is part of a cycle, and looking for them would take a tenth of the time.
    gc.disable()
    streams = sys.stdin.buffer, sys.stdout.buffer
    logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)
    # Nothing but answers may reach the stream of answers.
    sys.stdout = sys.stderr
    worker = Answerer()
    with open(os.devnull, "w") as nowhere, contextlib.suppress(BrokenPipeError):
        while (request := receive(streams[0])) is not None:
            # Whoever asked ends us when we take too long, if it still lives. This ends us in
            # any case, even inside a grammar that never comes back.
            faulthandler.dump_traceback_later(_LONGEST_S, exit=True, file=nowhere)
            answer = worker.answer(request)
            faulthandler.cancel_dump_traceback_later()
            send(streams[1], answer)
    return 0


class Answerer:
    """What a worker does with a request."""

    def __init__(self) -> None:
        self.world: IndexWorld | None = None
        self.places: list[tuple[str, ...]] = []
        self.indexes: list[FolderIndex] = []
        self.resolvers: dict[str, Resolver] = {}
        self.cache = UnitCache()
        self.n_resolved = 0

    def answer(self, request: dict[str, Any]) -> Any:
        """Do what is asked."""
        if request["do"] == "read":
            return [
                _read_safely(
                    request["folder"],
                    *item,
                    max_bytes=request["max_bytes"],
                    compare=request["compare"],
                )
                for item in request["files"]
            ]
        if request["do"] == "open":
            self.open(request)
            return True
        if request["do"] == "text":
            text = request["text"].decode("utf-8", "surrogatepass")
            return Unit(request["path"], extract_text(text, request["language"])).encoded()
        return [self.resolve_safely(path) for path in request["paths"]]

    def open(self, request: dict[str, Any]) -> None:
        """Look at the index as it is now. What was known of files that have not changed stays.

        So do the resolvers while nobody could see a difference in the files that have.
        """
        places = [tuple(place) for place in request["indexes"]]
        if request["differs"] or places != self.places:
            self.resolvers = {}
        if self.world is not None and places == self.places:
            for path in request["changed"]:
                self.cache.drop(path)
            if request["moved"]:
                self.world.look_again()
            return
        for index in self.indexes:
            index.connection.close()
        self.cache.clear()
        self.places = places
        self.indexes = [
            FolderIndex(folder, graph.open_graph(Path(path), readonly=True))
            for folder, path in places
        ]
        cache = request["cache"]
        self.world = IndexWorld(
            self.indexes,
            Libraries(Path(cache) if cache else None),
            cache=self.cache,
            environment=request["environment"],
        )

    def resolve_safely(
        self, path: str
    ) -> tuple[int, list[tuple[int, bytes]], bytes, bytes] | dict[str, str] | None:
        """Like `resolve`; a fault of ours leaves that one file without edges."""
        try:
            return self.resolve(path)
        except Exception as error:  # reported by name and logged
            log.exception("the uses in %s cannot be resolved", path)
            self.resolvers = {}
            return {"fault": f"could not be resolved ({type(error).__name__}: {error})"}

    def resolve(self, path: str) -> tuple[int, list[tuple[int, bytes]], bytes, bytes] | None:
        assert self.world is not None
        unit = self.world.unit(path)
        if unit is None:
            return None
        self.n_resolved += 1
        if self.cache.is_full or self.n_resolved % _FILES_PER_RESOLVER == 0:
            self.resolvers = {}
            self.cache.clear()
        language = LANGUAGES[unit.language]
        resolver = self.resolvers.get(language.resolver)
        if resolver is None:
            resolver = self.resolvers[language.resolver] = language.resolve(self.world)
        unit.widen()
        uses, sources, names = edges_of(unit, resolver)
        resolver.forget(unit)
        unit.fold()
        return unit.number, uses, sources, names


def _read_safely(
    folder: str, relative: str, language: str, *, max_bytes: int, compare: bool
) -> graph.ReadFile | str | dict[str, str]:
    """Like `read_file`; a fault of ours concerns that file alone, and is named."""
    try:
        return read_file(folder, relative, language, max_bytes=max_bytes, compare=compare)
    except Exception as error:  # reported by name and logged
        log.exception("%s cannot be read", relative)
        return {"fault": f"could not be read ({type(error).__name__}: {error})"}


def read_file(
    folder: str, relative: str, language: str, *, max_bytes: int, compare: bool = False
) -> graph.ReadFile | str:
    """Everything that the index keeps of one file, or why there is nothing.

    With `compare`, also what has to be compared with an earlier state of it.
    """
    path = f"{folder}/{relative}"
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            raw = file.read(max_bytes + 1)
    except OSError as error:
        return str(error)
    reason = skip_reason(path, raw[:HEAD_BYTES], len(raw), max_file_bytes=max_bytes)
    if reason is not None:
        return reason
    text = decode_source(raw)
    secrets = find_secrets(text)
    # What is secret is gone before anything of the text is kept.
    facts = extract_text(masked(text, secrets), language)
    unit = Unit(path, facts)
    lines = Lines.of(text)
    symbols = []
    for identity, index in symbols_of(unit):
        definition = unit.definitions[index]
        symbols.append(
            (
                identity,
                definition.name or Path(relative).stem,
                definition.kind,
                definition.start,
                definition.full_start,
                definition.full_end,
                container_of(unit, definition),
            )
        )
    return graph.ReadFile(
        relative,
        language,
        status.st_size,
        status.st_mtime_ns,
        digest(raw),
        lines.starts.tobytes(),
        lines.ascii,
        len(secrets),
        unit.encoded(),
        symbols,
        mentions_of(unit),
        interface(unit) if compare else {},
    )


if __name__ == "__main__":
    sys.exit(main())
