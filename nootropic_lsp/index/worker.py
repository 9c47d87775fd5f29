"""The process that parses and resolves: it may hang or die, and only its own file suffers.

Run as `python -P -m nootropic_lsp.index.worker`; speaks `frames` on its standard streams.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from pathlib import Path
from typing import Any

from nootropic_lsp.core.spans import Lines
from nootropic_lsp.index.discover import HEAD_BYTES, skip_reason
from nootropic_lsp.index.edges import edges_of
from nootropic_lsp.index.facts import encode_facts
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.parse import digest, empty_facts, extract_text
from nootropic_lsp.index.source import decode_source
from nootropic_lsp.index.symbols import container_of, symbols_of
from nootropic_lsp.index.units import Resolver, Unit
from nootropic_lsp.index.world import FolderIndex, IndexWorld, UnitCache
from nootropic_lsp.safety.secrets import find_secrets
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

# A resolver remembers what it found out about all files; it starts afresh after this many.
_FILES_PER_RESOLVER = 1_500


def main() -> int:
    """Answer requests until the input ends."""
    # Cycles are rare in what is allocated here, and facts live for one message.
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    streams = sys.stdin.buffer, sys.stdout.buffer
    logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)
    # Nothing but answers may reach the stream of answers.
    sys.stdout = sys.stderr
    worker = _Worker()
    while (request := receive(streams[0])) is not None:
        send(streams[1], worker.answer(request))
    return 0


class _Worker:
    def __init__(self) -> None:
        self.world: IndexWorld | None = None
        self.resolvers: dict[str, Resolver] = {}
        self.n_resolved = 0

    def answer(self, request: dict[str, Any]) -> Any:
        if request["do"] == "read":
            return [
                _read_safely(request["folder"], *item, max_bytes=request["max_bytes"])
                for item in request["files"]
            ]
        if request["do"] == "open":
            self.open(request)
            return True
        return [self.resolve_safely(path) for path in request["paths"]]

    def open(self, request: dict[str, Any]) -> None:
        """Look at the index as it is now."""
        cache = request["cache"]
        indexes = [
            FolderIndex(folder, graph.open_graph(Path(path), readonly=True))
            for folder, path in request["indexes"]
        ]
        self.world = IndexWorld(
            indexes,
            Libraries(Path(cache) if cache else None),
            cache=UnitCache(),
            environment=request["environment"],
        )
        self.resolvers = {}

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
        if self.n_resolved % _FILES_PER_RESOLVER == 0:
            self.resolvers = {}
        language = LANGUAGES[unit.facts.language]
        resolver = self.resolvers.get(language.resolver)
        if resolver is None:
            resolver = self.resolvers[language.resolver] = language.resolve(self.world)
        uses, sources, names = edges_of(unit, resolver)
        resolver.forget(unit)
        return unit.number, uses, sources, names


def _read_safely(
    folder: str, relative: str, language: str, *, max_bytes: int
) -> graph.ReadFile | str | dict[str, str]:
    """Like `read_file`; a fault of ours concerns that file alone, and is named."""
    try:
        return read_file(folder, relative, language, max_bytes=max_bytes)
    except Exception as error:  # reported by name and logged
        log.exception("%s cannot be read", relative)
        return {"fault": f"could not be read ({type(error).__name__}: {error})"}


def read_file(
    folder: str, relative: str, language: str, *, max_bytes: int
) -> graph.ReadFile | str:
    """Everything that the index keeps of one file, or why there is nothing."""
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
    try:
        facts = extract_text(text, language)
    except (ValueError, UnicodeError):
        facts = empty_facts(language, len(text))
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
        len(find_secrets(text)),
        encode_facts(facts),
        symbols,
    )


if __name__ == "__main__":
    sys.exit(main())
