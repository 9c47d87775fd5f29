"""`nootropic rule`: what a rule finds, why it matters and how to put it right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby

from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.features.findings.rule_pages import (
    BY_HAND,
    SAFE,
    InLanguage,
    RulePage,
    rule_page,
    rule_pages,
    similar_codes,
)

_WIDTH = 88
_NAMES = {
    "python": "Python",
    "javascript": "JavaScript and TypeScript",
    "go": "Go",
    "java": "Java",
}


def rule(code: str | None = None) -> Answer:
    """The page of one rule, or the list of all."""
    if code is None:
        pages = rule_pages()
        return Answer("\n".join(_listed(pages)), {"rules": [_row(page) for page in pages]})
    page = rule_page(code)
    if page is None:
        similar = similar_codes(code)
        meant = f"; did you mean {' or '.join(similar)}?" if similar else ""
        return Answer(
            "", {"rule": None, "similar": similar}, NOTHING_FOUND, f"there is no rule {code}{meant}"
        )
    return Answer("\n".join(_lines(page)), {"rule": asdict(page)}, FOUND)


def _row(page: RulePage) -> dict[str, object]:
    return {
        "code": page.code,
        "pack": page.pack,
        "title": page.title,
        "severity": page.severity,
        "confidence": page.confidence,
        "languages": [each.language for each in page.languages],
    }


def _listed(pages: list[RulePage]) -> Iterator[str]:
    widest = max(len(page.code) for page in pages)
    for pack, of_pack in groupby(pages, key=lambda page: page.pack):
        yield f"{pack}"
        for page in of_pack:
            yield f"  {page.code:{widest}}  {page.title}"


def _lines(page: RulePage) -> Iterator[str]:
    yield f"{page.code}: {page.title}"
    yield ", ".join(filter(None, (page.pack, page.severity, *_standards(page))))
    if page.confidence == "low":
        yield "Often wrong, so it is shown only when it is selected by name or with --all."
    yield ""
    yield from _paragraph(page.why)
    yield ""
    yield "How to put it right"
    yield from _paragraph(page.how)
    for each in page.languages:
        yield from _in_language(each)
    if page.references:
        yield ""
        yield "More"
        yield from (f"  {address}" for address in page.references)


def _standards(page: RulePage) -> Iterator[str]:
    yield from (f"CWE-{number}" for number in page.cwe)
    if page.owasp:
        yield f"OWASP {page.owasp}"


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False
    )


def _in_language(part: InLanguage) -> Iterator[str]:
    yield ""
    yield _NAMES.get(part.language, part.language)
    if part.fix == BY_HAND:
        yield "  To be put right by hand."
    else:
        kind = "safe" if part.fix == SAFE else "to be looked at"
        yield f"  Quick fix ({kind}): {', '.join(part.fix_titles)}"
    for title, texts in (("found", part.bad), ("not found", part.good)):
        if texts:
            yield f"  {title}:"
            yield textwrap.indent(texts[0].rstrip(), "    ")
