"""Every backend on its server's documented wire format, the real engine behind it."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest
from models.calls import CALLS, EMBEDDING, GREEDY, KINDS, Kind, asked, question, whole
from models.dialects import OllamaLike, Source
from models.wire_server import serving

from nootropic_lsp.core.chat import FillRequest, Sampling
from nootropic_lsp.core.errors import ModelError
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, SCHEMA, Progress
from nootropic_lsp.models.failures import Server
from nootropic_lsp.models.llamacpp import LlamaCpp
from nootropic_lsp.models.ollama import Ollama
from nootropic_lsp.safety.egress import Egress

PATCH = """\
<<<<<<< ORIGINAL
    return a - b
=======
    return a + b
>>>>>>> UPDATED"""
SCHEMA_OF_ANSWER = {
    "type": "object",
    "properties": {"right": {"type": "boolean"}},
    "required": ["right"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_chat(kind: Kind, engine: LlamaCpp) -> None:
    async with kind.running(source=Source(engine)) as (_, backend):
        request = question("Fix the bug.", system="Be terse." if kind.name != "petals" else "")
        reply = await whole(backend.chat(kind.model, request, deadline_s=20, first_token_s=20))
    assert reply.text == PATCH
    assert reply.finish == "stop"
    assert reply.usage.output_tokens == (0 if kind.name == "petals" else 5)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_thoughts_are_no_part_of_the_answer(kind: Kind, engine: LlamaCpp) -> None:
    async with kind.running(source=Source(engine)) as (_, backend):
        request = question("Think first.")
        reply = await whole(backend.chat(kind.model, request, deadline_s=20, first_token_s=20))
    assert reply.text == "Four."
    assert reply.thinking.strip() == ("" if kind.name == "petals" else "Two and two.")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_an_answer_that_is_cut_says_so(kind: Kind, engine: LlamaCpp) -> None:
    async with kind.running(source=Source(engine)) as (_, backend):
        request = question("Fix the bug.", Sampling(max_tokens=9, temperature=0))
        reply = await whole(backend.chat(kind.model, request, deadline_s=20, first_token_s=20))
    assert reply.text == PATCH[:9]
    # Petals does not tell.
    assert reply.finish == ("stop" if kind.name == "petals" else "length")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_an_answer_follows_a_schema(kind: Kind, engine: LlamaCpp) -> None:
    sampling = Sampling(max_tokens=300, temperature=0, schema=SCHEMA_OF_ANSWER)
    async with kind.running(source=Source(engine)) as (server, backend):
        request = question("Say hello.", sampling)
        reply = await whole(backend.chat(kind.model, request, deadline_s=20, first_token_s=20))
    if SCHEMA in backend.can:
        assert json.loads(reply.text)["right"] in (True, False)
    else:
        assert reply.text == "Hello!"
        assert len(server.seen) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_fill(kind: Kind, engine: LlamaCpp) -> None:
    async with kind.running(source=Source(engine)) as (server, backend):
        if (kind, FILL) not in CALLS:
            with pytest.raises(ModelError, match="cannot fill gaps"):
                await whole(asked(backend, kind.model, FILL))
            assert not server.seen
            return
        assert (await whole(asked(backend, kind.model, FILL))).text == "return a + b"
        last = FillRequest("def add", "", sampling=GREEDY)
        reply = await whole(backend.fill(kind.model, last, deadline_s=20, first_token_s=20))
    assert reply.text == "(a, b):\n    return a + b"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_embed(kind: Kind, engine: LlamaCpp) -> None:
    async with kind.running(source=Source(engine)) as (server, backend):
        if kind not in EMBEDDING:
            with pytest.raises(ModelError, match="cannot embed"):
                await backend.embed(kind.model, ["def add"], deadline_s=20)
            assert EMBED not in backend.can
            assert not server.seen
            return
        first, second = await backend.embed(kind.model, ["def add", "class"], deadline_s=20)
        assert await backend.embed(kind.model, [], deadline_s=20) == []
    assert [first, second] == await engine.embed("tiny", ["def add", "class"], deadline_s=20)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_models_and_tokens(kind: Kind) -> None:
    async with kind.running() as (_, backend):
        found = {each.name: each for each in await backend.models(deadline_s=5)}
        n_tokens = await backend.count_tokens(kind.model, "def add", deadline_s=5)
    assert n_tokens == (7 if kind.name in ("vllm", "llama.cpp") else None)
    assert backend.is_local
    match kind.name:
        case "tabby":
            assert found["StarCoder2-3B"].can == {FILL}
            assert found["Qwen2-1.5B-Instruct"].can == {CHAT}
        case "ollama":
            model = found["starcoder2:3b"]
            assert (model.n_parameters, model.quantization) == (3_000_000_000, "Q4_K_M")
            assert (model.size_bytes, model.context_tokens) == (17, 16384)
            assert model.can == {CHAT, FILL, EMBED, SCHEMA}
        case "vllm":
            assert found["starcoder2:3b"].context_tokens == 4096
            assert FILL in found["starcoder2:3b"].can
        case "llama.cpp":
            assert (found["tiny"].context_tokens, found["tiny"].n_parameters) == (4096, 7)
        case "petals":
            assert not found
        case _:
            assert len(found) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_sampling_is_passed_on_as_each_server_names_it(kind: Kind) -> None:
    sampling = Sampling(77, 0.5, 4096, stop=("a", "b", "c", "d", "e"), seed=3)
    async with kind.running(source=Source(words=("xay",))) as (server, backend):
        request = question("Say hello.", sampling)
        reply = await whole(backend.chat(kind.model, request, deadline_s=5, first_token_s=5))
        body = server.seen[-1].body
    match kind.name:
        case "ollama":
            assert body["options"] == {
                "num_ctx": 4096,
                "num_predict": 77,
                "temperature": 0.5,
                "stop": ["a", "b", "c", "d", "e"],
                "seed": 3,
            }
        case "anthropic":
            assert (body["max_tokens"], len(body["stop_sequences"])) == (77, 5)
            assert "temperature" not in body
        case "petals":
            assert (body["max_new_tokens"], body["temperature"]) == ("77", "0.5")
            assert reply.text == "x"
        case "openai":
            assert (body["max_completion_tokens"], body["seed"]) == (77, 3)
            assert body["stop"] == ["a", "b", "c", "d"]
        case _:
            assert (body["max_tokens"], body["temperature"], body["seed"]) == (77, 0.5, 3)
            assert len(body["stop"]) == 5


async def test_a_model_with_its_own_temperature_is_not_given_one() -> None:
    kind = next(kind for kind in KINDS if kind.name == "openai")
    async with kind.running() as (_, backend):
        request = question("Say hello.", Sampling(temperature=0.2))
        reply = await whole(backend.chat("o4-mini", request, deadline_s=5, first_token_s=5))
    assert reply.text == "Hello"


async def test_ollama_without_a_template_for_gaps_is_given_the_marks(engine: LlamaCpp) -> None:
    dialect = OllamaLike(Source(engine), capabilities=("completion",))
    async with serving(dialect) as server:
        backend = Ollama(Server("Ollama", server.url), Egress())
        reply = await whole(asked(backend, "starcoder2:3b", FILL))
        assert reply.text == "return a + b"
        with pytest.raises(ModelError, match="cannot fill gaps with tiny"):
            await whole(asked(backend, "tiny", FILL))
        await backend.close()


async def test_ollama_gets_no_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "not for everyone")
    async with serving(OllamaLike(Source())) as server:
        backend = Ollama(Server("Ollama", server.url), Egress())
        await whole(asked(backend, "tiny", CHAT))
        await backend.close()
    assert "authorization" not in server.seen[0].headers


async def test_ollama_keeps_to_the_same_options_so_that_no_model_is_loaded_again() -> None:
    async with serving(OllamaLike(Source())) as server:
        backend = Ollama(Server("Ollama", server.url), Egress(), use_gpu=False)
        await whole(asked(backend, "tiny", CHAT))
        await whole(asked(backend, "tiny", FILL))
        await backend.embed("tiny", ["a"], deadline_s=5)
        await backend.close()
    options = [each.body["options"] for each in server.seen if "options" in each.body]
    assert [(each["num_ctx"], each["num_gpu"]) for each in options] == [(8192, 0)] * 3
    assert len({each.body["keep_alive"] for each in server.seen if "options" in each.body}) == 1


async def pulled(backend: Ollama) -> list[Progress]:
    async with aclosing(backend.pull("tiny", silence_s=5)) as pulling:
        return [each async for each in pulling]


async def test_ollama_pulls_with_progress() -> None:
    parts = (
        {"status": "pulling manifest"},
        {"status": "pulling 1", "digest": "1", "total": 10, "completed": 4},
        {"status": "success"},
    )
    async with serving(OllamaLike(Source(), pulls=parts)) as server:
        backend = Ollama(Server("Ollama", server.url), Egress())
        seen = await pulled(backend)
        server.dialect.pulls = ({"status": "pulling"}, {"error": "file does not exist"})
        with pytest.raises(ModelError, match="file does not exist"):
            await pulled(backend)
        server.dialect.pulls = ({"status": "pulling"},)
        with pytest.raises(ModelError, match="broke off"):
            await pulled(backend)
        await backend.close()
    assert [each.status for each in seen] == ["pulling manifest", "pulling 1", "success"]
    assert (seen[1].done_bytes, seen[1].total_bytes) == (4, 10)
