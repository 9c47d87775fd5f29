"""Putting findings right in files on the disk."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.findings.fixes import DEADLINE_S, Find
from nootropic_lsp.features.findings.rounds import MOST_ROUNDS, fixed_in_rounds
from nootropic_lsp.features.rename import applied
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.source import decode_source, encode_like

# Which findings of a text may be put right: path, text and all that are known.
Allow = Callable[[str, str, Sequence[Finding]], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file whose findings were put right, before and after, and how often each code was."""

    path: str
    before: str
    after: str
    raw: bytes = b""
    codes: Counter[str] = field(default_factory=Counter)


def fixed_file(
    snapshot: Snapshot, path: str, find: Find, allow: Allow, *, unsafe: bool
) -> FixedFile:
    """A file with all allowed fixes applied that keep their promise; nothing is written."""
    opened = snapshot.document(path)
    if opened is None:
        raw = Path(path).read_bytes()
        before = decode_source(raw)
    else:
        raw, before = b"", opened.text

    def choose(text: str, known: Sequence[Finding]) -> list[Finding]:
        allowed = allow(path, text, known)
        return [each for each in allowed if each.fix is not None and (unsafe or each.fix.is_safe)]

    known = find(snapshot, path)
    deadline_s = MOST_ROUNDS * DEADLINE_S
    fixed = fixed_in_rounds(snapshot, path, known, find, choose, deadline_s=deadline_s)
    codes = Counter(each.code for each in fixed.findings)
    return FixedFile(path, before, applied(before, fixed.edits), raw, codes)


def write_fixed(fixed: FixedFile) -> str:
    """Write a file as it is after its fixes; "" or why that could not be."""
    path = Path(fixed.path)
    data = encode_like(fixed.after, fixed.raw)
    if data is None:
        return f"{path} has bytes that are not text in its encoding, so it is left as it is"
    try:
        status = path.stat()
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            return f"{path} is read-only, so it is left as it is"
        # The file itself is written, so that links and permissions stay.
        with path.open("r+b") as file:
            if _digest(file.read()) != _digest(fixed.raw):
                return f"{path} was changed while it was looked at, so it is left as it is"
            file.seek(0)
            file.write(data)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return f"{path} cannot be written ({error.strerror}), so it is left as it is"
    return ""


def open_in(snapshot: Snapshot, document: Document) -> Snapshot:
    """The same picture with a text open that nobody has opened."""
    text = snapshot.read(document)
    return Snapshot(
        snapshot.world,
        snapshot.indexes,
        {**snapshot.opened, document.path: text},
        {**snapshot.changed, document.path: text},
        snapshot.incomplete,
        read=snapshot.read,
    )


def _digest(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()
