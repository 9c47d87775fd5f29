"""Every form of a report, judged by the schema that its readers publish."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
import xmlschema

from nootropic_lsp.cli.output import without_colour
from nootropic_lsp.cli.reports import data, github, gitlab, junit, rdjson, sarif, text
from nootropic_lsp.cli.reports.results import Results
from nootropic_lsp.core.findings import Finding, Fix, Related
from nootropic_lsp.core.spans import Lines, Place, Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.lint.linted import Located

SCHEMAS = Path(__file__).parents[2] / "fixtures" / "schemas"
CODE = 'name = "é😀"; q = ask(name)\n\trun(q,\n  1)\n'


def located(path: str, finding: Finding) -> Located:
    lines = Lines.of(CODE)
    (line, column), (last, end) = (
        lines.position(each) for each in (finding.span.start, finding.span.end)
    )
    return Located(path, finding, (line + 1, column + 1), (last + 1, end + 1), "f" * 32)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    file = tmp_path / "a b,c%.py"
    file.write_text(CODE, encoding="utf-8")
    path = str(file)
    source, sink = CODE.index("ask("), CODE.index("run(")
    flow = Finding(
        Span(source, source + 9),
        "sql-injection",
        'a "query", <100%>:\nby & from outside\x00',
        related=(Related(Place(path, Span(0, 4)), "it comes from here"),),
        fix=Fix("Ask [better]", (Edit(Span(source, source + 3), "ask_safely"),), is_safe=False),
    )
    several = Finding(Span(sink, len(CODE) - 1), "user/mine", "odd", "hint", tags=("unnecessary",))
    return Results(
        str(tmp_path), [located(path, flow), located(path, several)], 3, ("a problem < 1",), False
    )


EMPTY = Results("/", [])


def test_sarif(results):
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text())
    for each in (results, EMPTY):
        jsonschema.validate(json.loads(sarif.sarif(each)), schema)
    (run,) = json.loads(sarif.sarif(results))["runs"]
    rules = run["tool"]["driver"]["rules"]
    first, second = run["results"]
    assert [rules[each["ruleIndex"]]["id"] for each in (first, second)] == [
        "sql-injection",
        "user/mine",
    ]
    assert "external/cwe/cwe-089" in rules[0]["properties"]["tags"]
    assert rules[0]["help"]["text"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b%2Cc%25.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 18, "endLine": 1, "endColumn": 27},
    }
    assert first["partialFingerprints"] == {"nootropic/v1": "f" * 32}
    steps = first["codeFlows"][0]["threadFlows"][0]["locations"]
    assert steps[0]["location"]["message"]["text"] == "it comes from here"
    assert len(steps) == 2
    replaced = first["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replaced["insertedContent"] == {"text": "ask_safely"}
    assert run["invocations"][0]["executionSuccessful"] is False
    assert second["level"] == "note"


def test_junit(results):
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
    for each in (results, EMPTY):
        schema.validate(junit.junit(each))
    root = ET.fromstring(junit.junit(results))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "2", "1")
    failure = root.find("testsuite/testcase/failure")
    assert failure.get("message") == 'a "query", <100%>: by & from outside�'
    assert ET.fromstring(junit.junit(EMPTY)).find("testsuite/testcase/failure") is None


def test_gitlab(results):
    schema = json.loads((SCHEMAS / "gitlab-code-quality.json").read_text())
    for each in (results, EMPTY):
        jsonschema.validate(json.loads(gitlab.gitlab(each)), schema)
    first, second = json.loads(gitlab.gitlab(results))
    assert (first["severity"], second["severity"]) == ("critical", "info")
    assert first["categories"] == ["Security"]
    assert json.loads(gitlab.gitlab(EMPTY)) == []


def test_github_commands_cannot_be_broken_out_of(results):
    first, second, problem = github.github(results).split("\n")
    assert first == (
        "::error file=a b%2Cc%25.py,line=1,endLine=1,title=nootropic (sql-injection),"
        'col=18,endColumn=27::a "query", <100%25>:%0Aby & from outside\x00'
    )
    assert second.startswith("::notice file=a b%2Cc%25.py,line=2,endLine=3,title=")
    assert problem == "::warning::a problem < 1"


def test_rdjson_counts_bytes(results):
    schema = json.loads((SCHEMAS / "reviewdog-rdjson.json").read_text())
    for each in (results, EMPTY):
        jsonschema.validate(json.loads(rdjson.rdjson(each)), schema)
    first, _ = json.loads(rdjson.rdjson(results))["diagnostics"]
    before = len('name = "é😀"; q = '.encode()) + 1
    assert first["location"]["range"] == {
        "start": {"line": 1, "column": before},
        "end": {"line": 1, "column": before + 9},
    }
    assert first["suggestions"][0]["text"] == "ask_safely"
    assert first["severity"] == "ERROR"


def test_json_and_jsonl_say_the_same(results):
    whole = json.loads(data.as_json(results))
    lines = [json.loads(line) for line in data.as_jsonl(results).split("\n")]
    assert whole["findings"] == lines
    assert whole["complete"] is False
    assert whole["problems"] == ["a problem < 1"]
    assert lines[0]["cwe"] == [89]
    assert lines[0]["fix"]["edits"] == [
        {"line": 1, "column": 18, "end_line": 1, "end_column": 21, "text": "ask_safely"}
    ]
    assert data.as_jsonl(EMPTY) == ""


def test_full_underlines_what_a_terminal_shows_there(results):
    lines = plain(text.full(results)).split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("1 | "))
    shown, under = lines[at], lines[at + 1]
    # An emoji takes two columns.
    assert under.index("^") == shown.index("ask(") + 1
    assert under.count("^") == len("ask(name)")
    tab = next(line for line in lines if line.startswith("2 | "))
    assert tab == "2 |     run(q,"
    assert "\x00" not in "".join(lines)
    assert any("unsafe fix" in line for line in lines)


def test_a_line_without_end_is_cut_around_the_finding(tmp_path):
    file = tmp_path / "long.js"
    file.write_text("x" * 5_000 + "BAD" + "y" * 5_000)
    finding = Finding(Span(5_000, 5_003), "odd", "odd")
    each = Located(str(file), finding, (1, 5_001), (1, 5_004), "f")
    lines = plain(text.full(Results(str(tmp_path), [each], 1))).split("\n")
    shown, under = lines[2], lines[3]
    assert len(shown) < 200
    assert shown[under.index("^") : under.rindex("^") + 1] == "BAD"


def test_concise_is_a_line_per_finding(results):
    first = plain(text.concise(results)).split("\n")[0]
    assert first.endswith(
        'c%.py:1:18: error[sql-injection] a "query", <100%>: by & from outside� [unsafe fix]'
    )


def test_statistics(results):
    assert "1  sql-injection  1 with a fix" in plain(text.statistics(results))
    counted = json.loads(data.statistics_as_json(results))
    assert counted["complete"] is False
    assert counted["statistics"] == [
        {"code": "sql-injection", "count": 1, "fixable": 1},
        {"code": "user/mine", "count": 1, "fixable": 0},
    ]


def plain(shown: str) -> str:
    return without_colour(shown)
