"""Cookies that go over plain connections, or that scripts can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import ABSENT, Arguments, Hit, Sight, at
from nootropic_lsp.analysis.structure.values import UNKNOWN

_SESSION = re.compile(
    r"sess|sid\b|token|auth|login|jwt|remember|user|account|identity|sso", re.IGNORECASE
)


@check(
    "python",
    "call",
    "(assignment left: (subscript value: (identifier) subscript: (string))) @here",
    words=("set_cookie", "set_signed_cookie", "set_secure_cookie"),
)
def insecure_cookie(sight: Sight, node: Node) -> Iterator[Hit]:
    """`set_cookie` without `secure`, a session setting that is off, a bare `SimpleCookie`."""
    if node.type == "assignment":
        yield from _simple_cookie(sight, node)
        return
    function = node.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return
    arguments = sight.arguments(node)
    given = len(arguments.positional) + len(arguments.keywords)
    if given < 2 or _deletes(arguments, "1|value", "max_age"):
        return
    missing = [
        flag
        for flag in ("secure", "httponly")
        if _is_off(arguments, flag) and (flag == "secure" or _is_session(arguments, "0|key|name"))
    ]
    # Elsewhere the first argument of a method of that name is another thing.
    if missing and not _is_on_a_client(sight, function):
        yield at(node, f"this cookie is set without {' and '.join(missing)}")


def _is_off(arguments: Arguments, flag: str) -> bool:
    value = arguments.value(flag)
    return value is ABSENT or value is False or value is None


def _deletes(arguments: Arguments, value: str, age: str) -> bool:
    return arguments.value(value) in ("", b"", None) or arguments.value(age) == 0


def _is_session(arguments: Arguments, name: str) -> bool:
    given = arguments.value(name)
    node = arguments.node(name)
    text = given if isinstance(given, str) else arguments.sight.text(node)
    return _SESSION.search(text) is not None


def _is_on_a_client(sight: Sight, function: Node) -> bool:
    owner = sight.text(function.child_by_field_name("object")).lower()
    return owner.endswith(("client", "jar", "cookies", "policy"))


def _simple_cookie(sight: Sight, node: Node) -> Iterator[Hit]:
    """`jar["sid"] = value` in a `SimpleCookie` that never gets `["secure"]`."""
    left = node.child_by_field_name("left")
    owner = None if left is None or left.type != "subscript" else left.child_by_field_name("value")
    key = None if left is None else left.child_by_field_name("subscript")
    if owner is None or owner.type != "identifier" or key is None or key.type != "string":
        return
    if sight.name(owner) not in {"http.cookies.SimpleCookie()", "http.cookies.BaseCookie()"}:
        return
    function = sight.function_of(node)
    text = sight.text(function or sight.node)
    if not re.search(r"""\[["']secure["']\]\s*=\s*(?!False|None|0|"")""", text, re.IGNORECASE):
        yield at(node, "this cookie is set without secure")


@check("javascript", "call_expression")
def express_cookie(sight: Sight, node: Node) -> Iterator[Hit]:
    """`res.cookie` without `secure`, and the settings of session middleware."""
    function = node.child_by_field_name("function")
    if function is None:
        return
    text = sight.text(function)
    arguments = None
    if text.endswith(".cookie") and text.rpartition(".")[0].rpartition(".")[2] in _RESPONSES:
        arguments = sight.arguments(node)
        if len(arguments.positional) < 2 or _deletes(arguments, "1", "2.maxAge"):
            return
        place, is_session = "2.", _is_session(arguments, "0")
    elif text.isidentifier() and sight.callee(node) in {"express-session", "cookie-session"}:
        arguments = sight.arguments(node)
        if arguments.value("0") is UNKNOWN:
            return
        is_session = True
        value = arguments.value("0.cookie")
        if sight.callee(node) == "express-session":
            if value is not ABSENT and not isinstance(value, dict):
                return
            missing = []
            cookie = value if isinstance(value, dict) else {}
            if cookie.get("secure", UNKNOWN if ... in cookie else False) is False:
                missing.append("secure")
            if cookie.get("httpOnly", True) is False:
                missing.append("httpOnly")
            if missing:
                yield at(node, f"the session's cookie is set without {' and '.join(missing)}")
            return
        place = "0."
    if arguments is None:
        return
    missing = [
        flag
        for flag in ("secure", "httpOnly")
        if _is_off(arguments, place + flag) and (flag == "secure" or is_session)
    ]
    if missing and not (place == "0." and missing == ["httpOnly"]):
        yield at(node, f"this cookie is set without {' and '.join(missing)}")


_RESPONSES = frozenset({"res", "response", "reply", "resp"})


@check("go", "composite_literal")
def go_cookie(sight: Sight, node: Node) -> Iterator[Hit]:
    """An `http.Cookie` without `Secure`."""
    if sight.name(node.child_by_field_name("type")) != "net/http.Cookie":
        return
    body = node.child_by_field_name("body")
    fields = {}
    for element in () if body is None else body.named_children:
        if element.type == "keyed_element" and element.named_child_count == 2:
            key, value = element.named_children
            fields[sight.text(key)] = sight.text(value)
    if fields.get("MaxAge", "").startswith("-") or fields.get("Value") == '""':
        return
    function = sight.function_of(node)
    later = sight.text(function or sight.node)
    # A cookie that is compared, or sent by a client, has no flags.
    if "Name" not in fields or re.search(r"\.AddCookie\(", later):
        return
    missing = [
        flag
        for flag in ("Secure", "HttpOnly")
        if fields.get(flag, "false") == "false"
        and not re.search(rf"\.{flag}\s*=\s*(?!false)", later)
        and (flag == "Secure" or _SESSION.search(fields["Name"]))
    ]
    if missing:
        yield at(node, f"this cookie is set without {' and '.join(missing)}")


@check("java", "object_creation_expression")
def java_cookie(sight: Sight, node: Node) -> Iterator[Hit]:
    """A `Cookie` that gets no `setSecure(true)`."""
    name = sight.name(node).removesuffix("()")
    if name not in {"javax.servlet.http.Cookie", "jakarta.servlet.http.Cookie"} and not (
        name == "Cookie"
        and {"javax.servlet.http", "jakarta.servlet.http"} & set(sight.from_outside("*"))
    ):
        return
    function = sight.function_of(node)
    text = sight.text(function or sight.node)
    if re.search(r"\.setMaxAge\(\s*0\s*\)", text):
        return
    arguments = sight.arguments(node)
    missing = [
        flag
        for flag in ("Secure", "HttpOnly")
        if not _is_set(sight, flag, text) and (flag == "Secure" or _is_session(arguments, "0"))
    ]
    if missing:
        yield at(node, f"this cookie is set without {' and '.join(missing)}")


def _is_set(sight: Sight, flag: str, text: str) -> bool:
    found = re.search(rf"\.set{flag}\(\s*([^)]*)", text)
    if found is None or found[1] == "false":
        return False
    return sight.from_outside(f"self.{found[1]}") is not False
