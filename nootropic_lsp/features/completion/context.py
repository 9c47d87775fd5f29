"""What is being written at a cursor, by the text around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.completion.receivers import receiver_before
from nootropic_lsp.features.completion.words import CALLED
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.surroundings import Quoted, surroundings


class At(Enum):
    """The kinds of places at which something can be completed."""

    NOTHING = "nothing"
    NAME = "name"
    MEMBER = "member"
    MODULE = "module"  # a part of the name of a module, in an import
    IMPORT = "import"  # behind `from module`
    IMPORTED = "imported"  # a name that is imported from a module
    METHOD = "method"  # the name of a method that is being defined
    TEXT = "text"  # the contents of a string


@dataclass(frozen=True, slots=True)
class Context:
    """A cursor: the word it is in, and what kind of place that is.

    `typed` is what stands of the word before the cursor. `before` is the token before the word.
    `receiver` is the source of the expression before the dot, `owner` its last word and `link`
    the dot. `dotted` and `level` name the module of an import. `quote` is where the string around it starts.
    """

    at: At
    span: Span
    typed: str = ""
    before: str = ""
    begins_statement: bool = False
    receiver: str = ""
    owner: str = ""
    link: str = ""
    dotted: str = ""
    level: int = 0
    quoted: Quoted | None = None


# What a method calls the object it belongs to.
SELVES = frozenset({"self", "cls", "this", "super"})
_SCRIPTS = ("javascript", "typescript", "tsx")
_LINKS: dict[str, tuple[str, ...]] = {
    "c": ("->", "."),
    "cpp": ("->", "::", "."),
    "rust": ("::", "."),
    "php": ("?->", "->", "::"),
    "ruby": ("&.", "::", "."),
    "csharp": ("?.", "."),
    "bash": (), "css": (), "html": (), "json": (),
    **dict.fromkeys(_SCRIPTS, ("?.", "!.", ".")),
}  # fmt: skip
# What the names of variables begin with.
_SIGILS: dict[str, tuple[str, ...]] = {"php": ("$",), "ruby": ("@",)}
# Words behind which something new is named.
_NAMING: dict[str, str] = {
    "python": "def class as lambda",
    "go": "func type var const package",
    "rust": "fn struct enum trait type let mut mod union",
    "java": "class interface enum record package",
    "csharp": "class interface enum struct record namespace",
    "ruby": "def class module",
    "php": "function class interface trait namespace",
    "c": "struct enum union",
    "cpp": "class namespace",
    "bash": "function",
    **dict.fromkeys(_SCRIPTS, "function class const let var interface type enum namespace"),
}
_LAST = re.compile(r"[\w$]+\Z")
_BEFORE = re.compile(r"([^\W\d][\w$]*|\d[\w.]*|[^\w\s])\s*\Z")
_PARAMETERS = re.compile(r"\b(?:def|function|func|fn)\b\s*[\w$]*\s*(?:\[[^\]]*\])?\(([^()]*)\Z")
_LAMBDA = re.compile(r"\blambda\b[^:()]*\Z")

_IMPORT = re.compile(r"^[ \t]*import\s+(?:[\w.]+(?:\s+as\s+\w+)?\s*,\s*)*([\w.]*)\Z")
_FROM = re.compile(r"^[ \t]*from\s+(\.*)([\w.]*)\Z")
_FROM_IMPORT = re.compile(
    r"^[ \t]*from\s+(\.*)\s*([\w.]*)\s+import\b([^\n()]*|\s*\([^()]*)\Z", re.MULTILINE
)
_AFTER_FROM = re.compile(r"^[ \t]*from\s+[\w.]+[ \t]+\w*\Z")
_SCRIPT_PATH = re.compile(r"(?:\bfrom\s*|\bimport\s*|\b(?:require|import)\s*\(\s*)\Z")
_SCRIPT_NAMES = re.compile(r"\b(?:import|export)\b(?:\s+type)?[^;{}\"'`]*\{[^{};\"'`]*\Z")
_SCRIPT_FROM = re.compile(r"[^{};\"'`]*\}\s*from\s*([\"'])([^\"'\n]*)\1")
_USING = re.compile(
    r"^[ \t]*(?:pub\s+)?(?:import|use|using)\s+(?:static\s+|function\s+|const\s+)?([\w.:\\]*)\Z"
)
_USERS = frozenset({"java", "rust", "csharp", "php"})
_FURTHEST = 3_000
# With these at the end of a line, the next one begins no statement; nor does it in an object.
_GOING_ON = ("(", "[", ",", "=", "=>", "+", "&&", "||", "|", "&", "?", "\\")
_OBJECT = re.compile(r"(?:[=(,\[?:]|=>\s*\(|\breturn)\s*\{\Z")


def context_at(text: OpenText, offset: int) -> Context:
    """What is being written at an offset."""
    source = text.document.text
    language = text.document.language
    span = word_at(source, offset, language)
    start = span.start
    typed = source[start:offset]
    around = surroundings(text, offset)
    if around == "comment" or typed[:1].isdigit():
        return Context(At.NOTHING, span)
    if isinstance(around, Quoted):
        return _in_string(source, offset, language, around)
    line = source.rfind("\n", 0, start) + 1
    head = source[line:start]
    found = _BEFORE.search(source, max(0, start - 100), start)
    before = found[1] if found is not None else ""
    common = (span, typed, before)
    imported = _in_import(source, start, offset, language, span, typed)
    if imported is not None:
        return imported
    linked = _link_before(source, start, language)
    if linked is not None:
        return _member(source, linked, common)
    if before and before in _NAMING.get(language, "").split() and head.strip():
        at = (
            At.METHOD
            if before == "def" and language == "python" and head[0] in " \t"
            else At.NOTHING
        )
        return Context(at, *common)
    if _names_parameter(source, start, language):
        return Context(At.NOTHING, *common)
    begins = (
        (not head.strip() and not _is_within(source, line, language))
        or (head.strip() and head.rstrip()[-1] in ";{}")
        or (
            language == "python"
            and head.rstrip().endswith(":")
            and head.lstrip().startswith(("else", "try", "finally"))
        )
    )
    return Context(At.NAME, *common, bool(begins))


def _is_within(source: str, line: int, language: str) -> bool:
    """Whether a line goes on with what stands on those above it."""
    above = source[max(0, line - _FURTHEST) : line].rstrip()
    if above.endswith(_GOING_ON):
        return True
    if language == "python":
        return above.endswith("{")
    return above.endswith("{") and _OBJECT.search(above) is not None


def word_at(source: str, offset: int, language: str) -> Span:
    """The word that touches an offset, or an empty span."""
    start = end = offset
    while start and _is_word(source[start - 1], language):
        start -= 1
    if source.endswith(_SIGILS.get(language, ()), 0, start):
        start -= 1
    while end < len(source) and _is_word(source[end], language):
        end += 1
    return Span(start, end)


def _is_word(character: str, language: str) -> bool:
    if character.isalnum() or character == "_":
        return True
    if character == "$":
        return language in _SCRIPTS
    if character == "-":
        return language == "css"
    return False


def _link_before(source: str, start: int, language: str) -> tuple[int, str] | None:
    """Where the link before a member starts, and what it is."""
    at = start
    while at and source[at - 1] in " \t\n\r":
        at -= 1
    if at != start and "\n" not in source[at:start] and language != "python":
        return None
    for link in _LINKS.get(language, (".",)):
        if source.endswith(link, 0, at):
            begin = at - len(link)
            # A range or a spread.
            return None if source[begin - 1 : begin] == "." or not begin else (begin, link)
    return None


def _member(source: str, link: tuple[int, str], common: tuple[Span, str, str]) -> Context:
    end, mark = link
    start = receiver_before(source, end)
    receiver = source[start:end].strip()
    if not receiver or (receiver[0].isdigit() and receiver.isalnum()):
        return Context(At.NOTHING, *common)
    last = _LAST.search(receiver)
    owner = CALLED if last is None else last[0]
    return Context(At.MEMBER, *common, receiver=receiver, owner=owner, link=mark)


# ---- inside of imports


def _in_import(
    source: str, start: int, offset: int, language: str, span: Span, typed: str
) -> Context | None:
    if language == "python":
        return _in_python_import(source, start, offset, span, typed)
    head = source[source.rfind("\n", 0, start) + 1 : offset]
    if language in _SCRIPTS:
        before = source[max(0, start - _FURTHEST) : start]
        if "{" in before and _SCRIPT_NAMES.search(before) is not None:
            named = _SCRIPT_FROM.match(source, offset)
            if named is not None:
                return Context(At.IMPORTED, span, typed, dotted=named[2])
        return None
    if language in _USERS and (found := _USING.match(head)) is not None:
        parts = re.split(r"::|[.\\]", found[1])
        dotted = found[1][: len(found[1]) - len(parts[-1])].rstrip(".:\\")
        return Context(At.MODULE, span, typed, dotted=dotted)
    return None


def _in_python_import(
    source: str, start: int, offset: int, span: Span, typed: str
) -> Context | None:
    line = source.rfind("\n", 0, start) + 1
    head = source[line:offset]
    found = _FROM.match(head)
    if found is not None:
        dotted = found[2].rpartition(".")[0]
        return Context(At.MODULE, span, typed, dotted=dotted, level=len(found[1]))
    found = _IMPORT.match(head)
    if found is not None:
        return Context(At.MODULE, span, typed, dotted=found[1].rpartition(".")[0])
    if _AFTER_FROM.match(head) is not None:
        return Context(At.IMPORT, span, typed)
    opened = source.rfind("from", max(0, start - _FURTHEST), start)
    while opened >= 0:
        begin = source.rfind("\n", 0, opened) + 1
        if not source[begin:opened].strip():
            found = _FROM_IMPORT.match(source[begin:start])
            break
        opened = source.rfind("from", max(0, start - _FURTHEST), opened)
    if found is None:
        return None
    last = found[3].rpartition(",")[2].lstrip(" \t\n(")
    if re.match(r"\w+\s", last):  # behind a name there is only `as`, and a new name behind that
        return Context(At.NOTHING, span, typed)
    return Context(At.IMPORTED, span, typed, dotted=found[2], level=len(found[1]))


# ---- inside of strings


def _in_string(source: str, offset: int, language: str, quoted: Quoted) -> Context:
    before = source[max(0, quoted.start - 200) : quoted.start - len(quoted.quote)]
    typed = source[quoted.start : offset]
    if language in _SCRIPTS and _SCRIPT_PATH.search(before) is not None:
        folder, slash, name = typed.rpartition("/")
        start = offset - len(name)
        return Context(At.MODULE, Span(start, offset), name, dotted=folder + slash, quoted=quoted)
    if "\n" in typed or len(quoted.quote) != 1 or len(typed) > 80:
        return Context(At.NOTHING, Span(offset, offset))
    end = source.find("\n", offset)
    end = len(source) if end < 0 else end
    closing = source.find(quoted.quote, offset, end)
    return Context(
        At.TEXT,
        Span(quoted.start, closing if closing >= 0 else offset),
        typed,
        quoted=quoted,
    )


def _names_parameter(source: str, start: int, language: str) -> bool:
    """Whether a word is the name of a parameter that is being declared."""
    before = source[max(0, start - 500) : start]
    if language == "python" and _LAMBDA.search(before) is not None:
        last = before.rpartition(",")[2]
        return "=" not in last
    found = _PARAMETERS.search(before)
    if found is None:
        return False
    if language in _SCRIPTS and found[1].count("{") > found[1].count("}"):
        return False  # a parameter that is taken apart
    last = found[1].rpartition(",")[2]
    if language in ("java", "csharp", "c", "cpp", "go"):
        return False
    return ":" not in last and "=" not in last
