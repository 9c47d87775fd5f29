"""This file is where tools show what a change would do, and make it if they may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.features import checkpoints
from nootropic_lsp.features.diffs import diff_lines
from nootropic_lsp.features.recipes import asks_types, plan
from nootropic_lsp.features.recipes.catalogue import recipe_named, recipe_of, recipes
from nootropic_lsp.features.rename import rename as renamed
from nootropic_lsp.mcp.call import Call
from nootropic_lsp.mcp.looking import completeness
from nootropic_lsp.mcp.names import choose
from nootropic_lsp.mcp.workspace import View, Workspace
from nootropic_lsp.safety.access import may_write
from nootropic_lsp.safety.secrets import mask

_CONTEXT = 3
_MOST_DIFF_CHARS = 30_000
_MOST_LEFT = 50


@dataclass(frozen=True)
class _Change:
    """A patch, why files were `left` as they are, and what a person has to know of it."""

    title: str
    patch: Patch
    left: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def raw(self) -> dict[str, bytes]:
        """The files of the patch as they are on the disk."""
        return {path: Path(path).read_bytes() for path in self.patch.edits}


def rename(
    workspace: Workspace,
    call: Call,
    *,
    name: str,
    path: str | None,
    new_name: str,
    apply: bool = False,
    base: str = "",
) -> dict[str, Any]:
    """Every use of a symbol with another name, as a diff."""
    view = workspace.view(call, uses_of=name)
    chosen = choose(view, name, path)
    if chosen.symbol is None:
        return {**chosen.data, **completeness(view)}
    symbol = chosen.symbol
    if symbol.kind == "module":
        raise RefusedError(f"{view.shown(symbol.path)} is a file; only what is in files is renamed")
    patch = renamed(view.snapshot, symbol.path, symbol.span.start, new_name)
    hidden = [each for each in patch.edits if not view.may_show(each)]
    if hidden:
        raise RefusedError(
            f"{len(hidden)} files that ignore files keep back would have to change too, so the"
            " rename is not made here"
        )
    doubtful = [f"{view.shown(each)} has uses that are not certain" for each in patch.confirm]
    notes = (*filter(None, [patch.note]), *sorted(doubtful))
    change = _Change(patch.annotation, patch, notes=notes)
    return {**chosen.data, **_shown(workspace, view, change, apply=apply, base=base)}


def rewrite(
    workspace: Workspace,
    call: Call,
    *,
    recipe: str,
    pattern: str,
    replacement: str,
    language: str,
    paths: list[str],
    apply: bool = False,
    base: str = "",
) -> dict[str, Any]:
    """Code that matches a pattern or a recipe in another form, as a diff; or which recipes are."""
    if not recipe and not pattern:
        return _recipes(workspace)
    if recipe and pattern:
        raise NootropicError("give either a recipe or a pattern")
    if pattern and not language:
        raise NootropicError("a pattern needs its language, such as python")
    if recipe.endswith((".yaml", ".yml")) or "/" in recipe:
        raise NootropicError("a recipe is named, not given as a path")
    chosen = (
        recipe_named(recipe, workspace.root)
        if recipe
        else recipe_of(pattern, replacement, language)
    )
    view = workspace.view(call, edges=asks_types(chosen))
    wanted = [view.path(each) for each in paths]
    outcome = plan(
        view.snapshot,
        chosen,
        wanted,
        settings=workspace.settings.index,
        before_each=call.check,
    )
    for path in [*outcome.patch.edits]:
        if not view.may_show(path):
            outcome.leave(path, "it is kept back by an ignore file")
    left = {view.shown(each): why for each, why in outcome.left.items() if view.may_show(each)}
    notes = tuple(
        f"{view.shown(path)}: {note}"
        for path, found in outcome.notes.items()
        if view.may_show(path)
        for note in found
    )
    change = _Change(chosen.name, outcome.patch, left, notes)
    return {
        "status": "found",
        "recipe": chosen.name,
        "files_looked_at": outcome.n_files,
        **_shown(workspace, view, change, apply=apply, base=base),
    }


def _recipes(workspace: Workspace) -> dict[str, Any]:
    known, _ = recipes(workspace.root)
    return {
        "status": "recipes",
        "recipes": [
            {
                "name": each.name,
                "description": each.description,
                "languages": [*each.languages],
            }
            for each in known
        ],
        "complete": True,
        "reason": None,
    }


def _shown(
    workspace: Workspace, view: View, change: _Change, *, apply: bool, base: str
) -> dict[str, Any]:
    """A change as a diff, made if that is wanted and it is the one that was shown before."""
    raw = change.raw()
    now = _base(change.patch, raw)
    checkpoint = _applied(workspace, change, raw, base, now) if apply else ""
    files, n_chars = [], 0
    for path, before in raw.items():
        after = checkpoints.edited(before, change.patch.edits[path]) or before
        diff = "\n".join(
            diff_lines(
                view.shown(path),
                mask(checkpoints.text(before)),
                mask(checkpoints.text(after)),
                context=_CONTEXT,
            )
        )
        n_chars += len(diff)
        is_shown = n_chars <= _MOST_DIFF_CHARS
        files.append(
            {
                "path": view.shown(path),
                "edits": len(change.patch.edits[path]),
                "diff": diff if is_shown else "",
                "shown": is_shown,
            }
        )
    return {
        "applied": bool(checkpoint),
        "checkpoint": checkpoint,
        "base": now,
        "may_apply": workspace.may_edit,
        "files": files,
        "left": [
            {"path": path, "reason": why} for path, why in [*change.left.items()][:_MOST_LEFT]
        ],
        "n_left": len(change.left),
        "notes": [*change.notes[:_MOST_LEFT]],
        **completeness(view),
    }


def _applied(
    workspace: Workspace, change: _Change, raw: Mapping[str, bytes], base: str, now: str
) -> str:
    """Write a change; the id of the checkpoint that takes it back."""
    if not workspace.may_edit:
        raise RefusedError(
            "nothing was written: this server only shows changes; `nootropic mcp --allow-edits`"
            " starts one that makes them"
        )
    if base != now:
        raise RefusedError(
            "nothing was written: "
            + (
                "the files or the change are not those of that preview any more; look at a new one"
                if base
                else "`base` of a preview is missing; look at one first"
            )
        )
    if not change.patch.edits:
        return ""
    for path in change.patch.edits:
        if not may_write(workspace.root, path):
            raise RefusedError(f"nothing was written: {path} is not to be written by an agent")
    checkpoints.recover(workspace.root)
    seen = {path: checkpoints.digest(content) for path, content in raw.items()}
    return checkpoints.apply(workspace.root, change.patch, title=change.title, seen=seen).id


def _base(patch: Patch, raw: Mapping[str, bytes]) -> str:
    """What stands for a change of files that are as they are now."""
    said = blake2b(digest_size=12)
    for path in sorted(patch.edits):
        said.update(repr((path, checkpoints.digest(raw[path]), patch.edits[path])).encode())
    return said.hexdigest()
