"""This file is where ghost text is handed out, and where clients tell what became of it."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.learning.situations import place_of, situation_of
from nootropic_lsp.server import params
from nootropic_lsp.server.offers import Offer, Offers
from nootropic_lsp.server.question import Question

Json = dict[str, Any]

ACCEPTED = "nootropic.accepted"
INVOKED = 1
# Who asks for it wants to see what there is.
_THRESHOLD_WHEN_INVOKED = 0.4
_TEXT = 1


def inline_completion(question: Question, asked: params.InlineCompletion) -> Json | None:
    """The ghost text at a place, or nothing for a text that has changed since it was asked for."""
    path = question.path(asked.text_document.uri)
    document = question.snapshot.document(path)
    if document is None or question.offers.is_stale(document):
        return None
    offset = question.offset(path, asked.position)
    info = asked.context.selected_completion_info
    chosen = None if info is None else (question.span(path, info.range), info.text)
    is_invoked = asked.context.trigger_kind == INVOKED
    offer = question.offers.going_on(document, offset, chosen)
    if offer is None:
        most_lines = question.settings.ghost_text.max_lines
        offer = _offer(question, document, offset, most_lines, is_invoked=is_invoked, chosen=chosen)
    if offer is None or question.offers.is_stale(document):
        return None
    span = Span(offset, offset) if chosen is None else chosen[0]
    written = span.start - offer.span.start
    return {
        "items": [
            {
                "insertText": offer.text[written:],
                "range": question.range(path, span),
                "command": _command(offer),
            }
        ]
    }


def ghost_item(question: Question, path: str, offset: int) -> Json | None:
    """Ghost text as an entry of the menu, where the user wants it and the client has no other way."""
    settings = question.settings
    if not settings.features.inline_completion or not settings.ghost_text.as_menu_item:
        return None
    document = question.snapshot.document(path)
    if question.client.can("textDocument.inlineCompletion") or document is None:
        return None
    offer = question.offers.going_on(document, offset)
    if offer is None:
        # Menus show one line, and the oldest clients insert line breaks as other characters.
        offer = _offer(question, document, offset, 1)
    if offer is None or "\n" in offer.text:
        return None
    text = document.text
    start = offset
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    written = text[start:offset] + offer.text[offset - offer.span.start :]
    return {
        "label": written,
        "labelDetails": {"description": "ghost text"},
        "kind": _TEXT,
        "detail": "likely next, by your own code",
        "filterText": written,
        "sortText": "",
        "textEdit": {"range": question.range(path, Span(start, offset)), "newText": written},
        "command": _command(offer),
    }


def _offer(
    question: Question,
    document: Document,
    offset: int,
    most_lines: int,
    *,
    is_invoked: bool = False,
    chosen: tuple[Span, str] | None = None,
) -> Offer | None:
    settings = question.settings.ghost_text
    before = document.text[document.lines.start_of(document.lines.line_of(offset)) : offset]
    threshold = question.offers.threshold(document.language, place_of(before), settings.threshold)
    feature = question.features.ghost
    by_model: list[Suggestion | Silence] = []

    def ask_model(document: Document, at: int) -> Suggestion | Silence:
        assert question.fill is not None
        by_model.append(question.fill(question, document, at))
        return by_model[-1]

    # A menu does not wait for a model.
    is_asked = question.fill is not None and most_lines > 1
    found: Suggestion | Silence = feature.ghost(
        question.snapshot,
        document.path,
        offset,
        threshold=min(threshold, _THRESHOLD_WHEN_INVOKED) if is_invoked else threshold,
        most_lines=most_lines,
        selected=None if chosen is None else feature.Selected(*chosen),
        disabled=settings.disabled_languages,
        otherwise=ask_model if is_asked else None,
    )
    if isinstance(found, Silence):
        question.offers.last = found.sentence
        return None
    # What is known of one of them says nothing of the other.
    language = f"{document.language} by a model" if by_model else document.language
    situation = situation_of(language, before, found.text, len(found.ends), found.probability)
    question.offers.last = (
        "the last one was the language model's"
        if by_model
        else f"the last one was {found.probability:.0%} sure"
    )
    span, text = chosen or (Span(offset, offset), "")
    return question.offers.make(document, span, text + found.text, situation, entry=len(text))


def _command(offer: Offer) -> Json:
    return {"title": "accepted", "command": ACCEPTED, "arguments": [offer.id]}


# ---- what became of it


def did_show(offers: Offers, asked: params.OfInlineItem) -> None:
    """textDocument/didShowCompletion, as Copilot's clients send it."""
    offers.shown(_id_of(asked.item))


def did_accept_part(offers: Offers, asked: params.AcceptedPart) -> None:
    """textDocument/didPartiallyAcceptCompletion; its length counts in UTF-16."""
    text = asked.item.insert_text
    units = text.encode("utf-16-le", "surrogatepass")[: max(0, asked.accepted_length) * 2]
    offers.accepted_part(_id_of(asked.item), len(units.decode("utf-16-le", "ignore")))


def accepted(offers: Offers, arguments: list[Any]) -> None:
    """The command of an item, which runs when it was accepted."""
    if arguments and isinstance(arguments[0], str):
        offers.accepted(arguments[0])


def _id_of(item: params.InlineItem) -> str:
    arguments = item.command.arguments if item.command is not None else None
    return arguments[0] if arguments and isinstance(arguments[0], str) else ""
