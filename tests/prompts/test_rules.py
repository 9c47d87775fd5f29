"""Rules for answers: block, flag or log."""

from __future__ import annotations

from nootropic_lsp.prompts.rules import Rule, has_not, judge

RULES = [
    has_not("keys", r"AKIA\w+", "there is a key in it"),
    Rule("short", "it is long", lambda text: len(text) < 30, "flag"),
    has_not("doubt", r"\bperhaps\b", "it is not sure", action="log"),
]


def test_what_follows() -> None:
    assert judge("all is well", RULES).broken == ()
    verdict = judge("perhaps all is well, perhaps it is not", RULES)
    assert [each.name for each in verdict.broken] == ["short", "doubt"]
    assert not verdict.is_blocked
    assert verdict.notes == ("it is long",)
    assert judge("AKIAABCDEF", RULES).is_blocked
