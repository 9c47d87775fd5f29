"""Which refactorings a place invites: found at little cost, made when one is chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.features.refactor.add_import import add_import, missing_imports
from nootropic_lsp.features.refactor.annotations import annotate_return, function_with_head_at
from nootropic_lsp.features.refactor.change_signature import change_signature
from nootropic_lsp.features.refactor.conditions import (
    expression_to_if,
    if_at,
    if_to_expression,
    invert_if,
    merge_nested_if,
)
from nootropic_lsp.features.refactor.destinations import destinations
from nootropic_lsp.features.refactor.extract_function import extract_function
from nootropic_lsp.features.refactor.extract_variable import extract_variable
from nootropic_lsp.features.refactor.grammars import Grammar, grammar_of
from nootropic_lsp.features.refactor.inline_variable import inline_variable
from nootropic_lsp.features.refactor.missing_methods import generate_missing_methods
from nootropic_lsp.features.refactor.move_symbol import move_symbol
from nootropic_lsp.features.refactor.organise_imports import organise_imports
from nootropic_lsp.features.refactor.region import region_at
from nootropic_lsp.features.refactor.selected import trimmed
from nootropic_lsp.features.refactor.signature_changes import SignatureChange, signature_changes
from nootropic_lsp.features.refactor.source import Source, read_source_of
from nootropic_lsp.features.refactor.strings import (
    formatting_at,
    string_at,
    switch_quotes,
    to_f_string,
    to_format,
)
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.nodes import Node

EXTRACT_VARIABLE = "refactor.extract.variable"
EXTRACT_FUNCTION = "refactor.extract.function"
EXTRACT_METHOD = "refactor.extract.method"
INLINE = "refactor.inline.variable"
MOVE = "refactor.move"
REWRITE = "refactor.rewrite"
SIGNATURE = "refactor.rewrite.signature"
ORGANISE = "source.organizeImports"
QUICK_FIX = "quickfix"
_ASSIGNED = frozenset({"assignment", "variable_declarator"})
_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})


@dataclass(frozen=True)
class Offer:
    """A refactoring that may be chosen. `make` raises `RefusedError` if it cannot be done.

    `is_named`: it brings a name of its own making, which `given_name` finds for a rename.
    """

    title: str
    kind: str
    make: Callable[[], Patch]
    is_named: bool = False


def offers(snapshot: Snapshot, path: str, span: Span) -> list[Offer]:
    """What can be offered for a selection, or for a cursor where the span is empty."""
    source = read_source_of(snapshot, path)
    grammar = grammar_of(source) if source is not None else None
    if source is None or grammar is None:
        return []
    selected = trimmed(source, span)
    if selected.start < selected.end:
        return list(_of_selection(snapshot, source, selected, grammar))
    return list(_of_cursor(snapshot, source, span.start, grammar))


def import_offers(snapshot: Snapshot, path: str, offset: int) -> list[Offer]:
    """The imports that would define the name at an offset, best first."""

    def offer(title: str, module: str) -> Offer:
        return Offer(title, QUICK_FIX, lambda: add_import(snapshot, path, offset, module))

    return [offer(each.title, each.module) for each in missing_imports(snapshot, path, offset)]


def given_name(patch: Patch, path: str) -> Span | None:
    """Where a text has the name that an extraction made, once it is changed: at its use."""
    name = patch.annotation.rpartition(" ")[2]
    grown, found = 0, None
    for edit in patch.edits.get(path, ()):
        for match in re.finditer(rf"\b{re.escape(name)}\b", edit.text):
            start = edit.span.start + grown + match.start()
            is_use = edit.span.start != edit.span.end
            if found is None or is_use:
                found = Span(start, start + len(name))
            if is_use:
                return found
        grown += len(edit.text) - (edit.span.end - edit.span.start)
    return found


def _of_selection(
    snapshot: Snapshot, source: Source, span: Span, grammar: Grammar
) -> Iterator[Offer]:
    region = region_at(source, span)
    if region is None:
        return
    path = source.path
    if region.is_expression:
        yield Offer(
            "Extract variable",
            EXTRACT_VARIABLE,
            lambda: extract_variable(snapshot, path, span),
            is_named=True,
        )
        if source.text.count(region.nodes[0].text) > 1:
            yield Offer(
                "Extract variable, all occurrences",
                EXTRACT_VARIABLE,
                lambda: extract_variable(snapshot, path, span, everywhere=True),
                is_named=True,
            )
    if _is_in_method(region.nodes[0], grammar):
        yield Offer(
            "Extract method",
            EXTRACT_METHOD,
            lambda: extract_function(snapshot, path, span, method=True),
            is_named=True,
        )
    yield Offer(
        "Extract function",
        EXTRACT_FUNCTION,
        lambda: extract_function(snapshot, path, span),
        is_named=True,
    )


def _is_in_method(node: Node, grammar: Grammar) -> bool:
    is_in_function = False
    for each in node.ancestors():
        if each.kind in grammar.functions:
            is_in_function = True
        elif each.kind in grammar.classes:
            return is_in_function
    return False


def _of_cursor(
    snapshot: Snapshot, source: Source, offset: int, grammar: Grammar
) -> Iterator[Offer]:
    path = source.path
    node = source.root.around(offset, min(offset + 1, source.root.end))
    if node.kind not in grammar.names and offset:
        before = source.root.around(offset - 1, offset)
        node = before if before.kind in grammar.names else node
    if node.kind in grammar.names:
        parent = node.parent
        if parent is not None and parent.kind in _ASSIGNED and node.field in ("left", "name"):
            yield Offer(
                f"Inline variable {node.text}",
                INLINE,
                lambda: inline_variable(snapshot, path, offset),
            )
    if any(each.kind in _IMPORTS for each in (node, *node.ancestors())):
        yield Offer("Organise imports", ORGANISE, lambda: organise_imports(snapshot, path))
    if source.is_python:
        yield from _of_python(snapshot, source, node, offset)


def _of_python(snapshot: Snapshot, source: Source, node: Node, offset: int) -> Iterator[Offer]:
    path = source.path

    def rewrite(title: str, make: Callable[[Snapshot, str, int], Patch]) -> Offer:
        return Offer(title, REWRITE, lambda: make(snapshot, path, offset))

    if formatting_at(source, offset) is not None:
        yield rewrite("Use an f-string", to_f_string)
    literal = string_at(source, offset)
    if literal is not None:
        if any(each.kind == "interpolation" for each in literal.children):
            yield rewrite("Use str.format", to_format)
        yield rewrite("Switch quotes", switch_quotes)
    found = if_at(source, offset)
    if found is not None:
        alternatives = [each for each in found.children if each.field == "alternative"]
        body = found.child("consequence")
        if len(alternatives) == 1 and alternatives[0].kind == "else_clause":
            yield rewrite("Invert if", invert_if)
            yield rewrite("Use a conditional expression", if_to_expression)
        elif (
            not alternatives
            and body is not None
            and len(body.named) == 1
            and (body.named[0].kind == "if_statement")
        ):
            yield rewrite("Merge nested if", merge_nested_if)
    if any(each.kind == "conditional_expression" for each in (node, *node.ancestors())):
        yield rewrite("Use an if statement", expression_to_if)
    head = function_with_head_at(source, offset)
    if head is not None:
        if head.child("return_type") is None:
            yield rewrite("Annotate the result", annotate_return)
        for change in signature_changes(source, head, offset):
            yield _signature_offer(snapshot, path, change)
    for module, target in _targets(source, node):
        yield _move_offer(snapshot, path, node, module, target)
    holder = next(
        (each for each in (node, *node.ancestors()) if each.kind == "class_definition"), None
    )
    body = holder.child("body") if holder is not None else None
    if holder is not None and holder.child("superclasses") and body and offset < body.start:
        yield rewrite("Generate missing methods", generate_missing_methods)


def _signature_offer(snapshot: Snapshot, path: str, change: SignatureChange) -> Offer:
    def make() -> Patch:
        patch = change_signature(snapshot, path, change.start, change.parameters)
        return replace(patch, annotation=f"Add {change.new}") if change.new else patch

    return Offer(change.title, SIGNATURE, make, is_named=bool(change.new))


def _targets(source: Source, node: Node) -> Iterator[tuple[str, str]]:
    """The modules to which the definition that is named by a node may be moved."""
    if node.kind == "identifier" and source.unit.defined_at.get(node.start, -1) >= 0:
        yield from destinations(source, node.start).items()


def _move_offer(snapshot: Snapshot, path: str, node: Node, module: str, target: str) -> Offer:
    return Offer(
        f"Move {node.text} to {module}",
        MOVE,
        lambda: move_symbol(snapshot, path, node.start, target),
    )
