"""What may be written at a place, before it is ranked."""

from __future__ import annotations

from typing import NamedTuple

from nootropic_lsp.index.units import Site


class Source:
    """How a name was found."""

    SCOPE = "scope"  # the resolver says that it can be used here
    WORD = "word"  # it stands somewhere in the file
    GUESS = "guess"  # only the token model knows it
    KEYWORD = "keyword"
    ARGUMENT = "argument"  # the name of an argument
    ELSEWHERE = "elsewhere"  # defined in another module, and not imported
    MODULE = "module"
    TEXT = "text"  # the contents of a string
    OVERRIDE = "override"
    PREDEFINED = "predefined"  # what the language has anywhere
    KEY = "key"  # of a dictionary or of a type of strings, without its quotes
    PARAMETER = "parameter"  # one of the function around, as the name of an attribute
    EXPECTED = "expected"  # the type that is expected here has it


class Found(NamedTuple):
    """A name and where it comes from.

    `module` is what ELSEWHERE has it: the path of a file, or the statement that imports it.
    """

    name: str
    source: str  # one of Source
    site: Site | None = None
    depth: int = 0
    module: str = ""
