"""How JSON is read: the keys of its objects."""

from __future__ import annotations

from nootropic_lsp.index.languages.queries.syntax import Syntax

SYNTAX = Syntax(queries=("json/json.scm",), comments=("//",))
