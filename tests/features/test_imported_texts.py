"""Which file of the workspace holds what another one uses."""

from __future__ import annotations

from pathlib import Path

from features.workspace import Workspace

from nootropic_lsp.features.findings.imported_texts import ImportedTexts

FILES = {
    "app/Search.java": "package app;\npublic interface Search { String byName(String name); }\n",
    "app/SqlSearch.java": "package app;\nclass SqlSearch implements Search {\n"
    "    public String byName(String name) { return name; }\n}\n",
    "app/Web.java": "package app;\nclass Web { Search search; }\n",
    "store/repo.go": "package store\n\ntype Repo struct{}\n\nfunc (r *Repo) Find(n string) {}\n",
    "store/web.go": "package store\n\ntype Web struct{ repo *Repo }\n",
}


def test_methods_in_other_files(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, FILES)
    texts = ImportedTexts(workspace.snapshot())

    def found(importer: str, method: str) -> str:
        answer = texts(str(workspace.root / importer), method)
        return "" if answer is None else Path(answer[0]).name

    assert found("app/Web.java", "Search.byName") == "Search.java"
    assert found("app/Web.java", "!Search.byName") == "SqlSearch.java"
    assert found("app/Web.java", "Search.byAge") == ""
    assert found("store/web.go", "Repo.Find") == "repo.go"
    assert len(texts.used) == 3
