"""Any GGUF file, run by llama.cpp in a child process of ours and spoken to as its server."""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models.backend import CHAT, EMBED, EXTRA, FILL, SCHEMA, TOKENS
from nootropic_lsp.models.failures import Server
from nootropic_lsp.models.llamacpp import LlamaCpp
from nootropic_lsp.safety.egress import Egress

NAME = "embedded"
LOAD_S = 300.0
KILL_S = 2.0
# The names and tokens of a model stand before its weights.
_HEAD_BYTES = 32_000_000
_FILL_MARKS = (b"fim_pre", b"fim-prefix", b"prefix_token_id", b"<PRE>", "fim▁begin".encode())
_POOLING = b".pooling_type"


class Embedded:
    """A model is loaded when it is first asked for, and stays until `close`."""

    def __init__(
        self,
        files: Iterable[str],
        egress: Egress,
        *,
        context_tokens: int = 8192,
        use_gpu: bool = True,
    ) -> None:
        self._files = {Path(file).stem: _path(file) for file in files}
        self._egress = egress
        self._context_tokens = context_tokens
        self._use_gpu = use_gpu
        self._engines: dict[str, asyncio.Task[_Engine]] = {}

    @property
    def name(self) -> str:
        return NAME

    @property
    def is_local(self) -> bool:
        return True

    @property
    def can(self) -> frozenset[str]:
        return frozenset({CHAT, FILL, EMBED, SCHEMA, TOKENS})

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        """The files that are there, by their names."""
        async with asyncio.timeout(deadline_s):
            return await asyncio.to_thread(self.listed)

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        def asked(engine: LlamaCpp, left_s: float, first_s: float) -> AsyncGenerator[Piece, None]:
            return engine.chat(model, request, deadline_s=left_s, first_token_s=first_s)

        return self._streamed(model, asked, deadline_s, first_token_s)

    def fill(
        self, model: str, request: FillRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        def asked(engine: LlamaCpp, left_s: float, first_s: float) -> AsyncGenerator[Piece, None]:
            return engine.fill(model, request, deadline_s=left_s, first_token_s=first_s)

        return self._streamed(model, asked, deadline_s, first_token_s)

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        engine, left_s = await self._engine(model, deadline_s)
        return await engine.embed(model, texts, deadline_s=left_s)

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        engine, left_s = await self._engine(model, deadline_s)
        return await engine.count_tokens(model, text, deadline_s=left_s)

    async def close(self) -> None:
        engines, self._engines = list(self._engines.values()), {}
        for starting in engines:
            starting.cancel()
        for found in await asyncio.gather(*engines, return_exceptions=True):
            if isinstance(found, _Engine):
                await found.close()

    async def _streamed(
        self,
        model: str,
        asked: Callable[[LlamaCpp, float, float], AsyncGenerator[Piece, None]],
        deadline_s: float,
        first_token_s: float,
    ) -> AsyncGenerator[Piece, None]:
        engine, first_s = await self._engine(model, min(deadline_s, first_token_s))
        left_s = max(0.0, deadline_s - first_token_s) + first_s
        async with aclosing(asked(engine, left_s, first_s)) as pieces:
            async for piece in pieces:
                yield piece

    async def _engine(self, model: str, deadline_s: float) -> tuple[LlamaCpp, float]:
        """The engine of a model, started if need be, and how much is left of the time for it.

        Who gives up waiting does not stop it from loading: the next one would wait as long.
        """
        if model not in self._files:
            raise self._failed(model, "is none of the files in the setting `models.gguf`")
        loop = asyncio.get_running_loop()
        start = loop.time()
        task = self._engines.get(model)
        if task is None or _is_over(task):
            task = self._engines[model] = asyncio.create_task(self._start(model))
        try:
            async with asyncio.timeout(deadline_s):
                engine = await asyncio.shield(task)
        except TimeoutError:
            raise self._failed(
                model, "is still being loaded; try again in a moment", is_passing=True
            ) from None
        return engine.backend, max(0.0, deadline_s - (loop.time() - start))

    async def _start(self, model: str) -> _Engine:
        path = self._files[model]
        token = secrets.token_urlsafe(32)
        wanted = {
            "path": str(path),
            "name": model,
            "token": token,
            "context_tokens": self._context_tokens,
            "use_gpu": self._use_gpu,
            "threads": max(1, (os.cpu_count() or 1) // 2),
            "has_pooling": await asyncio.to_thread(_head_has, path, (_POOLING,)),
        }
        log = await asyncio.to_thread(tempfile.TemporaryFile)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "nootropic_lsp.models.gguf_server",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            url = await self._address(process, wanted, log)
        except BaseException:
            await _end(process, log)
            raise
        server = Server(f"the embedded engine with {model}", url, key=token)
        return _Engine(process, log, LlamaCpp(server, self._egress, name=NAME))

    async def _address(
        self, process: asyncio.subprocess.Process, wanted: dict[str, object], log: IO[bytes]
    ) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        model = str(wanted["name"])
        try:
            async with asyncio.timeout(LOAD_S):
                process.stdin.write(json.dumps(wanted).encode() + b"\n")
                line = await process.stdout.readline()
        except TimeoutError:
            raise self._failed(model, f"was not loaded within {LOAD_S:g} s") from None
        told = json.loads(line) if line else {"error": "the engine has died"}
        if url := told.get("url"):
            return str(url)
        if "xllamacpp" in told["error"]:
            why = f"needs the engine: `{EXTRA}`"
        else:
            why = f"could not be loaded ({await asyncio.to_thread(_reason, log, told['error'])})"
        raise self._failed(model, why)

    def listed(self) -> list[ModelInfo]:
        """The same, by looking at the files here and now."""
        there = {name: path for name, path in self._files.items() if path.is_file()}
        return [
            ModelInfo(
                name,
                NAME,
                size_bytes=path.stat().st_size,
                context_tokens=self._context_tokens,
                can=self.can if _head_has(path, _FILL_MARKS) else self.can - {FILL},
            )
            for name, path in there.items()
        ]

    def _failed(self, model: str, what: str, *, is_passing: bool = False) -> ModelError:
        return ModelError(
            Failure.MODEL_LOAD_FAILED, f"the model file {model} {what}", is_passing=is_passing
        )


@dataclass(frozen=True, slots=True)
class _Engine:
    process: asyncio.subprocess.Process
    log: IO[bytes]
    backend: LlamaCpp

    async def close(self) -> None:
        await self.backend.close()
        await _end(self.process, self.log)


async def _end(process: asyncio.subprocess.Process, log: IO[bytes]) -> None:
    """End the child: by closing its input, then by force."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(KILL_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    finally:
        log.close()


def what_is_wrong(file: str) -> str:
    """Why a file cannot be a model, as a sentence; "" if it looks like one."""
    try:
        with _path(file).open("rb") as opened:
            is_model = opened.read(4) == b"GGUF"
    except FileNotFoundError:
        return f"there is no model file {file}; look at the setting `models.gguf`"
    except OSError as error:
        return f"the model file {file} cannot be read ({error.strerror})"
    return "" if is_model else f"{file} is no GGUF file, so no engine can run it"


def _path(file: str) -> Path:
    return Path(os.path.expanduser(file))  # noqa: PTH111 -- Path's may raise


def _is_over(task: asyncio.Task[_Engine]) -> bool:
    """Whether the start has failed or the child is gone."""
    if not task.done():
        return False
    failed = task.cancelled() or task.exception() is not None
    return failed or task.result().process.returncode is not None


def _head_has(path: Path, marks: Sequence[bytes]) -> bool:
    """Whether one of some names stands in the part of a model file before its weights."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as head:
            return any(head.find(mark, 0, _HEAD_BYTES) >= 0 for mark in marks)
    except (OSError, ValueError):
        return False


def _reason(log: IO[bytes], otherwise: str) -> str:
    """What the engine has said last about an error."""
    log.seek(0)
    lines = log.read()[-20_000:].decode(errors="replace").splitlines()
    said = [line.strip() for line in lines if "error" in line.lower()]
    return (said[0] if said else otherwise)[:300]
