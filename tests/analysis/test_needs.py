"""What rules need, and what of a text they have to see."""

from __future__ import annotations

import pytest

from nootropic_lsp.analysis.simplify import consulted, narrowed
from nootropic_lsp.analysis.simplify.needs import NOTHING, Clue, Needs, Simple, needs_of

SQL = {
    "id": "sql",
    "mode": "taint",
    "languages": ["python", "javascript"],
    "pattern-sources": [{"pattern": "request.args.get(...)"}],
    "pattern-sinks": [
        {
            "patterns": [
                {"pattern": "$CURSOR.$RUN($Q)"},
                {"metavariable-regex": {"metavariable": "$RUN", "regex": "^(execute|raw)$"}},
            ]
        }
    ],
}
SHELL = {**SQL, "id": "shell", "pattern-sinks": [{"pattern": "os.system($X)"}]}
NEEDED = Needs([SQL, SHELL]).of("python", in_test=False)


def sink(*formulas: object) -> Clue | None:
    return needs_of([{**SQL, "pattern-sinks": list(formulas)}])[0].sink


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ({"pattern": "$X.run(..., $Q)"}, {"run"}),
        ({"pattern-either": [{"pattern": "eval($X)"}, {"pattern": "exec($X)"}]}, {"eval", "exec"}),
        ({"pattern": '$R.set("=~/^location$/", $U)'}, {"set"}),
        (
            {"patterns": [{"pattern": "$F($X)"},
                          {"metavariable-regex": {"metavariable": "$F", "regex": "^(io\\.)?open$"}}]},
            {"open"},
        ),
    ],
)  # fmt: skip
def test_the_words_of_a_formula(formula, words):
    assert sink(formula).words == words


@pytest.mark.parametrize(
    "formula",
    [
        {"pattern": "$X[$Y] = $Z"},
        {"pattern-either": [{"pattern": "eval($X)"}, {"pattern": "$F($X)"}]},
        {"patterns": [{"pattern": "$F($X)"},
                      {"metavariable-regex": {"metavariable": "$F", "regex": "^(?!safe)"}}]},
        {"patterns": [{"pattern": "$P = $V"},
                      {"metavariable-regex": {"metavariable": "$V", "regex": "^(True|1)$"}}]},
        {"pattern-regex": "a+"},
    ],
)  # fmt: skip
def test_what_may_be_anywhere_needs_nothing(formula):
    assert sink(formula) is None


def test_both_of_two_tests_have_to_be_passed():
    clue = sink({"patterns": [{"pattern": "$C.search($F)"},
                              {"metavariable-regex": {"metavariable": "$C", "regex": "(?i).*ldap$"}}]})  # fmt: skip
    assert clue is not None
    assert clue.passes(frozenset(["search", "myLDAP"]), "")
    assert not clue.passes(frozenset(["search", "re"]), "")


FILE = """\
from flask import request
import db, os
HOME = os.environ["HOME"]


def one():
    cursor.execute(request.args.get("a"))


def two():
    return "a" * 3


@app.get(
    "/",
)
def three():
    name = request.args.get("b")
    db.remove(name)
"""
DB = """\
class Store:
    def remove(self, name):
        self.cursor.raw("DELETE " + name)


store = Store()


def remove(name):
    store.remove(name)


def unrelated():
    return 1
"""


def helper(path: str, module: str) -> tuple[str, str] | None:
    return ("/w/db.py", DB) if module == "db" else None


def simple(text: str = FILE) -> Simple:
    return narrowed(text, "python", path="/w/a.py", helper=helper, needed=NEEDED)


def test_a_rule_sees_the_functions_that_have_its_sources_and_sinks():
    made = simple()
    seen = made.seen_by("sql")
    assert seen is not None
    assert "cursor.execute" in seen
    assert '"a" * 3' not in seen
    assert "    pass" in seen
    assert seen.count("\n") == FILE.count("\n")
    # The sink is two calls away, in another file.
    assert 'get("b")' in seen
    assert made.seen_by("shell") is None


def test_another_rule_sees_others():
    text = FILE.replace("cursor.execute", "os.system")
    seen = {rule: simple(text).seen_by(rule) or "" for rule in ("sql", "shell")}
    assert "os.system(" in seen["shell"]
    assert "os.system(" not in seen["sql"]


def test_without_a_flow_there_is_nothing_to_see():
    assert simple("def f():\n    cursor.execute('SELECT 1')\n") == NOTHING


def test_a_string_at_the_margin_does_not_end_a_function():
    text = 'def f():\n    a = """\nx\n"""\n    q = request.args.get("a")\n    c.execute(q)\n'
    assert simple(text).seen_by("sql")


def test_what_stands_outside_of_functions_counts():
    assert simple("x = request.args.get('a')\ncursor.execute(x)\n").seen_by("sql")


def test_the_method_of_an_object_of_the_module():
    text = (
        "from db import Store\nstore = Store()\n\n\n"
        "def f():\n    store.remove(request.args.get('a'))\n"
    )
    assert simple(text).seen_by("sql")


def test_tests_are_seen_by_rules_of_users_only():
    theirs = Needs([SHELL], [SQL]).of("python", in_test=True)
    made = narrowed(FILE, "python", path="/w/test_a.py", helper=helper, needed=theirs)
    assert made.seen_by("sql")
    assert made.seen_by("shell") is None


def test_javascript_with_what_it_imports():
    needed = Needs([SQL]).of("javascript", in_test=False)
    text = "import { run } from './db';\nrun(request.args.get('a'));\n"

    def imported(path: str, module: str) -> tuple[str, str] | None:
        return ("/w/db.js", "export const run = (q) => db.raw(q);\n") if module == "./db" else None

    seen = narrowed(text, "javascript", path="/w/a.js", helper=imported, needed=needed)
    assert seen.seen_by("sql")
    assert narrowed(text, "javascript", path="/w/a.js", needed=needed) == NOTHING


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ("return 1", "return 2", True),
        ("DELETE ", "REMOVE ", False),
        ("store = Store()", "store = Other()", False),
        ("def unrelated", "def remove", False),
    ],
)
def test_what_was_taken_from_another_file(old, new, is_same):
    changed = DB.replace(old, new)
    before = consulted(FILE, "python", {"/w/db.py": DB})
    assert (consulted(FILE, "python", {"/w/db.py": changed}) == before) is is_same
