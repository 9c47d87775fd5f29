"""Running a recipe over a workspace: a patch to look at, and why files were left as they are."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.analysis.recipes.codemods import CODEMODS, Around
from nootropic_lsp.analysis.recipes.engine import fits, may_apply, rewritten
from nootropic_lsp.analysis.recipes.searching import Searcher
from nootropic_lsp.analysis.recipes.steps import Recipe
from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span, replaced
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.checkpoints import digest, obstacle
from nootropic_lsp.features.recipes.imports import change_imports
from nootropic_lsp.features.recipes.outcome import Outcome, leave_half_done
from nootropic_lsp.features.recipes.surroundings import surroundings
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import HEAD_BYTES, discover, language_of, skip_reason
from nootropic_lsp.index.source import decode_source, encode_like, encode_source
from nootropic_lsp.settings.options import IndexSettings


class _File(NamedTuple):
    """A file to look at; `relative` is its path in its folder `root` of the workspace."""

    path: str
    relative: str
    language: str
    root: str


def run(snapshot: Snapshot, recipe: Recipe, paths: Sequence[str] = ()) -> Patch:
    """The patch that a recipe makes of some files or folders, by default of the workspace."""
    return plan(snapshot, recipe, paths).patch


def plan(
    snapshot: Snapshot,
    recipe: Recipe,
    paths: Sequence[str] = (),
    *,
    settings: IndexSettings | None = None,
    before_each: Callable[[], object] = lambda: None,
) -> Outcome:
    """The patch of a recipe, with what it left and why.

    What `before_each` raises before a file is looked at ends it.
    """
    outcome = Outcome()
    with Searcher() as searcher:
        for path, language, root in _files(snapshot, paths, settings or IndexSettings()):
            relative = Path(path).relative_to(root).as_posix()
            if language not in recipe.languages or not fits(relative, recipe.files):
                continue
            before_each()
            outcome.n_files += 1
            file = _File(path, relative, language, root)
            try:
                _rewrite(snapshot, recipe, file, outcome, searcher)
            except RefusedError as refused:
                outcome.left[path] = str(refused)
            except OSError as error:
                outcome.left[path] = f"it cannot be read ({error.strerror})"
    for name in recipe.transforms:
        together = CODEMODS[name].together
        if together is not None:
            leave_half_done(outcome, together)
    return outcome


def asks_types(recipe: Recipe) -> bool:
    """Whether a recipe has to know which classes are built on which, in all files."""
    return any(CODEMODS[name].asks_graph for name in recipe.transforms)


def _rewrite(
    snapshot: Snapshot, recipe: Recipe, file: _File, outcome: Outcome, searcher: Searcher
) -> None:
    path, language = file.path, file.language
    opened = snapshot.document(path)
    raw = Path(path).read_bytes() if opened is None else b""
    text = decode_source(raw) if opened is None else opened.text
    data = encode_source(text)
    if not may_apply(recipe, language, data):
        return
    around = surroundings(snapshot, path, file.root) if recipe.transforms else Around()
    result = rewritten(
        recipe,
        path,
        file.relative,
        language,
        data,
        around=around,
        elsewhere=lambda step, source: change_imports(snapshot, step, source),
        finds=searcher.finds,
    )
    if result.notes:
        outcome.notes[path] = result.notes
    if result.data == data:
        return
    if opened is None:
        why = obstacle(Path(os.path.realpath(file.root)), Path(path))
        if not why and encode_like(text, raw) is None:
            why = "it has bytes that are no text in its encoding"
        if why:
            raise RefusedError(why)
        outcome.seen[path] = digest(raw)
    else:
        outcome.patch.versions[path] = opened.version
    outcome.patch.edits[path] = edits_between(text, result.data.decode("utf-8", "surrogatepass"))
    outcome.n_changes[path] = result.n_changes


def edits_between(before: str, after: str) -> tuple[Edit, ...]:
    """The edits that make one text of another, each as short as it can be."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    edits = []
    for tag, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag != "equal":
            was, becomes = "".join(old[i:j]), "".join(new[k:m])
            start, end, end_after = replaced(was, becomes)
            at = starts[i]
            edits.append(Edit(Span(at + start, at + end), becomes[start:end_after]))
    return tuple(edits)


def _files(
    snapshot: Snapshot, paths: Sequence[str], settings: IndexSettings
) -> Iterator[tuple[str, str, str]]:
    """The files to look at, each with its language and its folder of the workspace."""
    seen: set[str] = set()
    for root in snapshot.folders:
        wanted = [path for path in paths if path == root or path.startswith(f"{root}/")]
        if paths and not wanted:
            continue
        for path in wanted:
            # A file that is named counts even where the index leaves it out.
            language = language_of(path) if Path(path).is_file() else None
            if language is not None and path not in seen:
                seen.add(path)
                yield path, language, root
        folders = tuple(f"{path}/" for path in wanted if Path(path).is_dir())
        if paths and not folders:
            continue
        for found in discover(Path(root), settings=settings):
            path = found.path.replace(os.sep, "/")
            if (paths and not path.startswith(folders)) or path in seen:
                continue
            seen.add(path)
            if not _is_generated(path, found.size):
                yield path, found.language, root


def _is_generated(path: str, size: int) -> bool:
    try:
        with Path(path).open("rb") as file:
            return skip_reason(path, file.read(HEAD_BYTES), size) is not None
    except OSError:
        return False
