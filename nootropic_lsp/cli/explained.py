"""This file is where the tour explains a finding: how a value gets there, why it matters, what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nootropic_lsp.cli.changes import painted
from nootropic_lsp.cli.output import bold, dim, green, red, yellow
from nootropic_lsp.features.findings.pages import Page, page

_WIDTH = 74


@dataclass(frozen=True)
class Step:
    """A place that a value passes, the line there, and what happens to it."""

    spot: str
    line: str
    message: str


@dataclass(frozen=True)
class Explained:
    """A finding as the tour shows it; the last step is where it is."""

    code: str
    severity: str
    message: str
    steps: Sequence[Step]
    fix: str | None = None
    diff: Sequence[str] = ()

    def lines(self) -> list[str]:
        """For people."""
        paint = {"error": red, "warning": yellow}.get(self.severity, dim)
        rows = [*_way(self.steps), *_reasons(page(self.code)), *self._fix()]
        return [
            f"{paint(self.severity)} {bold(self.code)}  {self.message}",
            *(f"  {row}" for row in rows),
        ]

    def data(self) -> dict[str, object]:
        """As plain values."""
        about = page(self.code)
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "at": self.steps[-1].spot,
            "path": [{"at": each.spot, "message": each.message} for each in self.steps[:-1]],
            "why": about.why,
            "how": about.how,
            "cwe": list(about.cwe),
            "owasp": about.owasp,
            "fix": self.fix,
            "diff": "\n".join(self.diff),
        }

    def _fix(self) -> Iterator[str]:
        if self.diff:
            yield f"{green('fix')}  {self.fix}"
            yield from map(painted, self.diff)


def _way(steps: Sequence[Step]) -> Iterator[str]:
    """Each place with its line, if that is not the one before."""
    before = ""
    for step in steps:
        yield f"{step.spot}  {step.message}".rstrip()
        if step.line != before:
            yield dim(f"  {step.line}")
        before = step.line


def _reasons(about: Page) -> Iterator[str]:
    standards = [f"CWE-{number}" for number in about.cwe]
    standards += [f"OWASP {about.owasp}"] if about.owasp else []
    for label, text in (("why", about.why), ("how", about.how), ("is", ", ".join(standards))):
        yield from textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=f"{label:5}",
            subsequent_indent=" " * 5,
            break_long_words=False,
        )
