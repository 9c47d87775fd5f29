"""This file is where the values of features become the values of the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nootropic_lsp.core.spans import Encoding, Place, Span, units
from nootropic_lsp.core.symbols import (
    Call,
    Fold,
    Highlight,
    Hint,
    Hover,
    Lens,
    Link,
    OutlineItem,
    Signature,
    Symbol,
)
from nootropic_lsp.server.params import Location
from nootropic_lsp.server.question import NoSuchText, Question
from nootropic_lsp.server.uris import is_uri

Json = dict[str, Any]

SYMBOL_KINDS: Mapping[str, int] = {
    "file": 1, "module": 2, "namespace": 3, "package": 4, "class": 5, "method": 6,
    "property": 7, "field": 8, "constructor": 9, "enum": 10, "interface": 11, "function": 12,
    "variable": 13, "constant": 14, "string": 15, "number": 16, "boolean": 17, "array": 18,
    "object": 19, "key": 20, "null": 21, "enum member": 22, "enum_member": 22, "struct": 23,
    "event": 24, "operator": 25, "type parameter": 26, "type_parameter": 26,
    # Words of languages that the protocol has no number for.
    "attribute": 8, "parameter": 13, "local": 13, "import": 2, "alias": 5, "type": 5,
    "type_alias": 5, "trait": 11, "protocol": 11, "union": 23, "record": 23, "macro": 12,
    "element": 8, "rule": 5, "selector": 5, "table": 2, "heading": 15, "label": 20,
}  # fmt: skip
_VARIABLE = 13
_WORD = re.compile(r"\w*")


def locations(question: Question, places: Iterable[Place]) -> list[Location]:
    """Places; those whose file has gone meanwhile are left out."""
    found = []
    for place in places:
        try:
            found.append(question.location(place))
        except NoSuchText:
            continue
    return found


def links_or_locations(
    question: Question, path: str, offset: int, places: Iterable[Place], capability: str
) -> Sequence[Location | Json]:
    """Places, with the word that leads there for clients that can show it."""
    found = locations(question, places)
    if not found or not question.client.can(f"textDocument.{capability}.linkSupport"):
        return found
    origin = question.range(path, _word_around(question.snapshot.text(path), offset))
    return [
        {
            "originSelectionRange": origin,
            "targetUri": each.uri,
            "targetRange": each.range,
            "targetSelectionRange": each.range,
        }
        for each in found
    ]


def _word_around(text: str, offset: int) -> Span:
    start = offset
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    match = _WORD.match(text, start)
    return Span(start, max(offset, match.end() if match else offset))


def hover(question: Question, path: str, shown: Hover | None) -> Json | None:
    """What to show over a name."""
    if shown is None:
        return None
    is_markdown = question.client.prefers_markdown("textDocument.hover.contentFormat")
    return {
        "contents": markup(shown.markdown, is_markdown=is_markdown),
        "range": question.range(path, shown.span),
    }


def markup(markdown: str, *, is_markdown: bool) -> Json:
    """Markdown, or the same without its marks."""
    if is_markdown:
        return {"kind": "markdown", "value": markdown}
    return {"kind": "plaintext", "value": plain(markdown)}


def plain(markdown: str) -> str:
    """Markdown as one would have typed it without."""
    text = re.sub(r"^[ \t]*```.*\n?", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"^---+$\n?", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"`([^`\n]+)`", r"\1", text)
    return re.sub(r"\\([\\`*_{}\[\]()#+.!<>|~-])", r"\1", text).strip()


def highlights(question: Question, path: str, found: Iterable[Highlight]) -> list[Json]:
    """Occurrences in one file: 2 is a read, 3 a write."""
    return [
        {"range": question.range(path, each.span), "kind": 3 if each.write else 2} for each in found
    ]


def outline(question: Question, path: str, items: Iterable[OutlineItem]) -> list[Json]:
    """The symbols of a file: a tree, or a list for clients that know no trees."""
    if question.client.can("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"):
        return [_branch(question, path, each) for each in items]
    uri = question.uri(path)
    flat: list[Json] = []
    stack = [(each, "") for each in reversed(list(items))]
    while stack:
        item, container = stack.pop()
        flat.append(
            {
                "name": item.name or "_",
                "kind": SYMBOL_KINDS.get(item.kind, _VARIABLE),
                "location": {"uri": uri, "range": question.range(path, item.full_span)},
                "containerName": container,
                **({"deprecated": True} if item.deprecated else {}),
            }
        )
        stack.extend((child, item.name) for child in reversed(item.children))
    return flat


def _branch(question: Question, path: str, item: OutlineItem) -> Json:
    branch: Json = {
        # An empty name is an error to VS Code, and so is a name outside of its whole.
        "name": item.name or "_",
        "kind": SYMBOL_KINDS.get(item.kind, _VARIABLE),
        "range": question.range(path, item.full_span),
        "selectionRange": question.range(path, item.span),
    }
    if item.detail:
        branch["detail"] = item.detail
    if item.deprecated:
        branch["tags"] = [1]
    if item.children:
        branch["children"] = [_branch(question, path, child) for child in item.children]
    return branch


def workspace_symbols(question: Question, symbols: Iterable[Symbol]) -> list[Json]:
    """Symbols of the workspace, best first: right both as the old and as the new shape."""
    found = []
    for each in symbols:
        try:
            found.append(
                {
                    "name": each.name,
                    "kind": SYMBOL_KINDS.get(each.kind, _VARIABLE),
                    "containerName": each.container,
                    "location": question.location(each.place),
                }
            )
        except NoSuchText:
            continue
    return found


def hierarchy_items(question: Question, symbols: Iterable[Symbol]) -> list[Json]:
    """Symbols as the ends of calls or of inheritance."""
    found = []
    for each in symbols:
        try:
            found.append(_hierarchy_item(question, each))
        except NoSuchText:
            continue
    return found


def _hierarchy_item(question: Question, symbol: Symbol) -> Json:
    return {
        "name": symbol.name,
        "kind": SYMBOL_KINDS.get(symbol.kind, _VARIABLE),
        "detail": symbol.container,
        "uri": question.uri(symbol.path),
        "range": question.range(symbol.path, symbol.full_span),
        "selectionRange": question.range(symbol.path, symbol.span),
        # A string: an id has 63 bits, and a number of JavaScript 53.
        "data": str(symbol.id),
    }


def calls(question: Question, found: Iterable[Call], direction: str, caller: str) -> list[Json]:
    """Calls "from" or "to" a symbol. `caller` is the file of the caller, "" for each one's own."""
    converted = []
    for call in found:
        path = caller or call.symbol.path
        try:
            converted.append(
                {
                    direction: _hierarchy_item(question, call.symbol),
                    "fromRanges": [question.range(path, span) for span in call.spans],
                }
            )
        except NoSuchText:
            continue
    return converted


def signatures(question: Question, found: Sequence[Signature]) -> Json | None:
    """Callables while their arguments are typed, the likeliest first."""
    if not found:
        return None
    client = question.client
    section = "textDocument.signatureHelp.signatureInformation"
    is_markdown = client.prefers_markdown(f"{section}.documentationFormat")
    has_offsets = client.can(f"{section}.parameterInformation.labelOffsetSupport")

    def documented(shape: Json, documentation: str) -> Json:
        if documentation:
            shape["documentation"] = markup(documentation, is_markdown=is_markdown)
        return shape

    def label(signature: Signature, span: Span) -> str | list[int]:
        if not has_offsets:
            return signature.label[span.start : span.end]
        # In labels the protocol counts UTF-16, whatever was agreed for documents.
        before = units(signature.label[: span.start], Encoding.UTF16)
        inside = units(signature.label[span.start : span.end], Encoding.UTF16)
        return [before, before + inside]

    answer: Json = {
        "signatures": [
            documented(
                {
                    "label": each.label,
                    "parameters": [
                        documented({"label": label(each, part.span)}, part.documentation)
                        for part in each.parameters
                    ],
                    **(
                        {"activeParameter": each.active}
                        if each.active is not None
                        and client.can(f"{section}.activeParameterSupport")
                        else {}
                    ),
                },
                each.documentation,
            )
            for each in found
        ],
        "activeSignature": 0,
    }
    if found[0].active is not None:
        answer["activeParameter"] = found[0].active
    elif found[0].parameters:
        # Past the last parameter: no parameter is shown as the one that is typed.
        answer["activeParameter"] = len(found[0].parameters)
    return answer


def folds(question: Question, path: str, found: Iterable[Fold]) -> list[Json]:
    """Regions that can be folded, as many as the client wants."""
    only_lines = question.client.can("textDocument.foldingRange.lineFoldingOnly")
    limit = question.client.number("textDocument.foldingRange.rangeLimit")
    converted: list[Json] = []
    for fold in found:
        if limit is not None and len(converted) >= limit:
            break
        extent = question.range(path, fold.span)
        start, end = extent.start, extent.end
        if start.line >= end.line:
            continue
        region: Json = {"startLine": start.line, "endLine": end.line}
        if not only_lines:
            region |= {"startCharacter": start.character, "endCharacter": end.character}
        if fold.kind:
            region["kind"] = fold.kind
        converted.append(region)
    return converted


def selection_ranges(question: Question, path: str, chains: Iterable[Sequence[Span]]) -> list[Json]:
    """For each cursor its surroundings, the innermost outside; `chains` begin innermost."""
    converted = []
    for chain in chains:
        nested: Json | None = None
        for span in reversed(chain):
            here: Json = {"range": question.range(path, span)}
            if nested is not None:
                here["parent"] = nested
            nested = here
        converted.append(nested or {"range": question.range(path, Span(0, 0))})
    return converted


def hints(question: Question, path: str, found: Iterable[Hint]) -> list[Json]:
    """Text between the characters: 1 is a type, 2 a parameter."""
    return [
        {
            "position": question.position(path, each.offset),
            "label": each.label,
            "kind": 2 if each.kind == "parameter" else 1,
            # `name=` stands right before its argument; `name:` is told apart from it by a space.
            "paddingRight": each.label.endswith(":"),
        }
        for each in found
    ]


SHOW_REFERENCES = "nootropic.showReferences"
"""The client's own command where it has one (ours for VS Code), otherwise the server's."""


def lenses(question: Question, path: str, found: Iterable[Lens]) -> list[Json]:
    """Lines above definitions. What their command shows is filled in when they are seen."""
    uri = question.uri(path)
    return [
        {
            "range": question.range(path, each.span),
            "data": {"uri": uri, "symbol": str(each.symbol)},
        }
        for each in found
    ]


def lens(question: Question, path: str, filled: Lens) -> Json:
    """A lens with its title and what a click on it does."""
    extent = question.range(path, filled.span)
    return {
        "range": extent,
        "command": {
            "title": filled.title,
            "command": SHOW_REFERENCES,
            "arguments": [
                question.uri(path),
                extent.start,
                locations(question, filled.places),
            ],
        },
        "data": {"uri": question.uri(path), "symbol": str(filled.symbol)},
    }


def document_links(question: Question, path: str, found: Iterable[Link]) -> list[Json]:
    """Text that opens a file or an address."""
    with_tooltip = question.client.can("textDocument.documentLink.tooltipSupport")
    return [
        {
            "range": question.range(path, each.span),
            "target": each.target if is_uri(each.target) else question.uri(each.target),
            **({"tooltip": each.tooltip} if each.tooltip and with_tooltip else {}),
        }
        for each in found
    ]
