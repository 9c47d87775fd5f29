"""One real engine for all tests of this folder."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from nootropic_lsp.models.failures import Server
from nootropic_lsp.models.llamacpp import LlamaCpp
from nootropic_lsp.safety.egress import Egress

TINY = Path(__file__).parents[2] / "fixtures" / "models" / "tiny.gguf"


@pytest.fixture(scope="session")
def engine_server() -> Iterator[Server]:
    """The process that runs `tiny.gguf`."""
    command = [sys.executable, "-P", "-m", "nootropic_lsp.models.gguf_server"]
    wanted = {
        "path": str(TINY),
        "name": "tiny",
        "token": "token",
        "context_tokens": 8192,
        "use_gpu": False,
        "threads": 1,
        "has_pooling": False,
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(wanted).encode() + b"\n")
        process.stdin.flush()
        yield Server("the engine", json.loads(process.stdout.readline())["url"], key="token")
        process.stdin.close()
        process.wait(5)


@pytest.fixture
async def engine(engine_server: Server) -> AsyncIterator[LlamaCpp]:
    """The backend that speaks with it. No test leaves a task behind."""
    backend = LlamaCpp(engine_server, Egress())
    yield backend
    await backend.close()
    # httpx leaves generators to be closed by the event loop, which takes it a moment.
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        _, left = await asyncio.wait(left, timeout=1)
    assert not left
