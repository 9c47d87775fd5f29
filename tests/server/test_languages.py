"""The names that editors have for languages."""

from __future__ import annotations

import json

import pytest
from editors.shop import EDITORS

from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.server.documents import OpenDocuments
from nootropic_lsp.server.params import TextDocumentItem

PACKAGE = json.loads((EDITORS / "vscode" / "package.json").read_text(encoding="utf-8"))
NAMES = [event.removeprefix("onLanguage:") for event in PACKAGE["activationEvents"]]


@pytest.mark.parametrize("name", [*NAMES, "tsx", "jsx", "sh", "cs"])
def test_an_open_text_is_read_in_its_language(name: str) -> None:
    item = TextDocumentItem("file:///x", "", name, 1)
    assert OpenDocuments().open(item).language in LANGUAGES
