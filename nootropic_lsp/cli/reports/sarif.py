"""SARIF 2.1.0 (OASIS), which code scanning services and editors read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nootropic_lsp import __version__
from nootropic_lsp.cli.reports.results import Results
from nootropic_lsp.core.findings import Finding, Related
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.lint.linted import Located

if TYPE_CHECKING:
    from nootropic_lsp.features.findings.pages import Page

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
# What GitHub sorts security alerts by, on the scale of CVSS.
_SECURITY_SEVERITIES = {"error": "8.0", "warning": "5.5", "information": "3.0", "hint": "1.0"}
_BASE = "%SRCROOT%"
_FINGERPRINT = "nootropic/v1"

Json = dict[str, Any]


def sarif(results: Results) -> str:
    """A log with one run."""
    codes = sorted({each.finding.code for each in results.found})
    worst = {each.finding.code: each.finding for each in reversed(results.found)}
    run = {
        "tool": {
            "driver": {
                "name": "nootropic",
                "semanticVersion": __version__,
                "rules": [_rule(code, worst[code], results.page(code)) for code in codes],
            }
        },
        "invocations": [
            {
                "executionSuccessful": results.is_complete,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": each}} for each in results.problems
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, codes.index(each.finding.code), results) for each in results.found
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, example: Finding, page: Page) -> Json:
    made: Json = {
        "id": code,
        "shortDescription": {"text": page.title or code},
        "defaultConfiguration": {"level": _LEVELS[page.severity or example.severity]},
    }
    if page.why:
        made["fullDescription"] = {"text": page.why}
        how = f"\n\n{page.how}" if page.how else ""
        made["help"] = {"text": page.why + how, "markdown": page.why + how}
    if page.link:
        made["helpUri"] = page.link
    tags = [page.pack] if page.pack else []
    tags += [f"external/cwe/cwe-{number:03}" for number in page.cwe]
    tags += [f"OWASP-{page.owasp}"] if page.owasp else []
    properties: Json = {"tags": tags} if tags else {}
    if page.confidence:
        properties["precision"] = page.confidence
    if page.pack == "security":
        properties["security-severity"] = _SECURITY_SEVERITIES[page.severity or example.severity]
    if properties:
        made["properties"] = properties
    return made


def _result(each: Located, rule: int, results: Results) -> Json:
    finding = each.finding
    here = _location(each.path, each.start, each.end, results)
    made: Json = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [here],
        "partialFingerprints": {_FINGERPRINT: each.fingerprint},
    }
    if finding.related:
        places = [_related(related, results) for related in finding.related]
        made["relatedLocations"] = [{"id": n, **place} for n, place in enumerate(places)]
        steps = [*places, {**here, "message": {"text": finding.message}}]
        made["codeFlows"] = [
            {"threadFlows": [{"locations": [{"location": each} for each in steps]}]}
        ]
    if finding.fix is not None:
        made["fixes"] = [
            {
                "description": {"text": finding.fix.title},
                "artifactChanges": [
                    {
                        "artifactLocation": _artifact(each.path, results),
                        "replacements": [
                            {
                                "deletedRegion": _region_of(each.path, edit.span, results),
                                "insertedContent": {"text": edit.text},
                            }
                            for edit in finding.fix.edits
                        ],
                    }
                ],
            }
        ]
    return made


def _related(related: Related, results: Results) -> Json:
    place = related.place
    start, end = results.region(place.path, place.span)
    return {**_location(place.path, start, end, results), "message": {"text": related.message}}


def _location(path: str, start: tuple[int, int], end: tuple[int, int], results: Results) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(path, results),
            "region": _region(start, end),
        }
    }


def _artifact(path: str, results: Results) -> Json:
    return {"uri": quote(results.relative(path)), "uriBaseId": _BASE}


def _region_of(path: str, span: Span, results: Results) -> Json:
    return _region(*results.region(path, span))


def _region(start: tuple[int, int], end: tuple[int, int]) -> Json:
    return {
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
    }
