"""What may be written at a place, before it is ranked."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from nootropic_lsp.index.units import Site


class Source(IntEnum):
    """How a name was found."""

    SCOPE = 0  # the resolver says that it can be used here
    WORD = 1  # it stands somewhere in the file
    GUESS = 2  # only the token model knows it
    KEYWORD = 3
    ARGUMENT = 4  # the name of an argument
    ELSEWHERE = 5  # defined in another module, and not imported
    MODULE = 6
    TEXT = 7  # the contents of a string
    OVERRIDE = 8
    PREDEFINED = 9  # what the language has anywhere
    KEY = 10  # of a dictionary or of a type of strings, without its quotes
    PARAMETER = 11  # one of the function around, as the name of an attribute
    EXPECTED = 12  # the type that is expected here has it


class Found(NamedTuple):
    """A name and where it comes from.

    `module` is what ELSEWHERE has it: the path of a file, or the statement that imports it.
    """

    name: str
    source: Source
    site: Site | None = None
    depth: int = 0
    module: str = ""
