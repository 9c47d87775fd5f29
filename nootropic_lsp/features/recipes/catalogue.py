"""Which recipes there are: our own and those of the workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from nootropic_lsp.analysis.recipes.reading import RecipeError, read_recipe, recipe_in
from nootropic_lsp.analysis.recipes.steps import Recipe
from nootropic_lsp.core.errors import NootropicError

_OWN = "nootropic_lsp.analysis.recipes"
_ENDINGS = (".yaml", ".yml")


def recipes(folder: Path) -> tuple[list[Recipe], list[str]]:
    """All recipes by name, and a sentence on each that cannot be used.

    One of the workspace stands in for ours of the same name.
    """
    found: dict[str, Recipe] = {}
    problems: list[str] = []
    for path in (*_own(), *_of(folder)):
        try:
            recipe = read_recipe(path)
        except RecipeError as error:
            problems.append(str(error))
        else:
            found[recipe.name] = recipe
    return [found[name] for name in sorted(found)], problems


def recipe_named(name: str, folder: Path) -> Recipe:
    """A recipe by its name or the path of its file. Raises `NootropicError`."""
    if name.endswith(_ENDINGS):
        return read_recipe(Path(name).expanduser())
    known, problems = recipes(folder)
    for recipe in known:
        if recipe.name == name:
            return recipe
    for problem in problems:
        if f"{name}." in problem:
            raise RecipeError(problem)
    names = ", ".join(each.name for each in known)
    raise NootropicError(f"there is no recipe `{name}`; there are {names}")


def recipe_of(pattern: str, rewrite: str, language: str) -> Recipe:
    """The recipe that makes one pattern of code another. Raises `NootropicError`."""
    step = {"pattern": pattern, "rewrite": rewrite}
    # All JSON is YAML.
    raw = json.dumps({"languages": [language], "steps": [step]}).encode()
    return recipe_in(raw, name="pattern", origin="the pattern")


def is_own(recipe: Recipe) -> bool:
    """Whether it comes with nootropic."""
    return Path(recipe.origin) in set(_own())


def _own() -> Iterator[Path]:
    yield from sorted(Path(str(files(_OWN) / "built_in")).glob("*.yaml"))


def _of(folder: Path) -> Iterator[Path]:
    inside = folder / ".nootropic" / "recipes"
    if inside.is_symlink() or inside.parent.is_symlink():
        return
    for path in sorted(inside.glob("*")):
        # What a link leads to is none of this workspace.
        if path.suffix in _ENDINGS and path.is_file() and not path.is_symlink():
            yield path
