"""Finding the worker of a workspace, and starting one where there is none."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nootropic_lsp import __version__
from nootropic_lsp.worker import notice
from nootropic_lsp.worker.wire import Wire, WorkerError

# Of the process that finds another one at work.
ALREADY_RUNNING = 3
_NEEDS = ("fastapi", "pydantic", "uvicorn")
_HEALTH_S = 2.0
_PAUSE_S = 0.02


def find(root: Path) -> Wire | None:
    """The worker of a workspace, of this version, if there is one that answers."""
    said = notice.read(notice.folder_of(root))
    if said is None:
        return None
    wire = Wire(said.port, said.token)
    try:
        health = wire.ask("GET", "/internal/health", deadline_s=_HEALTH_S)
    except WorkerError:
        return None
    if not isinstance(health, Mapping) or health.get("root") != str(root):
        return None
    if health.get("version") != __version__:
        with suppress(WorkerError):
            wire.ask("POST", "/internal/stop", {}, deadline_s=_HEALTH_S)
        return None
    return wire


def find_or_start(root: Path, *, deadline_s: float = 30.0) -> Wire:
    """The worker of a workspace, started if there is none. Raises `WorkerError`."""
    ends_at = time.monotonic() + deadline_s
    lock = notice.lock_of(notice.folder_of(root))
    started: subprocess.Popen[bytes] | None = None
    while True:
        found = find(root)
        if found is not None:
            return found
        if time.monotonic() > ends_at:
            break
        code = None if started is None else started.poll()
        if code not in (None, ALREADY_RUNNING):
            raise WorkerError(f"the worker has not started: {_last_word(root)}")
        # Where somebody has the lock, a worker is beginning, busy or ending.
        if (started is None or code == ALREADY_RUNNING) and lock.is_free():
            started = _start(root)
        time.sleep(_PAUSE_S)
    if started is None or started.poll() == ALREADY_RUNNING:
        raise WorkerError("the worker is busy and does not answer; try again in a while")
    raise WorkerError(f"the worker has not started in time: {_last_word(root)}")


def end(folder: Path, *, deadline_s: float = 10.0) -> None:
    """Have the worker that has this folder end, if there is one, and wait for that.

    Raises `WorkerError` if it does not.
    """
    said = notice.read(folder)
    if said is None:
        return
    with suppress(WorkerError):
        Wire(said.port, said.token).ask("POST", "/internal/stop", {}, deadline_s=_HEALTH_S)
    ends_at = time.monotonic() + deadline_s
    while not notice.lock_of(folder).is_free():
        if time.monotonic() > ends_at:
            raise WorkerError(
                f"process {said.pid} is busy with vectors and models and does not end; try again"
            )
        time.sleep(_PAUSE_S)


def command(root: Path) -> list[str]:
    """What starts a worker."""
    # -P: nothing in the current folder may stand in for a module of ours.
    return [sys.executable, "-P", "-m", "nootropic_lsp", "worker", "--workspace", str(root)]


def _start(root: Path) -> subprocess.Popen[bytes]:
    if any(find_spec(name) is None for name in _NEEDS):
        raise WorkerError(
            "the worker needs what is not installed: `pip install 'nootropic-lsp[models]'`"
        )
    more: dict[str, Any] = {}
    if sys.platform == "win32":
        more["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        # It outlives the shell and the editor that have started it.
        more["start_new_session"] = True
    arguments: Sequence[str] = command(root)
    try:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=notice.folder_of(root),
            **more,
        )
    except OSError as error:
        raise WorkerError(f"the worker cannot be started: {error.strerror}") from error


def _last_word(root: Path) -> str:
    log = notice.folder_of(root) / notice.LOG
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else f"it has left no word in {log}"
