"""Which comments silence which findings, and which silence none."""

from __future__ import annotations

import pytest

from nootropic_lsp.analysis.ignored import UNUSED, Honoured, unsuppressed
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines, Span

PACKS = {"weak-hash": "security", "odd": "bugs", "user/mine": "user"}


def left(text: str, code: str = "odd", *, span: tuple[int, int] | None = None, **more) -> list[str]:
    """What is still found of one finding, from BAD to the last GOOD or over BAD alone."""
    start = text.index("BAD")
    where = (
        Span(*span) if span else Span(start, text.rfind("END") + 3 if "END" in text else start + 3)
    )
    options = {
        "honoured": Honoured(),
        "pack_of": lambda each: PACKS.get(each, ""),
        "is_comment": lambda _: True,
        "is_checked": lambda _: True,
        **more,
    }
    found = unsuppressed([Finding(where, code, "")], text, Lines.of(text), **options)
    return [each.code for each in found]


@pytest.mark.parametrize(
    "text",
    [
        "BAD  # nootropic: ignore",
        "BAD  # nootropic:ignore[odd]",
        "BAD  # nootropic: ignore[other, odd] -- because",
        "BAD  // nootropic: ignore[bugs]",
        "BAD  /* nootropic: ignore[odd] */",
        "<!-- nootropic: ignore[odd] -->\nBAD",
        "# nootropic: ignore[odd]\nBAD",
        "# nootropic: ignore[odd]\n# another comment\n\nBAD",
        "BAD(\n  1,\n  END)  # nootropic: ignore[odd]",
        "if (BAD and\n  b):  # nootropic: ignore[odd]\n    x\n    END",
        "x\ny\nBAD\n# nootropic: ignore-file",
        "BAD\n# nootropic: ignore-file[odd]",
    ],
)
def test_ignored(text):
    assert "odd" not in left(text)


@pytest.mark.parametrize(
    "text",
    [
        "BAD  # nootropic: ignore[other]",
        "BAD  # nootropic: ignored",
        "BAD  nootropic: ignore",
        "BAD\n# nootropic: ignore[odd]",
        "x  # nootropic: ignore[odd]\nBAD",
        "# nootropic: ignore[odd]\nx\nBAD",
        "if BAD:\n    x  # nootropic: ignore[odd]\n    END",
        "BAD  # nosemgrep",
        "BAD  # noqa",
        "BAD\n# nootropic: ignore-file[other]",
    ],
)
def test_not_ignored(text):
    assert "odd" in left(text)


def test_a_directive_in_a_string_is_none():
    assert left('BAD  "# nootropic: ignore"', is_comment=lambda _: False) == ["odd"]


@pytest.mark.parametrize(
    ("comment", "code", "is_left"),
    [
        ("nosemgrep", "weak-hash", False),
        ("nosemgrep", "user/mine", False),
        ("nosemgrep: rules.python.weak-hash", "weak-hash", False),
        ("nosemgrep: other", "weak-hash", True),
        ("nosec", "weak-hash", False),
        ("nosec B324", "odd", True),
        ("noqa: E501, S324", "weak-hash", False),
        ("noqa: S324", "odd", True),
        ("noqa", "weak-hash", True),
    ],
)
def test_nosemgrep_counts_for_security_and_a_bare_noqa_does_not(comment, code, is_left):
    honoured = Honoured(nosemgrep=True)
    assert left(f"BAD  # {comment}", code, honoured=honoured) == ([code] if is_left else [])


@pytest.mark.parametrize("comment", ["nosemgrep", "nosec", "noqa", "noqa: S324"])
def test_what_other_tools_are_told_does_not_count_unasked(comment):
    assert left(f"BAD  # {comment}", "weak-hash") == ["weak-hash"]


@pytest.mark.parametrize(
    ("comment", "code", "is_left"),
    [
        ("noqa", "odd", False),
        ("noqa: S324", "weak-hash", False),
        ("noqa: E501, S324", "weak-hash", False),
        ("noqa: E501", "weak-hash", True),
        ("noqa: odd", "odd", False),
        ("nosemgrep", "weak-hash", True),
    ],
)
def test_noqa_counts_when_it_is_told_to(comment, code, is_left):
    honoured = Honoured(noqa=True)
    assert left(f"BAD  # {comment}", code, honoured=honoured) == ([code] if is_left else [])


def unused(text: str, **more) -> list[Finding]:
    options = {
        "honoured": Honoured(),
        "pack_of": lambda each: PACKS.get(each, ""),
        "is_comment": lambda _: True,
        "is_checked": lambda _: True,
        **more,
    }
    return unsuppressed([], text, Lines.of(text), **options)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("x = 1  # nootropic: ignore[odd]\ny\n", "x = 1\ny\n"),
        ("  # nootropic: ignore\ny\n", "y\n"),
        ("x  # why  # nootropic: ignore[odd]\n", "x  # why\n"),
        ("x  /* nootropic: ignore */\n", "x\n"),
    ],
)
def test_one_without_effect_is_reported_and_removed(text, after):
    (finding,) = unused(text)
    assert (finding.code, finding.severity, finding.tags) == (UNUSED, "hint", ("unnecessary",))
    (edit,) = finding.fix.edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == after


def test_only_what_was_looked_for_can_be_without_effect():
    assert unused("x  # nootropic: ignore[odd]", is_checked=lambda _: False) == []
    (finding,) = unused("x  # nootropic: ignore[odd, late]", is_checked=lambda name: name == "odd")
    assert "[odd]" in finding.message
    assert finding.fix is None


def test_other_tools_directives_are_their_own_business():
    assert unused("x  # nosemgrep\ny  # noqa\n", honoured=Honoured(noqa=True)) == []
