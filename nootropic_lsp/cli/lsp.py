"""`nootropic lsp`: run the language server."""

from __future__ import annotations

import importlib
import re

from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.core.errors import NootropicError

_ADDRESS = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})", re.ASCII)


def lsp(
    *,
    stdio: bool = False,
    tcp: str | None = None,
    ws: str | None = None,
    allow_remote: bool = False,
    token_file: str | None = None,
    log: str | None = None,
    log_level: str | None = None,
    trust: bool = False,
) -> Answer:
    """Serve until the client says goodbye."""
    if sum((stdio, tcp is not None, ws is not None)) > 1:
        raise NootropicError(
            "choose one of --stdio, --tcp and --ws; a server has one line to talk on"
        )
    # The other door: it is named here, not imported, and loaded for this verb only.
    server = importlib.import_module("nootropic_lsp.server.main")
    arguments = server.ServerArguments(
        tcp=address(tcp) if tcp is not None else None,
        ws=address(ws) if ws is not None else None,
        allow_remote=allow_remote,
        token_file=token_file,
        log_file=log,
        log_level=log_level or "info",
        trust=trust,
    )
    return Answer("", {}, code=server.serve(arguments))


def address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPv6]:PORT`; port 0 takes any free one."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise NootropicError(f"`{text}` is not HOST:PORT, such as 127.0.0.1:7777")
    return match["six"] or match["host"], int(match["port"])
