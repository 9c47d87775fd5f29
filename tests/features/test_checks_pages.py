"""What the pages of the graph's rules show is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from features.checked import found

from nootropic_lsp.analysis.rulebook import rules

GRAPH = {code: rule for code, rule in rules().items() if rule.pack == "graph"}
ENDINGS = {"python": "py", "javascript": "ts"}
EXAMPLES = [
    (code, family, text, kind)
    for code, rule in GRAPH.items()
    for family, part in rule.languages.items()
    for kind in ("bad", "good")
    for text in getattr(part.examples, kind)
]


@pytest.mark.parametrize(("code", "family", "text", "kind"), EXAMPLES)
def test_example(code: str, family: str, text: str, kind: str, tmp_path: Path) -> None:
    name = f"a.{ENDINGS[family]}"
    said = found(tmp_path, {name: text}, code, name)
    assert bool(said) == (kind == "bad")


def test_every_rule_has_a_page() -> None:
    assert set(GRAPH) == {
        "deprecated-use",
        "import-cycle",
        "incompatible-override",
        "undefined-name",
        "unresolved-import",
        "unused-function",
        "unused-import",
        "wrong-arguments",
    }
