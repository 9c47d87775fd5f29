"""`nootropic rule`: pages a person can read."""

from __future__ import annotations

from nootropic_lsp.analysis.rulebook import rules
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND
from nootropic_lsp.cli.rule import rule


def test_the_list_names_every_rule_below_its_pack():
    answer = rule()
    lines = answer.text.splitlines()
    for each in rules().values():
        (at,) = [i for i, line in enumerate(lines) if line.split()[0] == each.code]
        heads = [line for line in lines[:at] if not line.startswith(" ")]
        assert heads[-1] == each.pack
    assert {row["code"] for row in answer.data["rules"]} == set(rules())


def test_a_page_says_what_why_and_how():
    answer = rule("unsafe-yaml-load")
    assert answer.code == FOUND
    for part in (
        "unsafe-yaml-load: YAML is loaded",
        "security, error, CWE-502, OWASP A08:2021",
        "How to put it right",
        "Quick fix (to be looked at): Use SafeLoader, Use safe_load",
        "    yaml.load(text)",
        "https://cwe.mitre.org",
    ):
        assert part.strip() in answer.text
    assert answer.data["rule"]["languages"][0]["fix"] == "unsafe"


def test_every_page_can_be_shown():
    for code in rules():
        answer = rule(code)
        assert answer.text.startswith(f"{code}: ")
        assert max(map(len, answer.text.splitlines())) < 250


def test_a_safe_fix_says_so():
    assert "Quick fix (safe): Compare with `==`" in rule("is-literal").text


def test_a_misspelt_code_is_guessed():
    answer = rule("weakhash")
    assert answer.code == NOTHING_FOUND
    assert answer.note == "there is no rule weakhash; did you mean weak-hash?"
