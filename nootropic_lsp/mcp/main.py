"""This file is where the server for agents is started."""

from __future__ import annotations

import importlib
import io
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nootropic_lsp.mcp.workspace import Workspace
from nootropic_lsp.safety.redaction import redact_log
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.load import load

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerArguments:
    """What `nootropic mcp` was told."""

    root: Path
    may_edit: bool = False
    trust: bool = False
    log_file: str | None = None
    log_level: str = "warning"


def serve(arguments: ServerArguments) -> int:
    """Serve until the client closes our input."""
    logging.basicConfig(
        filename=arguments.log_file,
        level=arguments.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    source, target = _standard_pipes()
    root = arguments.root
    settings, problems = load(root, trusted=arguments.trust or is_trusted(root))
    for problem in problems:
        log.warning("%s", problem)
    workspace = Workspace(root, settings, may_edit=arguments.may_edit)
    workspace.start()
    # What takes a second to be imported is imported while the index is looked after.
    server = importlib.import_module("nootropic_lsp.mcp.server")
    # The detectors take half a second to load, which nobody should wait for.
    threading.Thread(target=redact_log, args=("",), name="detectors", daemon=True).start()
    try:
        server.run(workspace, source, target)
    finally:
        workspace.close()
    return 0


def _standard_pipes() -> tuple[TextIO, TextIO]:
    """Standard input and output, taken away from everybody else.

    A `print` of a library, or a child that inherits them, would break the protocol.
    """
    source, target = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return (
        io.TextIOWrapper(os.fdopen(source, "rb"), encoding="utf-8", errors="replace"),
        io.TextIOWrapper(os.fdopen(target, "wb"), encoding="utf-8", newline="\n"),
    )
