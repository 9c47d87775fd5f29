"""Relative imports of JavaScript and TypeScript files that lead nowhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nootropic_lsp.core.findings import ERROR, Finding
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.checks.code import Code, is_inside
from nootropic_lsp.features.checks.unresolved import CODE, build_words
from nootropic_lsp.index.facts import Op, Role

_RELATIVE = re.compile(r"\.\.?/[\w./@+-]*\Z")
_STATEMENT = re.compile(r"^\s*(?:import|export)\b|^\s*\}\s*from\b", re.MULTILINE)
# Where what is imported is made by a build, or made up by whoever runs the file.
_MADE = re.compile(
    r"(?:^|[/.])(?:build|cache|coverage|dist|es|esm|gen|generated|__generated__|lib|out|output"
    r"|target|temp|tmp|types|wasm|pkg|\.[\w-]+)(?:[/.]|$)"
)
_FIXTURES = re.compile(
    r"/(?:__\w+__|fixtures?|templates?|testdata|snapshots?|examples?|sandbox|playground|docs?)/"
)
_SCRIPT = re.compile(r"\.[cm]?[jt]sx?\Z")


def unresolved_scripts(code: Code) -> list[Finding]:
    """Relative imports of files that are not there, by the index and by the disk."""
    unit = code.unit
    if unit.errors or _FIXTURES.search(code.path):
        return []
    found = []
    for index, expression in enumerate(unit.expressions):
        if expression[0] != Op.MODULE or expression[1] != Role.IMPORT or expression[2] < 0:
            continue
        position, written = expression[2], expression[3]
        if not _RELATIVE.match(written) or _MADE.search(written.lstrip("./")):
            continue
        if not code.is_at(position, written) or not _STATEMENT.match(code.line(position)):
            continue
        if "@ts-" in code.line(code.text.rfind("\n", 0, position)):
            continue  # a comment above says that this is known
        if code.snapshot.definitions(unit, index) or _is_there(code, written):
            continue
        message = f"there is no file `{written}`"
        found.append(Finding(Span(position, position + len(written)), CODE, message, ERROR))
    return found


def _is_there(code: Code, written: str) -> bool:
    """Whether there is a file or folder that a bundler could take, or there may come to be one."""
    path = os.path.normpath(f"{code.path.rpartition('/')[0]}/{written}").replace(os.sep, "/")
    if not is_inside(code.snapshot, path) or os.path.exists(path):  # noqa: PTH110 -- like the world
        return True
    folder, _, name = path.rpartition("/")
    stem = _SCRIPT.sub("", name)
    try:
        names = [each.name for each in Path(folder).iterdir()]
    except OSError:
        names = []
    if any(each == stem or each.startswith(f"{stem}.") for each in names):
        return True
    return stem in build_words(code.snapshot)
