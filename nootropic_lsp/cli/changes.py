"""This file is where edits become a unified diff."""

from __future__ import annotations

import difflib
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


def diff_lines(path: str, before: str, after: str) -> list[str]:
    """A unified diff with one line of context."""
    return [
        line.rstrip("\r\n")
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
            n=1,
        )
    ]


def painted(line: str) -> str:
    """A line of a diff in the usual colours."""
    if line.startswith(("---", "+++", "@@")):
        return bold(line)
    return red(line) if line.startswith("-") else green(line) if line.startswith("+") else line


def _offset(lines: Lines, position: Mapping[str, int]) -> int:
    return lines.start_of(position["line"]) + position["character"]
