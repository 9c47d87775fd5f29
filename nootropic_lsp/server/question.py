"""This file is where a request meets the picture that it is answered from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.server import positions
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.house import Features, Snapshot
from nootropic_lsp.server.offers import Offers
from nootropic_lsp.server.params import AtPosition, Location, Position, Range
from nootropic_lsp.server.thorough import Thorough
from nootropic_lsp.server.uris import to_path, to_uri
from nootropic_lsp.settings.options import Settings


class NoSuchText(NootropicError):
    """The request is about a text that is neither open nor on disk."""


@dataclass(frozen=True, slots=True)
class TokenCache:
    """The last answer per open file, against which the next one can be told as a change."""

    last: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def keep(self, path: str, data: list[int]) -> str:
        """Remember an answer; its id."""
        result_id = str(next(self._ids))
        self.last[path] = (result_id, data)
        return result_id

    def forget(self, path: str) -> None:
        """The file was closed."""
        self.last.pop(path, None)


@dataclass(frozen=True, slots=True)
class Question:
    """One request: the workspace as it was when it came, and how its client counts and spells."""

    snapshot: Snapshot
    features: Features | Any
    client: Client
    uris: Mapping[str, str]
    tokens: TokenCache
    tell: Callable[[str], object] = lambda _sentence: None
    settings: Settings = field(default_factory=Settings)
    offers: Offers = field(default_factory=Offers)
    thorough: Thorough = field(default_factory=Thorough)
    # What a language model says belongs at an offset of a document.
    fill: Callable[[Question, Document, int], Suggestion | Silence] | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def path(self, uri: str) -> str:
        """The path of a URI."""
        return to_path(uri)

    def uri(self, path: str) -> str:
        """The URI of a path, as the client spells it if it has the file open."""
        return self.uris.get(path) or to_uri(path)

    def text(self, path: str) -> str:
        """The text of a file, read from the disk once for all places in the answer."""
        text = self.texts.get(path)
        if text is None:
            text = self.texts[path] = self.snapshot.text(path)
        return text

    def at(self, asked: AtPosition | Any) -> tuple[Snapshot, str, int]:
        """What most features want to know."""
        path = to_path(asked.text_document.uri)
        return self.snapshot, path, self.offset(path, asked.position)

    def offset(self, path: str, position: Position) -> int:
        """The offset of a position in a file."""
        lines = self._lines(path)
        return positions.to_offset(self.text(path), lines, position, self.client.encoding)

    def span(self, path: str, given: Range) -> Span:
        """The span of a range in a file."""
        lines = self._lines(path)
        return positions.to_span(self.text(path), lines, given, self.client.encoding)

    def position(self, path: str, offset: int) -> Position:
        """The position of an offset in a file."""
        lines = self._lines(path)
        text = "" if lines.ascii else self.text(path)
        return positions.to_position(text, lines, offset, self.client.encoding)

    def range(self, path: str, span: Span) -> Range:
        """The range of a span in a file."""
        lines = self._lines(path)
        # The text of a file that is not open may have to be read from the disk.
        text = "" if lines.ascii else self.text(path)
        return positions.to_range(text, lines, span, self.client.encoding)

    def location(self, place: Place) -> Location:
        """A place as the protocol has it."""
        return Location(self.uri(place.path), self.range(place.path, place.span))

    def _lines(self, path: str) -> Any:
        try:
            return self.snapshot.lines(path)
        except (OSError, KeyError) as error:
            raise NoSuchText(f"there is no text of {path}") from error
