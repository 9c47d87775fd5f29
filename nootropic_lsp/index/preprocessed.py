"""C, C++ and C# as a compiler sees them: one branch of each condition, and no macros that only mark.

What a macro stands for is written elsewhere; here we know them by how they are written.
"""

from __future__ import annotations

import re

LANGUAGES = frozenset({"c", "cpp", "csharp"})
_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(\w*)((?:\\\r?\n|/\*(?:[^*]|\*(?!/))*\*/|[^\n\\]|\\(?!\r?\n))*)", re.MULTILINE
)
_COMMENT = re.compile(rb"//.*|/\*[\s\S]*?\*/")
_GIVEN = rb"(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?"
_MACRO = rb"[A-Z][A-Z0-9_]+\b[ \t]*" + _GIVEN
_MARK = rb"[A-Z][A-Z0-9]*_[A-Z0-9_]+\b[ \t]*" + _GIVEN
# The second group goes.
_MARKS = [
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # `class EXPORT Shop {`, `EXPORT int count(int);`.
        rb"(\b(?:class|struct|union|enum)[ \t]+)(" + _MACRO + rb")(?=[ \t]+\w)",
        rb"(^[ \t]*(?:(?:static|extern|inline|virtual)[ \t]+)*)(" + _MACRO + rb")(?=[ \t]+[\w~])",
        rb"(\b\w+[ \t*&]+)([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?=[ \t]+\w+[ \t]*\()",
        # `int count GUARDED_BY(lock);`, `void close() REQUIRES(lock) {`.
        rb"((?!\b(?:case|goto)\b)\b\w+\s+|\)[ \t]*(?:const\b|override\b)?\s*)("
        + _MARK
        + rb"(?:\s+"
        + _MARK
        + rb")*)(?=\s*[;{:])",
        # A line with nothing else, without the end of a statement.
        rb"(^[ \t]*)(" + _MACRO + rb")(?=[ \t]*(?:$|\{))",
    )
]
_LOOP = re.compile(rb"\b\w*(?:foreach|for_each|FOREACH|FOR_EACH)\w*(?=[ \t]*\()")


def without_directives(data: bytes) -> bytes:
    """A text with the first branch of each condition only, every byte in its place."""
    made: list[bytes] = []
    at = 0
    # For each condition around: whether this branch counts, and whether one has counted.
    around: list[tuple[bool, bool]] = []
    known: dict[bytes, bool] = {b"0": False, b"1": True}
    for found in _DIRECTIVE.finditer(data):
        is_shown = all(counts for counts, _ in around)
        made.append(data[at : found.start()] if is_shown else _blank(data[at : found.start()]))
        made.append(_blank(found[0]))
        at = found.end()
        word = found[1]
        if word in (b"if", b"ifdef", b"ifndef"):
            counts = _holds(word, found[2], known)
            around.append((counts, counts))
        elif around and word in (b"elif", b"else"):
            had = around[-1][1]
            counts = not had and (word == b"else" or _holds(b"if", found[2], known))
            around[-1] = counts, had or counts
        elif around and word == b"endif":
            around.pop()
    made.append(data[at:])
    return b"".join(made)


def without_marks(data: bytes) -> bytes:
    """A text without macros that only mark what stands beside them."""
    for pattern in _MARKS:
        data = pattern.sub(lambda found: found[1] + _blank(found[2]), data)
    return _LOOP.sub(lambda found: b"while".ljust(len(found[0])), data)


def _holds(word: bytes, condition: bytes, known: dict[bytes, bool]) -> bool:
    """Whether a branch counts: as an earlier one with the same condition, else it does."""
    name = b"".join(_COMMENT.sub(b"", condition).split()).replace(b"\\", b"")
    name = re.sub(rb"defined\(?(\w+)\)?", rb"\1", name)
    is_not = word == b"ifndef"
    while name.startswith(b"!") and re.fullmatch(rb"!+(?:\w+|\([^()]*\))", name):
        is_not = not is_not
        name = name[1:]
    name = name.removeprefix(b"(").removesuffix(b")") if name.startswith(b"(") else name
    # No code in C is written for C++; whatever else is asked for is so where it is asked first.
    holds = known.setdefault(name, False if name == b"__cplusplus" else not is_not)
    return holds != is_not


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\r\n]", b" ", text)
