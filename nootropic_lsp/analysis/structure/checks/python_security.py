"""What makes a Python program unsafe without any flow of data: settings, mostly."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import ABSENT, Change, Hit, Sight, at, is_asked_for
from nootropic_lsp.analysis.structure.values import UNKNOWN, Named

_HTTP = ("requests", "httpx", "urllib3", "aiohttp")
_VERBS = frozenset(
    {
        "get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "send",
        "Session", "Client", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport", "TCPConnector",
        "ws_connect", "PoolManager", "HTTPSConnectionPool",
    }
)  # fmt: skip


@check("python", "call", "(assignment left: (attribute)) @here", words=_VERBS)
def tls_off(sight: Sight, node: Node) -> Iterator[Hit]:
    """`verify=False`, `ssl=False` and the like, and the attributes that say the same."""
    if node.type == "assignment":
        yield from _attribute_off(sight, node)
        return
    arguments = None
    for keyword in ("verify", "ssl", "verify_ssl", "cert_reqs"):
        if arguments is None:
            arguments = sight.arguments(node)
        value = arguments.value(keyword)
        if value is ABSENT or value is UNKNOWN:
            continue
        is_off = value is False or (keyword == "cert_reqs" and value == "CERT_NONE")
        if is_off and any(map(sight.imports, _HTTP)):
            written = arguments.keywords.get(keyword)
            yield at(written.parent if written is not None and written.parent else node)


def _attribute_off(sight: Sight, node: Node) -> Iterator[Hit]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or left.type != "attribute" or right is None:
        return
    name = sight.text(left.child_by_field_name("attribute"))
    if (
        name == "verify"
        and sight.value(right) is False
        and any(map(sight.imports, ("requests", "httpx")))
        and not is_asked_for(sight, node)
    ) or (
        name == "check_hostname"
        and sight.value(right) is False
        and sight.imports("ssl")
        and not is_asked_for(sight, node)
    ):
        yield at(node)


_DJANGO = ("INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "TEMPLATES", "WSGI_APPLICATION")


@check("python", "(assignment right: (true)) @here")
def debug_on(sight: Sight, node: Node) -> Iterator[Hit]:
    """`DEBUG = True` in the settings of Django, `app.debug = True` in Flask."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or right.type != "true":
        return
    if (
        left.type == "identifier"
        and sight.text(left) == "DEBUG"
        and sight.function_of(node) is None
        and _is_settings(sight)
    ) or (
        left.type == "attribute"
        and sight.text(left.child_by_field_name("attribute")) == "debug"
        and sight.name(left.child_by_field_name("object")) in {"flask.Flask()", "quart.Quart()"}
    ):
        yield at(node)


def _is_settings(sight: Sight) -> bool:
    return any(sight.from_outside(name) != Named(name) for name in _DJANGO)


_COOKIES = frozenset({"SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"})


@check("python", "assignment", "keyword_argument", "pair", mentions="_COOKIE_")
def cookie_setting_off(sight: Sight, node: Node) -> Iterator[Hit]:
    """A setting that takes a flag away from the cookies of the session."""
    for one, other in (("left", "right"), ("name", "value"), ("key", "value")):
        name, value = node.child_by_field_name(one), node.child_by_field_name(other)
        if name is None or value is None:
            continue
        if name.type == "subscript":
            name = name.child_by_field_name("subscript")
        word = sight.text(name).strip("\"'").rpartition(".")[2]
        if word in _COOKIES and sight.value(value) is False and not _is_default(sight, node):
            change = Change(value.start_byte, value.end_byte, "True")
            yield at(node, f"{word} is off", changes=(change,), title="Switch it on")
            return


def _is_default(sight: Sight, node: Node) -> bool:
    """Whether this is in the table in which a framework has the values of unset options."""
    for each in sight.ancestors(node):
        if each.type == "assignment":
            return "default" in sight.text(each.child_by_field_name("left")).lower()
    return False


_CBC = frozenset({"CBC", "CFB", "OFB", "CTR", "GCM", "CFB8"})


@check("python", "call", words=("new", *_CBC))
def weak_cipher(sight: Sight, node: Node) -> Iterator[Hit]:
    """An initialisation vector that is the same for every message."""
    callee = sight.callee(node)
    places: tuple[str, ...]
    if callee in {"Crypto.Cipher.AES.new", "Cryptodome.Cipher.AES.new"}:
        arguments = sight.arguments(node)
        places = ("2", "iv", "IV", "nonce")
        mode = arguments.value("1|mode")
        if mode is ABSENT:
            yield at(node, "without a mode this is ECB, which shows where a text repeats")
            return
        if not isinstance(mode, Named) or mode.name.endswith("MODE_ECB"):
            return
    elif callee.rpartition(".")[0].endswith("ciphers.modes") and callee.rpartition(".")[2] in _CBC:
        arguments = sight.arguments(node)
        places = ("0|initialization_vector|nonce",)
    else:
        return
    for place in places:
        if isinstance(arguments.value(place), bytes | str):
            yield at(arguments.node(place) or node, "the same initialisation vector every time")
            return
