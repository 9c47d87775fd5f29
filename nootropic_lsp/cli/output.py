"""This file is where an answer is written: for people, as JSON or as YAML."""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from typing import Any

from nootropic_lsp.cli.answer import Answer, Arriving

_ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def write(answer: Answer | Arriving, *, as_json: bool, as_yaml: bool) -> int:
    """Print an answer; returns its exit code."""
    if isinstance(answer, Arriving):
        for piece in answer.pieces:
            if not as_json and not as_yaml:
                _write(piece)
        answer = answer.rest()
    if as_json:
        _print(json.dumps(_data(answer), indent=2, ensure_ascii=False))
    elif as_yaml:
        # Importing it takes longer than most answers, so it waits until it is asked for.
        dump = importlib.import_module("yaml").safe_dump
        _print(dump(_data(answer), sort_keys=False, allow_unicode=True).rstrip())
    else:
        if answer.text:
            _print(answer.text if in_colour() else without_colour(answer.text))
        for note in filter(None, (answer.note, _incomplete(answer))):
            print(note, file=sys.stderr)
    return answer.code


def _data(answer: Answer) -> dict[str, Any]:
    return {"complete": answer.incomplete is None, "reason": answer.incomplete, **answer.data}


def _incomplete(answer: Answer) -> str:
    return f"This may be incomplete: {answer.incomplete}." if answer.incomplete else ""


def count(n: int, noun: str) -> str:
    """A number with its noun, as in "1 file" and "2 files"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def bold(text: str) -> str:
    """Text that stands out in a terminal; `write` takes the marks away elsewhere."""
    return f"\x1b[1m{text}\x1b[0m"


def dim(text: str) -> str:
    """Text that stands back in a terminal."""
    return f"\x1b[2m{text}\x1b[0m"


def red(text: str) -> str:
    """What goes, in a diff."""
    return f"\x1b[31m{text}\x1b[0m"


def yellow(text: str) -> str:
    """What is doubtful."""
    return f"\x1b[33m{text}\x1b[0m"


def green(text: str) -> str:
    """What comes, in a diff."""
    return f"\x1b[32m{text}\x1b[0m"


def without_colour(text: str) -> str:
    """Text as it is for whoever is no terminal."""
    return _ESCAPE.sub("", text)


def in_colour() -> bool:
    """Whether standard output is a terminal that may show colours (see no-color.org)."""
    terminal = os.environ  # noqa: TID251 -- about this terminal, not about the workspace
    return sys.stdout.isatty() and not terminal.get("NO_COLOR") and terminal.get("TERM") != "dumb"


def _print(text: str) -> None:
    _write(f"{text}\n")


def _write(text: str) -> None:
    # Names and docstrings hold what the terminal's own encoding may not have, and lone
    # surrogates no encoding has: show them escaped and go on.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()
