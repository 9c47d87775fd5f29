"""Our rules are complete, readable, and quick to load."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from nootropic_lsp.analysis.rulebook import RuleFileError, family_of, read_rule, rule, rules

RULE = """
title: Something
severity: warning
why: Because.
how: Otherwise.
python: {message: nothing, check: nothing}
"""


def test_every_rule_has_a_page():
    assert len(rules()) > 40
    for each in rules().values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.code)
        assert all((each.title, each.why, each.how)), each.code
        assert not each.title.endswith("."), each.code
        for name in each.references:
            assert name.startswith("https://"), each.code


def test_structural_rules_have_examples_of_both_kinds():
    for each in rules().values():
        for family, part in each.languages.items():
            if part.is_structural:
                assert all((part.examples.bad, part.examples.good)), (each.code, family)


def test_security_rules_name_their_weakness():
    for each in rules().values():
        if each.pack == "security":
            assert each.cwe, each.code
            assert re.match(r"A\d\d:2021 ", each.owasp), each.code


def test_a_rule_is_found_by_its_code():
    assert rule("mutable-default").pack == "bugs"
    assert rule("no-such-rule") is None


def test_dialects_share_rules():
    assert family_of("tsx") == family_of("javascript") == "javascript"
    assert family_of("rust") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RULE + "pyhton: {}\n", "pyhton"),
        (RULE.replace("warning", "fatal"), "fatal"),
        (RULE.replace("check:", "chekc:"), "chekc"),
        (RULE.replace("why: Because.\n", ""), "why"),
        ("a: [", "a.yaml"),
    ],
)
def test_a_mistake_in_a_rule_file_is_named(tmp_path, text, told):
    path = tmp_path / "bugs" / "a.yaml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(RuleFileError, match=told):
        read_rule(path)


def test_the_code_is_the_name_of_the_file(tmp_path):
    path = tmp_path / "bugs" / "my-rule.yaml"
    path.parent.mkdir()
    path.write_text(RULE)
    read = read_rule(path)
    assert (read.code, read.pack, read.confidence) == ("my-rule", "bugs", "high")
    assert read.is_shown


def test_loading_the_rules_loads_no_engine():
    code = (
        "import sys; from nootropic_lsp.analysis import rulebook; rulebook.rules();"
        "print({'tree_sitter', 'numpy', 'semgrep'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
