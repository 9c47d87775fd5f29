"""This file is where questions about code are handed to features, one function each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.server import convert, params, tokens
from nootropic_lsp.server.question import Question

Json = Any
Prepare = Callable[..., Sequence[Symbol]]
MAX_WORKSPACE_SYMBOLS = 256


def definition(question: Question, asked: params.AtPosition) -> Json:
    return _places(question, asked, "definition", "definition")


def declaration(question: Question, asked: params.AtPosition) -> Json:
    return _places(question, asked, "declaration", "declaration")


def type_definition(question: Question, asked: params.AtPosition) -> Json:
    return _places(question, asked, "type_definition", "typeDefinition")


def implementation(question: Question, asked: params.AtPosition) -> Json:
    return _places(question, asked, "implementation", "implementation")


def _places(question: Question, asked: params.AtPosition, name: str, capability: str) -> Json:
    snapshot, path, offset = question.at(asked)
    found = getattr(question.features.definition, name)(snapshot, path, offset)
    return convert.links_or_locations(question, path, offset, found, capability)


def hover(question: Question, asked: params.AtPosition) -> Json:
    snapshot, path, offset = question.at(asked)
    return convert.hover(question, path, question.features.hover.hover(snapshot, path, offset))


def references(question: Question, asked: params.References) -> Json:
    found = question.features.references.references(
        *question.at(asked), include_declaration=asked.context.include_declaration
    )
    return convert.locations(question, (each.place for each in found))


def highlights(question: Question, asked: params.AtPosition) -> Json:
    snapshot, path, offset = question.at(asked)
    found = question.features.highlight.highlights(snapshot, path, offset)
    return convert.highlights(question, path, found)


def outline(question: Question, asked: params.InDocument) -> Json:
    path = question.path(asked.text_document.uri)
    found = question.features.outline.outline(question.snapshot, path)
    return convert.outline(question, path, found)


def workspace_symbols(question: Question, asked: params.Query) -> Json:
    found = question.features.workspace_symbols.workspace_symbols(
        question.snapshot, asked.query, limit=MAX_WORKSPACE_SYMBOLS
    )
    return convert.workspace_symbols(question, found)


def prepare_calls(question: Question, asked: params.AtPosition) -> Json:
    return convert.hierarchy_items(question, question.features.calls.prepare(*question.at(asked)))


def incoming_calls(question: Question, asked: params.OfItem) -> Json:
    feature = question.features.calls
    return [
        item
        for symbol in _symbols(question, asked.item, feature.prepare)
        for item in convert.calls(
            question, feature.incoming(question.snapshot, symbol), "from", caller=""
        )
    ]


def outgoing_calls(question: Question, asked: params.OfItem) -> Json:
    feature = question.features.calls
    return [
        item
        for symbol in _symbols(question, asked.item, feature.prepare)
        for item in convert.calls(
            question, feature.outgoing(question.snapshot, symbol), "to", caller=symbol.path
        )
    ]


def prepare_types(question: Question, asked: params.AtPosition) -> Json:
    return convert.hierarchy_items(question, question.features.types.prepare(*question.at(asked)))


def supertypes(question: Question, asked: params.OfItem) -> Json:
    return _related_types(question, asked.item, "supertypes")


def subtypes(question: Question, asked: params.OfItem) -> Json:
    return _related_types(question, asked.item, "subtypes")


def _related_types(question: Question, item: params.Item, name: str) -> Json:
    feature = question.features.types
    related = getattr(feature, name)
    found = [
        each
        for symbol in _symbols(question, item, feature.prepare)
        for each in related(question.snapshot, symbol)
    ]
    return convert.hierarchy_items(question, found)


def _symbols(question: Question, item: params.Item, prepare: Prepare) -> Sequence[Symbol]:
    """The symbol of an item; one without an id of its own is looked for where it was."""
    if item.data.isdigit() and (identity := int(item.data)):
        found = question.snapshot.symbols_by_id([identity])
        return [found[identity]] if identity in found else []
    path = question.path(item.uri)
    return prepare(question.snapshot, path, question.offset(path, item.selection_range.start))[:1]


def signature_help(question: Question, asked: params.AtPosition) -> Json:
    found = question.features.signature.signature_help(*question.at(asked))
    return convert.signatures(question, found)


def folding(question: Question, asked: params.InDocument) -> Json:
    path = question.path(asked.text_document.uri)
    return convert.folds(question, path, question.features.folding.folds(question.snapshot, path))


def selection_ranges(question: Question, asked: params.AtPositions) -> Json:
    path = question.path(asked.text_document.uri)
    offsets = [question.offset(path, position) for position in asked.positions]
    found = question.features.selection.selection_ranges(question.snapshot, path, offsets)
    return convert.selection_ranges(question, path, found)


def inlay_hints(question: Question, asked: params.InRange) -> Json:
    path = question.path(asked.text_document.uri)
    span = question.span(path, asked.range)
    wanted = question.settings.inlay_hint
    found = question.features.hints.inlay_hints(
        question.snapshot, path, span, parameter_names=wanted.parameter_names, types=wanted.types
    )
    return convert.hints(question, path, found)


def code_lenses(question: Question, asked: params.InDocument) -> Json:
    if not question.settings.code_lens.references:
        return []
    path = question.path(asked.text_document.uri)
    return convert.lenses(question, path, question.features.lens.lenses(question.snapshot, path))


def fill_lens(question: Question, asked: params.UnfilledLens) -> Json:
    path = question.path(asked.data.uri)
    symbol = int(asked.data.symbol)
    filled = question.features.lens.fill(question.snapshot, path, symbol)
    if filled is None:
        # Its definition is gone: a lens without a click, where it was.
        return {"range": asked.range, "command": {"title": "0 references", "command": ""}}
    return convert.lens(question, path, filled)


def document_links(question: Question, asked: params.InDocument) -> Json:
    path = question.path(asked.text_document.uri)
    found = question.features.links.links(question.snapshot, path)
    return convert.document_links(question, path, found)


def tokens_full(question: Question, asked: params.InDocument) -> Json:
    path = question.path(asked.text_document.uri)
    data = _tokens(question, path, None)
    return {"resultId": question.tokens.keep(path, data), "data": data}


def tokens_range(question: Question, asked: params.InRange) -> Json:
    path = question.path(asked.text_document.uri)
    return {"data": _tokens(question, path, question.span(path, asked.range))}


def tokens_delta(question: Question, asked: params.TokensDelta) -> Json:
    path = question.path(asked.text_document.uri)
    known_id, before = question.tokens.last.get(path, ("", []))
    data = _tokens(question, path, None)
    result_id = question.tokens.keep(path, data)
    if known_id != asked.previous_result_id:
        return {"resultId": result_id, "data": data}
    return {"resultId": result_id, "edits": tokens.delta(before, data)}


def _tokens(question: Question, path: str, span: Any) -> list[int]:
    found = question.features.semantic.semantic_tokens(question.snapshot, path, span)
    return tokens.encode(question, path, found)
