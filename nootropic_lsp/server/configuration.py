"""This file is where the three ways in which editors send settings become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.load import load
from nootropic_lsp.settings.options import Settings

SECTION = "nootropic"
# What an editor may send beside the options, and who reads it.
NOT_OPTIONS = frozenset({"token"})


class Configuration:
    """What the editor said so far; what it said last counts."""

    def __init__(self, folders: Sequence[str], *, trust: bool) -> None:
        self._root = Path(folders[0]) if folders else None
        self._trust = trust
        self._said: dict[str, Any] = {}

    def start(self, options: Any) -> None:
        """`initializationOptions`: ours alone, with or without our section around them."""
        if isinstance(options, Mapping):
            section = options.get(SECTION, options)
            if isinstance(section, Mapping):
                options = {k: v for k, v in section.items() if k not in NOT_OPTIONS}
            self._said = dict(options)

    def pulled(self, answer: Any) -> None:
        """The answer to workspace/configuration for our section."""
        if isinstance(answer, list) and answer and isinstance(answer[0], Mapping):
            self._said = _merged(self._said, answer[0])

    def pushed(self, given: Any) -> None:
        """`didChangeConfiguration`: often the settings of all servers of that editor."""
        if not isinstance(given, Mapping):
            return
        section = given.get(SECTION)
        if section is None:
            known = {_camel(each.name) for each in fields(Settings)}
            section = {k: v for k, v in given.items() if str(k).split(".", 1)[0] in known}
        if isinstance(section, Mapping):
            self._said = _merged(self._said, section)

    @property
    def said(self) -> tuple[Mapping[str, Any], bool]:
        """What the editor has said, and whether the workspace is trusted."""
        trusted = self._trust or (self._root is not None and is_trusted(self._root))
        return self._said, trusted

    def load(self) -> tuple[Settings, list[str]]:
        """The settings now, and a sentence on everything that was not taken over."""
        said, trusted = self.said
        return load(self._root, editor=said, trusted=trusted)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
