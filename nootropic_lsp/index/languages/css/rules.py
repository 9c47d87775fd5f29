"""Names of CSS are an outline: nothing refers to them."""

from __future__ import annotations

from nootropic_lsp.index.languages.queries.rules import outline_only

RULES = outline_only("css")
