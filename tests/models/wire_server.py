"""A server of models for the tests: strict about what it is asked, and it misbehaves on demand.

What it says comes from a `Dialect` (`dialects.py`). It is written on bare streams, so that it can
break off anywhere and sees at once when its client has gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

JSON = "application/json"


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """A whole answer, or with `chunks` a stream of pieces."""

    value: Any = None
    chunks: AsyncGenerator[bytes, None] | None = None
    kind: str = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class WireServer:
    """`behaviour` names how it misbehaves, "" is well; `seen` are the requests it has had,
    `is_left` that a client has gone before its answer was whole."""

    dialect: Any
    behaviour: str = ""
    url: str = ""
    seen: list[Request] = field(default_factory=list)
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_left: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    request = await _read(reader)
                    self.seen.append(request)
                    self.is_asked.set()
                    await self._respond(request, reader, writer)
        finally:
            writer.close()

    async def _respond(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            answer = await self.dialect.answer(request)
        except ValidationError as error:
            answer = self._refusal(400, f"invalid request: {error}")
        except Refused as error:
            answer = self._refusal(error.status, str(error))
        if self.behaviour and answer.status == 200 and request.path in self.dialect.asked:
            await self._misbehave(answer, reader, writer)
        elif answer.chunks is None:
            _whole(writer, answer.status, json.dumps(answer.value).encode(), answer.kind)
        else:
            _head(writer, answer.kind)
            # A client that waits for the end of its answer says nothing.
            watch = asyncio.create_task(self._gone(reader))
            async with aclosing(answer.chunks) as chunks:
                async for chunk in chunks:
                    if watch.done():
                        raise ConnectionError
                    _chunk(writer, chunk)
                    await writer.drain()
            watch.cancel()
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            raise ConnectionError

    async def _misbehave(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        is_stream = answer.chunks is not None
        match self.behaviour:
            case "never":
                await self._gone(reader)
            case "stalls":
                if is_stream:
                    _head(writer, answer.kind)
                    _chunk(writer, self.dialect.piece("first"))
                await self._gone(reader)
            case "cut":
                if is_stream:
                    _head(writer, answer.kind)
                    _chunk(writer, self.dialect.piece("first"))
                else:
                    writer.write(
                        f"{_status(200)}Content-Type: {JSON}\r\nContent-Length: 999\r\n\r\n".encode()
                    )
                    writer.write(b'{"a')
                await writer.drain()
            case "ends early":
                if is_stream:
                    _head(writer, answer.kind)
                    _chunk(writer, self.dialect.piece("first"))
                    writer.write(b"0\r\n\r\n")
                else:
                    writer.write(f"{_status(200)}Content-Type: {JSON}\r\n\r\n".encode())
                await writer.drain()
            case "error inside":
                if is_stream:
                    _head(writer, answer.kind)
                    _chunk(writer, self.dialect.piece("first"))
                    _chunk(writer, self.dialect.failure("it went wrong"))
                    writer.write(b"0\r\n\r\n")
                else:
                    _whole(writer, 200, b'{"error": "it went wrong"}', JSON)
            case "invalid JSON":
                if is_stream:
                    _head(writer, answer.kind)
                    _chunk(writer, self.dialect.framed(b'{"nothing: '))
                    writer.write(b"0\r\n\r\n")
                else:
                    _whole(writer, 200, b'{"nothing: ', JSON)
            case "another shape":
                value = b'{"choices": 5, "ok": [], "message": 5, "response": [], "content": [], "type": 3}'
                if is_stream:
                    _head(writer, answer.kind)
                    _chunk(writer, self.dialect.framed(value))
                    writer.write(b"0\r\n\r\n")
                else:
                    _whole(writer, 200, value, JSON)
            case "huge":
                await self._huge(answer, writer)
            case "a page":
                _whole(writer, 200, b"<html>Welcome</html>", "text/html")
            case "compressed":
                _whole(writer, 200, b"{}", JSON, {"Content-Encoding": "br"})
            case "moved":
                _whole(writer, 307, b"", JSON, {"Location": f"{self.url}/elsewhere"})
            case "busy":
                _whole(writer, 429, self.dialect.refusal("slow down"), JSON, {"Retry-After": "7"})
            case "fails":
                _whole(writer, 500, self.dialect.refusal("it broke"), JSON)
            case "loads":
                _whole(writer, 503, self.dialect.refusal("Loading model"), JSON)
            case "no memory":
                said = "model requires more system memory (9 GiB) than is available (2 GiB)"
                _whole(writer, 500, self.dialect.refusal(said), JSON)
            case "wants a key":
                _whole(writer, 401, self.dialect.refusal("no key"), JSON)
            case "unknown model":
                _whole(writer, 404, self.dialect.refusal("model not found"), JSON)
            case "too long":
                said = "the prompt exceeds the available context size (4096 tokens)"
                _whole(writer, 400, self.dialect.refusal(said), JSON)
            case _:
                raise AssertionError(self.behaviour)
        raise ConnectionError

    async def _gone(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self.is_left.set()

    async def _huge(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        text = "x" * 3_900_000
        if answer.chunks is None:
            head = f"{_status(200)}Content-Type: {JSON}\r\nContent-Length: 99999999\r\n\r\n"
            writer.write(head.encode() + b'{"')
        else:
            _head(writer, answer.kind)
        for _ in range(9):
            if answer.chunks is None:
                writer.write(text.encode())
            else:
                _chunk(writer, self.dialect.piece(text))
            await writer.drain()

    def _refusal(self, status: int, why: str) -> Answer:
        return Answer(json.loads(self.dialect.refusal(why)), status=status)


@asynccontextmanager
async def serving(dialect: Any, behaviour: str = "") -> AsyncIterator[WireServer]:
    server = WireServer(dialect, behaviour)
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await server.answer(reader, writer)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**20)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().rstrip().split("\r\n")
    method, target, _ = first.split()
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    data = await reader.readexactly(int(headers.get("content-length", 0)))
    body: Any = None
    if data and headers.get("content-type") == "application/x-www-form-urlencoded":
        body = dict(parse_qsl(data.decode(), strict_parsing=True, keep_blank_values=True))
    elif data:
        body = json.loads(data)
    return Request(method, target, headers, body)


def _status(status: int) -> str:
    return f"HTTP/1.1 {status} -\r\nConnection: close\r\n"


def _head(writer: asyncio.StreamWriter, kind: str) -> None:
    writer.write(
        f"{_status(200)}Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _whole(
    writer: asyncio.StreamWriter,
    status: int,
    data: bytes,
    kind: str,
    headers: dict[str, str] | None = None,
) -> None:
    named = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{named}\r\n"
    )
    writer.write(head.encode() + data)
