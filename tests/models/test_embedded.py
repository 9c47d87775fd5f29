"""A model file in the real engine, started by the backend that the product has for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
from models.calls import GREEDY, question, whole
from models.conftest import TINY
from models.test_backends import PATCH, SCHEMA_OF_ANSWER

from nootropic_lsp.core.chat import FillRequest, Sampling
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models.backend import FILL
from nootropic_lsp.models.embedded import Embedded, what_is_wrong
from nootropic_lsp.safety.egress import Egress

# Nothing but being stopped ends it within the time of a test.
ENDLESS = Sampling(
    max_tokens=8000,
    temperature=0,
    schema={"type": "array", "items": {"type": "string", "minLength": 60}, "minItems": 1000},
)


@pytest.fixture
async def tiny() -> AsyncIterator[Embedded]:
    backend = Embedded([str(TINY)], Egress(), use_gpu=False)
    yield backend
    await backend.close()


async def test_it_says_what_the_file_can_without_loading_it(tiny: Embedded) -> None:
    (model,) = await tiny.models(deadline_s=5)
    assert (model.name, model.size_bytes) == ("tiny", TINY.stat().st_size)
    assert FILL in model.can
    assert not tiny._engines


async def test_it_talks_fills_embeds_counts_and_keeps_to_a_schema(tiny: Embedded) -> None:
    reply = await whole(
        tiny.chat("tiny", question("Fix the bug."), deadline_s=20, first_token_s=20)
    )
    assert reply.text == PATCH
    assert reply.usage.output_tokens > 10
    reply = await whole(
        tiny.chat("tiny", question("Think first."), deadline_s=20, first_token_s=20)
    )
    assert (reply.text, reply.thinking.strip()) == ("Four.", "Two and two.")
    gap = FillRequest("def add(a, b):\n    ", "\n", "python", GREEDY)
    reply = await whole(tiny.fill("tiny", gap, deadline_s=20, first_token_s=20))
    assert reply.text == "return a + b"
    held = Sampling(max_tokens=300, temperature=0, schema=SCHEMA_OF_ANSWER)
    asked = question("Say hello.", held)
    reply = await whole(tiny.chat("tiny", asked, deadline_s=20, first_token_s=20))
    assert isinstance(json.loads(reply.text)["right"], bool)
    one, two, again = await tiny.embed("tiny", ["def add", "class", "def add"], deadline_s=20)
    assert len(one) == 96
    assert one == pytest.approx(again, abs=1e-3)
    assert one != pytest.approx(two, abs=1e-3)
    assert await tiny.count_tokens("tiny", "def add", deadline_s=5) == 7


@pytest.mark.parametrize("way", ["closed", "cancelled"])
async def test_leaving_stops_the_engine(tiny: Embedded, way: str) -> None:
    is_first = asyncio.Event()

    async def read() -> None:
        asked = tiny.chat("tiny", question("Hi", ENDLESS), deadline_s=60, first_token_s=30)
        async with aclosing(asked) as pieces:
            async for _ in pieces:
                is_first.set()
                if way == "closed" and await _is_working(tiny):
                    return

    reading = asyncio.create_task(read())
    await is_first.wait()
    if way == "cancelled":
        assert await _is_working(tiny)
        reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    async with asyncio.timeout(2):
        while await _is_working(tiny):  # noqa: ASYNC110 -- another process gives no sign
            await asyncio.sleep(0.001)


async def test_who_gives_up_waiting_for_a_model_does_not_stop_it_from_loading(
    tiny: Embedded,
) -> None:
    with pytest.raises(ModelError, match="still being loaded") as caught:
        await whole(tiny.chat("tiny", question("Hi"), deadline_s=9, first_token_s=0.001))
    assert caught.value.is_passing
    (starting,) = tiny._engines.values()
    await tiny.embed("tiny", ["a"], deadline_s=30)
    assert list(tiny._engines.values()) == [starting]


async def test_an_engine_that_has_died_is_started_again(tiny: Embedded) -> None:
    await tiny.embed("tiny", ["a"], deadline_s=30)
    process = tiny._engines["tiny"].result().process
    process.kill()
    await process.wait()
    assert await tiny.embed("tiny", ["a"], deadline_s=30)


async def test_closing_ends_the_engine() -> None:
    backend = Embedded([str(TINY)], Egress(), use_gpu=False)
    await backend.embed("tiny", ["a"], deadline_s=30)
    process = backend._engines["tiny"].result().process
    await backend.close()
    assert process.returncode is not None


async def test_a_file_that_cannot_be_a_model_is_told_in_a_sentence(tmp_path: Path) -> None:
    missing, text, cut = (tmp_path / f"{name}.gguf" for name in ("missing", "text", "cut"))
    text.write_text("I am no model")
    cut.write_bytes(TINY.read_bytes()[:9000])
    assert what_is_wrong(str(TINY)) == ""
    assert f"there is no model file {missing}" in what_is_wrong(str(missing))
    assert f"{text} is no GGUF file" in what_is_wrong(str(text))
    assert what_is_wrong(str(tmp_path)).startswith(f"the model file {tmp_path} cannot be read")
    backend = Embedded(map(str, (missing, text, cut)), Egress(), use_gpu=False)
    for model in ("missing", "text", "cut"):
        with pytest.raises(
            ModelError, match=f"the model file {model} could not be loaded"
        ) as error:
            await backend.embed(model, ["a"], deadline_s=30)
        assert error.value.failure is Failure.MODEL_LOAD_FAILED
        assert "\n" not in str(error.value)
    with pytest.raises(ModelError, match=r"none of the files in the setting `models\.gguf`"):
        await backend.embed("other", ["a"], deadline_s=5)
    await backend.close()


async def _is_working(backend: Embedded) -> bool:
    """What the engine itself says."""
    server = backend._engines["tiny"].result().backend._server
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        slots = (await client.get("/slots")).json()
    return any(each["is_processing"] for each in slots)
