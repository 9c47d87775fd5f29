"""This file is where the server is started, on the line that was asked for."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import sys
from dataclasses import dataclass

from nootropic_lsp.server.house import House, real_house
from nootropic_lsp.server.transport import standard_pipes

SWITCH_INTERVAL_S = 0.001


@dataclass(frozen=True)
class ServerArguments:
    """What `nootropic lsp` was told. Without an address it talks on standard input and output."""

    tcp: tuple[str, int] | None = None
    ws: tuple[str, int] | None = None
    allow_remote: bool = False
    token_file: str | None = None
    log_file: str | None = None
    log_level: str = "info"
    trust: bool = False


def serve(arguments: ServerArguments, house: House | None = None) -> int:
    """Serve until the client says goodbye; the exit code that the protocol wants."""
    _log_to(arguments)
    # A thread that computes hands over after 1 ms, not 5: a hover waits in front of it.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # What is made while we start is no garbage. The session lets the collector run again.
    gc.disable()
    name = "sockets" if arguments.tcp or arguments.ws else "connection"
    door = importlib.import_module(f"nootropic_lsp.server.{name}")
    house = house or real_house()
    try:
        if name == "connection":
            talk = door.serve_line(standard_pipes(), house, trust=arguments.trust)
            code: int = asyncio.run(talk).code
        else:
            code = door.serve_sockets(
                house,
                tcp=arguments.tcp,
                ws=arguments.ws,
                allow_remote=arguments.allow_remote,
                token_file=arguments.token_file,
                trust=arguments.trust,
            )
    finally:
        # Nor need it look through everything once more before the process ends: 0.15 s.
        gc.freeze()
    return code


def _log_to(arguments: ServerArguments) -> None:
    logging.basicConfig(
        filename=arguments.log_file,
        level=arguments.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
