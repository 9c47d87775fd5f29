"""`nootropic worker`: run what keeps vectors and speaks with models, or see what it does."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.worker import notice
from nootropic_lsp.worker.starting import find

_DEADLINE_S = 5.0
_MOST_PORT = 65_535


def worker(
    *,
    status: bool = False,
    stop: bool = False,
    port: str | None = None,
    idle: str | None = None,
    workspace: str | None = None,
    trust: bool = False,
) -> Answer:
    """Be the worker of a workspace, or ask the one that runs."""
    root = root_for(workspace)
    if status or stop:
        return _asked(root, stop=stop)
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise NootropicError(
            "the worker needs what is not installed: `pip install 'nootropic-lsp[models]'`"
        )
    # A door of its own: named here, not imported, and loaded for this verb only.
    server = importlib.import_module("nootropic_lsp.http.serve")
    code: int = server.serve(
        root,
        port=0 if port is None else _number("--port", port, _MOST_PORT),
        idle_s=None if idle is None else 60.0 * _number("--idle", idle, 100_000),
        trust=trust,
    )
    return Answer("", {}, code=code)


def _asked(root: Any, *, stop: bool) -> Answer:
    wire = find(root)
    if wire is None:
        return Answer("", {"running": False}, NOTHING_FOUND, note=f"no worker runs for {root}")
    health = wire.ask("GET", "/internal/health", deadline_s=_DEADLINE_S)
    if stop:
        wire.ask("POST", "/internal/stop", {}, deadline_s=_DEADLINE_S)
        return Answer("it ends", {"running": False}, FOUND)
    file = notice.folder_of(root) / notice.FILE
    vectors = health["vectors"]
    made = f"{vectors['n_vectors']:,} in {vectors['store']}, by {vectors['model']}"
    missing = f", {vectors['n_missing']:,} to be made" if vectors["n_missing"] else ""
    rows = [
        ("workspace", str(root)),
        ("address", f"http://127.0.0.1:{wire.port}"),
        ("token", f"in {file}"),
        ("process", str(health["pid"])),
        (
            "vectors",
            f"{made}{missing}" + (f" ({vectors['problem']})" if vectors["problem"] else ""),
        ),
    ]
    data = {"running": True, "port": wire.port, "token_file": str(file), **health}
    return Answer(shown.table(rows), data, FOUND)


def _number(name: str, given: str, most: int) -> int:
    if not given.isdecimal() or not 0 <= int(given) <= most:
        raise NootropicError(f"{name} takes a number from 0 to {most}, not {given}")
    return int(given)
