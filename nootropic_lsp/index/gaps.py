"""What our grammars take for an error though it is none, written so that they can read it."""

from __future__ import annotations

import re

_TYPED = frozenset({"typescript", "tsx"})
_SCRIPTS = _TYPED | {"javascript"}
_COMMENTS = rb"(?:[ \t\r\n]|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*"
# The second group is blanked out.
_BLANK = (
    # `interface Box<in out T>`.
    (
        _TYPED,
        rb"((?:[<,]|^)[ \t\r\n]*)(in[ \t]+out|in|out)"
        rb"(?=[ \t]+[A-Za-z_$][\w$]*[ \t\r\n]*(?:extends\b|[,>=]))",
    ),
    # `export type * from './types'`.
    (_TYPED, rb"(\bexport[ \t]+)(type)(?=[ \t]*\*)"),
    # `load<typeof import('redux')>()`.
    (_TYPED, rb"(\W)(typeof[ \t]+import)(?=\([^()\n]*\)[^.])"),
    # `type Options = import('./made').Options<string>`.
    (_TYPED, rb"([=:<|&(,][ \t]*)(import\([^()\n]*\)\.)(?=[A-Z][\w.]*)"),
    # `@observable accessor count = 0`.
    (_SCRIPTS, rb"([ \t])(accessor)(?=[ \t]+[#\w$]+[ \t]*[=;:!\n])"),
    # `<a href="/?one=1&two=2">`.
    (_SCRIPTS, rb"([\w;:,%+-])(&)(?=\w+=)"),
    # `Object @NotNull ... parameters`.
    (frozenset({"java"}), rb"([\w>\]][ \t]+)(@\w+)(?=[ \t]*\.\.\.)"),
    # `[1, 2,]`, where that is allowed.
    (frozenset({"json"}), rb"([\]}\"\w][ \t]*)(,)(?=" + _COMMENTS + rb"[\]}])"),
)
_PATTERNS = [(languages, re.compile(pattern, re.MULTILINE)) for languages, pattern in _BLANK]
# A type ends with its line, though the next one begins with a bracket: a signature to call.
_LINE_END = re.compile(
    rb"^(?![ \t]*(?:\*|/[*/]))([^\n]*[\w$>\])}'\"])\n(?=" + _COMMENTS + rb"<[ \t\r\n]*[A-Za-z_$])",
    re.MULTILINE,
)


# Files of this kind are JSON with comments and commas.
_SETTINGS = re.compile(r"\.jsonc$|[/\\]\.vscode[/\\]|[/\\][jt]sconfig[^/\\]*\.json$")


def without_gaps(data: bytes, language: str, path: str) -> bytes:
    """The text with every byte in its place, and in simpler words what the grammar does not know."""
    if language == "json" and not _SETTINGS.search(path):
        return data
    for languages, pattern in _PATTERNS:
        if language in languages:
            data = pattern.sub(lambda found: found[1] + _blank(found[2]), data)
    return _LINE_END.sub(rb"\1;", data) if language in _TYPED else data


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)
