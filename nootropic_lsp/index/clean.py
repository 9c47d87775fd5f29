"""The texts of indexed files for whoever keeps something of them: without secrets."""

from __future__ import annotations

import stat
from pathlib import Path

from nootropic_lsp.index.parse import digest
from nootropic_lsp.index.source import decode_source
from nootropic_lsp.safety.secrets import find_secrets, masked
from nootropic_lsp.store import graph

# A longer one was written by a program.
_LONGEST_TEXT = 1_000_000


def clean_text(folder: str, row: graph.FileRow, *, has_secrets: bool) -> str:
    """The text of a file just as it was indexed; "" for what is of no use.

    What is secret is masked, so that lines and offsets stay.
    """
    path = Path(folder, row.path)
    try:
        # It may have become something else since it was indexed.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST_TEXT:
            return ""
        raw = path.read_bytes()
    except OSError:
        return ""
    if digest(raw) != row.digest:
        return ""
    text = decode_source(raw)
    return masked(text, find_secrets(text)) if has_secrets else text
