"""Rules that users wrote: read from their files, mistakes named, the others kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from nootropic_lsp.analysis.user_rules import FOLDER, code_of, read_user_rules, user_rule_files

SEMGREP = """rules:
  - id: no-print
    languages: [py]
    severity: WARNING
    message: no print
    pattern: print(...)
    metadata: {severity: HIGH}
"""
AST_GREP = """id: no-eval
language: Python
severity: error
message: do not eval
rule: {pattern: eval($A)}
fix: literal_eval($A)
"""


def write(root: Path, name: str, text: str) -> None:
    path = root / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_both_kinds_are_read_from_the_folder(tmp_path):
    write(tmp_path, "one.yml", SEMGREP)
    write(tmp_path, "deep/er/two.yaml", AST_GREP + "---\n" + AST_GREP.replace("no-eval", "more"))
    rules = read_user_rules(tmp_path, [])
    assert rules.problems == []
    (rule,) = rules.semgrep
    assert code_of(rule["id"]) == "user/no-print"
    assert (rule["languages"], rule["metadata"]) == (["python"], {})
    first, second = rules.ast_grep
    assert (first.code, first.language, first.severity) == ("user/no-eval", "python", "error")
    assert (first.fix, second.code) == ("literal_eval($A)", "user/more")
    assert rules.places["user/more"] == f"{FOLDER}/deep/er/two.yaml, line 8"


def test_further_files_and_folders_by_setting(tmp_path):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "one.yml").write_text(SEMGREP)
    assert len(read_user_rules(tmp_path, ["checks"]).semgrep) == 1
    assert len(read_user_rules(tmp_path, ["checks/one.yml"]).semgrep) == 1
    (problem,) = read_user_rules(tmp_path, ["nowhere"]).problems
    assert problem == "lint.rules names nowhere, which does not exist"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rules:\n  - id: [", "line 3: not valid YAML"),
        ("- a\n", "line 1: a rule of Semgrep or ast-grep was expected"),
        ("rules: 1\n", 'line 1: "rules" must be a list'),
        ("rules:\n  - 1\n", "line 2: a rule is a table with an id"),
        ("rules:\n  - languages: [py]\n", "line 2: it has no id"),
        (SEMGREP.replace("no-print", "no print"), 'line 2: the id "no print" may have letters'),
        (SEMGREP.replace("[py]", "[cobol]"), "line 2: none of the languages cobol"),
        (SEMGREP.replace("WARNING", "BAD"), 'line 2: "severity" must be'),
        (SEMGREP + "    mode: join\n", 'line 2: the mode "join" is not supported'),
        (SEMGREP.replace("pattern: print(...)", "x: 1"), "line 2: it has no pattern"),
        ("---\n" + AST_GREP.replace("Python", "Cobol"), 'line 2: "language" must be'),
        (AST_GREP.replace("{pattern: eval($A)}", "eval"), 'line 1: "rule" must be a table'),
        (AST_GREP.replace("error", "bad"), 'line 1: "severity" must be'),
        (AST_GREP + "---\n" + AST_GREP, "line 8: there is a rule no-eval already"),
        ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
        ), "is too large for a file of rules"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_the_others_count(text, sentence, tmp_path):
    write(tmp_path, "bad.yml", text)
    write(tmp_path, "good.yml", SEMGREP.replace("no-print", "other"))
    rules = read_user_rules(tmp_path, [])
    (problem,) = rules.problems
    assert problem.startswith(f"{FOLDER}/bad.yml")
    assert sentence in problem
    assert "user.other" in [each["id"] for each in rules.semgrep]


def test_a_link_out_of_the_workspace_does_not_count(tmp_path):
    outside = tmp_path / "outside.yml"
    outside.write_text(SEMGREP)
    root = tmp_path / "root"
    write(root, "one.yml", SEMGREP)
    (root / FOLDER / "two.yml").symlink_to(outside)
    (root / "out").symlink_to(tmp_path)
    assert [each.name for each in user_rule_files(root, ["out/outside.yml"])] == ["one.yml"]
