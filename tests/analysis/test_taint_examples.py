"""Every bad example of a taint rule has a finding of that rule, and no good one has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nootropic_lsp.analysis import semgrep
from nootropic_lsp.analysis.rulebook import rules
from nootropic_lsp.analysis.simplify import narrowed
from nootropic_lsp.analysis.simplify.needs import Needs
from nootropic_lsp.analysis.taint import semgrep_rules

CORE = os.environ.get("NOOTROPIC_TEST_SEMGREP_CORE") or semgrep.find_core()
FLOWS = Path(__file__).parents[2] / "fixtures" / "flows"
ENDINGS = {"python": ".py", "javascript": ".tsx", "go": ".go", "java": ".java"}


# In CI it is installed, and its absence is a failure.
@pytest.mark.skipif(CORE is None and "CI" not in os.environ, reason="Semgrep is not installed")
@pytest.mark.parametrize("family", ENDINGS)
def test_examples(family: str) -> None:
    language = "tsx" if family == "javascript" else family
    texts, wanted = [], {}
    made = semgrep_rules(rules().values())
    needed = Needs(made).of(semgrep.ANALYZERS[language], in_test=False)
    for code, rule in rules().items():
        part = rule.languages.get(family)
        if part is None or part.taint is None:
            continue
        assert part.examples.bad, f"{code} has no bad example for {family}"
        assert part.examples.good, f"{code} has no good example for {family}"
        # These a check finds by itself; what the taint part is for has a case among the flows.
        bad = () if part.is_structural else part.examples.bad
        assert bad or list((FLOWS / family / "bad").glob(f"*.{code}")), (code, family)
        for kind, examples in (("bad", bad), ("good", part.examples.good)):
            for i, text in enumerate(examples):
                path = f"/examples/{code}/{kind}{i}{ENDINGS[family]}"
                simple = narrowed(text, language, needed=needed)
                texts.append(semgrep.Text(path, language, text, simple))
                wanted[path] = code if kind == "bad" else None
    result = semgrep.scan(texts, made, deadline_s=300, core=CORE)
    assert result.is_complete, result.problems
    wrong = []
    for path, code in wanted.items():
        about = path.split("/")[2]
        has_it = any(each.code == about for each in result.by_path.get(path, []))
        if has_it != (code is not None):
            wrong.append(path)
    assert not wrong
