"""What is wrong in files: the one place where the editor and `nootropic lint` ask.

Whatever the engines say goes through the same last step, so that both show the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nootropic_lsp.analysis import astgrep, semgrep
from nootropic_lsp.analysis.ignored import UNUSED, Honoured, unsuppressed
from nootropic_lsp.analysis.rulebook import family_of, rule
from nootropic_lsp.analysis.selection import Selection, chosen_rules
from nootropic_lsp.analysis.shelf import SYNTAX, USERS, pack_of, packs
from nootropic_lsp.analysis.testing import matters_at
from nootropic_lsp.analysis.user_rules import user_rule_files
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.findings.examined import (
    AST_GREP,
    GRAPH,
    OWN,
    SEMGREP,
    graph_findings,
    in_workspace,
    own_findings,
)
from nootropic_lsp.features.findings.gathering import Progress, Task, gather
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.surroundings import surroundings
from nootropic_lsp.safety.secrets import is_issued
from nootropic_lsp.settings.options import Settings


@dataclass(slots=True)
class Report:
    """The findings of some files, in the order of their texts.

    `problems` are sentences on what could not be done; without any loss, it is complete.
    `absent` are those of them that are about extras which are not installed.
    """

    by_path: dict[str, list[Finding]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    is_complete: bool = True

    @property
    def absent(self) -> list[str]:
        return [each for each in self.problems if each in (astgrep.MISSING, semgrep.MISSING)]


def as_you_type(
    snapshot: Snapshot, path: str, settings: Settings, *, with_graph: bool = True
) -> list[Finding]:
    """What can be said of a file within milliseconds.

    For the graph, the facts of the whole text are needed. In a long one they take a while.
    """
    selection = Selection.of(settings.lint)
    found = own_findings(snapshot, path, selection)
    if with_graph:
        found += graph_findings(snapshot, path, selection, is_quick=True)
    document = _document(snapshot, path)
    return settled(snapshot, document, found, settings, selection, ran=(OWN,))


def findings(
    snapshot: Snapshot,
    paths: Sequence[str],
    settings: Settings,
    *,
    deadline_s: float,
    on_progress: Progress | None = None,
    deep: bool = True,
    jobs: int = 0,
) -> Report:
    """All that can be said of some files; without `deep`, what needs no other program."""
    selection = Selection.of(settings.lint)
    until = time.monotonic() + deadline_s
    task = Task(snapshot, settings, selection, until, jobs, on_progress)
    engines = engines_wanted(selection, settings, snapshot.folders, deep=deep)
    said = gather(task, dict.fromkeys(engines, paths))
    report = Report(problems=said.problems, is_complete=said.is_complete)
    for path in paths:
        found = [each for by_path in said.found.values() for each in by_path.get(path, ())]
        ran = () if path in said.failed else engines
        document = _document(snapshot, path)
        report.by_path[path] = settled(snapshot, document, found, settings, selection, ran=ran)
    return report


def engines_wanted(
    selection: Selection, settings: Settings, folders: Sequence[str], *, deep: bool = True
) -> tuple[str, ...]:
    """The engines that have to look, for the rules that count."""
    wanted = [OWN]
    if any(selection.takes(code) for code, pack in packs().items() if pack == GRAPH):
        wanted.append(GRAPH)
    if not deep:
        return tuple(wanted)
    has_theirs = selection.takes(f"{USERS}/") and any(
        user_rule_files(Path(folder), settings.lint.rules) for folder in folders
    )
    if settings.lint.semgrep and (has_theirs or _needs_semgrep(selection)):
        wanted.append(SEMGREP)
    if has_theirs:
        wanted.append(AST_GREP)
    return tuple(wanted)


def follows_values(settings: Settings, folders: Sequence[str]) -> bool:
    """Whether rules run that follow a value to where it does harm, which Semgrep does."""
    wanted = engines_wanted(Selection.of(settings.lint), settings, folders)
    return SEMGREP in wanted and semgrep.find_core() is not None


@cache
def _needs_semgrep(selection: Selection) -> bool:
    return any(
        part.taint is not None or part.search is not None
        for each in chosen_rules(selection)
        for part in each.languages.values()
    )


def settled(
    snapshot: Snapshot,
    document: Document,
    found: Iterable[Finding],
    settings: Settings,
    selection: Selection,
    *,
    ran: Collection[str],
) -> list[Finding]:
    """The last step: what was selected, with the user's severities, once, and not ignored.

    `ran` are the engines that have looked at all of the document.
    """
    lines = document.lines
    once: dict[tuple[str, int], Finding] = {}
    for each in found:
        if selection.takes(each.code):
            place = each.code, lines.line_of(each.span.start)
            if place not in once or each.span < once[place].span:
                once[place] = selection.applied(each)
    options = settings.lint
    kept = unsuppressed(
        once.values(),
        document.text,
        lines,
        honoured=Honoured(options.honour_nosemgrep, options.honour_noqa),
        pack_of=pack_of,
        is_comment=_is_comment(snapshot, document),
        is_checked=_is_checked(selection, document.language, frozenset(ran)),
    )
    kept = [each for each in kept if each.code != UNUSED or selection.takes(UNUSED)]
    if "examples" in options.pass_over:
        inside = in_workspace(snapshot, document.path)
        kept = [
            each
            for each in kept
            if matters_at(each.code, inside)
            or is_issued(document.text[each.span.start : each.span.end])
        ]
    return sorted(kept, key=lambda each: (each.span, each.code))


def _document(snapshot: Snapshot, path: str) -> Document:
    """The text of a file as the editor or else the disk has it."""
    opened = snapshot.document(path)
    if opened is not None:
        return opened
    return Document(path, language_of(path) or "", 0, text_of(snapshot, path))


def _is_comment(snapshot: Snapshot, document: Document) -> Callable[[int], bool]:
    """Whether an offset is in a comment; wherever nobody can say, it is."""

    @cache
    def text() -> OpenText:
        return snapshot.opened.get(document.path) or snapshot.read(document)

    def is_comment(offset: int) -> bool:
        return not text().is_readable or surroundings(text(), offset) == "comment"

    return is_comment


def _is_checked(selection: Selection, language: str, ran: frozenset[str]) -> Callable[[str], bool]:
    """Whether a code, a pack, or everything ("") was looked for."""
    family = family_of(language) or ""

    def is_checked(name: str) -> bool:
        if not name:
            return (
                ran.issuperset((OWN, GRAPH, SEMGREP))
                and not selection.select
                and not selection.ignore
            )
        if name in packs().values():
            return all(is_checked(code) for code, pack in packs().items() if pack == name)
        if name == USERS or name.startswith(f"{USERS}/"):
            return False
        return selection.takes(name) and _engines_of(name, family) <= ran

    return is_checked


@cache
def _engines_of(code: str, family: str) -> frozenset[str]:
    """Which engines look for a code in a family of languages."""
    page = rule(code)
    if page is None or code in (SYNTAX, UNUSED):
        # Nobody has ever found a code that is not there.
        return frozenset()
    if page.pack == GRAPH:
        return frozenset({GRAPH})
    part = page.languages.get(family)
    if part is None:
        return frozenset()
    engines = {OWN} if part.is_structural else set()
    if part.taint is not None or part.search is not None:
        engines.add(SEMGREP)
    return frozenset(engines)
