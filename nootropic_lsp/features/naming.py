"""Which names a language lets us give."""

from __future__ import annotations

import keyword
import re
from functools import cache

from nootropic_lsp.index.languages.registry import LANGUAGES

_IDENTIFIER = re.compile(r"[^\W\d]\w*\Z")
# Letters of their own that names of a language may have.
_MORE = {
    "javascript": re.compile(r"#?[^\W\d$]?[\w$]*\Z"),
    "ruby": re.compile(r"(?:@{1,2}|\$)?[^\W\d]\w*[?!=]?\Z"),
    "php": re.compile(r"\$?[^\W\d]\w*\Z"),
    "bash": re.compile(r"[^\W\d][\w-]*\Z"),
    "css": re.compile(r"[-\w]+\Z"),
}
_MARKS = "@$#"
# Words of a grammar that are names everywhere else.
_SOFT = frozenset(
    [
        "abstract",
        "accessor",
        "any",
        "as",
        "assert",
        "asserts",
        "async",
        "boolean",
        "bigint",
        "case",
        "constructor",
        "declare",
        "default",
        "exec",
        "final",
        "from",
        "get",
        "global",
        "infer",
        "is",
        "item",
        "keyof",
        "lock",
        "match",
        "meta",
        "module",
        "name",
        "namespace",
        "never",
        "number",
        "object",
        "of",
        "out",
        "override",
        "print",
        "public",
        "private",
        "property",
        "protected",
        "readonly",
        "record",
        "require",
        "satisfies",
        "set",
        "static",
        "string",
        "symbol",
        "target",
        "type",
        "undefined",
        "union",
        "unique",
        "unknown",
        "use",
        "value",
        "when",
        "where",
        "with",
        "yield",
    ]
)
_ALWAYS = frozenset({"default", "with", "case", "public", "private", "protected"})


def complaint(language: str, old: str, new: str) -> str | None:
    """Why a name cannot be given, as a sentence, or None if it can."""
    if not new.strip():
        return "a name cannot be empty"
    family = LANGUAGES[language].family if language in LANGUAGES else ""
    pattern = _MORE.get(language) or _MORE.get(family) or _IDENTIFIER
    if not pattern.match(new) or new[:1].isdigit():
        return f"`{new}` is not a name in {language}"
    if _marks(old) != _marks(new):
        return f"`{new}` is another kind of name than `{old}`: it begins with another mark"
    if new in _reserved(language):
        return f"`{new}` is a word of {language} and cannot be a name"
    return None


def _marks(name: str) -> str:
    return name[: len(name) - len(name.lstrip(_MARKS))]


@cache
def _reserved(language: str) -> frozenset[str]:
    """The words that cannot be names, as the grammar has them."""
    if language == "python":
        return frozenset(keyword.kwlist)
    if language not in LANGUAGES:
        return frozenset()
    grammar = LANGUAGES[language].grammar()
    words = {
        word
        for kind in range(grammar.node_kind_count)
        if not grammar.node_kind_is_named(kind)
        and (word := grammar.node_kind_for_id(kind)) is not None
        and word.isalpha()
    }
    return frozenset(words - (_SOFT - _ALWAYS) | {"true", "false", "null", "this"} & words)
