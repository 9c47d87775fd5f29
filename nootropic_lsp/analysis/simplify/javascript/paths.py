"""This file is where we give the expressions of JavaScript paths, by which facts are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify.javascript.flow import Flow, Frame, flat
from nootropic_lsp.analysis.simplify.javascript.values import Things

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v"}


def path_of(flow: Flow, frame: Frame, node: Node) -> str:
    """The path by which facts about this expression are kept, or nothing."""
    match node.type:
        case "identifier" | "shorthand_property_identifier":
            name = frame.names.get(frame.source.text(node), frame.source.text(node))
            entry = flow.state.known.get(name)
            return entry.text if entry is not None and entry.value is None else name
        case "this":
            return frame.this_text
        case "member_expression":
            found = path_of(flow, frame, node.children[0])
            member = node.child_by_field_name("property")
            if not found or member is None:
                return ""
            path = f"{found}.{frame.source.text(member)}"
            entry = flow.state.known.get(found)
            if entry is not None and isinstance(entry.value, Things):
                known = entry.value.entries.get(frame.source.text(member))
                if known is not None and known.text and not known.text.startswith(("__", "{")):
                    return flat(known.text)
            return path
        case "subscript_expression":
            found = path_of(flow, frame, node.children[0])
            index = node.child_by_field_name("index")
            if not found or index is None:
                return ""
            key = flow.evaluate(flow, frame, index).text
            return flat(f"{found}[{key}]")
        case "parenthesized_expression" | "non_null_expression" | "as_expression":
            return path_of(flow, frame, node.named_children[0])
        case "satisfies_expression" | "await_expression":
            return path_of(flow, frame, node.named_children[0])
        case "assignment_expression":
            return path_of(flow, frame, node.children[0])
        case "binary_expression" if node.children[1].type in {"??", "||"}:
            return path_of(flow, frame, node.children[0])
        case "call_expression":
            return _path_of_call(flow, frame, node)
    return ""


_SEES_THROUGH = frozenset(
    ["toString", "trim", "toLowerCase", "toUpperCase", "valueOf", "normalize"]
)


def _path_of_call(flow: Flow, frame: Frame, node: Node) -> str:
    function = node.child_by_field_name("function")
    given = arguments(node)
    if function is None:
        return ""
    if function.type == "identifier" and frame.source.text(function) == "String" and given:
        return path_of(flow, frame, given[0])
    if function.type == "member_expression":
        member = function.child_by_field_name("property")
        found = path_of(flow, frame, function.children[0])
        if not found or member is None:
            return ""
        name = frame.source.text(member)
        if name in _SEES_THROUGH:
            return found
        texts = [frame.source.text(each) for each in given]
        if all(each.type == "string" for each in given):
            return f"{found}.{name}({', '.join(texts)})"
    return ""


def arguments(node: Node) -> list[Node]:
    """The arguments of a call."""
    given = node.child_by_field_name("arguments")
    if given is None or given.type == "template_string":
        return []
    return [each for each in given.named_children if each.type != "comment"]


def string_of(frame: Frame, node: Node) -> str:
    """What a string literal stands for."""
    found = []
    for each in node.named_children:
        text = frame.source.text(each)
        if each.type == "escape_sequence":
            found.append(unescaped(text))
        else:
            found.append(text)
    return "".join(found)


def unescaped(text: str) -> str:
    """What an escape sequence stands for."""
    if text[1:2] in "ux":
        try:
            return str(json.loads(f'"\\u{int(text[2:].strip("{}"), 16):04x}"'))
        except ValueError:
            return text
    return _ESCAPES.get(text[1:], text[1:].lstrip("\r\n"))
