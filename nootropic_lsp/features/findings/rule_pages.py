"""The pages of our rules: what each finds, why it matters and how to put it right."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from nootropic_lsp.analysis import rulebook
from nootropic_lsp.analysis.rulebook import Rule, RuleIn

# How findings of a rule are put right, from the best to none at all.
SAFE, UNSAFE, BY_HAND = "safe", "unsafe", "by hand"


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A rule in one family of languages. `engine` is structure, taint, search or graph."""

    language: str
    engine: str
    message: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    fix: str
    fix_titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    """All that is written about a rule."""

    code: str
    pack: str
    title: str
    severity: str
    confidence: str
    cwe: tuple[int, ...]
    owasp: str
    why: str
    how: str
    references: tuple[str, ...]
    languages: tuple[InLanguage, ...]


def rule_pages() -> list[RulePage]:
    """The pages of all rules, pack by pack."""
    return [_page(rule) for rule in rulebook.rules().values()]


def rule_page(code: str) -> RulePage | None:
    """The page of one rule."""
    rule = rulebook.rule(code)
    return None if rule is None else _page(rule)


def similar_codes(code: str) -> list[str]:
    """The codes that somebody may have meant."""
    return difflib.get_close_matches(code, list(rulebook.rules()))


def _page(rule: Rule) -> RulePage:
    return RulePage(
        rule.code,
        rule.pack,
        rule.title,
        rule.severity,
        rule.confidence,
        rule.cwe,
        rule.owasp,
        rule.why,
        rule.how,
        rule.references,
        tuple(_in_language(name, part) for name, part in rule.languages.items()),
    )


def _in_language(name: str, part: RuleIn) -> InLanguage:
    fixes = [part.fix, *(call.fix for call in part.calls), *(query.fix for query in part.queries)]
    offered = [fix for fix in fixes if fix is not None]
    fix = BY_HAND
    if offered:
        fix = SAFE if all(each.safe for each in offered) else UNSAFE
    return InLanguage(
        name,
        _engine(part),
        part.message,
        part.examples.bad,
        part.examples.good,
        fix,
        tuple(dict.fromkeys(each.title for each in offered)),
    )


def _engine(part: RuleIn) -> str:
    if part.is_structural:
        return "structure"
    if part.taint is not None:
        return "taint"
    return "graph" if part.search is None else "search"
