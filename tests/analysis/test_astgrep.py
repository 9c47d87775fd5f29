"""Users' rules of ast-grep, run in their process: what they find, and what becomes of bad ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nootropic_lsp.analysis import astgrep
from nootropic_lsp.analysis.astgrep import MISSING, AstGrep
from nootropic_lsp.analysis.user_rules import AstGrepRule

pytest.importorskip("ast_grep_py")
TEXT = "é = 1\nprint(eval(  q, *more ))\n"


def rule(code: str, pattern: object, fix: str | None = None, **more: object) -> AstGrepRule:
    config = {"rule": {"pattern": pattern} if isinstance(pattern, str) else pattern, **more}
    return AstGrepRule(f"user/{code}", "python", code, "warning", config, fix)


@pytest.fixture
def engine():
    made: list[AstGrep] = []

    def make(*rules: AstGrepRule) -> AstGrep:
        made.append(AstGrep(rules, {"user/bad": "rules.yml, line 3"}))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_findings_have_their_place_in_characters(engine):
    (finding,) = engine(rule("e", "eval($$$A)")).findings(TEXT, "python", deadline_s=30)
    assert TEXT[finding.span.start : finding.span.end] == "eval(  q, *more )"
    assert (finding.code, finding.message, finding.severity) == ("user/e", "e", "warning")


def test_a_fix_is_filled_with_what_was_matched_and_never_safe(engine):
    (finding,) = engine(rule("e", "eval($A, $$$B)", "run($A | $$$B, $NONE)")).findings(
        TEXT, "python", deadline_s=30
    )
    assert finding.fix.edits[0].text == "run(q | *more, )"
    assert not finding.fix.is_safe


def test_constraints_and_other_languages(engine):
    constrained = rule("c", "eval($A, $$$B)", constraints={"A": {"regex": "^z$"}})
    made = engine(constrained, rule("e", "print($A)"))
    assert [each.code for each in made.findings(TEXT, "python", deadline_s=30)] == ["user/e"]
    assert made.findings(TEXT, "go", deadline_s=30) == []


@pytest.mark.parametrize("bad", [{"kind": "nokind"}, {"nonsense": 1}, {}])
def test_a_rule_that_is_not_understood_is_named_and_the_others_run(bad, engine):
    made = engine(rule("bad", bad), rule("e", "print($A)"))
    assert [each.code for each in made.findings(TEXT, "python", deadline_s=30)] == ["user/e"]
    (problem,) = made.problems
    assert problem.startswith("rules.yml, line 3: the rule user/bad was switched off: ")
    assert "backtrace" not in problem


def test_a_language_that_the_library_does_not_know_is_no_crash(engine):
    strange = AstGrepRule("user/bad", "klingon", "", "error", {"rule": {"pattern": "x"}})
    made = engine(strange, rule("e", "print($A)"))
    assert len(made.findings(TEXT, "python", deadline_s=30)) == 1
    assert "LanguageNotSupported" in made.problems[0]


def test_a_rule_that_never_ends_is_switched_off(engine, monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text(
        f"import sys\nsys.path.insert(0, {str(Path(astgrep.__file__).parents[2])!r})\n"
        "import time\nfrom nootropic_lsp.analysis import astgrep\n"
        "matches = astgrep._matches\n"
        "def hanging(rule, text, trees):\n"
        "    if text and rule['code'] == 'user/bad': time.sleep(60)\n"
        "    return matches(rule, text, trees)\n"
        "astgrep._matches = hanging\nastgrep.main()\n"
    )
    monkeypatch.setattr(astgrep, "_COMMAND", (sys.executable, str(slow)))
    monkeypatch.setattr(astgrep, "FILE_S", 3.0)
    made = engine(rule("bad", "print($A)"), rule("e", "print($A)"))
    assert [each.code for each in made.findings(TEXT, "python", deadline_s=30)] == ["user/e"]
    assert "the rule user/bad was switched off: it took longer than 3 s" in made.problems[0]
    assert len(made.findings(TEXT, "python", deadline_s=30)) == 1


def test_without_the_library_one_sentence_says_so(engine, monkeypatch):
    monkeypatch.setattr(astgrep, "find_spec", lambda _: None)
    made = engine(rule("e", "print($A)"))
    assert made.findings(TEXT, "python", deadline_s=30) == []
    assert made.problems == [MISSING]
