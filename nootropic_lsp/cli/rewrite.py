"""`nootropic rewrite`: a recipe over the workspace, shown first and then applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.changes import painted
from nootropic_lsp.cli.output import bold, count, dim
from nootropic_lsp.cli.undo import recovered
from nootropic_lsp.cli.workspace import EVERYTHING, indexed, opened, root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features import checkpoints
from nootropic_lsp.features.diffs import diff_lines
from nootropic_lsp.features.recipes import asks_types, plan
from nootropic_lsp.features.recipes.catalogue import is_own, recipe_named, recipes
from nootropic_lsp.features.recipes.outcome import Outcome

# More sentences on what was left than this, nobody reads.
_MOST_SHOWN = 30


def rewrite(
    recipe: str | None = None,
    paths: Sequence[str] = (),
    *,
    diff: bool = False,
    apply: bool = False,
    list: bool = False,
    workspace: str | None = None,
    trust: bool = False,
) -> Answer:
    """What a recipe changes as a diff; with `apply`, it is written with an undo."""
    root = root_for(workspace)
    if list or recipe is None:
        if not list:
            raise NootropicError("name a recipe; `nootropic rewrite --list` shows those there are")
        return _listed(root)
    if diff and apply:
        raise NootropicError("give either --diff or --apply")
    chosen = recipe_named(recipe, root)
    wanted = [_inside(path, root) for path in paths]
    said = recovered(root)
    if asks_types(chosen) or chosen.removes_imports:
        uses_of = EVERYTHING if asks_types(chosen) else None
        with indexed(root, trust=trust, uses_of=uses_of) as snapshot:
            outcome = plan(snapshot, chosen, wanted)
    else:
        with opened(root, trust=trust) as app:
            outcome = plan(app.snapshot(), chosen, wanted, settings=app.settings.index)
    id = ""
    if apply and outcome.patch.edits:
        id = checkpoints.apply(root, outcome.patch, title=chosen.name, seen=outcome.seen).id
    return _answer(chosen.name, root, outcome, id, said, is_applied=apply)


def _answer(
    name: str, root: Path, outcome: Outcome, id: str, said: str, *, is_applied: bool
) -> Answer:
    changed = outcome.patch.edits
    diffs = {} if is_applied else {path: _diff(root, path, outcome) for path in changed}
    left = {_relative(path, root): why for path, why in outcome.left.items()}
    notes = {_relative(path, root): each for path, each in outcome.notes.items()}
    n_changes = sum(outcome.n_changes.values())
    verb = "changed" if is_applied else "would change"
    summary = (
        f"{name} {verb} {count(len(changed), 'file')} ({count(n_changes, 'replacement')},"
        f" {count(outcome.n_files, 'file')} looked at)"
        if changed
        else f"{name} finds nothing to change in {count(outcome.n_files, 'file')}"
    )
    if id:
        summary += f"; `nootropic undo` takes it back (checkpoint {id})"
    elif changed:
        summary += "; `--apply` writes it"
    problems = [*_sentences(left, notes)]
    if len(problems) > _MOST_SHOWN:
        more = len(problems) - _MOST_SHOWN
        problems[_MOST_SHOWN:] = [f"  … and {count(more, 'more sentence')}; `--json` has them all"]
    text = "\n".join(
        (
            *(painted(line) for lines in diffs.values() for line in lines),
            *(["", bold("left as it is")] if problems and diffs else []),
            *(dim(each) for each in problems),
            summary,
        )
    ).lstrip("\n")
    return Answer(
        text,
        {
            "recipe": name,
            "workspace": str(root),
            "applied": bool(id),
            "checkpoint": id or None,
            "files": [
                {
                    "path": _relative(path, root),
                    "replacements": outcome.n_changes[path],
                    "diff": "\n".join(diffs.get(path, ())),
                }
                for path in changed
            ],
            "left": [{"path": path, "reason": why} for path, why in left.items()],
            "notes": [{"path": path, "notes": each} for path, each in notes.items()],
        },
        code=NOTHING_FOUND if left or not changed else FOUND,
        note=said,
    )


def _sentences(left: dict[str, str], notes: dict[str, list[str]]) -> Iterator[str]:
    for path, why in left.items():
        yield f"  {path}: {why}"
    for path, each in notes.items():
        yield from (f"  {path}: {note}" for note in each)


def _diff(root: Path, path: str, outcome: Outcome) -> list[str]:
    raw = Path(path).read_bytes()
    after = checkpoints.edited(raw, outcome.patch.edits[path]) or raw
    return diff_lines(_relative(path, root), checkpoints.text(raw), checkpoints.text(after))


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix()


def _inside(path: str, root: Path) -> str:
    real = Path(path).expanduser().resolve()
    if not real.exists():
        raise NootropicError(f"there is no {path}")
    if not real.is_relative_to(root):
        raise NootropicError(f"{path} is outside of the workspace {root}; see --workspace")
    if Path(path).expanduser().is_symlink():
        raise NootropicError(f"{path} is a link; name the file that it leads to")
    return real.as_posix()


def _listed(root: Path) -> Answer:
    known, problems = recipes(root)
    rows = [(bold(each.name), each.description) for each in known]
    return Answer(
        shown.table(rows),
        {
            "recipes": [
                {
                    "name": each.name,
                    "description": each.description,
                    "languages": [*each.languages],
                    "path": each.origin,
                    "own": is_own(each),
                }
                for each in known
            ],
            "problems": problems,
        },
        note="\n".join(problems),
    )
