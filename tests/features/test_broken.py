"""No feature may fail on text that is being typed, whatever it looks like."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from features.workspace import Workspace

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features import (
    calls,
    definition,
    folding,
    highlight,
    hints,
    hover,
    lens,
    links,
    outline,
    references,
    rename,
    selection,
    semantic,
    signature,
    syntax,
    types,
)
from nootropic_lsp.features.snapshot import Snapshot

TEXTS = {
    "a.py": '''import os.path as p
from typing import overload

@decorator(1)
class Ünï(Base, metaclass=M):
    """Docs: 😀"""
    x: int = f(a, *b, c=[i for i in range(3)], **d)

    @property
    async def total(self, a, /, b=1, *c, d: "Ünï", **e) -> dict[str, "Ünï"]:
        with open(p.join("a", f"{a!r:>{b}}")) as g, h:
            return {a: lambda q: q.total(d=1) for a in self.x if (z := a)}

match Ünï():
    case Ünï(x=1) | [*_, y]:
        del y
''',
    "a.ts": """import { a as b, type C } from './b';
/** @param x the first */
export abstract class D<T extends C> extends b.E implements F {
  private x?: number = b(1, ...[2], `t${this.x}`);
  async *g({ x, y: [z] }: Props, ...rest: T[]): Promise<void> {
    for (const q of rest) { await q.h?.(x, { z, x: 1 }); }
  }
}
export default (j) => j;
""",
    "a.go": """package a

import "fmt"

type T struct { x int }

func (t *T) F(a, b int) (c error) {
	for i := range []int{1, 2} { fmt.Println(t.x, i) }
	return nil
}
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_cut_texts(name: str, tmp_path: Path) -> None:
    text = TEXTS[name]
    workspace = Workspace(tmp_path, {name: text})
    for number, cut in enumerate(range(0, len(text) + 1, 11)):
        shown = (text[:cut], text[:cut] + text[cut + 9 :], text[:cut] + "(" + text[cut:])
        workspace.open(name, shown[number % 3])
        ask_everything(workspace.snapshot(), workspace.path(name), min(cut, len(shown[number % 3])))


def ask_everything(snapshot: Snapshot, path: str, offset: int) -> None:
    length = len(snapshot.text(path))
    for finding in syntax.syntax_findings(snapshot, path):
        assert 0 <= finding.span.start <= finding.span.end <= length
    for fold in folding.folds(snapshot, path):
        assert 0 <= fold.span.start < fold.span.end <= length
    for token in semantic.semantic_tokens(snapshot, path, None):
        assert 0 <= token.start < token.end <= length
    for hint in hints.inlay_hints(snapshot, path, Span(0, length)):
        assert 0 <= hint.offset <= length
    for one in signature.signature_help(snapshot, path, offset):
        assert all(each.span.end <= len(one.label) for each in one.parameters)
    selection.selection_ranges(snapshot, path, [offset])
    links.links(snapshot, path)
    outline.outline(snapshot, path)
    for each in lens.lenses(snapshot, path):
        lens.fill(snapshot, path, each.symbol)
    for ask in ("definition", "declaration", "type_definition", "implementation"):
        getattr(definition, ask)(snapshot, path, offset)
    hover.hover(snapshot, path, offset)
    highlight.highlights(snapshot, path, offset)
    references.references(snapshot, path, offset)
    for symbol in calls.prepare(snapshot, path, offset):
        calls.incoming(snapshot, symbol)
        calls.outgoing(snapshot, symbol)
    for symbol in types.prepare(snapshot, path, offset):
        types.supertypes(snapshot, symbol)
        types.subtypes(snapshot, symbol)
    with suppress(RefusedError):
        rename.rename(snapshot, path, offset, "renamed")
