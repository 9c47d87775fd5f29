"""This file is where we say what every form of a report is made from."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines, Place, Span
from nootropic_lsp.features.lint.linted import Located
from nootropic_lsp.features.lint.linting import read_text

if TYPE_CHECKING:
    from nootropic_lsp.features.findings.pages import Page


@dataclass(frozen=True)
class Results:
    """What was found in some files, and what could not be looked at.

    `texts` are those of files that are not what is on the disk. `notes` are sentences for
    people on what was left out on purpose.
    """

    root: str
    found: Sequence[Located]
    n_files: int = 0
    problems: Sequence[str] = ()
    is_complete: bool = True
    texts: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def relative(self, path: str) -> str:
        """A path as seen from the workspace, with "/": what tools that know the repository want."""
        return _relative(path, self.root)

    def shown(self, path: str) -> str:
        """A path as seen from the current folder: what a person at a terminal wants."""
        relative = os.path.relpath(path)
        return path if relative.startswith(os.path.join("..", "..", "..")) else relative  # noqa: PTH118

    def page(self, code: str) -> Page:
        """What is known of a rule."""
        known = self._pages.get(code)
        if known is None:
            # Reading the rules takes longer than most reports.
            from nootropic_lsp.features.findings.pages import page  # noqa: PLC0415

            known = self._pages[code] = page(code)
        return known

    def text(self, path: str) -> str | None:
        """The text of a file, None if it has gone."""
        return self._text_and_lines(path)[0]

    def lines(self, path: str) -> Lines:
        """Where the lines of a file start."""
        return self._text_and_lines(path)[1]

    def line(self, path: str, number: int) -> str:
        """A line, counted from 1, without its end."""
        text, lines = self._text_and_lines(path)
        if text is None or not 1 <= number <= len(lines):
            return ""
        end = lines.starts[number] if number < len(lines) else len(text)
        return text[lines.starts[number - 1] : end].rstrip("\r\n")

    def region(self, path: str, span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where a span starts and ends: lines and columns, from 1."""
        lines = self.lines(path)
        start, end = lines.position(span.start), lines.position(span.end)
        return (start[0] + 1, start[1] + 1), (end[0] + 1, end[1] + 1)

    def spot(self, place: Place) -> str:
        """`path:line:column` of a place, as terminals make it a link."""
        line, column = self.region(place.path, place.span)[0]
        return f"{self.shown(place.path)}:{line}:{column}"

    @cached_property
    def _texts(self) -> dict[str, tuple[str | None, Lines]]:
        return {}

    @cached_property
    def _pages(self) -> dict[str, Page]:
        return {}

    def _text_and_lines(self, path: str) -> tuple[str | None, Lines]:
        known = self._texts.get(path)
        if known is None:
            text = self.texts.get(path)
            if text is None:
                try:
                    text = read_text(path)
                except OSError:
                    text = None
            # Findings come file by file; many texts at once would be a lot of memory.
            if len(self._texts) > 20:
                self._texts.clear()
            known = self._texts[path] = text, Lines.of(text or "")
        return known


def counted(results: Results) -> list[tuple[str, int, int]]:
    """Each code, how often it was found and how many of these have a fix, the most frequent first."""
    counts = Counter(each.finding.code for each in results.found)
    fixable = Counter(each.finding.code for each in results.found if each.finding.fix)
    rows = ((code, n, fixable[code]) for code, n in counts.items())
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def bytes_before(line: str, column: int) -> int:
    """A column, from 1, counted in bytes of UTF-8 instead of characters."""
    return len(line[: column - 1].encode("utf-8", "surrogatepass")) + 1


def what(finding: Finding) -> str:
    """A finding in one line."""
    return " ".join(finding.message.split())


def plain(each: Located, results: Results) -> dict[str, Any]:
    """A finding with everything that is known of it, as plain data."""
    finding, about = each.finding, results.page(each.finding.code)
    fix = finding.fix
    return {
        "code": finding.code,
        "pack": about.pack,
        "severity": finding.severity,
        "message": finding.message,
        "path": results.relative(each.path),
        "line": each.start[0],
        "column": each.start[1],
        "end_line": each.end[0],
        "end_column": each.end[1],
        "fingerprint": each.fingerprint,
        "cwe": list(about.cwe),
        "owasp": about.owasp,
        "link": about.link,
        "tags": list(finding.tags),
        "related": [
            {
                "path": results.relative(related.place.path),
                **_ends(results.region(related.place.path, related.place.span)),
                "message": related.message,
            }
            for related in finding.related
        ],
        "fix": fix
        and {
            "title": fix.title,
            "safe": fix.is_safe,
            "edits": [
                {**_ends(results.region(each.path, edit.span)), "text": edit.text}
                for edit in fix.edits
            ],
        },
    }


def _ends(region: tuple[tuple[int, int], tuple[int, int]]) -> dict[str, int]:
    (line, column), (end_line, end_column) = region
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _relative(path: str, root: str) -> str:
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError as error:  # another drive
        raise NootropicError(f"{path} is on another drive than the workspace {root}") from error
