"""Looking at what has changed since files were linted last, and keeping what was found."""

# Paths are strings here, because a workspace has tens of thousands of them and `Path` is slow.
# ruff: noqa: PTH123
from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from nootropic_lsp.analysis.fingerprints import fingerprints
from nootropic_lsp.analysis.selection import Selection
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines
from nootropic_lsp.features.findings.examined import AST_GREP, GRAPH, OWN, SEMGREP
from nootropic_lsp.features.findings.find import engines_wanted, findings, settled
from nootropic_lsp.features.findings.fixing import FixedFile, fixed_file, open_in
from nootropic_lsp.features.findings.gathering import Said, Task, gather
from nootropic_lsp.features.lint.dependence import Dependence, dependence
from nootropic_lsp.features.lint.encoded import decode, encode
from nootropic_lsp.features.lint.excluded import passed_over
from nootropic_lsp.features.lint.linted import (
    SKIPPED,
    UNREAD,
    Earlier,
    Linted,
    Located,
    Run,
    kept_form,
    located,
    skipped_as,
)
from nootropic_lsp.features.lint.targets import Targets
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import HEAD_BYTES, Found, language_of, skip_reason
from nootropic_lsp.index.source import decode_source
from nootropic_lsp.store import findings as store
from nootropic_lsp.store.findings import Kept

# With more of the workspace than that to look at, it pays to have all edges first.
_MANY = 0.2
# A byte order mark of UTF-16 or UTF-32 says that words cannot be looked for in the bytes.
_DIRECTIVE = re.compile(rb"\A(?:\xff\xfe|\xfe\xff|\0\0\xfe\xff)|nootropic:")

Raw = dict[str, list[Finding]]


@dataclass(slots=True)
class _File:
    """A file to look at, as it is now."""

    found: Found
    relative: str
    digest: bytes
    has_directive: bool
    is_new: bool
    is_touched: bool = False
    skipped_as: str = ""


def look_afresh(run: Run, targets: Targets, earlier: Earlier) -> Linted:
    """Lint what has changed, or may look different because something else has."""
    until = time.monotonic() + run.deadline_s
    linted = Linted(len(targets.chosen))
    files, skipped = _read(run, targets, earlier, linted)
    selection = Selection.of(run.settings.lint)
    engines = engines_wanted(selection, run.settings, [run.root])
    snapshot = _picture(run, targets, engines)
    asks_others = GRAPH in engines or SEMGREP in engines
    around = dependence(run, snapshot) if asks_others else Dependence()
    stale = around.stale(earlier.rows)
    again = [each for each in files if each.is_new or each.relative in stale]
    raw = _raw(earlier, around, [each.relative for each in again if not each.is_new])
    wanted = {
        engine: [e.found.path for e in again if engine not in raw.get(e.relative, {})]
        for engine in engines
    }
    task = Task(snapshot, run.settings, selection, until, run.jobs, run.on_progress)
    said = gather(task, wanted)
    linted.problems += said.problems
    linted.is_complete = linted.is_complete and said.is_complete
    linted.passed_over.update(each.skipped_as for each in skipped)
    rows = [_kept(each, [], {}, SKIPPED + each.skipped_as, 0) for each in skipped if each.is_new]
    for file in again:
        path = file.found.path
        by_engine = {**raw.get(file.relative, {}), **said.of(path)}
        ran = () if path in said.failed else engines
        shown = _shown(run, snapshot, file, by_engine, selection, ran)
        if shown is None:
            linted.problems.append(f"{path} was changed while it was looked at")
            linted.is_complete = False
            continue
        linted.found += shown
        # What was only looked at because it was named is passed over the next time.
        if path not in said.failed and not file.skipped_as:
            others = around.others(
                map(run.relative, said.others.get(path, ())), said.consulted.get(path, "")
            )
            if SEMGREP in raw.get(file.relative, {}):
                others = earlier.rows[file.relative].others
            stamp = around.stamp(file.relative, kept_form(shown))
            rows.append(_kept(file, shown, by_engine, others, stamp))
    still = [each for each in files if not each.is_new and each.relative not in stale]
    for file in still:
        linted.found += located(file.found.path, earlier.rows[file.relative].found)
    if earlier.connection is not None:
        _keep(run, targets, earlier, rows, [*still, *skipped], stale, said)
    return linted


def _picture(run: Run, targets: Targets, engines: Sequence[str]) -> Snapshot:
    if GRAPH not in engines and SEMGREP not in engines:
        return run.snapshot("nothing")
    everything = targets.workspace
    is_many = everything is not None and len(targets.chosen) > _MANY * len(everything)
    return run.snapshot("edges" if is_many else "files")


def _keep(
    run: Run,
    targets: Targets,
    earlier: Earlier,
    rows: list[Kept],
    still: list[_File],
    stale: set[str],
    said: Said,
) -> None:
    assert earlier.connection is not None
    gone = list(stale)
    if targets.workspace is not None:
        there = {run.relative(each.path) for each in (*targets.workspace, *targets.chosen)}
        rows += _unread(run, targets, earlier)
        absent = earlier.rows.keys() - there - stale
        gone += (path for path in absent if not Path(run.root, path).exists())
    touched = [
        (each.found.size, each.found.mtime_ns, each.relative) for each in still if each.is_touched
    ]
    lasting = [each for each in said.problems if each not in said.passing]
    note = json.dumps([lasting, not lasting])
    store.write(earlier.connection, earlier.key, rows, touched, gone, note)


def _unread(run: Run, targets: Targets, earlier: Earlier) -> Iterator[Kept]:
    """Files of the workspace that nobody has asked for, as far as they are not known as such."""
    chosen = {each.path for each in targets.chosen}
    for found in targets.workspace or ():
        path = run.relative(found.path)
        row = earlier.rows.get(path)
        is_known = row is not None and (row.size, row.mtime_ns) == (found.size, found.mtime_ns)
        if found.path not in chosen and not is_known:
            yield Kept(path, found.size, found.mtime_ns, b"", 0, UNREAD, "", "")


def look_at_text(run: Run, path: str, text: str) -> Linted:
    """Lint one text that nobody has written to the disk."""
    document = Document(path, language_of(path) or "", 0, text)
    wanted = engines_wanted(Selection.of(run.settings.lint), run.settings, [run.root])
    snapshot = run.snapshot("files" if GRAPH in wanted else "nothing")
    opened = open_in(snapshot, document)
    report = findings(opened, [path], run.settings, deadline_s=run.deadline_s)
    found = _located(document, run.relative(path), report.by_path[path])
    return Linted(1, found, report.problems, report.is_complete)


def fixes_of(
    run: Run,
    paths: Iterable[str],
    texts: Mapping[str, str],
    allowed: frozenset[str],
    *,
    unsafe: bool,
) -> Iterator[FixedFile]:
    """Files as they would be with the findings put right whose fingerprints are allowed."""
    until = time.monotonic() + run.deadline_s
    snapshot = run.snapshot("files")

    def find(snapshot: Snapshot, path: str) -> Sequence[Finding]:
        left_s = until - time.monotonic()
        return findings(snapshot, [path], run.settings, deadline_s=left_s).by_path[path]

    def is_allowed(path: str, text: str, known: Sequence[Finding]) -> list[Finding]:
        marks = fingerprints(known, run.relative(path), text, Lines.of(text))
        return [each for each, mark in zip(known, marks, strict=True) if mark in allowed]

    for path in paths:
        picture = snapshot
        if path in texts:
            document = Document(path, language_of(path) or "", 0, texts[path])
            picture = open_in(snapshot, document)
        with suppress(OSError):
            yield fixed_file(picture, path, find, is_allowed, unsafe=unsafe)


def _read(
    run: Run, targets: Targets, earlier: Earlier, linted: Linted
) -> tuple[list[_File], list[_File]]:
    """The chosen files with their digests, and those that are not worth looking at."""
    files: list[_File] = []
    skipped: list[_File] = []
    for found in targets.chosen:
        relative = run.relative(found.path)
        row = earlier.rows.get(relative)
        is_explicit = found.path in targets.explicit
        reason = None if row is None else skipped_as(row.others)
        if row is not None and (row.others == UNREAD or (is_explicit and reason is not None)):
            row = None
        if row is not None and (row.size, row.mtime_ns) == (found.size, found.mtime_ns):
            # If it is looked at again, it has to be read for that anyway.
            file = _File(found, relative, row.digest, True, False, skipped_as=reason or "")
            (files if reason is None else skipped).append(file)
            continue
        try:
            with open(found.path, "rb") as opened:
                raw = opened.read()
        except OSError as error:
            linted.problems.append(f"{found.path} cannot be read ({error.strerror})")
            linted.is_complete = False
            continue
        digest = blake2b(raw, digest_size=16).digest()
        is_new = row is None or row.digest != digest
        file = _File(
            found, relative, digest, _DIRECTIVE.search(raw) is not None, is_new, not is_new
        )
        file.skipped_as = _reason(run, found, raw)
        (skipped if file.skipped_as and not is_explicit else files).append(file)
    return files, skipped


def _reason(run: Run, found: Found, raw: bytes) -> str:
    """Why a file is not worth looking at, "" if it is."""
    most = run.settings.index.max_file_bytes
    reason = skip_reason(found.path, raw[:HEAD_BYTES], found.size, max_file_bytes=most)
    if reason not in (None, "generated", "minified"):
        return reason
    return passed_over(found.path, raw, [run.root], run.settings.lint.pass_over)


def _raw(earlier: Earlier, around: Dependence, paths: Sequence[str]) -> dict[str, Raw]:
    """What engines said earlier of files with the same text, as far as it still holds."""
    if earlier.connection is None or not paths:
        return {}
    found = {}
    for path, text in store.read_raw(earlier.connection, earlier.key, paths).items():
        said = json.loads(text or "{}")
        lasting = {OWN, AST_GREP, *(() if around.have_changed(earlier.rows[path]) else (SEMGREP,))}
        found[path] = {
            engine: [decode(each) for each in said.get(engine, ())] for engine in lasting
        }
    return found


def _shown(
    run: Run,
    snapshot: Snapshot,
    file: _File,
    by_engine: Raw,
    selection: Selection,
    ran: tuple[str, ...],
) -> list[Located] | None:
    """What is shown of what the engines said; None if the file is another one by now."""
    found = [each for findings in by_engine.values() for each in findings]
    if not found and not file.has_directive:
        return []
    path = file.found.path
    try:
        with open(path, "rb") as opened:
            raw = opened.read()
    except OSError:
        return None
    if blake2b(raw, digest_size=16).digest() != file.digest:
        return None
    document = Document(path, file.found.language, 0, decode_source(raw))
    kept = settled(snapshot, document, found, run.settings, selection, ran=ran)
    return _located(document, file.relative, kept)


def _located(document: Document, relative: str, found: Sequence[Finding]) -> list[Located]:
    lines = document.lines
    known = fingerprints(found, relative, document.text, lines)

    def place(offset: int) -> tuple[int, int]:
        line, column = lines.position(offset)
        return line + 1, column + 1

    return [
        Located(document.path, each, place(each.span.start), place(each.span.end), fingerprint)
        for each, fingerprint in zip(found, known, strict=True)
    ]


def _kept(file: _File, shown: list[Located], by_engine: Raw, others: str, stamp: int) -> Kept:
    raw = {engine: [encode(each) for each in found] for engine, found in by_engine.items()}
    return Kept(
        file.relative,
        file.found.size,
        file.found.mtime_ns,
        file.digest,
        stamp,
        others,
        json.dumps(raw) if any(raw.values()) else "",
        kept_form(shown),
    )
