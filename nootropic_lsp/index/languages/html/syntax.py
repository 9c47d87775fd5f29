"""How HTML is read: headings and what has an id."""

from __future__ import annotations

from nootropic_lsp.index.languages.queries.syntax import Syntax

SYNTAX = Syntax(queries=("html/html.scm",), comments=())
