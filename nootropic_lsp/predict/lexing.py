"""From text to tokens, by one regular expression per group of languages.

A syntax tree knows more, but costs ten times as much to walk, and this has to read broken
lines as well as whole ones. What it takes wrongly, it takes wrongly in the same way everywhere.

The pieces that a pattern cuts a text into cover all of it: each is a token with the blanks
before it. A line break is a token together with the blank lines and the indentation behind it.
"""

from __future__ import annotations

import re
from functools import cache

_BLANK = r"[ \t\f\r]*"
_BREAK = rf"{_BLANK}\n(?:{_BLANK}\n)*[ \t\f]*"
_NUMBER = r"\.?\d(?:[eEpP][+-]|\.?\w)*"
_OPERATOR = (
    r"\*\*=?|//=|>>>=?|<<=|>>=|\.\.\.|===|!==|<=>|&&=|\|\|=|\?\?=?|->|=>|::|\?\.|:=|\+\+|--"
    r"|[-+*/%&|^!=<>]=|&&|\|\||<<|>>"
)
_BLOCK_COMMENT = r"/\*.*?(?:\*/|\Z)"
_DOUBLE = r'"(?:\\.|[^"\\\n])*"?'
_SINGLE = r"'(?:\\.|[^'\\\n])*'?"
_PLAIN_WORD = r"[^\W\d]\w*"
# Bounded: what looks like the start of one is often none, and then all was read in vain.
_REGEX_LITERAL = (
    r"(?:(?<=[(,=:\[!&|?{};\n])|(?<=[(,=:\[!&|?{};] ))"
    r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]{1,40}+){0,10}+\]|[^/\\\n\[]{1,40}+){1,40}+/[a-z]*"
)

# Comments, strings and words of each group, in the order in which they are tried.
_GROUPS = {
    "python": (
        r"\#[^\n]*",
        r'[rbuftRBUFT]{0,2}(?:""".*?(?:(?<!\\)"""|\Z)|\'\'\'.*?(?:(?<!\\)\'\'\'|\Z)'
        rf"|{_DOUBLE}|{_SINGLE})",
        _PLAIN_WORD,
    ),
    "javascript": (
        rf"//[^\n]*|{_BLOCK_COMMENT}",
        rf"{_DOUBLE}|{_SINGLE}|`(?:\\.|[^`\\])*`?|{_REGEX_LITERAL}",
        r"[$#@]?[^\W\d][\w$]*|\$[\w$]*",
    ),
    "rust": (
        rf"//[^\n]*|{_BLOCK_COMMENT}",
        rf"b?r\#+\".*?(?:\"\#+|\Z)|b?{_DOUBLE}|b?'(?:\\[^\n']+|[^'\\\n])'",
        r"(?!b?r\#+\")'?[^\W\d]\w*!?",
    ),
    "c": (
        rf"//[^\n]*|{_BLOCK_COMMENT}",
        rf'""".*?(?:"""|\Z)|[@$LuU]{{0,2}}{_DOUBLE}|{_SINGLE}|`[^`]*`?',
        r"[#@$]?[^\W\d]\w*",
    ),
    "hash": (
        r"\#[^\n]*",
        rf"{_DOUBLE}|{_SINGLE}|`[^`\n]*`?",
        r"[@$]{0,2}[^\W\d]\w*[?!]?",
    ),
    "markup": (rf"<!--.*?(?:-->|\Z)|{_BLOCK_COMMENT}", rf"{_DOUBLE}|{_SINGLE}", r"[@#.]?[^\W\d][\w-]*"),
}  # fmt: skip

_GROUP_OF = {
    "python": "python",
    "javascript": "javascript",
    "typescript": "javascript",
    "tsx": "javascript",
    "rust": "rust",
    "ruby": "hash",
    "bash": "hash",
    "json": "markup",
    "html": "markup",
    "css": "markup",
}


_MARKS = {"python": ("#",), "hash": ("#",), "markup": ("<!--", "/*")}


def comment_marks(language: str) -> tuple[str, ...]:
    """What the comments of a language begin with."""
    return _MARKS.get(_GROUP_OF.get(language, "c"), ("//", "/*"))


def pieces(text: str, language: str) -> list[str]:
    """The tokens of a text, each with the blanks before it; together they are the text."""
    found = _pattern(_GROUP_OF.get(language, "c")).findall(text)
    # At the end of a text there is an empty match.
    return found[:-1] if found and not found[-1] else found


@cache
def _pattern(group: str) -> re.Pattern[str]:
    comment, string, word = _GROUPS[group]
    return re.compile(
        rf"{_BREAK}|{_BLANK}(?:{word}(?![\w\"'])|{comment}|{string}|{word}|{_NUMBER}|{_OPERATOR}"
        rf"|.|\Z)",
        re.DOTALL,
    )
