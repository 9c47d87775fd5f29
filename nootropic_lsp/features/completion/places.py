"""Which kind of place a word stands at, as the ranker tells them apart."""

from __future__ import annotations

import re

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import SELVES, At
from nootropic_lsp.features.completion.neighbours import SCRIPTS
from nootropic_lsp.features.completion.receivers import opened_before

_BEHIND = {
    **dict.fromkeys(("raise", "except", "throw", "catch"), "raise"),
    "new": "new", "@": "decorator", "(": "argument", ",": "argument",
    "=": "value", "return": "value", "yield": "value", "await": "value", "[": "item",
    "->": "type", "as": "type", "is": "type", "extends": "type", "implements": "type",
    "keyof": "type", "satisfies": "type", "infer": "type",
    **dict.fromkeys(("==", "!=", "===", "!==", "<=", ">=", "case"), "compared"),
    **dict.fromkeys(("if", "elif", "while", "and", "or", "not", "&&", "||", "!", "in"), "condition"),
    "=>": "arrow", "{": "brace", "<": "angle", "|": "union", "&": "union",
}  # fmt: skip
PLACES = (
    *dict.fromkeys(_BEHIND.values()), "self", "member", "statement", "other"
)  # fmt: skip
_OPERATOR = re.compile(r"(?:=>|->|[=!]==?|[<>]=|&&|\|\||[^\W\d][\w$]*|[^\w\s])\s*\Z")
_EXCEPT = re.compile(r"\s*except\b[^:]*\Z")
_DEF = re.compile(r"\bdef\s+\w+\s*\Z")
_DECLARED = re.compile(r"\b(?:const|let|var)\s+[\w$]+\s*!?\s*\Z")
_NAMED = re.compile(r"[(,]\s*(?:(?:public|private|protected|readonly)\s+)*[\w$]+\s*\??\s*\Z")
_TYPE_BODY = re.compile(r"\b(?:class|interface|type|enum)\b[^;{}()]*\Z")
_LITERAL = re.compile(r"(?:[=(,\[?]|=>\s*\(|\breturn)\s*\Z")
_LOOK_BACK = 300
_DEEPEST = 6


def place_of(asked: Asked) -> str:
    """One of `PLACES`."""
    context = asked.context
    if context.at is At.MEMBER:
        return "self" if context.owner in SELVES else "member"
    if context.begins_statement:
        return "statement"
    source, start = asked.document.text, context.span.start
    before = source[max(0, start - _LOOK_BACK) : start]
    found = _OPERATOR.search(before)
    token = found[0].strip() if found is not None else ""
    if token == ":":
        if asked.language in SCRIPTS:
            return (
                "type" if _is_type(source, start - len(before) + before.rindex(":"), 0) else "value"
            )
        return _behind_python_colon(source, start) if asked.language == "python" else "type"
    line = before.rpartition("\n")[2]
    if token in ("(", ",") and asked.language == "python" and _EXCEPT.match(line):
        return "raise"
    return _BEHIND.get(token, "other")


def _behind_python_colon(source: str, start: int) -> str:
    opened = opened_before(source, start)
    if opened is None:
        return "type"
    if source[opened] == "(":
        head = source[max(0, opened - _LOOK_BACK) : opened]
        return "type" if _DEF.search(head) is not None else "value"
    return "item" if source[opened] == "[" else "value"


def _is_type(source: str, colon: int, deep: int) -> bool:
    """Whether a type stands behind a colon of TypeScript, and not a value."""
    before = source[max(0, colon - _LOOK_BACK) : colon]
    line = before.rpartition("\n")[2]
    if _DECLARED.search(before) is not None:
        return True
    if before.rstrip().endswith(")"):
        return "?" not in line
    opened = opened_before(source, colon)
    if opened is None:
        return False
    if source[opened] == "(":
        return _NAMED.search(source[opened:colon]) is not None
    if source[opened] == "[" or deep > _DEEPEST:
        return False
    head = source[max(0, opened - _LOOK_BACK) : opened]
    if _TYPE_BODY.search(head) is not None:
        return True
    if head.rstrip().endswith(":"):
        return _is_type(source, opened - len(head) + head.rindex(":"), deep + 1)
    return _LITERAL.search(head) is None and "?" not in line and "case" not in line
