"""Putting findings right in files on the disk."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.findings.fixes import fixed_together
from nootropic_lsp.features.findings.supposed import with_edits
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.source import decode_source, encode_like

# Fixes that overlap wait for the next round; a file that needs more is not getting better.
_MOST_ROUNDS = 10

Find = Callable[[Snapshot, str], Sequence[Finding]]
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
    codes: Counter[str] = Counter()
    text = before
    for _ in range(_MOST_ROUNDS):
        known = [_with_line_ends(each, text) for each in find(snapshot, path)]
        wanted = [
            each
            for each in allow(path, text, known)
            if each.fix is not None and (unsafe or each.fix.is_safe)
        ]
        if not wanted:
            break
        fixed = fixed_together(snapshot, path, wanted, known, find)
        after = with_edits(snapshot, path, fixed.edits) if fixed.edits else None
        if after is None:
            break
        snapshot = after
        codes.update(each.code for each in fixed.findings)
        text = after.text(path)
    return FixedFile(path, before, text, raw, codes)


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


def _with_line_ends(finding: Finding, text: str) -> Finding:
    """A finding whose fix ends lines as the file does."""
    if finding.fix is None or "\r\n" not in text:
        return finding
    edits = tuple(
        replace(edit, text=edit.text.replace("\r\n", "\n").replace("\n", "\r\n"))
        for edit in finding.fix.edits
    )
    return replace(finding, fix=replace(finding.fix, edits=edits))


def _digest(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()
