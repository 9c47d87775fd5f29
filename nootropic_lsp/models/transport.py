"""HTTP to servers of models: the one place where connections to them are opened.

Every request passes the egress check. No redirect is followed, no answer may be longer than
`MOST_BYTES`, and everything that goes wrong becomes a `ModelError`.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from nootropic_lsp.core.errors import ModelError
from nootropic_lsp.models.failures import (
    Server,
    cut_off,
    from_body,
    from_status,
    unreachable,
    unreadable,
)
from nootropic_lsp.safety.egress import Egress

MOST_BYTES = 32_000_000
MOST_ERROR_BYTES = 64_000
CONNECT_S = 5.0
JSON, LINES, EVENTS = "application/json", "application/x-ndjson", "text/event-stream"

Shape = TypeVar("Shape", bound=BaseModel)


def client_options(
    server: Server, egress: Egress, *, is_pooled: bool = True, most_bytes: int = MOST_BYTES
) -> dict[str, Any]:
    """How an httpx client has to be made so that it keeps to what this module promises.

    With `is_pooled` false each request has a connection of its own.
    """

    async def check(request: httpx.Request) -> None:
        egress.check(str(request.url))

    async def look(response: httpx.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise unreadable(server, "it is compressed, which was not asked for")
        response.stream = _Capped(server, response.stream, most_bytes)
        if not response.is_success:
            raise from_status(
                server, response.status_code, await _error(response), response.headers
            )
        if (kind := media_type(response)) not in (JSON, LINES, EVENTS):
            raise unreadable(server, f"it is {kind or 'of no type'}, not JSON")
        # A failure may come with the status of success; Ollama's client would not see it.
        if kind == JSON and b'"error"' in (await response.aread())[:MOST_ERROR_BYTES]:
            _parsed(server, response.content)

    has_tls = server.url.startswith("https:")
    return {
        "timeout": httpx.Timeout(None, connect=CONNECT_S),
        "follow_redirects": False,
        # Proxies are for what lies outside of this machine.
        "trust_env": not server.is_here,
        # Loading certificates takes longer than a request does.
        "verify": True if has_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        "limits": httpx.Limits(max_keepalive_connections=None if is_pooled else 0),
        "event_hooks": {"request": [check], "response": [look]},
    }


class Wire:
    """Requests to one server. Its address may have a path, which goes before all others."""

    def __init__(
        self,
        server: Server,
        egress: Egress,
        *,
        headers: Mapping[str, str] | None = None,
        is_pooled: bool = True,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        if headers is None:
            headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise server.failed("has a key that cannot be one: it is not printable ASCII")
        self.server = server
        self._client = httpx.AsyncClient(
            base_url=server.url,
            headers={"Accept-Encoding": "identity", **headers},
            **client_options(server, egress, is_pooled=is_pooled, most_bytes=most_bytes),
        )

    async def get(self, path: str, shape: type[Shape], *, deadline_s: float) -> Shape:
        return await self._ask("GET", path, shape, deadline_s)

    async def post(
        self, path: str, body: Mapping[str, Any], shape: type[Shape], *, deadline_s: float
    ) -> Shape:
        return await self._ask("POST", path, shape, deadline_s, json=body)

    async def post_form(
        self, path: str, fields: Mapping[str, Any], shape: type[Shape], *, deadline_s: float
    ) -> Shape:
        return await self._ask("POST", path, shape, deadline_s, data=fields)

    async def events(
        self, path: str, body: Mapping[str, Any], shape: type[Shape]
    ) -> AsyncGenerator[Shape, None]:
        """The server-sent events of an answer, up to "[DONE]" or its end.

        It has no deadline of its own (`streams.answer`). Closing it drops the connection.
        """
        with plainly(self.server):
            async with self._client.stream("POST", path, json=body) as response:
                if media_type(response) != EVENTS:
                    value = _parsed(self.server, await response.aread())
                    raise unreadable(
                        self.server, f"no stream of events, but {type(value).__name__}"
                    )
                async with aclosing(_data(response.aiter_bytes())) as events:
                    async for data in events:
                        if data == b"[DONE]":
                            return
                        yield _shaped(self.server, shape, _parsed(self.server, data))

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(
        self, method: str, path: str, shape: type[Shape], deadline_s: float, **content: Any
    ) -> Shape:
        with plainly(self.server, deadline_s):
            async with asyncio.timeout(deadline_s):
                response = await self._client.request(method, path, **content)
            return _shaped(self.server, shape, _parsed(self.server, response.content))


@contextmanager
def plainly(server: Server, deadline_s: float = CONNECT_S) -> Iterator[None]:
    """What httpx and the parsers raise becomes a `ModelError`."""
    try:
        yield
    except ModelError:
        raise
    except TimeoutError:
        raise server.failed(f"gave no answer within {deadline_s:g} s") from None
    except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError):
        raise unreachable(server) from None
    except httpx.TransportError:
        raise cut_off(server) from None
    except (httpx.InvalidURL, httpx.HTTPError):
        raise server.failed("cannot be spoken to: look at its address") from None


def media_type(response: httpx.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower()


def _parsed(server: Server, data: bytes) -> object:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise unreadable(server, "it is not valid JSON") from None
    if isinstance(value, dict) and value.get("error"):
        raise from_body(server, value["error"])
    return value


def _shaped(server: Server, shape: type[Shape], value: object) -> Shape:
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise unreadable(server, f"{where}: {first['msg']}") from None


async def _error(response: httpx.Response) -> object:
    """What comes with a failure: the value if it is JSON, else text, else nothing."""
    data = b""
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MOST_ERROR_BYTES:
            break
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        is_page = media_type(response) == "text/html"
        return "" if is_page else data.decode(errors="replace")


async def _data(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The data of server-sent events. Of llama.cpp also its lines "error: …"."""
    event: list[bytes] = []
    async with aclosing(_lines(chunks)) as lines:
        async for line in lines:
            name, _, value = line.partition(b":")
            if name == b"data":
                event.append(value.removeprefix(b" "))
            elif name == b"error" and value:
                yield b'{"error":' + value + b"}"
            elif not line and event:
                yield b"\n".join(event)
                event = []
    if event:
        yield b"\n".join(event)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Lines by "\\n" alone. `Response.aiter_lines` splits at U+2028, which JSON may have."""
    rest: list[bytes] = []
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest.append(first)
        for other in others:
            yield b"".join(rest).removesuffix(b"\r")
            rest = [other]
    if last := b"".join(rest).removesuffix(b"\r"):
        yield last


class _Capped(httpx.AsyncByteStream):
    """The bytes of an answer, up to a limit."""

    def __init__(self, server: Server, stream: Any, most_bytes: int) -> None:
        self._server = server
        self._stream = stream
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise self._server.failed("gave an answer that is too long; it was not read on")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
