"""This file is where the tour types a line anew, key by key, and looks at what it is offered."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nootropic_lsp.cli.client import Client

_AUTOMATIC = 2
_N_ENTRIES = 3
# Worth typing: some words in a line, and no comment or import.
_LENGTHS = range(20, 90)
_PLAIN = re.compile(r"(?:import|from|use|package|#|//|/\*|\*|\"|')")
_WORDS = re.compile(r"[^\W\d]\w{2,}")
_PER_FILE = 3


class Key(NamedTuple):
    """What stood in the line before a key, what was offered, and how long that took."""

    written: str
    ghost: str
    menu: tuple[str, ...]
    menu_ms: float
    ghost_ms: float


@dataclass(frozen=True)
class Retyped:
    """A line and the keys it took, those that accept ghost text among them."""

    path: Path
    line: int
    text: str
    keys: Sequence[Key]

    @property
    def share_saved(self) -> float:
        """How much of the line was not typed."""
        return 1 - len(self.keys) / len(self.text)

    @property
    def has_ghost(self) -> bool:
        """Whether any ghost text was shown."""
        return any(key.ghost for key in self.keys)


def worth_typing(text: str) -> Iterator[int]:
    """The numbers of some lines, spread over a text."""
    found = [
        number
        for number, line in enumerate(text.splitlines())
        if len(line.strip()) in _LENGTHS
        and not _PLAIN.match(line.strip())
        and len(_WORDS.findall(line)) > 2
    ]
    yield from found[:: max(1, len(found) // _PER_FILE)][:_PER_FILE]


class Typist:
    """Types in a document that is open, and leaves it as it was."""

    def __init__(self, client: Client, path: Path, text: str) -> None:
        self._client = client
        self._path = path
        self._lines = text.splitlines()
        self._version = 1

    def retype(self, line: int) -> Retyped:
        """Type a line anew; ghost text is accepted where it is what stood there."""
        whole = self._lines[line].rstrip()
        text = whole.lstrip()
        start = at = len(whole) - len(text)
        self._replace(line, start, len(self._lines[line]), "")
        keys = []
        while at < len(whole):
            key = self._look(line, at, whole[start:at])
            keys.append(key)
            is_right = key.ghost and whole.startswith(key.ghost, at)
            # A letter at a time: what the tour accepts is not what the user does.
            for letter in key.ghost if is_right else whole[at]:
                self._replace(line, at, at, letter)
                at += 1
        self._replace(line, at, at, self._lines[line][at:])
        return Retyped(self._path, line, text, keys)

    def _look(self, line: int, column: int, written: str) -> Key:
        started = time.perf_counter()
        menu = self._ask("completion", line, column, {"triggerKind": 1})
        between = time.perf_counter()
        ghost = self._ask("inlineCompletion", line, column, {"triggerKind": _AUTOMATIC})
        ended = time.perf_counter()
        entries = menu.get("items", []) if isinstance(menu, Mapping) else menu or []
        items = ghost.get("items", []) if isinstance(ghost, Mapping) else ghost or []
        return Key(
            written,
            items[0]["insertText"] if items else "",
            tuple(each["label"] for each in entries[:_N_ENTRIES]),
            (between - started) * 1000,
            (ended - between) * 1000,
        )

    def _ask(self, method: str, line: int, column: int, context: Mapping[str, Any]) -> Any:
        position = {"line": line, "character": column}
        document = {"uri": self._path.as_uri()}
        asked = {"textDocument": document, "position": position, "context": context}
        return self._client.request(f"textDocument/{method}", asked)

    def _replace(self, line: int, start: int, end: int, text: str) -> None:
        self._version += 1
        places = [{"line": line, "character": column} for column in (start, end)]
        change = {"range": {"start": places[0], "end": places[1]}, "text": text}
        document = {"uri": self._path.as_uri(), "version": self._version}
        told = {"textDocument": document, "contentChanges": [change]}
        self._client.notify("textDocument/didChange", told)
