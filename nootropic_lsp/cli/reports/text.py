"""For people: `full` shows the code, `concise` a line per finding."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from nootropic_lsp.cli.output import bold, count, dim, green, red, yellow
from nootropic_lsp.cli.reports.results import Results, counted, what
from nootropic_lsp.features.lint.linted import Located

_TAB = 4
# Lines of generated files have no end.
_WIDEST = 160
_MOST_RELATED = 8


def full(results: Results) -> str:
    """Each finding with its line, what it is about underlined, and the places that belong to it."""
    parts = ["\n".join(_frame(each, results)) for each in results.found]
    return "\n\n".join((*parts, summary(results)))


def concise(results: Results) -> str:
    """`path:line:column: severity[code] message`, which editors and terminals understand."""
    rows = [
        f"{results.shown(each.path)}:{each.start[0]}:{each.start[1]}: "
        f"{_painted(each)} {_safe(what(each.finding))}{_mark(each)}"
        for each in results.found
    ]
    return "\n".join((*rows, summary(results)))


def statistics(results: Results) -> str:
    """How often each rule has found something, the most frequent first."""
    from nootropic_lsp.cli.shown import table  # noqa: PLC0415 -- it needs the house

    rows = [
        (f"{n:,}", code, f"{n_fixes:,} with a fix" if n_fixes else "")
        for code, n, n_fixes in counted(results)
    ]
    return "\n".join((*filter(None, [table(rows) if rows else ""]), summary(results)))


def summary(results: Results) -> str:
    """The last line, and what a person should know besides."""
    files = count(results.n_files, "file")
    if results.found:
        fixes = [each.finding.fix for each in results.found if each.finding.fix]
        n_safe = sum(fix.is_safe for fix in fixes)
        line = f"{count(len(results.found), 'finding')} in {files}"
        if n_safe:
            line += f"; `--fix` puts {n_safe:,} right"
        if len(fixes) > n_safe:
            line += f"; `--unsafe-fixes` {len(fixes) - n_safe:,}" + (" more" if n_safe else "")
    else:
        line = f"{'nothing found' if results.is_complete else 'nothing found so far'} in {files}"
    return "\n".join((bold(line), *results.notes))


def _frame(each: Located, results: Results) -> Iterator[str]:
    finding = each.finding
    number, column = each.start
    yield (
        f"{bold(results.shown(each.path))}:{number}:{column}: "
        f"{_painted(each)} {_safe(finding.message)}"
    )
    line = results.line(each.path, number)
    width = len(str(number))
    bar = dim("|")
    if line.strip():
        code, before, under = _underlined(line, column, each.end[1] if each.end[0] == number else 0)
        yield f"{' ' * width} {bar}"
        yield f"{dim(str(number))} {bar} {code}"
        yield f"{' ' * width} {bar} {' ' * before}{_in_colour(finding.severity, '^' * under)}"
    for related in finding.related[:_MOST_RELATED]:
        yield f"{' ' * width} {dim('=')} {results.spot(related.place)}: {_safe(related.message)}"
    if finding.fix is not None:
        how = "fix" if finding.fix.is_safe else "unsafe fix"
        yield f"{' ' * width} {dim('=')} {green(how)}: {_safe(finding.fix.title)}"


def _underlined(line: str, column: int, end: int) -> tuple[str, int, int]:
    """A line as it can be shown, and how wide it is before and in the stretch from `column`.

    `end` is the column behind the stretch, 0 if it goes on in later lines.
    """
    end = end or len(line.rstrip()) + 1
    start = 0
    if len(line) > _WIDEST:
        start = max(0, min(column - 1 - _TAB, len(line) - _WIDEST))
    stop = start + _WIDEST
    head, tail = ("…" if start else ""), ("…" if stop < len(line) else "")
    pieces = (line[start : column - 1], line[column - 1 : min(end - 1, stop)])
    before = _shown(pieces[0], len(head))
    inside = _shown(pieces[1], len(head) + _width(before))
    after = _shown(line[column - 1 + len(pieces[1]) : stop], 0)
    code = head + before + inside + after.rstrip() + tail
    return code, len(head) + _width(before), max(1, _width(inside))


def _shown(text: str, at: int) -> str:
    """Text without what a terminal could take for a command, tabs as spaces."""
    made: list[str] = []
    for character in text:
        if character == "\t":
            made.append(" " * (_TAB - (at + _width("".join(made))) % _TAB))
        else:
            made.append(_safe(character))
    return "".join(made)


def _safe(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else "�" if each != "\n" else " " for each in text)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def _painted(each: Located) -> str:
    finding = each.finding
    return f"{_in_colour(finding.severity, finding.severity)}[{finding.code}]"


def _mark(each: Located) -> str:
    fix = each.finding.fix
    return "" if fix is None else " [fix]" if fix.is_safe else " [unsafe fix]"


def _in_colour(severity: str, text: str) -> str:
    if severity == "error":
        return red(text)
    return yellow(text) if severity == "warning" else dim(text)
