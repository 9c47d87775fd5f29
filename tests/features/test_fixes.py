"""Fixes are offered only if they do what they say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from features.workspace import Workspace

from nootropic_lsp.core.findings import Finding, Fix
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.findings.carried import carried, joined
from nootropic_lsp.features.findings.fixes import (
    Find,
    edits_of,
    fixed_together,
    patch_of,
    proven,
    verified,
)
from nootropic_lsp.features.findings.ignoring import ignoring
from nootropic_lsp.features.findings.rounds import MOST_ROUNDS, fixed_in_rounds
from nootropic_lsp.features.rename import applied
from nootropic_lsp.features.snapshot import Snapshot

# What is found is every call of a function whose name begins with `old`.
OLD = re.compile(r"\bold\w*")


def find(snapshot: Snapshot, path: str) -> list[Finding]:
    """One finding a line, none on lines with an ignore."""
    text = snapshot.text(path)
    found: dict[int, Finding] = {}
    for match in OLD.finditer(text):
        line = text.count("\n", 0, match.start())
        if not re.search(rf"ignore\[.*\b{match[0]}\b.*\]", text.split("\n")[line]):
            fix = Fix("Write new", (Edit(Span(*match.span()), "new"),))
            found.setdefault(line, Finding(Span(*match.span()), match[0], "it is old", fix=fix))
    return list(found.values())


class Case:
    def __init__(self, root: Path, text: str, name: str = "a.py") -> None:
        workspace = Workspace(root, {name: ""})
        workspace.open(name, text, version=4)
        self.path = workspace.path(name)
        self.text = text
        self.snapshot = workspace.snapshot()
        self.known = find(self.snapshot, self.path)

    def is_offered(self, *edits: Edit, number: int = 0) -> bool:
        known = list(self.known)
        known[number] = Finding(
            known[number].span, known[number].code, "it is old", fix=Fix("Do it", edits)
        )
        return verified(self.snapshot, self.path, known[number], known, find)

    def edit(self, old: str, new: str) -> Edit:
        at = self.text.index(old)
        return Edit(Span(at, at + len(old)), new)

    def after(self, edits: Sequence[Edit]) -> str:
        return applied(self.text, edits)


def test_a_fix_that_puts_it_right(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\nold(2)\n")
    assert case.is_offered(case.edit("old", "new"))
    # Lines that are added above move all others.
    assert case.is_offered(case.edit("old", "new"), Edit(Span(0, 0), "import new\n\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(1)", "(1"),  # cannot be read any more
        ("(1)", "(3)"),  # the finding is still there
        ("old(1)", "new(1)\nolder(1)"),  # another one is there in its place
        ("old(1)", "new(1); older(1)"),
        ("old(1)", "old(3)"),
        ("keep", "older"),  # something else is wrong now
    ],
)
def test_fixes_that_are_not_offered(tmp_path: Path, old: str, new: str) -> None:
    case = Case(tmp_path, "old(1)\nkeep(2)\n")
    edits = [case.edit(old, new)]
    if old == "keep":
        edits.append(case.edit("old", "new"))
    assert not case.is_offered(*edits)


def test_a_fix_in_a_text_with_errors_adds_none(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\nx = (\n")
    assert case.is_offered(case.edit("old", "new"))
    assert not case.is_offered(case.edit("old", "new)"))


def test_what_was_hidden_behind_it_in_its_line_is_not_new(tmp_path: Path) -> None:
    case = Case(tmp_path, "f(old(1), old(2))\n")
    assert len(case.known) == 1
    assert case.is_offered(case.edit("old", "new"))


def test_fixes_without_worth_are_taken_away(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\nold(2)\nold(3)\n")
    bad = Finding(case.known[1].span, "old", "it is old", fix=Fix("No", (case.edit("(2)", "("),)))
    mixed = [case.known[0], bad, case.known[2]]
    kept = proven(case.snapshot, case.path, mixed, mixed, find)
    assert [each.fix is not None for each in kept] == [True, False, True]


def test_many_fixes_at_once(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\n" * 2_000)
    fixed = fixed_together(case.snapshot, case.path, case.known, case.known, find)
    assert case.after(fixed.edits) == "new(1)\n" * 2_000
    patch = patch_of(case.snapshot, case.path, fixed.edits, "Fix all")
    assert patch.versions == {case.path: 4}


def test_a_bad_one_among_many_does_not_spoil_the_others(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\n" * 20)
    bad = Finding(
        case.known[7].span, "old", "it is old", fix=Fix("No", (Edit(case.known[7].span, "("),))
    )
    wanted = [*case.known[:7], bad, *case.known[8:]]
    fixed = fixed_together(case.snapshot, case.path, wanted, wanted, find)
    assert len(fixed.findings) == 19
    assert case.after(fixed.edits) == "new(1)\n" * 7 + "old(1)\n" + "new(1)\n" * 12


def test_of_fixes_that_overlap_the_first_counts(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\nold(2)\n")
    whole = Fix("Join", (Edit(Span(0, 13), "new(1, 2)"),))
    first = Finding(case.known[0].span, "old", "it is old", fix=whole)
    wanted = [first, case.known[1]]
    fixed = fixed_together(case.snapshot, case.path, wanted, wanted, find)
    assert case.after(fixed.edits) == "new(1, 2)\n"
    assert fixed.findings == (first,)


def fixed_in_the_end(case: Case, find: Find) -> str:
    known = find(case.snapshot, case.path)
    fixed = fixed_in_rounds(case.snapshot, case.path, known, find, lambda _, known: known)
    return applied(case.text, fixed.edits)


def test_what_was_hidden_behind_a_finding_is_fixed_as_well(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(old) + old\nb = 1\nold(1, old, 2)\nold_f\n")
    assert fixed_in_the_end(case, find) == "new(new) + new\nb = 1\nnew(1, new, 2)\nnew\n"


def test_fixes_that_overlap_are_made_one_after_the_other(tmp_path: Path) -> None:
    case = Case(tmp_path, "a = f(1, f(2, f(3)))\nb = f(f(f(4)))\n")

    def calls(snapshot: Snapshot, path: str) -> list[Finding]:
        """Every call, with the fix to be without it."""
        text = snapshot.text(path)
        found = []
        for match in re.finditer(r"\bf\(", text):
            end, depth = match.end(), 1
            while depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            edit = Edit(Span(match.start(), end), text[match.end() : end - 1])
            fix = Fix("Do not call", (edit,))
            found.append(Finding(Span(*match.span()), "call", "no calls", fix=fix))
        return found

    assert fixed_in_the_end(case, calls) == "a = 1, 2, 3\nb = 4\n"


def test_what_has_no_end_ends(tmp_path: Path) -> None:
    rest = "old + " * 3
    case = Case(tmp_path, "old + " * MOST_ROUNDS + rest + "1\n")
    assert fixed_in_the_end(case, find) == "new + " * MOST_ROUNDS + rest + "1\n"


def test_what_several_fixes_need_is_written_once(tmp_path: Path) -> None:
    case = Case(tmp_path, "old(1)\nold(2)\n")
    above = Edit(Span(0, 0), "import new\n")
    wanted = [
        Finding(each.span, "old", "it is old", fix=Fix("Do it", (above, *edits_of([each]))))
        for each in case.known
    ]
    fixed = fixed_together(case.snapshot, case.path, wanted, wanted, find)
    assert case.after(fixed.edits) == "import new\nnew(1)\nnew(2)\n"


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.py", "old(1)\n", "old(1)  # nootropic: ignore[old]\n"),
        ("a.py", "old(1)", "old(1)  # nootropic: ignore[old]"),
        ("a.py", "old(1)  # why\n", "old(1)  # why  # nootropic: ignore[old]\n"),
        (
            "a.py",
            "older(1)  # nootropic: ignore[x]\n",
            "older(1)  # nootropic: ignore[x, older]\n",
        ),
        ("a.py", "f(old(1), '''\n''')\n", None),
        ("a.ts", "old(1);\r\n", "old(1); // nootropic: ignore[old]\r\n"),
        (
            "a.go",
            "package a\nvar x = old(1)\n",
            "package a\nvar x = old(1) // nootropic: ignore[old]\n",
        ),
        ("a.css", "old { top: 0 }\n", "old { top: 0 } /* nootropic: ignore[old] */\n"),
    ],
)
def test_comments_that_ignore(tmp_path: Path, name: str, text: str, wanted: str | None) -> None:
    case = Case(tmp_path, text, name)
    edits = ignoring(case.snapshot, case.path, case.known[0], case.known, find)
    assert (case.after(edits) if edits else None) == wanted


def test_a_finding_of_several_lines_has_its_comment_where_one_can_stand(tmp_path: Path) -> None:
    text = "x = 1\nx = f('''\n  old\n''')\n"
    case = Case(tmp_path, text)
    whole = Finding(Span(text.index("f("), len(text) - 1), "deep", "it is deep")
    edits = ignoring(case.snapshot, case.path, whole, [whole], lambda _snapshot, _path: [])
    assert case.after(edits) == text[:-1] + "  # nootropic: ignore[deep]\n"


def test_a_comment_above_where_the_line_goes_on(tmp_path: Path) -> None:
    text = "if x:\n    y = 1 + \\\n        2\n"
    case = Case(tmp_path, text)
    first = Finding(Span(text.index("1"), text.index("1") + 1), "deep", "it is deep")
    edits = ignoring(case.snapshot, case.path, first, [first], lambda _snapshot, _path: [])
    assert case.after(edits) == text.replace("    y", "    # nootropic: ignore[deep]\n    y", 1)


def after(text: str, edited: str) -> list[str]:
    """The lines of the findings that are left, which stand on all lines with an `x`."""
    spans = [Span(*match.span()) for match in re.finditer(r"x[^\r\n]*", text)]
    kept = carried([Finding(each, "x", "x") for each in spans], "a", text, edited)
    return [edited[each.span.start : each.span.end] for each in kept]


@pytest.mark.parametrize(
    ("text", "edited", "wanted"),
    [
        ("x1\nx2\nx3", "x1\nx2\nx3", ["x1", "x2", "x3"]),
        ("x1\nx2\nx3", "x1\nx2!\nx3", ["x1", "x3"]),
        ("x1\nx2\nx3", "x1\nx2\n\nx3", ["x1", "x2", "x3"]),
        ("x1\nx2\nx3", "\nx1\nx2\nx3", ["x1", "x2", "x3"]),
        ("x1\nx2\nx3", "x1\nx3", ["x1", "x3"]),
        ("x1\nx2\nx3", "x1x2\nx3", ["x3"]),
        ("x1\nx2\nx3", "x1\nx2\nx3\n", ["x1", "x2", "x3"]),
        ("x1\r\nx2\r\nx3", "x1\r\n\r\nx2\r\nx3", ["x1", "x2", "x3"]),
        ("x1\r\nx2\r\nx3", "x1\r\nx 2\r\nx3", ["x1", "x3"]),
        ("x1\nx2", "", []),
    ],
)
def test_findings_are_carried_along(text: str, edited: str, wanted: list[str]) -> None:
    assert after(text, edited) == wanted


def test_what_is_known_twice_is_shown_once() -> None:
    one, other = Finding(Span(3, 4), "a", "live"), Finding(Span(3, 4), "a", "deep")
    first = Finding(Span(0, 1), "b", "deep")
    assert joined([one], [other, first]) == [first, one]
