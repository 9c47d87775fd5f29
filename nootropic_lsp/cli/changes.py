"""This file is where edits become text, and the lines of a diff coloured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nootropic_lsp.cli.output import bold, green, red
from nootropic_lsp.core.spans import Lines


def applied(text: str, edits: Iterable[Mapping[str, Any]]) -> str:
    """A text after the edits of the protocol, with columns in code points."""
    lines = Lines.of(text)
    spans = [
        (_offset(lines, e["range"]["start"]), _offset(lines, e["range"]["end"]), e) for e in edits
    ]
    for start, end, edit in sorted(spans, key=lambda each: each[:2], reverse=True):
        text = text[:start] + edit["newText"] + text[end:]
    return text


def painted(line: str) -> str:
    """A line of a diff in the usual colours."""
    if line.startswith(("---", "+++", "@@")):
        return bold(line)
    return red(line) if line.startswith("-") else green(line) if line.startswith("+") else line


def _offset(lines: Lines, position: Mapping[str, int]) -> int:
    return lines.start_of(position["line"]) + position["character"]
