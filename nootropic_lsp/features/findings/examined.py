"""What can be found in one file by its own text and by the symbol graph."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from nootropic_lsp.analysis.origin import place_of
from nootropic_lsp.analysis.selection import Selection, chosen_rules
from nootropic_lsp.analysis.semgrep import ANALYZERS
from nootropic_lsp.analysis.shelf import SYNTAX
from nootropic_lsp.analysis.simplify import consulted, narrowed
from nootropic_lsp.analysis.simplify.needs import Needs, Simple
from nootropic_lsp.analysis.structure.engine import Kept, structural
from nootropic_lsp.analysis.testing import has_tests, is_test
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.checks import checks
from nootropic_lsp.features.findings.imported_texts import ImportedTexts
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.features.syntax import syntax_findings
from nootropic_lsp.index.discover import language_of

log = logging.getLogger(__name__)

# Templates and the tricks of style sheets make the parser see errors where there are none.
_DOUBTFUL = frozenset({"html", "css"})
_KEPT = "structure"
# The engines: what a text says by itself, what the graph says, Semgrep, and users' ast-grep rules.
OWN, GRAPH, SEMGREP, AST_GREP = "own", "graph", "semgrep", "ast-grep"


class Prepared(NamedTuple):
    """A text made ready for following values in it.

    `place` is its path inside the workspace, `others` are the files that were looked into,
    `consulted` is a digest of what may have been taken from them.
    """

    language: str
    text: str
    simple: Simple
    place: str
    others: list[str]
    consulted: str


@dataclass(slots=True)
class Examined:
    """What was found in a file by engine, and the text made ready for Semgrep.

    `fault` says why there may be more, "" if there is not.
    """

    found: dict[str, list[Finding]] = field(default_factory=dict)
    prepared: Prepared | None = None
    fault: str = ""


def examine(
    snapshot: Snapshot, path: str, engines: Collection[str], selection: Selection, needs: Needs
) -> Examined:
    """Have some engines look at a file. A fault of ours concerns that file alone, and is named."""
    made = Examined()
    try:
        if OWN in engines:
            made.found[OWN] = own_findings(snapshot, path, selection)
        if GRAPH in engines:
            made.found[GRAPH] = graph_findings(snapshot, path, selection, is_quick=False)
        if SEMGREP in engines:
            made.prepared = prepared(snapshot, path, needs)
    except Exception as error:
        log.debug("%s cannot be examined", path, exc_info=error)
        made.fault = f"could not be looked at ({type(error).__name__}: {error})"
    return made


def own_findings(snapshot: Snapshot, path: str, selection: Selection) -> list[Finding]:
    """What the text of a file says by itself: syntax errors, and rules about its structure."""
    document = snapshot.document(path)
    language = language_of(path) if document is None else document.language
    found: list[Finding] = []
    if language not in _DOUBTFUL and selection.takes(SYNTAX):
        found += syntax_findings(snapshot, path)
    text = parsed(snapshot, path)
    tree = None if text is None else text.tree()
    if text is not None and tree is not None:
        kept = text.kept.setdefault(_KEPT, Kept()) if document is not None else None
        found += structural(
            tree[0].root_node,
            tree[1],
            text.document.language,
            selected=chosen_rules(selection),
            kept=kept,
            path=in_workspace(snapshot, path),
        )
    return found


def in_workspace(snapshot: Snapshot, path: str) -> str:
    """A path without the folder of the workspace, whose own name says nothing about a file."""
    return place_of(path, snapshot.folders)


def graph_findings(
    snapshot: Snapshot, path: str, selection: Selection, *, is_quick: bool
) -> list[Finding]:
    """What the symbol graph says of a file, other files included."""
    found = checks(snapshot, path, is_quick=is_quick)
    return [each for each in found if selection.takes(each.code)]


def prepared(snapshot: Snapshot, path: str, needs: Needs) -> Prepared | None:
    """A file made ready for Semgrep; None if it cannot be read."""
    document = snapshot.document(path)
    try:
        text = snapshot.text(path)
    except OSError:
        return None
    language = document.language if document is not None else language_of(path)
    if language is None:
        return None
    helper = ImportedTexts(snapshot)
    place = in_workspace(snapshot, path)
    in_test = is_test(place) and has_tests(text)
    needed = needs.of(ANALYZERS.get(language, ""), in_test=in_test)
    simple = narrowed(text, language, path=path, helper=helper, needed=needed)
    others = sorted(helper.used - {path})
    digest = consulted_of(snapshot, text, language, others)
    return Prepared(language, text, simple, place, others, digest)


def consulted_of(snapshot: Snapshot, text: str, language: str, others: Sequence[str]) -> str:
    """A digest of what simplifying a text may take from other files, as they are now."""
    texts = {}
    for each in others:
        with suppress(OSError):
            texts[each] = snapshot.text(each)
    return consulted(text, language, texts) if texts else ""
