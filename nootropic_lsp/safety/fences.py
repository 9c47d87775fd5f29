"""Texts of files, the web and other people as data in a prompt, not as something that is said."""

from __future__ import annotations

import re
from hashlib import blake2b


def as_data(text: str, *, source: str) -> str:
    """A text between two lines with a number that is nowhere in it, so that it cannot end itself.

    The same text of the same source always looks the same, so that prompts can be cached.
    """
    # A file may be called what its author likes.
    source = _NOT_PLAIN.sub("_", source)[:200]
    number = _digest(f"{source}\0{text}")
    while number in text.lower() or number in source.lower():
        number = _digest(number)
    ended = "" if not text or text.endswith("\n") else "\n"
    return f'<data id="{number}" source="{source}">\n{text}{ended}</data id="{number}">'


_NOT_PLAIN = re.compile(r"[^\w./:@+~#, ()\[\]-]")


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
