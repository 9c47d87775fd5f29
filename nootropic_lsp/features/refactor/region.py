"""A part of a function that is to be taken out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.refactor.grammars import Grammar, grammar_of
from nootropic_lsp.features.refactor.selected import (
    expression_at,
    statements_at,
)
from nootropic_lsp.features.refactor.source import (
    Source,
)
from nootropic_lsp.index.facts import ScopeKind
from nootropic_lsp.index.nodes import Node


@dataclass
class Region:
    """What is taken out, and what it needs and gives."""

    source: Source
    nodes: list[Node]
    is_expression: bool
    grammar: Grammar
    function: int = 0  # the scope of the function that it is taken from, 0 at the top of a file
    owner: Node | None = None  # the node of that function
    parameters: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    outermost: list[str] = field(default_factory=list)  # names declared `global`
    returns: bool = False
    yields: bool = False
    awaits: bool = False

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.nodes[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.nodes[-1].end

    def holds(self, offset: int) -> bool:
        """Whether an offset is inside."""
        return self.start <= offset < self.end

    def walk(self) -> list[Node]:
        """Everything that is run by the function itself, not by functions in it."""
        inner = (*self.grammar.functions, *self.grammar.classes)
        return [
            each
            for node in self.nodes
            for each in (node.walk(into=lambda one: one.kind not in inner))
        ]


def region_at(source: Source, span: Span) -> Region | None:
    """What a selection selects, if it can be taken out at all."""
    grammar = grammar_of(source)
    if grammar is None:
        return None
    statements = statements_at(source, span, grammar)
    if statements:
        return Region(source, statements, False, grammar)
    node = expression_at(source, span, grammar)
    return Region(source, [node], True, grammar) if node is not None else None


def class_of(region: Region) -> int:
    """The definition of the class that a region is in a method of, or -1."""
    unit, scope = region.source.unit, region.source.variables.scope_at(region.start)
    while scope > 0:
        parent = unit.scopes[scope].parent
        if unit.scopes[scope].kind == ScopeKind.FUNCTION and (
            unit.scopes[parent].kind == ScopeKind.CLASS
        ):
            return unit.scopes[parent].owner
        scope = parent
    return -1
