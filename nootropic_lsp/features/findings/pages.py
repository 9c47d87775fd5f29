"""What a person can read about a finding besides its message."""

from __future__ import annotations

from dataclasses import dataclass

from nootropic_lsp.analysis import rulebook


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule is about, and where more is written about it, "" for nowhere."""

    link: str = ""
    cwe: tuple[int, ...] = ()
    owasp: str = ""
    title: str = ""
    pack: str = ""
    severity: str = ""
    confidence: str = ""
    why: str = ""
    how: str = ""


def page(code: str) -> Page:
    """The page of a rule; an empty one for a rule that is not ours."""
    rule = rulebook.rule(code)
    if rule is None:
        return Page()
    return Page(
        next(iter(rule.references), ""),
        rule.cwe,
        rule.owasp,
        rule.title,
        rule.pack,
        rule.severity,
        rule.confidence,
        rule.why,
        rule.how,
    )
