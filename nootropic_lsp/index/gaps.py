"""What our grammars take for an error though it is none, written so that they can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from nootropic_lsp.index.preprocessed import LANGUAGES as PREPROCESSED
from nootropic_lsp.index.preprocessed import without_directives, without_marks

_FLOW = re.compile(rb"\A(?:\s|#![^\n]*|//[^\n]*\n|/\*[\s\S]*?\*/)*?(?://|/\*)[^/]*?@flow\b")
# What a program that fills in a template replaces with a name, and what it removes.
_FILLED_IN = re.compile(rb"\{\{-?[^{}\n]+\}\}|\{\$[^{}\n]+\$\}|<%=[^%\n]+%>")
_REMOVED = re.compile(rb"\{%[^\n]*?%\}|<%(?!=)[^\n]*?%>|\{#[^\n]*?#\}")
_TYPED = frozenset({"typescript", "tsx"})
_SCRIPTS = _TYPED | {"javascript"}
# JSON with comments and commas.
_LENIENT = "jsonc"
_COMMENTS = rb"(?:[ \t\r\n]|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*"
# The second group is overwritten with a character, mostly with spaces.
_GAPS = (
    # `interface Box<in out T>`.
    (
        _TYPED,
        b" ",
        rb"((?:[<,]|^)[ \t\r\n]*)(in[ \t]+out|in|out)"
        rb"(?=[ \t]+[A-Za-z_$][\w$]*[ \t\r\n]*(?:extends\b|[,>=]))",
    ),
    # `export type * from './types'`.
    (_TYPED, b" ", rb"(\bexport[ \t]+)(type)(?=[ \t]*\*)"),
    # `load<typeof import('redux')>()`.
    (_TYPED, b" ", rb"(\W)(typeof[ \t]+import)(?=\([^()\n]*\)[^.])"),
    # `type Options = import('./made').Options<string>`.
    (_TYPED, b" ", rb"([=:<|&(,][ \t]*)(import\([^()\n]*\)\.)(?=[A-Z][\w.]*)"),
    # `@observable accessor count = 0`.
    (_SCRIPTS, b" ", rb"([ \t])(accessor)(?=[ \t]+[#\w$]+[ \t]*[=;:!\n])"),
    # `<a href="/?one=1&two=2">`.
    (_SCRIPTS, b" ", rb"([\w;:,%+-])(&)(?=\w+=)"),
    # `Object @NotNull ... parameters`.
    (frozenset({"java"}), b" ", rb"([\w>\]][ \t]+)(@\w+)(?=[ \t]*\.\.\.)"),
    # `[1, 2,]`, where that is allowed.
    (frozenset({_LENIENT}), b" ", rb"([\]}\"\w][ \t]*)(,)(?=" + _COMMENTS + rb"[\]}])"),
    # `[1.5E+3]`.
    (frozenset({"json"}), b"0", rb"(\d[eE])(\+)(?=\d)"),
    # A property on a line of its own, and the one before it ends without `;`.
    (
        _SCRIPTS,
        b"x",
        rb"(^[ \t]*(?:readonly[ \t]+)?)(in|instanceof)(?=[ \t]*(?:\?[ \t]*:|:|=[^=]))",
    ),
    # `(any) => void`.
    (_TYPED, b"x", rb"(\([ \t]*)(any|unknown|never|object)(?=[ \t]*\)[ \t]*=>)"),
    # `for each do`, which goes through the arguments.
    (frozenset({"bash"}), b";", rb"(\bfor[ \t]+\w+)([ \t])(?=[ \t]*do\b)"),
    # `new Shelf*[count]`, `void (Cart::*method)(int)`, `(cart->*method)()`.
    (frozenset({"cpp"}), b" ", rb"(\bnew[ \t]+[\w:]+[ \t]*)(\*+)(?=[ \t]*\[)"),
    (frozenset({"cpp"}), b" ", rb"(\([ \t]*)(\w+(?:::\w+)*::)(?=\*[ \t]*\w+[ \t]*\))"),
    (frozenset({"cpp"}), b"+", rb"(\w[ \t]*)(->\*)(?=[ \t]*[\w(])"),
)
_PATTERNS = [
    (languages, filler, re.compile(pattern, re.MULTILINE)) for languages, filler, pattern in _GAPS
]
# A type ends with its line, though the next one begins with a bracket: a signature to call.
_LINE_END = re.compile(
    rb"^(?![ \t]*(?:\*|/[*/]))([^\n]*[\w$>\])}'\"])\n(?=" + _COMMENTS + rb"<[ \t\r\n]*[A-Za-z_$])",
    re.MULTILINE,
)


_SETTINGS = re.compile(r"\.jsonc$|[/\\]\.vscode[/\\]|[/\\][jt]sconfig[^/\\]*\.json$")


def in_simpler_words(data: bytes, language: str, path: str) -> Iterator[tuple[bytes, str]]:
    """Texts that mean the same with every byte in its place, each with the language to read it in."""
    simpler = without_gaps(data, language, path)
    if simpler != data:
        yield simpler, language
    if language == "javascript" and _FLOW.match(data):
        yield simpler, "tsx"
    if language in PREPROCESSED:
        simpler = without_directives(simpler)
        yield simpler, language
        simpler = without_marks(simpler)
        yield simpler, language
        if language == "c" and path.endswith(".h"):
            yield simpler, "cpp"
    filled = _REMOVED.sub(partial(_all_over, b" "), simpler)
    filled = _FILLED_IN.sub(partial(_all_over, b"1" if language == "json" else b"x"), filled)
    if filled != simpler:
        yield filled, language


def without_gaps(data: bytes, language: str, path: str) -> bytes:
    """The text with every byte in its place, and in simpler words what the grammar does not know."""
    is_lenient = language == "json" and _SETTINGS.search(path)
    kinds = {language, _LENIENT} if is_lenient else {language}
    for languages, filler, pattern in _PATTERNS:
        if languages & kinds:
            data = pattern.sub(partial(_overwritten, filler), data)
    return _LINE_END.sub(rb"\1;", data) if language in _TYPED else data


def _overwritten(filler: bytes, found: re.Match[bytes]) -> bytes:
    return found[1] + re.sub(rb"[^\n]", filler, found[2])


def _all_over(filler: bytes, found: re.Match[bytes]) -> bytes:
    return filler * len(found[0])
