"""Values that cross objects, handlers, decorators and files: found, and not taken for each other."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from nootropic_lsp.analysis import semgrep
from nootropic_lsp.analysis.rulebook import rules
from nootropic_lsp.analysis.simplify import narrowed
from nootropic_lsp.analysis.simplify.needs import Needs
from nootropic_lsp.analysis.taint import semgrep_rules

CORE = os.environ.get("NOOTROPIC_TEST_SEMGREP_CORE") or semgrep.find_core()
ROOT = Path(__file__).parents[2] / "fixtures" / "flows"


class Siblings:
    """The files of one folder, as those that import them name them."""

    def __init__(self, folder: Path) -> None:
        self.texts = {each: each.read_text("utf-8") for each in sorted(folder.iterdir())}

    def __call__(self, importer: str, module: str) -> tuple[str, str] | None:
        for path, text in self.texts.items():
            if str(path) == importer:
                continue
            if path.suffix in {".go", ".java"}:
                owner, _, method = module.rpartition(".")
                holds = self._has(text, owner.lstrip("!"))
                is_there = re.search(rf"\b{method}\([^)]*\)[^;\n]*[\n{{;]", text) is not None
                if is_there and holds != owner.startswith("!"):
                    return str(path), text
            elif path.stem == module.lstrip("./"):
                return str(path), text
        return None

    def _has(self, text: str, owner: str) -> bool:
        return re.search(rf"\b(?:type|class|interface) {owner}\b", text) is not None


# In CI it is installed, and its absence is a failure.
@pytest.mark.skipif(CORE is None and "CI" not in os.environ, reason="Semgrep is not installed")
@pytest.mark.parametrize("language", ["python", "javascript", "go", "java"])
def test_flows(language: str) -> None:
    made = semgrep_rules(rules().values())
    needed = Needs(made).of(semgrep.ANALYZERS[language], in_test=False)
    texts, wanted = [], {}
    for folder in sorted((ROOT / language).glob("*/*")):
        siblings = Siblings(folder)
        wanted[folder] = folder.parent.name == "bad"
        for path, text in siblings.texts.items():
            simple = narrowed(text, language, path=str(path), helper=siblings, needed=needed)
            texts.append(semgrep.Text(str(path), language, text, simple))
    result = semgrep.scan(texts, made, deadline_s=300, core=CORE)
    assert result.is_complete, result.problems
    wrong = [
        str(folder.relative_to(ROOT))
        for folder, is_bad in wanted.items()
        if is_bad
        != any(
            each.code == folder.suffix[1:]
            for path in folder.iterdir()
            for each in result.by_path.get(str(path), ())
        )
    ]
    assert not wrong
