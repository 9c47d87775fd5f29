"""Reading a source file as an editor would show it."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

_COOKIE = re.compile(rb"\A(?:[^\n]*\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_source(path: str | Path) -> str:
    """The text of a file. Raises `OSError` if it cannot be read; bad bytes become U+FFFD."""
    return decode_source(Path(path).read_bytes())


def decode_source(raw: bytes) -> str:
    """Text from bytes: by its byte order mark, a coding cookie, or as UTF-8."""
    encoding = _encoding_of(raw)
    try:
        return raw.decode(encoding, "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def encode_like(text: str, raw: bytes) -> bytes | None:
    """The bytes of a text in the encoding of a file as it was read, with its byte order mark.

    None if that file has bytes that were not understood, or cannot hold the text.
    """
    encoding = _encoding_of(raw)
    mark = next((mark for mark, _ in _MARKS if raw.startswith(mark)), b"")
    # With a mark these have no order of bytes in their name, and would choose one.
    endings = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    plain = endings.get(encoding, encoding)
    if mark in (codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE):
        plain = plain.replace("-le", "-be")
    try:
        if raw.decode(encoding).encode(plain) != raw[len(mark) :]:
            return None
        return mark + text.encode(plain)
    except (LookupError, ValueError):
        return None


def _encoding_of(raw: bytes) -> str:
    if raw.isascii() and b"coding" not in raw[:400]:
        return "utf-8"
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding
    cookie = _COOKIE.match(raw[:400])
    if cookie is not None:
        name = cookie[1].decode("ascii", "replace")
        try:
            # Only text encodings: a cookie may name "hex" or "zip" as well.
            encoding = codecs.lookup(name).name
            b"x".decode(encoding)
        except (LookupError, ValueError, UnicodeError):
            return "utf-8"
        return encoding
    return "utf-8"


def head_in_utf8(head: bytes) -> bytes:
    """The first bytes of a file as they would be in UTF-8 without a mark; they may end anywhere."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            return encode_source(decoder.decode(head))
    return head


def encode_source(text: str) -> bytes:
    """UTF-8 for the parser. Lone surrogates keep their three bytes, so that offsets agree."""
    return text.encode("utf-8", "surrogatepass")
