"""The code quality report of GitLab, which is that of Code Climate cut down to what is read."""

from __future__ import annotations

import json

from nootropic_lsp.cli.reports.results import Results, what

_SEVERITIES = {"error": "critical", "warning": "major", "information": "minor", "hint": "info"}


def gitlab(results: Results) -> str:
    """A list of issues."""
    issues = [
        {
            "type": "issue",
            "check_name": each.finding.code,
            "description": f"{each.finding.code}: {what(each.finding)}",
            "categories": ["Security" if results.page(each.finding.code).cwe else "Bug Risk"],
            "severity": _SEVERITIES[each.finding.severity],
            "fingerprint": each.fingerprint,
            "location": {
                "path": results.relative(each.path),
                "lines": {"begin": each.start[0], "end": each.end[0]},
            },
        }
        for each in results.found
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False)
