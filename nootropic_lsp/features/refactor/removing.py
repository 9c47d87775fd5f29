"""Take statements, and names of imports, out of a text with what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.index.nodes import Node


def removing(source: Source, statement: Node) -> list[Edit]:
    """Take a statement away, and its line if nothing else is on it."""
    text = source.text
    line, end = source.line_start(statement.start), source.line_end(statement.end)
    before = text[line : statement.start]
    rest = text[statement.end : end]
    after = rest.strip()
    if before.strip() or (after and not after.startswith(("#", "//"))):
        # Other statements on this line.
        semicolon = rest.lstrip().startswith(";")
        cut = statement.end + (rest.index(";") + 1 if semicolon else 0)
        while cut < end and text[cut] in " \t":
            cut += 1
        if not semicolon:
            start = len(text[: statement.start].rstrip())
            refuse_unless(text[start - 1] == ";", "the statement shares its line with others")
            return [Edit(Span(start - 1, statement.end), "")]
        return [Edit(Span(statement.start, cut), "")]
    if after:
        return [Edit(Span(statement.start, statement.end + len(rest) - len(rest.lstrip())), "")]
    return [Edit(Span(line, source.next_line(statement.end)), "")]


def removing_all_of(source: Source, statements: Sequence[Node]) -> list[Edit]:
    """Take statements of one block away; a block that would be empty gets a `pass`."""
    edits: list[Edit] = []
    blocks: dict[int, list[Node]] = {}
    for each in statements:
        blocks.setdefault(id(each.parent), []).append(each)
    for entry in blocks.values():
        block = entry[0].parent
        is_emptied = block is not None and block.kind == "block" and len(block.named) == len(entry)
        for number, each in enumerate(entry):
            if is_emptied and number == 0:
                edits.append(Edit(Span(each.start, each.end), "pass"))
            else:
                edits += removing(source, each)
    return edits


def removing_names(source: Source, statement: Node, names: Sequence[Node]) -> list[Edit]:
    """Take names out of an import that keeps others."""
    entries = [each for each in statement.children if each.field == "name"]
    text = source.text
    edits = []
    for name in names:
        at = entries.index(name)
        comma = next(
            (each for each in statement.children if each.kind == "," and each.start >= name.end
             and (at + 1 == len(entries) or each.end <= entries[at + 1].start)),
            None,
        )  # fmt: skip
        line = source.line_start(name.start)
        end = comma.end if comma is not None else name.end
        rest = text[end : source.line_end(end)].strip()
        if not text[line : name.start].strip() and (not rest or rest.startswith("#")):
            edits.append(Edit(Span(line, source.next_line(end)), ""))
        elif comma is not None and at + 1 < len(entries):
            while text[end] in " \t":
                end += 1
            edits.append(Edit(Span(name.start, end), ""))
        else:
            kept = [each for each in entries[:at] if each not in names]
            start = kept[-1].end if kept else name.start
            edits = [each for each in edits if each.span.start < start]
            edits.append(Edit(Span(start, name.end), ""))
    return edits
