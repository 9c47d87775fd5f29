"""What the tests of the server for agents share: the sample shop, and a real client that asks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import nootropic_lsp

SAMPLE = Path(nootropic_lsp.__file__).parent / "sample"
AUDITED = Path(__file__).parents[1] / "trust" / "audited.py"


class Agent:
    """A session of the official client with what tests ask of it."""

    def __init__(self, session: Any) -> None:
        self.session = session

    async def ask(self, tool: str, **given: Any) -> dict[str, Any]:
        """The data of an answer that has to be one."""
        result = await self.session.call_tool(tool, given)
        assert not result.isError, result.content[0].text
        return result.structuredContent

    async def read(self, tool: str, **given: Any) -> str:
        """An answer as text."""
        return (await self.session.call_tool(tool, given)).content[0].text

    async def refused(self, tool: str, **given: Any) -> str:
        """The sentence of a call that has to fail."""
        result = await self.session.call_tool(tool, given)
        assert result.isError
        assert "Traceback" not in result.content[0].text
        return result.content[0].text


Start = Callable[..., AbstractAsyncContextManager[Agent]]


@pytest.fixture
def agent(tmp_path: Path, home: Path) -> Start:
    """Start a server on a folder with these options, in which any connection is fatal."""
    # It would be asked over loopback.
    (home / "config.json").write_text('{"worker": {"enabled": false}}')
    mcp = pytest.importorskip("mcp")
    stdio = pytest.importorskip("mcp.client.stdio")
    canary = tmp_path / "canary"

    @asynccontextmanager
    async def start(root: Path, *options: str) -> AsyncIterator[Agent]:
        words = [str(AUDITED), "-m", "nootropic_lsp", "mcp", str(root), *options]
        # The client hands on a few variables only.
        names = ("NOOTROPIC_HOME", "PYTHONPATH", "HOME", "PATH")
        environment = {name: os.environ[name] for name in names if name in os.environ}
        environment["NOOTROPIC_TEST_CANARY"] = str(canary)
        server = mcp.StdioServerParameters(command=sys.executable, args=words, env=environment)
        async with stdio.stdio_client(server) as (read, write):
            async with mcp.ClientSession(read, write) as session:
                await session.initialize()
                yield Agent(session)
        assert not canary.exists(), canary.read_text()

    return start


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The sample, copied."""
    root = tmp_path / "shop"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root
