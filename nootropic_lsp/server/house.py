"""This file is where we write down what the door needs of the house behind it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Lines
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.settings.options import Settings

OnEvent = Callable[[tuple[Any, ...]], None]


class Snapshot(Protocol):
    """The workspace at one moment."""

    @property
    def folders(self) -> Sequence[str]:
        """The roots of the workspace."""

    @property
    def incomplete(self) -> str | None:
        """Why answers may be incomplete, as a sentence; None if they are complete."""

    def text(self, path: str) -> str:
        """The text of a file; OSError or KeyError if there is none."""

    def lines(self, path: str) -> Lines:
        """Where its lines start; raises like `text`."""

    def document(self, path: str) -> Document | None:
        """The document that is open at a path."""

    def symbols_by_id(self, ids: Sequence[int]) -> Mapping[int, Symbol]:
        """Symbols by id; those that are gone are left out."""


class App(Protocol):
    """The house, built for the folders of one client."""

    def snapshot(self) -> Snapshot:
        """The picture that a request is answered from. Called once per request: quick."""

    def open(self, document: Document) -> None:
        """A text was opened."""

    def change(self, document: Document) -> None:
        """An open text has this new state."""

    def close(self, path: str) -> None:
        """An open text counts no longer; the disk does."""

    def saved(self, path: str) -> None:
        """An open text was written to disk."""

    def files_changed(self, changes: Sequence[tuple[str, str]]) -> None:
        """Files on disk were "created", "changed" or "deleted"."""

    def folders_changed(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Folders joined or left the workspace."""

    def configure(self, settings: Settings) -> None:
        """The user changed the settings."""

    def watched(self) -> Sequence[str]:
        """Glob patterns of the files whose changes the editor should tell us."""

    def start(self, on_event: OnEvent) -> None:
        """Begin to index; `on_event` may be called on any thread."""

    def reindex(self) -> None:
        """Forget the index and build it anew, in the background."""

    def cancel_indexing(self) -> None:
        """Leave the index as it is for now."""

    @property
    def token_model(self) -> str:
        """How the token model stands, in a word."""

    def status(self) -> Mapping[str, Any]:
        """How the index stands, for people; plain JSON values."""

    def close_all(self) -> None:
        """Write what is to be written and stop every thread and process."""


# Packages of `nootropic_lsp.features` whose modules are asked for by name.
_ROOMS = frozenset({"findings", "lint", "refactor"})


class Features:
    """The modules of `nootropic_lsp.features`, each loaded when it is first asked."""

    def __init__(self, package: str = "nootropic_lsp.features") -> None:
        self._package = package

    def __getattr__(self, name: str) -> Any:
        path = f"{self._package}.{name}"
        found = Features(path) if name in _ROOMS else importlib.import_module(path)
        setattr(self, name, found)
        return found


@dataclass(frozen=True)
class House:
    """How the door gets a house: tests give their own."""

    build: Callable[[Settings, Sequence[str]], App]
    features: Features | SimpleNamespace


def real_house() -> House:
    """The one in this package. Its app is loaded when the first client says hello."""

    def build(settings: Settings, folders: Sequence[str]) -> App:
        app: App = importlib.import_module("nootropic_lsp.app").App(settings, list(folders))
        return app

    return House(build, Features())
