"""Answers that arrive in parts, and work that ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.http.failing import body_of

T = TypeVar("T")
Event = Mapping[str, Any]


class GoneError(NootropicError):
    """Whoever asked has gone."""


async def event_stream(events: AsyncIterator[Event]) -> StreamingResponse:
    """Server-sent events, ended with `[DONE]` as OpenAI's are.

    What goes wrong before the first event is an answer of its own; after it, the last event.
    When the client goes, `events` is closed.
    """
    first = await anext(events, None)
    return StreamingResponse(
        _lines(first, events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def _lines(first: Event | None, events: AsyncIterator[Event]) -> AsyncIterator[str]:
    async with aclosing(events) as rest:  # type: ignore[type-var]
        if first is not None:
            yield _line(first)
        try:
            async for event in rest:
                yield _line(event)
        except Exception as error:  # noqa: BLE001 -- the status has been sent: it can only be told
            yield _line(body_of(error))
    yield "data: [DONE]\n\n"


def _line(event: Event) -> str:
    return f"data: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"


async def while_wanted(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns; it is cancelled when the client goes."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise GoneError("whoever asked has gone")
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await working


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
