"""The imports step of a recipe: imports that are added, removed or renamed as the text needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.analysis.recipes.steps import ImportsStep, Step
from nootropic_lsp.analysis.recipes.tree import Change, Replacement, Source, parse, replaced
from nootropic_lsp.analysis.recipes.written import (
    first_use,
    is_mentioned,
    module_renamed,
    name_renamed,
    removals,
)
from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.completion.importing import Importing
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.imports import imports_of
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.mentions import files_naming
from nootropic_lsp.index.opened import OpenText


def change_imports(snapshot: Snapshot, step: Step, source: Source) -> Change:
    """What the imports step changes in a text."""
    assert isinstance(step, ImportsStep)
    before = source
    for old, new in step.rename.items():
        renaming = name_renamed if ":" in old else module_renamed
        source = _after(source, renaming(source, old, new))
    for each in step.add:
        source = _after(source, _added(source, each))
    for each in step.remove:
        module, _, name = each.partition(":")
        local = name or module.partition(".")[0]
        found = removals(source, module, name)
        if found and not is_mentioned(source, local) and not _is_taken(snapshot, source, local):
            source = _after(source, found)
    if source.data == before.data:
        return Change()
    return Change([Replacement(0, len(before.data), source.data.decode("utf-8", "surrogatepass"))])


def _after(source: Source, replacements: list[Replacement]) -> Source:
    if not replacements:
        return source
    return parse(source.path, source.language, replaced(source.data, replacements))


def _added(source: Source, wanted: str) -> list[Replacement]:
    module, _, name = wanted.partition(":")
    local = name or module
    use = first_use(source, local)
    if use is None:
        return []
    text = source.data.decode("utf-8", "surrogatepass")
    opened = OpenText(Document(source.path, source.language, 0, text))
    for each in imports_of(opened).statements:
        names = [item.text.rpartition(" as ")[2].strip() for item in each.names]
        if each.module == module and (name in names if name else not each.takes_names):
            return []
    if any(_binds(text, local) for text in _import_lines(text)):
        return []
    before = len(source.data[:use].decode("utf-8", "surrogatepass"))
    edit = Importing(opened, before=before).edit(name, module)
    start = len(text[: edit.span.start].encode("utf-8", "surrogatepass"))
    end = len(text[: edit.span.end].encode("utf-8", "surrogatepass"))
    return [Replacement(start, end, edit.text)]


def _import_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if re.match(r"\s*(import|from)\b", line):
            yield line


def _binds(line: str, name: str) -> bool:
    """Whether an import that is written in another way brings the name, such as one in a block."""
    found = re.search(r"\bimport\b(.*)", line)
    if found is None:
        return False
    names = [each.strip(" ()\\").split(" as ")[-1] for each in found[1].split(",")]
    return name in names


def _is_taken(snapshot: Snapshot, source: Source, name: str) -> bool:
    """Whether another file takes the name from this one."""
    stem = source.path.rpartition("/")[2].partition(".")[0]
    if stem == "__init__":
        return True  # What a package imports is what it offers.
    taking = re.compile(
        rf"(?:from\s+[\w.]*\b{re.escape(stem)}\s+import\b[^#]*?|\b{re.escape(stem)}\.)"
        rf"\b{re.escape(name)}\b|from\s+[\w.]*\b{re.escape(stem)}\s+import\s*\*"
    )
    languages = LANGUAGES[source.language].relatives
    for index in snapshot.indexes:
        for relative in files_naming(index.connection, name, languages):
            path = index.absolute(relative)
            if path != source.path and taking.search(text_of(snapshot, path)):
                return True
    return False
