"""This file is where tools answer which code belongs to a question, and what is wrong in code."""

from __future__ import annotations

import os
from typing import Any

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.findings import SEVERITIES
from nootropic_lsp.features.lint import linting
from nootropic_lsp.features.lint.linted import Located, Run
from nootropic_lsp.features.lint.targets import targets
from nootropic_lsp.features.search import Hit
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.mcp.call import Call
from nootropic_lsp.mcp.looking import completeness
from nootropic_lsp.mcp.workspace import View, Workspace

_MOST_JOBS = 4
_MOST_PROBLEMS = 20
# What ignore files keep back is found too, and left out afterwards.
_SPARE = 20


def search(
    workspace: Workspace, call: Call, *, question: str, limit: int, max_lines: int
) -> dict[str, Any]:
    """The passages that belong to a question, best first."""
    if not question.strip():
        raise NootropicError('there is no question; ask for something, as in "parse a date"')
    view = workspace.view(call)
    found = workspace.search(call, view, question, limit=limit + _SPARE)
    hits = [each for each in found.hits if view.may_show(each.place.path)]
    return {
        "question": question,
        "hits": [_hit(view, each, max_lines) for each in hits[:limit]],
        "by_words": found.by_words,
        **completeness(view),
    }


def lint(
    workspace: Workspace,
    call: Call,
    *,
    paths: list[str],
    select: list[str],
    ignore: list[str],
    severity: str,
    limit: int,
    deadline_s: float,
) -> dict[str, Any]:
    """The findings of some files, without any of the whole workspace; the gravest first."""
    view = workspace.view(call)
    settings = linting.narrowed(workspace.settings, select, ignore)
    wanted = [view.path(each) for each in paths]

    def snapshot(needed: str) -> Snapshot:
        if needed != "nothing":
            workspace.update(call, edges=needed == "edges")
        return workspace.snapshot()

    run = Run(
        str(workspace.root),
        settings,
        snapshot,
        deadline_s,
        settings.index.workers or min(_MOST_JOBS, os.cpu_count() or 1),
        on_progress=call.step("linting"),
    )
    chosen = targets(workspace.root, wanted, settings, force_exclude=True)
    chosen.chosen = [each for each in chosen.chosen if view.may_show(each.path)]
    linted = linting.lint(run, chosen)
    least = SEVERITIES.index(severity)
    found = [
        each
        for each in linted.found
        if SEVERITIES.index(each.finding.severity) <= least and view.may_show(each.path)
    ]
    found.sort(key=lambda each: SEVERITIES.index(each.finding.severity))
    return {
        "findings": [_finding(view, each) for each in found[:limit]],
        "total": len(found),
        "files": linted.n_files,
        "passed_over": linted.passed_over.total(),
        "problems": linted.problems[:_MOST_PROBLEMS],
        "complete": linted.is_complete,
        "reason": None if linted.is_complete else "not everything was looked at",
    }


def _hit(view: View, hit: Hit, max_lines: int) -> dict[str, Any]:
    first, last = view.line_of(hit.place), view.last_line_of(hit.place)
    shown_to = min(last, first + max_lines - 1)
    return {
        "name": f"{hit.container}.{hit.name}" if hit.container else hit.name,
        "kind": hit.kind,
        "path": view.shown(hit.place.path),
        "line": first,
        "last_line": last,
        "code": view.code(hit.place.path, first, shown_to),
        "shown_to": shown_to,
        "score": hit.score,
        "reasons": list(hit.reasons),
    }


def _finding(view: View, found: Located) -> dict[str, Any]:
    finding = found.finding
    return {
        "path": view.shown(found.path),
        "line": found.start[0],
        "rule": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "code": view.code(found.path, found.start[0], found.start[0]).strip(),
        "fix": "" if finding.fix is None else finding.fix.title,
    }
