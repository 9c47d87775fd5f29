"""JUnit's XML, which most build servers show: a suite per file, a failed case per finding."""

from __future__ import annotations

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from nootropic_lsp.cli.reports.results import Results, what
from nootropic_lsp.features.lint.linted import Located

# What XML 1.0 has no way to write.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Results) -> str:
    """A document; without findings it has one case that has passed."""
    suites = [
        _suite(results.relative(path), list(found))
        for path, found in groupby(results.found, key=lambda each: each.path)
    ]
    suites += map(_problem, results.problems)
    if not suites:
        suites.append(
            '  <testsuite name="nootropic" tests="1" failures="0" errors="0">\n'
            '    <testcase name="nothing found" classname="nootropic" />\n  </testsuite>'
        )
    n, errors = len(results.found), len(results.problems)
    tests = n + errors or 1
    head = f'<testsuites name="nootropic" tests="{tests}" failures="{n}" errors="{errors}">'
    return "\n".join(('<?xml version="1.0" encoding="utf-8"?>', head, *suites, "</testsuites>"))


def _suite(path: str, found: list[Located]) -> str:
    n = len(found)
    head = f'  <testsuite name={_quoted(path)} tests="{n}" failures="{n}" errors="0">'
    return "\n".join((head, *(_case(path, each) for each in found), "  </testsuite>"))


def _case(path: str, each: Located) -> str:
    finding = each.finding
    line, column = each.start
    return (
        f"    <testcase name={_quoted(f'{finding.code} {line}:{column}')}"
        f" classname={_quoted(path)}>\n"
        f"      <failure type={_quoted(finding.severity)} message={_quoted(what(finding))}>"
        f"{_escaped(f'{path}:{line}:{column}: {finding.code}: {finding.message}')}</failure>\n"
        "    </testcase>"
    )


def _problem(sentence: str) -> str:
    return (
        '  <testsuite name="nootropic" tests="1" failures="0" errors="1">\n'
        '    <testcase name="complete" classname="nootropic">\n'
        f'      <error type="incomplete" message={_quoted(sentence)} />\n'
        "    </testcase>\n  </testsuite>"
    )


def _escaped(text: str) -> str:
    return escape(_FORBIDDEN.sub("�", text))


def _quoted(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("�", text))
