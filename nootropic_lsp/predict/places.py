"""Where the tokens of a text begin."""

from __future__ import annotations

from typing import NamedTuple

from nootropic_lsp.predict.streams import Lexicon
from nootropic_lsp.predict.tokens import LINE_BREAK, NAME, STOP, STRING, kind_of


class Written(NamedTuple):
    """A token where it stands."""

    offset: int
    text: str
    is_name: bool


def written(text: str, language: str) -> list[Written]:
    """The tokens of a text outside comments and strings."""
    lexicon = Lexicon()
    stream = lexicon.read(text, language)
    found = []
    for number, end in zip(stream.ids.tolist(), stream.ends.tolist(), strict=True):
        token = lexicon.texts[number]
        kind = kind_of(token)
        if kind not in (STOP, LINE_BREAK, STRING):
            found.append(Written(end - len(token), token, kind == NAME))
    return found
