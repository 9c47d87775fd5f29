"""This file is where a session is put on a line to its client."""

from __future__ import annotations

import asyncio
import contextlib
import signal

from nootropic_lsp.server import parent
from nootropic_lsp.server.house import House
from nootropic_lsp.server.session import Ending, Session
from nootropic_lsp.server.transport import Line, in_loop, listen_on_thread


async def serve_line(line: Line, house: House, *, trust: bool, is_child: bool = True) -> Ending:
    """Serve one client to its end.

    `is_child`: its client started us, so we end when it does.
    """
    loop = asyncio.get_running_loop()
    session = Session(house, loop, line.write, trust=trust)
    lost = in_loop(loop, session.lost)
    if is_child:
        session.on_parent = lambda pid: parent.watch(pid, lost)
    with contextlib.suppress(NotImplementedError):  # Windows ends a process without asking it.
        loop.add_signal_handler(signal.SIGTERM, session.stop)
    listen_on_thread(line, in_loop(loop, session.receive), lost)
    try:
        return await session.ended
    finally:
        session.close()
        session.wait_until_closed()
        line.close()
