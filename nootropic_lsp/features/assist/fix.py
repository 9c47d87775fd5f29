"""A correction of one problem that somebody has found, as a proposal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines, Span
from nootropic_lsp.features.assist.checking import reads, silences_nothing, without_new_findings
from nootropic_lsp.features.assist.edits import Order, Proposal, propose, text_to_change
from nootropic_lsp.features.assist.means import Means, Room
from nootropic_lsp.features.assist.neighbours import symbol_around, used
from nootropic_lsp.features.assist.passages import Passage, once
from nootropic_lsp.features.assist.views import code_and_context, view
from nootropic_lsp.features.findings.pages import page
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.registry import Filling, Quoted

_USED_WORTH = 0.5


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What somebody has found in a file: `source` is who, `code` by which rule, "" if unknown."""

    path: str
    span: Span
    message: str
    source: str = ""
    code: str = ""


async def fix(means: Means, diagnostic: Diagnostic, *, model: str = "") -> Proposal:
    """A correction after which the problem is gone, if it is one of ours, and none is new.

    Raises `RefusedError` as `propose` does.
    """
    path, span = diagnostic.path, diagnostic.span
    text = await asyncio.to_thread(text_to_change, means, path)
    if text is None:
        raise RefusedError(f"there is no file {means.shown(path)}")
    lines = Lines.of(text)
    line = lines.line_of(min(span.start, len(text)))

    def gather(room: Room) -> list[Passage]:
        around = symbol_around(means.snapshot, path, span)
        focus = span if around is None else around.full_span
        return once([*view(means, path, room, [span], ()), *used(means, path, focus, _USED_WORTH)])

    def fill(passages: Sequence[Passage]) -> dict[str, Filling]:
        code, context = code_and_context(means, passages)
        return {
            "path": means.shown(path),
            "line": line + 1,
            "problem": [Quoted(diagnostic.source or "a check", _said(diagnostic))],
            "code": code,
            "context": context,
        }

    def is_meant(_path: str, finding: Finding) -> bool:
        return finding.code == diagnostic.code and lines.line_of(finding.span.start) == line

    checks = (reads, silences_nothing, without_new_findings(is_meant))
    order = Order("fix", {path: text}, gather, fill, checks)
    return await propose(means, order, Needs(model=model))


def _said(diagnostic: Diagnostic) -> str:
    """What is wrong, and what helps if we know the rule."""
    code = f" [{diagnostic.code}]" if diagnostic.code else ""
    how = page(diagnostic.code).how if diagnostic.code else ""
    return f"{diagnostic.message}{code}\n{how}".strip()
