"""Every backend, and everything that servers do wrong: one clear error for each."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import aclosing

import pytest
from models.calls import CALLS, EMBEDDING, KINDS, Kind, asked, question, whole
from models.dialects import Source

from nootropic_lsp.core.chat import Sampling
from nootropic_lsp.core.errors import ContextOverflowError, Failure, ModelError
from nootropic_lsp.models.backend import CHAT, FILL
from nootropic_lsp.models.failures import KeyRefusedError

LOAD, INFERENCE = Failure.MODEL_LOAD_FAILED, Failure.INFERENCE_ERROR
OVERFLOW, LIMIT = Failure.CONTEXT_OVERFLOW, Failure.RATE_LIMIT
# By behaviour: the kind of failure, whether it passes, and a part of the sentence.
CLEAR = {
    "cut": (INFERENCE, True, "broke off in the middle"),
    "ends early": (INFERENCE, True, "broke off in the middle"),
    "error inside": (INFERENCE, True, "failed: .*it went wrong"),
    "invalid JSON": (INFERENCE, False, "could not be read"),
    "another shape": (INFERENCE, False, "could not be read"),
    "huge": (INFERENCE, False, "too long; it was not read on"),
    "a page": (INFERENCE, False, "it is text/html, not JSON"),
    "compressed": (INFERENCE, False, "compressed"),
    "moved": (INFERENCE, False, "sends its callers elsewhere"),
    "busy": (LIMIT, True, "slow down.*try again in 7 s"),
    "fails": (INFERENCE, True, "500.*it broke"),
    "loads": (LOAD, True, "not ready.*Loading model"),
    "no memory": (LOAD, False, "more system memory.*smaller one"),
    "wants a key": (INFERENCE, False, "does not accept the key"),
    "unknown model": (LOAD, False, "does not know this model"),
    "too long": (OVERFLOW, False, "more than its context holds"),
}


def named(value: object) -> str | None:
    return value.name if isinstance(value, Kind) else None


@pytest.mark.parametrize(("kind", "what"), CALLS, ids=named)
@pytest.mark.parametrize("behaviour", CLEAR)
async def test_what_goes_wrong_is_said(kind: Kind, what: str, behaviour: str) -> None:
    async with kind.running(behaviour) as (server, backend):
        with pytest.raises(ModelError) as caught:
            await whole(asked(backend, kind.model, what))
        paths = [request.path for request in server.seen]
    _check(caught.value, kind, behaviour)
    assert sum(path in server.dialect.asked for path in paths) == 1
    assert "/elsewhere" not in paths


@pytest.mark.parametrize("kind", EMBEDDING, ids=named)
@pytest.mark.parametrize("behaviour", CLEAR)
async def test_what_goes_wrong_is_said_of_vectors(kind: Kind, behaviour: str) -> None:
    async with kind.running(behaviour) as (_, backend):
        with pytest.raises(ModelError) as caught:
            await backend.embed(kind.model, ["def add"], deadline_s=20)
    if behaviour == "ends early":
        assert "could not be read" in str(caught.value)
    else:
        _check(caught.value, kind, behaviour)


def _check(error: ModelError, kind: Kind, behaviour: str) -> None:

    failure, is_passing, sentence = CLEAR[behaviour]
    if behaviour == "ends early" and "could not be read" in str(error):
        # An answer in one part that is empty.
        return
    assert re.search(sentence, str(error)), str(error)
    assert str(error).startswith(f"{kind.name} (http://127.0.0.1:")
    assert (error.failure, error.is_passing) == (failure, is_passing)
    assert error.retry_after_s == (7 if behaviour == "busy" else None)
    assert isinstance(error, ContextOverflowError) == (behaviour == "too long")
    assert isinstance(error, KeyRefusedError) == (behaviour == "wants a key")
    if isinstance(error, ContextOverflowError):
        assert error.context_tokens == 4096


@pytest.mark.parametrize(("kind", "what"), CALLS, ids=named)
async def test_no_first_word_in_time(kind: Kind, what: str) -> None:
    async with kind.running("never") as (server, backend):
        start = time.monotonic()
        with pytest.raises(
            ModelError, match=r"gave no (first word|answer) within 0.15 s"
        ) as caught:
            await whole(
                asked(
                    backend,
                    kind.model,
                    what,
                    # Its first word comes with the last.
                    deadline_s=0.15 if kind.name == "petals" else 9,
                    first_token_s=0.15,
                )
            )
        assert time.monotonic() - start < 1
        await asyncio.wait_for(server.is_left.wait(), 1)
    assert (caught.value.failure, caught.value.is_passing) == (INFERENCE, False)


@pytest.mark.parametrize(("kind", "what"), CALLS, ids=named)
async def test_no_end_in_time(kind: Kind, what: str) -> None:
    async with kind.running("stalls") as (server, backend):
        with pytest.raises(
            ModelError, match=r"gave no (whole answer|answer|first word) within 0.3 s"
        ):
            await whole(asked(backend, kind.model, what, deadline_s=0.3, first_token_s=0.3))
        await asyncio.wait_for(server.is_left.wait(), 1)


@pytest.mark.parametrize("kind", EMBEDDING, ids=named)
async def test_no_vectors_in_time(kind: Kind) -> None:
    async with kind.running("never") as (server, backend):
        with pytest.raises(ModelError, match=r"gave no answer within 0.2 s"):
            await backend.embed(kind.model, ["a"], deadline_s=0.2)
        await asyncio.wait_for(server.is_left.wait(), 1)


@pytest.mark.parametrize(("kind", "what"), CALLS, ids=named)
async def test_nobody_there(kind: Kind, what: str) -> None:
    async with kind.running() as (server, backend):
        pass
    backend = kind.backend(kind.at(server.url))
    with pytest.raises(ModelError, match=r"does not answer; is it running\?") as caught:
        await whole(asked(backend, kind.model, what))
    await backend.close()
    assert (caught.value.failure, caught.value.is_passing) == (LOAD, False)


@pytest.mark.parametrize(("kind", "what"), CALLS, ids=named)
@pytest.mark.parametrize("way", ["closed", "cancelled"])
async def test_leaving_drops_the_connection(kind: Kind, what: str, way: str) -> None:
    async with kind.running("stalls") as (server, backend):
        is_first = asyncio.Event()

        async def read() -> None:
            async with aclosing(asked(backend, kind.model, what)) as pieces:  # type: ignore[type-var]
                async for _ in pieces:
                    is_first.set()
                    if way == "closed":
                        return

        reading = asyncio.create_task(read())
        if (kind.name, what) in (("petals", CHAT), ("tabby", FILL)):
            # No first piece before the last: there is but the request to wait for.
            await server.is_asked.wait()
            way = "cancelled"
        else:
            await is_first.wait()
        start = time.monotonic()
        if way == "cancelled":
            reading.cancel()
        await asyncio.wait_for(server.is_left.wait(), 1)
        assert time.monotonic() - start < 0.05
        await asyncio.gather(reading, return_exceptions=True)


@pytest.mark.parametrize("kind", KINDS, ids=named)
async def test_json_with_prose_around_it_is_passed_on_as_it_is(kind: Kind) -> None:
    words = ("Sure! Here ", 'you are:\n```json\n{"a": ', "1}\n```\nAnything else?")
    sampling = Sampling(schema={"type": "object"})
    async with kind.running(source=Source(words=words)) as (_, backend):
        request = question("Say hello.", sampling)
        reply = await whole(backend.chat(kind.model, request, deadline_s=5, first_token_s=5))
    assert reply.text == "".join(words)


@pytest.mark.parametrize("kind", KINDS, ids=named)
async def test_a_client_serves_again_after_a_failure(kind: Kind) -> None:
    async with kind.running("cut") as (server, backend):
        with pytest.raises(ModelError):
            await whole(asked(backend, kind.model, CHAT))
        server.behaviour = ""
        for _ in range(3):
            assert (await whole(asked(backend, kind.model, CHAT))).text == "Hello"
