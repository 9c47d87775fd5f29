"""A small workspace with a worker of its own, and a model that the repository makes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from models.dialects import OllamaLike, Source
from models.wire_server import serving

from nootropic_lsp.worker.starting import command, find_or_start
from nootropic_lsp.worker.wire import Wire

GGUF = Path(__file__).parent.parent / "fixtures/models/tiny.gguf"
FILES = {
    "shop/session.py": '''
class Session:
    """What is known of a visitor."""

    def flush(self):
        """Invalidate everything that was kept for a visitor, and forget the key."""
        self.store.clear()
        self.key = None
''',
    "shop/dates.py": '''
def parse_date(text):
    """A date out of a text such as 2024-02-29."""
    year, month, day = text.split("-")
    return int(year), int(month), int(day)
''',
}


def workspace(folder: Path) -> Path:
    """The files, and nothing else."""
    root = (folder / "shop").resolve()
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    return root


def allow(home: Path, **settings: object) -> None:
    """Settings of the user, with which a worker may be started."""
    usual = {"worker.enabled": True, "models.gguf": [str(GGUF)]}
    more = {name.replace("__", "."): value for name, value in settings.items()}
    (home / "config.json").write_text(json.dumps({**usual, **more}))


@contextmanager
def working(root: Path) -> Iterator[Wire]:
    """Its worker, ended and waited for afterwards."""
    wire = find_or_start(root, deadline_s=60)
    pid = wire.ask("GET", "/internal/health", deadline_s=10)["pid"]
    try:
        yield wire
    finally:
        wire.ask("POST", "/internal/stop", {}, deadline_s=10)
        wait_for_end(pid)


@contextmanager
def ollama(*words: str) -> Iterator[str]:
    """The address of an Ollama that always says the same; its protocol is kept to strictly."""
    loop = asyncio.new_event_loop()
    ready: Future[str] = Future()
    leave = asyncio.Event()

    async def serve() -> None:
        async with serving(OllamaLike(Source(words=words))) as server:
            ready.set_result(server.url)
            await leave.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield ready.result(10)
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join(10)
        loop.close()


def wait_for_end(pid: int, *, deadline_s: float = 30) -> None:
    """Until a process is gone, or waits for nothing but its parent."""
    ends_at = time.monotonic() + deadline_s
    while time.monotonic() < ends_at:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} does not end")


def start_another(root: Path) -> subprocess.Popen[bytes]:
    """One more process that would like to be the worker."""
    return subprocess.Popen(command(root))
