"""Passwords and keys that are written into the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Hit, Sight
from nootropic_lsp.core.spans import Span
from nootropic_lsp.safety.secrets import find_secrets


@check("python")
@check("javascript")
@check("go")
@check("java")
def hard_coded_secret(sight: Sight, node: Node) -> Iterator[Hit]:
    """What the masking of secrets would mask, where it stands in a literal."""
    text = sight.words
    for span in find_secrets(text):
        start = node.start_byte + len(text[: span.start].encode())
        end = start + len(text[span.start : span.end].encode())
        inside = node.descendant_for_byte_range(start, end)
        if (
            inside is not None
            and "string" in inside.type
            and not _is_documentation(inside)
            and not _is_harmless(text, span)
        ):
            yield Hit(start, end)
    yield from _given_as_keys(sight, node)


# Functions that sign or encrypt with what they are given, and which of their arguments that is.
_KEYED = {
    "python": re.compile(
        r"(?P<p1>jwt\.encode|jwt\.decode)|(?P<p0>\b(?:Fernet|AESGCM|ChaCha20Poly1305"
        r"|URLSafe(?:Timed)?Serializer|TimestampSigner|AES\.new|DES3?\.new))"
    ),
    "javascript": re.compile(
        r"(?P<p1>\b(?:jwt|jsonwebtoken)\.(?:sign|verify)|createHmac|create(?:C|Dec)ipheriv)"
        r"|(?P<p0>\bcookieParser|createSecretKey)"
    ),
    "go": re.compile(
        r"(?P<p1>\bhmac\.New)|(?P<p0>SignedString|\b(?:aes|des|rc4)\.New(?:TripleDES)?Cipher"
        r"|NewCookieStore|securecookie\.New)"
    ),
    "java": re.compile(
        r"(?P<p2>DriverManager\.getConnection)|(?P<p1>\.signWith)"
        r"|(?P<p0>\bSecretKeySpec|HMAC(?:256|384|512)|setSigningKey|hmacShaKeyFor)"
    ),
}
# An account with its password, and what signs sessions, in the options of a library.
_OPTIONS = re.compile(r"(?<![\w$.])[\"']?(?P<key>pass|secret)[\"']?\s*:\s*(?=[\"'`])")
_ACCOUNT = re.compile(r"(?<![\w$])[\"']?(?:user|username|login|host)[\"']?\s*:")
_SIGNING = re.compile(r"(?i)session|cookie|jwt|passport|auth|hmac")
_WRAPPED = re.compile(
    r"\[\]byte\((.+)\)|(?:Buffer|TextEncoder\(\))\.(?:from|encode)\(([^,]+).*\)"
    r"|(.+)\.(?:getBytes|toCharArray|encode)\(.*\)|b([\"'].*)",
    re.DOTALL,
)
_LITERAL = re.compile(r"([\"'`])([^\"'`\n$]*)\1")
_NO_KEY = re.compile(
    r"[<>{}\s]|change|example|placeholder|your|dummy|test|xxx|\*\*|secret$|password$", re.IGNORECASE
)


def _given_as_keys(sight: Sight, node: Node) -> Iterator[Hit]:
    """Literals that are keys by what is done with them, whatever they look like."""
    keyed = list(_KEYED[sight.kinds.family].finditer(sight.words))
    is_script = sight.kinds.family == "javascript"
    options = list(_OPTIONS.finditer(sight.words)) if is_script else []
    # Only now: whether it is a test takes a look at all names of the file.
    if not (keyed or options) or sight.is_test:
        return
    for found in keyed:
        call = _call_at(sight, node, found.end())
        if call is not None and found.lastgroup is not None:
            given = sight.arguments(call).node(int(found.lastgroup[1:]))
            if given is not None and _is_key(sight, given):
                yield Hit(given.start_byte, given.end_byte)
    for found in options:
        value = _node_at(sight, node, found.end())
        pair = None if value is None else next(sight.ancestors(value), None)
        if value is None or pair is None or pair.type != "pair":
            continue
        table = next(sight.ancestors(pair), None)
        call = next(
            (each for each in sight.ancestors(pair) if each.type == "call_expression"), None
        )
        if found["key"] == "pass":
            is_one = _ACCOUNT.search(sight.text(table)) is not None
        else:
            is_one = (
                _SIGNING.search(sight.text(sight.kinds.function(call)) if call else "") is not None
            )
        if is_one and _is_key(sight, value):
            yield Hit(value.start_byte, value.end_byte)


def _call_at(sight: Sight, node: Node, offset: int) -> Node | None:
    """The call whose function's name ends here."""
    inner = _node_at(sight, node, offset - 1)
    for each in () if inner is None else sight.ancestors(inner):
        arguments = each.child_by_field_name("arguments")
        if arguments is not None:
            gap = arguments.start_byte - node.start_byte - len(sight.words[:offset].encode())
            return each if gap in {0, 1} else None
    return None


def _node_at(sight: Sight, node: Node, offset: int) -> Node | None:
    at = node.start_byte + len(sight.words[:offset].encode())
    found = node.descendant_for_byte_range(at, at + 1)
    while found is not None and found.type in {'"', "'", "string_fragment", "string_start"}:
        found = found.parent
    return found


def _is_key(sight: Sight, node: Node) -> bool:
    text = sight.text(node).strip()
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped is not None:
        text = next(filter(None, wrapped.groups()))
    literal = _LITERAL.fullmatch(text.strip())
    value = literal[2] if literal is not None else sight.value(node) if wrapped is None else None
    return isinstance(value, str) and len(value) >= 6 and _NO_KEY.search(value) is None


_OPEN_TO_ALL = re.compile(r"public|publishable|search|site_?key|algolia", re.IGNORECASE)
# The table of options around it; browsers need that key.
_SEARCH = re.compile(r"\b(?:algolia|docsearch)\b", re.IGNORECASE)
_LOCAL = re.compile(r"@(?:localhost|127\.|0\.0\.0\.0|\[::1\])")
_USER = re.compile(r"://([^:@/]*):$")
_PATTERN = re.compile(r"\[[^\]]*-|\(\?|\\[dwsb]")


def _is_harmless(text: str, span: Span) -> bool:
    """Whether it is open to all by its name, or a stand-in for a password."""
    value = text[span.start : span.end]
    before = text[max(text.rfind("\n", 0, span.start) + 1, span.start - 200) : span.start]
    user = _USER.search(before)
    if user is not None and (user[1] == value or _LOCAL.match(text, span.end)):
        return True
    if value.lower() in {"guest", "anonymous"} or _PATTERN.search(value):
        return True
    return (
        _OPEN_TO_ALL.search(before) is not None
        or _SEARCH.search(text, max(0, span.start - 200), span.start) is not None
    )


def _is_documentation(string: Node) -> bool:
    whole = string.parent if string.type == "string_content" else string
    owner = None if whole is None else whole.parent
    return owner is not None and owner.type == "expression_statement"
