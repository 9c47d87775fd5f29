"""This file is where a place that was typed as FILE:LINE:COL becomes an offset in an open file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.workspace import opened, root_for
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.fitting import rest_of_line
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.settings.options import Settings

_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Spot:
    """A cursor in a file that is open: what an editor would ask about."""

    snapshot: Snapshot
    document: Document
    offset: int
    line: int
    column: int
    settings: Settings


@contextmanager
def spot(place: str, *, workspace: str | None, trust: bool) -> Iterator[Spot]:
    """Open the file of a place, in an index that is up to date.

    Raises `NootropicError` if there is no such place.
    """
    path, line, column = _parts(place)
    with opened(root_for(workspace, path.parent), trust=trust) as app:
        with Bar("indexing") as bar:
            app.index(bar.show, resolve=False)
        app.read_tokens()
        name = path.as_posix()
        text = parsed(app.snapshot(), name)
        document = (
            Document(name, "plaintext", 0, app.snapshot().text(name))
            if text is None
            else text.document
        )
        offset = _offset(document, line, column)
        app.open(document)
        yield Spot(app.snapshot(), document, offset, line, column, app.settings)


def _parts(place: str) -> tuple[Path, int, int]:
    file, *numbers = place.rsplit(":", 2)
    if len(numbers) != 2 or not all(each.isascii() and each.isdigit() for each in numbers):
        raise NootropicError(f"{place} is no place; write FILE:LINE:COL, as in shop/cart.py:12:5")
    line, column = (int(each[:9]) for each in numbers)
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise NootropicError(f"{file} is not a file; name one that exists")
    if not line or not column:
        raise NootropicError("lines and columns are counted from 1")
    if path.stat().st_size > _MOST_BYTES:
        raise NootropicError(f"{file} is too large; name a file of less than 50 MB")
    return path, line, column


def _offset(document: Document, line: int, column: int) -> int:
    n_lines = len(document.lines)
    if line > n_lines:
        raise NootropicError(f"there is no line {line}; the file has {n_lines}")
    start = document.lines.start_of(line - 1)
    length = len(rest_of_line(document, start))
    if column > length + 1:
        raise NootropicError(f"line {line} has no column {column}; it ends before {length + 1}")
    return start + column - 1
