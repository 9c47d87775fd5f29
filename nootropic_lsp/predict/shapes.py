"""What code looks like with the names taken out of it.

In `self.size = size` the last name is the one that stands two tokens before it. Places that
look alike in this way tell which of the names around is meant, whatever they are called there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nootropic_lsp.predict.tokens import (
    ACCESS,
    FARTHEST,
    FIRST_DISTANCE,
    NEW_MEMBER,
    NEW_NAME,
    shape_of,
)

# How many shapes before a place are compared.
SHAPE_CONTEXT = 16
Shapes: TypeAlias = NDArray[np.uint8]


def shapes_of(tokens: NDArray[np.uint16], texts: Sequence[str]) -> Shapes:
    """The shapes of a stream, whose numbers count from 1."""
    alone = np.array([0, *map(shape_of, texts)], np.uint8)
    shapes = alone[tokens]
    is_access = np.array([False, *(text in ACCESS for text in texts)])
    behind_access = np.zeros(len(tokens), np.bool_)
    behind_access[1:] = is_access[tokens[:-1]]
    # Tokens of one number side by side, in the order of the text: a stable sort of 16 bits is fast.
    order = np.argsort(tokens, kind="stable")
    distances = np.full(len(tokens), FARTHEST + 1, np.int64)
    same = tokens[order[1:]] == tokens[order[:-1]]
    distances[order[1:][same]] = (order[1:] - order[:-1])[same]
    is_name = shapes == NEW_NAME
    shapes[is_name & behind_access] = NEW_MEMBER
    is_near = is_name & (distances <= FARTHEST)
    shapes[is_near] = FIRST_DISTANCE + distances[is_near] - 1
    return shapes


def are_names(shapes: Shapes) -> NDArray[np.bool_]:
    """Which of some shapes are those of names."""
    return shapes < FIRST_DISTANCE + FARTHEST


def shapes_before(past: Sequence[str]) -> bytes:
    """The shapes of the last tokens, the last one first; `past` is in the order of the text."""
    found = bytearray()
    for at in range(len(past) - 1, max(len(past) - 1 - SHAPE_CONTEXT, -1), -1):
        text = past[at]
        shape = shape_of(text)
        if shape == NEW_NAME:
            if at and past[at - 1] in ACCESS:
                shape = NEW_MEMBER
            for distance in range(1, min(FARTHEST, at) + 1):
                if past[at - distance] == text:
                    shape = FIRST_DISTANCE + distance - 1
                    break
        found.append(shape)
    return bytes(found)
