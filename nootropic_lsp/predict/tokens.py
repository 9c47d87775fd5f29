"""What single tokens are: their kinds, and their shapes."""

from __future__ import annotations

from keyword import kwlist
from zlib import crc32

# Tokens that stand for many: they are known in what comes before, and never suggested.
START, COMMENT, LITERAL, OTHER = "\0", "\1#", '\1"', "\1?"
SPECIAL = (START, COMMENT, LITERAL, OTHER)
# See `break_token`.
BREAK = "\n"
_UNKNOWN_STEP = "?"
# Longer strings are written once: they say nothing about other places.
LONGEST_STRING = 40
# Behind these stands a member.
ACCESS = frozenset({".", "->", "::", "?."})

KEYWORD, NAME, NUMBER, STRING, OPERATOR, LINE_BREAK, STOP = range(7)
N_KINDS = 7

# Names that mean something else in no program.
_PYTHON = frozenset(kwlist)
_OTHERS = """
abstract boolean break byte case catch char class const continue debugger declare def defer delete
do done double elif else elsif end endif ensure enum esac export extends extern false fi final
finally float fn for foreach func function go goto if impl implements import in instanceof int
interface let long loop mod module mut namespace new nil null package private protected pub public
readonly rescue return self short signed sizeof static struct super switch then this throw throws
trait true try typedef typeof undefined unless unsafe unsigned use using var void volatile where
while with yield
"""
WORDS = _PYTHON | frozenset(_OTHERS.split())

# A shape is one byte. Names are told apart by nothing but how many tokens ago they were last
# written; what comes first here is said of a name that was not written lately.
NEW_NAME, NEW_MEMBER, FIRST_DISTANCE = 0, 1, 2
FARTHEST = 61
_SHAPES = {NAME: NEW_NAME, NUMBER: 64, STRING: 65}
_OTHER_SHAPES = 66


def break_token(step: int | None, n_blank: int) -> str:
    """A line break, with the change of indentation behind it in steps, if that is a whole number."""
    return BREAK * (1 + n_blank) + (_UNKNOWN_STEP if step is None else f"{step:+d}")


def break_parts(token: str) -> tuple[int | None, int]:
    """The step and the number of blank lines of a line break."""
    step = token.lstrip(BREAK)
    return (None if step == _UNKNOWN_STEP else int(step)), len(token) - len(step) - 1


def kind_of(text: str) -> int:
    """Which kind of token a text is."""
    first = text[:1]
    if text in SPECIAL:
        return STOP
    if first == BREAK:
        return LINE_BREAK
    if text in WORDS:
        return KEYWORD
    if first.isalpha() or first in "_$@":
        return STRING if text[-1:] in "\"'`" else NAME
    if first.isdigit() or (first == "." and text[1:2].isdigit()):
        return NUMBER
    return STRING if is_string(text) else OPERATOR


def shape_of(text: str) -> int:
    """The shape of a token on its own: that of a new name for all names."""
    kind = kind_of(text)
    if kind in _SHAPES:
        return _SHAPES[kind]
    code = crc32(text.encode("utf-8", "surrogatepass"))
    return _OTHER_SHAPES + code % (256 - _OTHER_SHAPES)


def is_string(text: str) -> bool:
    """Whether a token is a string literal."""
    return len(text) > 1 and text[-1] in "\"'`"
