"""This file is where the menu of a place becomes the menu of an editor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nootropic_lsp.core.completions import Item, Menu
from nootropic_lsp.core.spans import Span
from nootropic_lsp.server import convert, inline, params
from nootropic_lsp.server.question import Question

Json = dict[str, Any]

TRIGGERS = (".", ":", ">", '"', "'", "/", "@", "[")
EMPTY: Json = {"isIncomplete": False, "items": []}
# The request came because one of these was typed.
_TRIGGERED = 2
_CAN = "textDocument.completion"
_SNIPPETS = "completionItem.snippetSupport"
_DEPRECATED = 1
_AS_IS = 1
_SNIPPET = 2
_ESCAPED = re.compile(r"[\\$}]")
# What ends a member and accepts it. A bare name may be new, so nothing but Enter accepts one.
_COMMITS = (".", "(")
_KINDS: Mapping[str, int] = {
    "text": 1, "method": 2, "function": 3, "constructor": 4, "field": 5, "attribute": 5, "key": 5,
    "variable": 6, "parameter": 6, "argument": 6, "class": 7, "type": 7, "interface": 8,
    "module": 9, "import": 9, "namespace": 9, "property": 10, "value": 12, "enum": 13,
    "keyword": 14, "snippet": 15, "enum member": 20, "constant": 21, "macro": 3, "struct": 22,
    "type parameter": 25,
}  # fmt: skip


def complete(question: Question, asked: params.Completion) -> Json:
    snapshot, path, offset = question.at(asked)
    wanted = question.settings.completion
    menu = question.features.completion.complete(
        snapshot,
        path,
        offset,
        is_triggered=asked.context.trigger_kind == _TRIGGERED,
        auto_import=wanted.auto_import,
        call_snippets=wanted.call_snippets and question.client.can(f"{_CAN}.{_SNIPPETS}"),
    )
    answer = _list(question, path, offset, menu)
    ghost = inline.ghost_item(question, path, offset)
    if ghost is not None:
        # What it writes goes on behind this word, so nothing that is typed next accepts it.
        answer["items"] = [{**ghost, "commitCharacters": []}, *answer["items"]]
    return answer


def resolve(question: Question, asked: Json) -> Json:
    """An item with what is shown of it when it is looked at."""
    data = asked.get("data")
    if not (isinstance(data, list) and len(data) == 2):
        return asked
    found = question.features.completion.details(question.snapshot, str(data[0]), int(data[1]))
    if found.documentation:
        is_markdown = question.client.prefers_markdown(f"{_CAN}.completionItem.documentationFormat")
        asked["documentation"] = convert.markup(found.documentation, is_markdown=is_markdown)
    if found.signature:
        asked["detail"] = found.signature
    return asked


def _list(question: Question, path: str, offset: int, menu: Menu) -> Json:
    if not menu.items:
        return {**EMPTY, "isIncomplete": not menu.is_whole}
    client = question.client
    defaults = frozenset(client.list(f"{_CAN}.completionList.itemDefaults"))
    can = {
        name: client.can(f"{_CAN}.completionItem.{name}")
        for name in (
            "labelDetailsSupport",
            "preselectSupport",
            "insertTextModeSupport",
            "snippetSupport",
        )
    }
    can["tags"] = _DEPRECATED in client.list(f"{_CAN}.completionItem.tagSupport.valueSet")
    can["deprecated"] = client.can(f"{_CAN}.completionItem.deprecatedSupport")
    replacing = question.range(path, menu.span)
    shared: Json = {}
    place: Json = {"range": replacing}
    if client.can(f"{_CAN}.completionItem.insertReplaceSupport"):
        inserting = question.range(path, Span(menu.span.start, offset))
        place = {"insert": inserting, "replace": replacing}
    if "editRange" in defaults:
        shared["editRange"] = replacing if "range" in place else place
    if "commitCharacters" in defaults and all(item.may_commit for item in menu.items):
        shared["commitCharacters"] = _COMMITS
    are_snippets = can["snippetSupport"] and all(item.selected is not None for item in menu.items)
    if "insertTextFormat" in defaults and are_snippets:
        shared["insertTextFormat"] = _SNIPPET
    items = []
    width = len(str(len(menu.items)))
    for rank, item in enumerate(menu.items):
        shown = _item(question, path, item, can)
        shown["sortText"] = str(rank).zfill(width)
        insert = item.insert
        if item.selected is not None and can["snippetSupport"]:
            insert = _snippet(insert, item.selected)
            if "insertTextFormat" not in shared:
                shown["insertTextFormat"] = _SNIPPET
        if "editRange" not in shared:
            shown["textEdit"] = {**place, "newText": insert or item.label}
        elif insert:
            shown["textEditText"] = insert
        if item.may_commit and "commitCharacters" not in shared:
            shown["commitCharacters"] = _COMMITS
        items.append(shown)
    if menu.is_sure and can["preselectSupport"]:
        items[0]["preselect"] = True
    answer: Json = {"isIncomplete": not menu.is_whole, "items": items}
    if shared:
        answer["itemDefaults"] = shared
    return answer


def _snippet(insert: str, selected: Span) -> str:
    """What an item writes, with the part that one goes on at."""
    before, inside, after = (
        _ESCAPED.sub(r"\\\g<0>", part)
        for part in (
            insert[: selected.start],
            insert[selected.start : selected.end],
            insert[selected.end :],
        )
    )
    stop = f"${{0:{inside}}}" if inside else "$0"
    return f"{before}{stop}{after}"


def _item(question: Question, path: str, item: Item, can: Mapping[str, bool]) -> Json:
    shown: Json = {"label": item.label, "kind": _KINDS.get(item.kind, 1)}
    if item.filter:
        shown["filterText"] = item.filter
    if "\n" in item.insert and can["insertTextModeSupport"]:
        shown["insertTextMode"] = _AS_IS
    if item.detail or item.origin:
        if can["labelDetailsSupport"]:
            details = {"detail": item.detail, "description": item.origin}
            shown["labelDetails"] = {key: text for key, text in details.items() if text}
        elif item.origin:
            shown["detail"] = item.origin
    if item.is_deprecated:
        if can["tags"]:
            shown["tags"] = [_DEPRECATED]
        elif can["deprecated"]:
            shown["deprecated"] = True
    if item.source is not None:
        shown["data"] = item.source
    if item.edits:
        shown["additionalTextEdits"] = [
            {"range": question.range(path, edit.span), "newText": edit.text} for edit in item.edits
        ]
    return shown
