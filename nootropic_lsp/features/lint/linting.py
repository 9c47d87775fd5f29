"""Linting as the command line does it: many files at once, and none that has not changed since."""

# Paths are strings here, because a workspace has tens of thousands of them and `Path` is slow.
# ruff: noqa: PTH116
from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import blake2b
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from nootropic_lsp import __version__
from nootropic_lsp.analysis import shelf
from nootropic_lsp.analysis.user_rules import user_rule_files
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.lint.linted import UNREAD, Earlier, Linted, Run, located, skipped_as
from nootropic_lsp.features.lint.targets import Targets
from nootropic_lsp.index.source import decode_source, read_source
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import findings as store
from nootropic_lsp.store.findings import Kept

if TYPE_CHECKING:
    from nootropic_lsp.features.findings.fixing import FixedFile

# What is kept has this form.
_FORM = 6


def lint(run: Run, targets: Targets) -> Linted:
    """The findings of the chosen files, from the cache as far as nothing has changed."""
    key = _key(run)
    connection = store.open_findings(cache_file(run.root)) if run.use_cache else None
    try:
        rows = {} if connection is None else store.read_kept(connection, key)
        said = None if connection is None else store.read_problems(connection, key)
        if said is not None and _is_all_as_it_was(run, targets, rows):
            linted = _from_kept(run, targets, rows, said)
        else:
            # Importing the engines takes as long as everything above.
            from nootropic_lsp.features.lint.fresh import look_afresh  # noqa: PLC0415

            linted = look_afresh(run, targets, Earlier(key, connection, rows))
    finally:
        if connection is not None:
            connection.close()
    linted.found.sort(key=lambda each: (each.path, each.finding.span, each.finding.code))
    return linted


def lint_text(run: Run, path: str, raw: bytes) -> tuple[Linted, str]:
    """The findings of a text that need not be on the disk, and the text."""
    from nootropic_lsp.features.lint.fresh import look_at_text  # noqa: PLC0415 -- it has the engines

    text = decode_source(raw)
    return look_at_text(run, path, text), text


def fixed_files(
    run: Run,
    paths: Iterable[str],
    texts: Mapping[str, str],
    allowed: frozenset[str],
    *,
    unsafe: bool,
) -> Iterator[FixedFile]:
    """Files as they would be with their findings put right, as far as these are `allowed`.

    `allowed` are fingerprints, `texts` what stands for files that are not as on the disk.
    """
    from nootropic_lsp.features.lint.fresh import fixes_of  # noqa: PLC0415 -- it has the engines

    yield from fixes_of(run, paths, texts, allowed, unsafe=unsafe)


def unknown_names(names: Iterable[str]) -> list[str]:
    """Which of some names are neither rules nor packs."""
    return shelf.unknown_names(names)


def known_names() -> list[str]:
    """The names of all rules and packs."""
    return shelf.known_names()


def narrowed(
    settings: Settings, select: Sequence[str], ignore: Sequence[str], *, everything: bool = False
) -> Settings:
    """Settings by which other rules count. Raises `NootropicError` for an unknown name."""
    for name in unknown_names((*select, *ignore)):
        from difflib import get_close_matches  # noqa: PLC0415 -- for a slip only

        near = get_close_matches(name, known_names(), 1)
        hint = f"did you mean {near[0]}?" if near else "`nootropic rule` lists them"
        raise NootropicError(f"{name} is neither a rule nor a pack; {hint}")
    given = settings.lint
    return replace(
        settings,
        lint=replace(
            given,
            select=(*(select or given.select), *(("all",) if everything else ())),
            # A rule that is asked for by name is wanted, whatever the settings say.
            ignore=(*(each for each in given.ignore if each not in select), *ignore),
        ),
    )


def read_text(path: str) -> str:
    """The text of a file on the disk. Raises `OSError`."""
    return read_source(path)


def cache_file(root: str) -> Path:
    """Where the findings of a workspace are kept."""
    name = blake2b(root.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return cache_folder() / "lint" / f"{name}.db"


def _is_all_as_it_was(run: Run, targets: Targets, rows: Mapping[str, Kept]) -> bool:
    """Whether all files that were named, and all that matter to them, are as they were."""
    explicit = {run.relative(path) for path in targets.explicit}
    chosen = {run.relative(found.path) for found in targets.chosen}
    seen = set()
    for found in chain(targets.chosen, targets.workspace or ()):
        path = run.relative(found.path)
        row = rows.get(path)
        if row is None or (row.size, row.mtime_ns) != (found.size, found.mtime_ns):
            return False
        if path in explicit and skipped_as(row.others) is not None:
            return False
        if path in chosen and row.others == UNREAD:
            return False
        seen.add(path)
    if targets.workspace is None:
        return _do_hold(run, [rows[path] for path in seen])
    return all(path in seen or path.startswith("../") for path in rows)


def _do_hold(run: Run, rows: Sequence[Kept]) -> bool:
    """Whether the index says that what files were judged by is as it was."""
    if all(row.resolved == 0 and not row.others for row in rows):
        return True
    from nootropic_lsp.features.lint.dependence import dependence  # noqa: PLC0415 -- see above

    return not dependence(run, run.snapshot("files")).stale({row.path: row for row in rows})


def _from_kept(run: Run, targets: Targets, rows: Mapping[str, Kept], said: str) -> Linted:
    problems, is_complete = json.loads(said)
    linted = Linted(len(targets.chosen), problems=problems, is_complete=is_complete)
    for each in targets.chosen:
        row = rows[run.relative(each.path)]
        if reason := skipped_as(row.others):
            linted.passed_over[reason] += 1
        if row.found:
            linted.found += located(each.path, row.found)
    return linted


def _key(run: Run) -> bytes:
    """What decides about findings besides the files that are linted."""
    lint = {**asdict(run.settings.lint), "baseline": "", "deadline_s": 0, "exclude": ()}
    parts: list[object] = [
        __version__,
        _FORM,
        sorted(lint.items(), key=str),
        run.settings.python,
        run.settings.index,
        run.settings.trusted,
        [find_spec(name) is not None for name in ("semgrep", "ast_grep_py")],
    ]
    rules = user_rule_files(Path(run.root), run.settings.lint.rules)
    for path in (*shelf.rule_files(), *rules):
        status = os.stat(path)
        parts.append((path.name, status.st_size, status.st_mtime_ns))
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
