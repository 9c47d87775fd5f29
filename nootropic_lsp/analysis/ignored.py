"""Comments by which a person has told us not to report something.

`nootropic: ignore` counts for its own line, or alone on a line for the next one that is not a
comment; a finding of several lines is meant by its first and its last line, that of a block by
all lines of its header. `nootropic: ignore[code, pack]` says which findings; `ignore-file` is
for the whole file. `nosemgrep` and `nosec` count when the user wants them to, and so does a
`noqa` that names what one of our packs looks for; any other `noqa` has a setting of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from nootropic_lsp.core.findings import HINT, UNNECESSARY, Finding, Fix
from nootropic_lsp.core.spans import Lines, Span
from nootropic_lsp.core.symbols import Edit

UNUSED = "unused-ignore"
SECURITY = "security"

_DIRECTIVE = re.compile(
    r"nootropic:[ \t]*ignore(?P<file>-file)?(?![\w-])(?:[ \t]*\[(?P<codes>[^\]\n]*)\])?"
    r"|\bnosemgrep\b(?::[ \t]*(?P<semgrep>[\w./-]+(?:[ \t]*,[ \t]*[\w./-]+)*))?"
    r"|\bnoqa\b(?::[ \t]*(?P<noqa>[A-Za-z][\w-]*(?:[ \t,]+[A-Z]+[0-9]+)*))?"
    r"|\bnosec\b"
)
_WORDS = ("nootropic:", "nosemgrep", "noqa", "nosec")
_MARK = re.compile(r"#|//|/\*|<!--|--")
_COMMENT_LINE = re.compile(r"[ \t]*(?:#|//|/\*|\*|<!--|--|$)")
# By which letters the codes of other linters begin that look for what one of our packs does.
_NOQA_PACKS = {"S": SECURITY, "B": "bugs", "PERF": "performance"}
_LONGEST_HEADER = 20


@dataclass(frozen=True, slots=True)
class Honoured:
    """Which directives of other tools count.

    `nosemgrep` does for security and users' rules; `nosec`, and a `noqa` that names such codes,
    go with it.
    """

    nosemgrep: bool = False
    noqa: bool = False


@dataclass(slots=True)
class _Directive:
    span: Span
    # The line it counts for, from 0; -1 is the whole file.
    line: int
    # Codes and packs; empty are all.
    names: tuple[str, ...]
    is_ours: bool
    is_above: bool = False
    used: set[str] = field(default_factory=set)
    has_hit: bool = False


def unsuppressed(
    findings: Iterable[Finding],
    text: str,
    lines: Lines,
    *,
    honoured: Honoured,
    pack_of: Callable[[str], str],
    is_comment: Callable[[int], bool],
    is_checked: Callable[[str], bool],
) -> list[Finding]:
    """The findings that nobody wants ignored, and one for each of our directives without effect.

    `pack_of` is "" for a code without one. `is_checked` is whether all findings of a code or
    pack were looked for, or all there are for "": a directive for others may have its use
    elsewhere.
    """
    found = list(findings)
    if not any(word in text for word in _WORDS):
        return found
    directives = _directives(text, lines, honoured, is_comment)
    if not directives:
        return found
    by_line: dict[int, list[_Directive]] = {}
    for each in directives:
        by_line.setdefault(each.line, []).append(each)
    kept = [
        finding
        for finding in found
        if not _is_ignored(finding, by_line, text, lines, pack_of(finding.code))
    ]
    return kept + [
        _unused(each, names, text, lines)
        for each in directives
        if each.is_ours and (names := _without_effect(each, is_checked)) is not None
    ]


def _directives(
    text: str, lines: Lines, honoured: Honoured, is_comment: Callable[[int], bool]
) -> list[_Directive]:
    found = []
    for match in _DIRECTIVE.finditer(text):
        start = match.start()
        is_ours = match[0].startswith("nootropic")
        is_noqa = match[0].startswith("noqa")
        if not (is_ours or honoured.nosemgrep or (is_noqa and honoured.noqa)):
            continue
        line = lines.line_of(start)
        before = text[lines.starts[line] : start]
        if not _MARK.search(before) or not is_comment(start):
            continue
        if match["file"]:
            line = -1
            is_above = False
        else:
            is_above = _COMMENT_LINE.match(before) is not None
            line = _next_code(text, lines, line) if is_above else line
        if is_noqa:
            names = _noqa_names(match["noqa"], honoured)
            if names is None:
                continue
        elif match[0] == "nosec":
            names = (SECURITY,)
        elif is_ours:
            names = tuple(filter(None, map(str.strip, (match["codes"] or "").split(","))))
        else:
            ids = re.split(r"[ \t]*,[ \t]*", match["semgrep"] or "")
            # Semgrep's ids begin with the path of their file.
            names = tuple(each.rpartition(".")[2] for each in ids if each) or (SECURITY, "user")
        found.append(_Directive(Span(start, match.end()), line, names, is_ours, is_above))
    return found


def _noqa_names(written: str | None, honoured: Honoured) -> tuple[str, ...] | None:
    """What a `noqa` is for, () for all there is; None if it does not count."""
    codes = [each for each in re.split(r"[ \t,]+", written or "") if each]
    packs = filter(None, (_NOQA_PACKS.get(each.rstrip("0123456789")) for each in codes))
    if honoured.noqa:
        return (*codes, *packs)
    return tuple(packs) or None


def _next_code(text: str, lines: Lines, line: int) -> int:
    for number in range(line + 1, len(lines)):
        if not _COMMENT_LINE.match(_line(text, lines, number)):
            return number
    return line


def _line(text: str, lines: Lines, number: int) -> str:
    end = lines.starts[number + 1] if number + 1 < len(lines) else len(text)
    return text[lines.starts[number] : end].rstrip("\r\n")


def _is_ignored(
    finding: Finding,
    by_line: dict[int, list[_Directive]],
    text: str,
    lines: Lines,
    pack: str,
) -> bool:
    first = lines.line_of(finding.span.start)
    last = lines.line_of(max(finding.span.start, finding.span.end - 1))
    numbers = [-1, *range(first, _header_end(text, lines, first, last) + 1)]
    inline_only = {last} - set(numbers)
    is_ignored = False
    for number in (*numbers, *inline_only):
        for each in by_line.get(number, ()):
            if each.is_above and number in inline_only:
                continue
            names = {finding.code, pack, finding.code.rpartition("/")[2]}
            if not each.names or not names.isdisjoint(each.names):
                each.has_hit = is_ignored = True
                each.used.update(names)
    return is_ignored


def _header_end(text: str, lines: Lines, first: int, last: int) -> int:
    """The last line of a block's header; the first line of what is no block."""
    for number in range(first, min(last, first + _LONGEST_HEADER)):
        line = _line(text, lines, number)
        code = _MARK.split(line, maxsplit=1)[0] if "nootropic" in line or "nos" in line else line
        if code.rstrip().endswith((":", "{")):
            return number
    return first


def _without_effect(
    directive: _Directive, is_checked: Callable[[str], bool]
) -> tuple[str, ...] | None:
    """Which of its names have ignored nothing; () is for one without names, None if all have."""
    if not directive.names:
        return None if directive.has_hit or not is_checked("") else ()
    unused = tuple(
        name for name in directive.names if name not in directive.used and is_checked(name)
    )
    return unused or None


def _unused(directive: _Directive, names: Sequence[str], text: str, lines: Lines) -> Finding:
    what = f"[{', '.join(names)}]" if names else ""
    fix = None
    if len(names) == len(directive.names):
        fix = Fix("Remove the comment", (_removal(directive.span, text, lines),))
    return Finding(
        directive.span,
        UNUSED,
        f"nothing is ignored by this ignore{what}",
        HINT,
        tags=(UNNECESSARY,),
        fix=fix,
    )


def _removal(span: Span, text: str, lines: Lines) -> Edit:
    """Take a directive out, and its comment and line where they hold nothing else."""
    number = lines.line_of(span.start)
    start = lines.starts[number]
    line = _line(text, lines, number)
    marks = list(_MARK.finditer(line[: span.start - start]))
    mark = marks[-1]
    behind = line[span.end - start :]
    between = line[mark.end() : span.start - start]
    if between.strip(" \t*!") or behind.strip(" \t").removesuffix("*/").removesuffix("-->").strip():
        return Edit(span, "")
    if not line[: mark.start()].strip():
        end = lines.starts[number + 1] if number + 1 < len(lines) else len(text)
        return Edit(Span(start, end), "")
    code_end = start + len(line[: mark.start()].rstrip())
    return Edit(Span(code_end, start + len(line)), "")
