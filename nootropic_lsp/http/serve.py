"""Running the worker of a workspace: one at a time, until nobody has wanted it for a while."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from nootropic_lsp import __version__
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.http import assisting, failing, internal, managing, native, openai
from nootropic_lsp.http.entrance import Entrance
from nootropic_lsp.http.house import House
from nootropic_lsp.worker import notice
from nootropic_lsp.worker.notice import Notice
from nootropic_lsp.worker.starting import ALREADY_RUNNING

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 2.0


def serve(root: Path, *, port: int = 0, trust: bool = False, idle_s: float | None = None) -> int:
    """Be the worker of a workspace until nobody wants it any more; the exit code.

    `port` 0 takes any that is free. `idle_s` stands in for the setting `worker.idleMinutes`.
    """
    folder = notice.folder_of(root)
    lock = notice.lock_of(folder)
    if not lock.acquire():
        return ALREADY_RUNNING
    try:
        logging.basicConfig(
            filename=folder / notice.LOG,
            filemode="w",
            level=logging.INFO,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            force=True,
        )
        logging.captureWarnings(True)
        # Every request of other libraries is none of the log's business.
        for name in ("httpx", "httpcore", "chromadb"):
            logging.getLogger(name).setLevel(logging.WARNING)
        with _listening(port) as listener:
            asyncio.run(_run(root, folder, listener, trust=trust, idle_s=idle_s))
    finally:
        lock.release()
    return 0


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise NootropicError(f"port {port} cannot be listened on: {error.strerror}") from error
    return listener


async def _run(
    root: Path, folder: Path, listener: socket.socket, *, trust: bool, idle_s: float | None
) -> None:
    house = House(root, trust=trust)
    said = Notice(os.getpid(), listener.getsockname()[1], secrets.token_urlsafe(32), __version__)
    config = uvicorn.Config(
        api_of(house, said.token), log_config=None, access_log=False, lifespan="on", ws="none"
    )
    server = uvicorn.Server(config)

    def end() -> None:
        server.should_exit = True

    house.end = end
    notice.write(folder, said)
    watching = asyncio.create_task(_end_when_idle(house, idle_s))
    log.info("worker for %s at %s", root, said.address)
    try:
        await server.serve(sockets=[listener])
    finally:
        watching.cancel()
        notice.remove(folder, said)


async def _end_when_idle(house: House, idle_s: float | None) -> None:
    while True:
        most_s = house.settings.worker.idle_minutes * 60 if idle_s is None else idle_s
        await asyncio.sleep(min(_LOOK_EVERY_S, most_s))
        if house.idle_s >= most_s or not house.root.is_dir():
            log.info("nobody has wanted anything for %.0f s", most_s)
            house.end()


def api_of(house: House, token: str) -> FastAPI:
    """All that can be asked of a house."""

    @asynccontextmanager
    async def living(_api: FastAPI) -> AsyncIterator[None]:
        await house.open()
        yield
        await house.close()

    api = FastAPI(
        title="nootropic",
        version=__version__,
        summary="Models, search and symbols of one workspace, on this machine",
        lifespan=living,
        docs_url=None,
        redoc_url=None,
    )
    api.state.house = house
    failing.install(api)
    for room in (native, openai, internal, managing, assisting):
        api.include_router(room.routes)
    api.add_middleware(Entrance, house=house, token=token)
    return api
