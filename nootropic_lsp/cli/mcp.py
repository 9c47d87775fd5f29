"""`nootropic mcp`: answer agents over the Model Context Protocol."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.workspace import folder, root_for
from nootropic_lsp.core.errors import NootropicError


def mcp(
    *,
    path: str | None = None,
    allow_edits: bool = False,
    log: str | None = None,
    log_level: str | None = None,
    trust: bool = False,
) -> Answer:
    """Serve one workspace over standard input and output until the client goes."""
    if find_spec("mcp") is None:
        raise NootropicError(
            "`nootropic mcp` needs the package mcp: pip install 'nootropic-lsp[mcp]'"
        )
    root = root_for(None) if path is None else folder(path)
    # The other door: it is named here, not imported, and loaded for this verb only.
    server = importlib.import_module("nootropic_lsp.mcp.main")
    arguments = server.ServerArguments(
        root=root,
        may_edit=allow_edits,
        trust=trust,
        log_file=log,
        log_level=log_level or "warning",
    )
    return Answer("", {}, code=server.serve(arguments))
