"""Texts as arrays of numbers: one number for each distinct token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nootropic_lsp.predict.lexing import comment_marks, pieces
from nootropic_lsp.predict.tokens import (
    BREAK,
    COMMENT,
    LITERAL,
    LONGEST_STRING,
    OTHER,
    SPECIAL,
    break_token,
)

Numbers: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]

# What is left of a secret.
_MASKED = "********"
_MOST_STEPS = 8
_NOT_WHOLE = 2 * _MOST_STEPS + 1
_MOST_BLANK = 2
_BLANKS = " \t\f\r"
_LONGEST_KEPT = 100
_MOST_KEPT = 500_000
TAB = 4


@dataclass(frozen=True, slots=True)
class Stream:
    """The tokens of a text. Each array has one entry per token.

    `ids` are numbers of a `Lexicon`, `spaced` says whether there is a blank before the token,
    `ends` are the offsets in the text where it ends. `unit` is the width of an indentation.
    """

    ids: Numbers
    spaced: Flags
    ends: Numbers
    unit: int


class Lexicon:
    """Numbers for tokens, given out as they are first seen."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        self._codes: dict[tuple[str, ...], _Codes] = {}
        for text in SPECIAL:
            self.number(text)

    def number(self, text: str) -> int:
        """The number of a token."""
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return known

    def read(self, text: str, language: str, *, width: int = 0, unit: int = 0) -> Stream:
        """A text as a stream.

        Of a text that is the middle of a file, `width` is the indentation of the line before its
        first line break, and `unit` that of the file; 0 finds it out.
        """
        marks = comment_marks(language)
        known = self._codes.get(marks)
        if known is None:
            known = self._codes[marks] = _Codes(self, marks)
        found = pieces(text, language)
        codes = np.fromiter(map(known.__getitem__, found), np.int64, len(found))
        ends = np.cumsum(np.fromiter(map(len, found), np.int32, len(found)), dtype=np.int32)
        ids = (codes >> 1).astype(np.int32)
        breaks = np.flatnonzero(codes < 0)
        widths = (-codes[breaks] - 1) >> 2
        steps = np.diff(widths, prepend=width)
        unit = unit or indentation_unit(steps)
        if len(breaks):
            whole = (steps % unit == 0) & (np.abs(steps) <= unit * _MOST_STEPS)
            kinds = np.where(whole, steps // unit + _MOST_STEPS, _NOT_WHOLE)
            kinds = kinds * (_MOST_BLANK + 1) + ((-codes[breaks] - 1) & 3)
            distinct, at = np.unique(kinds, return_inverse=True)
            ids[breaks] = np.array([self.number(_break(int(kind))) for kind in distinct])[at]
        return Stream(ids, (codes & 1).astype(np.bool_) & (codes > 0), ends, unit)


def indentation_unit(steps: NDArray[np.int64]) -> int:
    """By how many columns a file indents: the commonest step to the right that is plausible."""
    right = steps[(steps >= 2) & (steps <= 8)]
    return int(np.bincount(right).argmax()) if len(right) else 4


def _break(kind: int) -> str:
    step, n_blank = divmod(kind, _MOST_BLANK + 1)
    return break_token(None if step == _NOT_WHOLE else step - _MOST_STEPS, n_blank)


def width_of(indentation: str) -> int:
    """How many columns an indentation is wide, for telling steps apart."""
    return len(indentation) + indentation.count("\t") * (TAB - 1)


class _Codes(dict[str, int]):
    """A number for each piece of a text.

    That of a token is twice its number, and one more with a blank before it. That of a line
    break is negative: minus one, minus four times the width of the indentation behind it, minus
    the number of blank lines.
    """

    def __init__(self, lexicon: Lexicon, comment_marks: tuple[str, ...]) -> None:
        self._lexicon = lexicon
        self._comment_marks = comment_marks

    def __missing__(self, piece: str) -> int:
        bare = piece.lstrip(_BLANKS)
        if bare.startswith(BREAK):
            n_blank = min(piece.count(BREAK) - 1, _MOST_BLANK)
            code = -1 - width_of(piece.rpartition(BREAK)[2]) * 4 - n_blank
        else:
            code = self._lexicon.number(self._token(bare)) * 2 + (len(bare) < len(piece))
        # Long comments and strings come but once, and while one is written it is another each time.
        if len(piece) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[piece] = code
        return code

    def _token(self, bare: str) -> str:
        if not bare:  # blanks at the end
            return OTHER
        if bare.startswith(self._comment_marks):
            return COMMENT
        if len(bare) > LONGEST_STRING or BREAK in bare or _MASKED in bare:
            return LITERAL
        return bare
