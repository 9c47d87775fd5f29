"""What can stand in an import: modules, and the names that they have for others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.elsewhere import can_be_imported, module_for
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.neighbours import SCRIPTS, imports_beside, imports_in
from nootropic_lsp.features.completion.receivers import closed_behind, opened_before
from nootropic_lsp.features.module_names import relative_name
from nootropic_lsp.store import graph

_FURTHEST = 2_000
_MOST_NAMES = 3
_TAKEN = re.compile(r"\b(?:import|export)\b[^;\"'`{}]*\{([^{};\"'`]*)\}\s*from\s*[\"']?\Z")
_TAKEN_BEHIND = re.compile(r"[\w.]*[ \t]+import[ \t]+\(?([^()\n]*)")
_NAME = re.compile(r"(?:^|,)\s*(?:type\s+)?([^\W\d][\w$]*)")


def modules(asked: Asked) -> Iterator[Found]:
    """Modules that can stand at the cursor, those first that have what is imported."""
    context, language = asked.context, asked.language
    for module in _exporters(asked):
        part = _next(asked, module)
        if part:
            yield Found(part, Source.EXPECTED)
    for name in _listed(asked, context.dotted):
        yield Found(name, Source.MODULE)
    if language in SCRIPTS and not context.dotted:
        for folder in ("./", "../"):
            for name in _listed(asked, folder):
                yield Found(f"{folder}{name}", Source.MODULE)
    if language in SCRIPTS or language == "python":
        for taken in imports_beside(asked):
            part = _next(asked, taken.module)
            if part:
                yield Found(part, Source.MODULE)


def imported(asked: Asked, guesses: Mapping[str, float]) -> Iterator[Found]:
    """Names that can be imported from the module of the statement at the cursor."""
    context = asked.context
    given = _given(asked)
    exported = asked.ask(lambda lister, at: lister.exported(at.unit, context.dotted, context.level))
    for name, site, depth in exported or ():
        if name not in given:
            yield Found(name, Source.SCOPE, site, depth)
    if asked.language == "python":
        for name in _listed(asked, context.dotted):
            yield Found(name, Source.MODULE)
    if not exported:  # others may know what it has
        module = "." * context.level + context.dotted
        for taken in imports_beside(asked):
            if taken.module == module and taken.name and taken.name not in given:
                yield Found(taken.name, Source.WORD)
        for word in guesses:
            if word.isidentifier() and word not in given:
                yield Found(word, Source.GUESS)


def imported_from(asked: Asked) -> frozenset[str]:
    """What could stand at the cursor of the modules that the file imports from already."""
    found = (_next(asked, each.module) for each in imports_in(asked.document.text, asked.language))
    return frozenset(filter(None, found))


def _listed(asked: Asked, dotted: str) -> list[str]:
    level = asked.context.level
    return list(asked.ask(lambda lister, at: lister.modules(at.unit, dotted, level)) or ())


def _next(asked: Asked, module: str) -> str:
    """What stands at the cursor when this is the module, "" if that cannot be."""
    context = asked.context
    if asked.language in SCRIPTS:
        rest = module.removeprefix(context.dotted)
        if not context.dotted:
            return module
        return rest.partition("/")[0] if len(rest) < len(module) else ""
    start = "." * context.level + (f"{context.dotted}." if context.dotted else "")
    return module[len(start) :].partition(".")[0] if module.startswith(start) else ""


def _given(asked: Asked) -> set[str]:
    """The other names that the statement takes."""
    source, span = asked.document.text, asked.context.span
    opened = opened_before(source, span.start)
    if opened is not None and source[opened] in "({":
        before, after = source[opened + 1 : span.start], source[span.end :]
        behind = after[: closed_behind(after, 0)]
    else:
        line = source.rfind("\n", 0, span.start) + 1
        before = source[line : span.start].rpartition("import")[2]
        behind = source[span.end :].partition("\n")[0]
    # What stands next to the cursor without a comma is the name that is being written.
    return {*_NAME.findall(before.rpartition(",")[0]), *_NAME.findall(behind.partition(",")[2])}


def _exporters(asked: Asked) -> Iterator[str]:
    """The modules of the workspace that have the names which the statement takes."""
    context, source, own = asked.context, asked.document.text, asked.document.path
    if asked.language in SCRIPTS and context.quoted is not None:
        quote = context.quoted.start
        taken = _TAKEN.search(source, max(0, quote - _FURTHEST), quote)
    elif asked.language == "python":
        taken = _TAKEN_BEHIND.match(source, context.span.end)
    else:
        taken = None
    for name in _NAME.findall(taken[1])[:_MOST_NAMES] if taken is not None else ():
        for index in asked.base.indexes:
            for row, relative in graph.symbols_named(index.connection, name):
                path = index.absolute(relative)
                if row.container or path == own or not can_be_imported(asked, path, name):
                    continue
                if context.level:
                    yield relative_name(own, path)
                else:
                    yield module_for(asked, name, path)
