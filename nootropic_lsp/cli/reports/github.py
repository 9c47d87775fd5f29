"""Commands that a GitHub workflow turns into annotations of a pull request."""

from __future__ import annotations

from nootropic_lsp.cli.reports.results import Results
from nootropic_lsp.features.lint.linted import Located

_LEVELS = {"error": "error", "warning": "warning"}


def github(results: Results) -> str:
    """A command per finding."""
    rows = [_command(each, results) for each in results.found]
    return "\n".join((*rows, *(f"::warning::{_escaped(each)}" for each in results.problems)))


def _command(each: Located, results: Results) -> str:
    properties = {
        "file": results.relative(each.path),
        "line": each.start[0],
        "endLine": each.end[0],
        "title": f"nootropic ({each.finding.code})",
    }
    if each.start[0] == each.end[0]:
        # Columns of several lines are refused.
        properties |= {"col": each.start[1], "endColumn": each.end[1]}
    level = _LEVELS.get(each.finding.severity, "notice")
    listed = ",".join(
        f"{name}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
    )
    return f"::{level} {listed}::{_escaped(each.finding.message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
