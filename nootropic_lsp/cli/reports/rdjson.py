"""Reviewdog's own form. Its columns count bytes of UTF-8."""

from __future__ import annotations

import json
from typing import Any

from nootropic_lsp import __version__
from nootropic_lsp.cli.reports.results import Results, bytes_before
from nootropic_lsp.features.lint.linted import Located

_SEVERITIES = {"error": "ERROR", "warning": "WARNING"}


def rdjson(results: Results) -> str:
    """One document; fixes are suggestions."""
    return json.dumps(
        {
            "source": {"name": f"nootropic {__version__}"},
            "diagnostics": [_diagnostic(each, results) for each in results.found],
        },
        indent=2,
        ensure_ascii=False,
    )


def _diagnostic(each: Located, results: Results) -> dict[str, Any]:
    finding = each.finding
    code: dict[str, Any] = {"value": finding.code}
    if link := results.page(finding.code).link:
        code["url"] = link
    made: dict[str, Any] = {
        "message": finding.message,
        "location": {
            "path": results.relative(each.path),
            "range": _range(each.path, each.start, each.end, results),
        },
        "severity": _SEVERITIES.get(finding.severity, "INFO"),
        "code": code,
    }
    if finding.fix is not None:
        made["suggestions"] = [
            {
                "range": _range(each.path, *results.region(each.path, edit.span), results),
                "text": edit.text,
            }
            for edit in finding.fix.edits
        ]
    return made


def _range(
    path: str, start: tuple[int, int], end: tuple[int, int], results: Results
) -> dict[str, Any]:
    return {
        name: {"line": line, "column": bytes_before(results.line(path, line), column)}
        for name, (line, column) in (("start", start), ("end", end))
    }
