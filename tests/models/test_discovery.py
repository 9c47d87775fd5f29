"""Which servers are found, by what they answer themselves, and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from models.conftest import TINY
from models.dialects import KEY, LlamaLike, OllamaLike, OpenAiLike, Source, TabbyLike
from models.wire_server import Answer, Refused, Request, serving

from nootropic_lsp.models import discovery
from nootropic_lsp.models.discovery import OTHER, Found, discover
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.settings.options import ModelSettings

NOWHERE = dict.fromkeys(("tabby", "ollama", "vllm", "llama.cpp"), "")
KEYS = dict.fromkeys(("tabby", "vllm", "llama.cpp", "openai"), KEY)


async def found(
    servers: Mapping[str, str], egress: Egress | None = None, **more: Any
) -> dict[str, Found]:
    settings = ModelSettings(servers={**NOWHERE, **servers}, **{"keys": KEYS, **more})
    all_found: Sequence[Found] = await discover(settings, egress or Egress())
    for each in all_found:
        if each.backend is not None:
            await each.backend.close()
    return {each.name: each for each in all_found}


@pytest.mark.parametrize(
    ("name", "dialect", "model"),
    [
        ("ollama", OllamaLike, "starcoder2:3b"),
        ("tabby", TabbyLike, "StarCoder2-3B"),
        ("vllm", OpenAiLike, "starcoder2:3b"),
        ("llama.cpp", LlamaLike, "tiny"),
    ],
)
@pytest.mark.parametrize("expected_as", ["tabby", "vllm"])
async def test_a_server_is_what_it_says_wherever_it_was_expected(
    name: str, dialect: Any, model: str, expected_as: str
) -> None:
    async with serving(dialect(Source())) as server:
        seen = await found({expected_as: server.url})
    assert seen[name].backend is not None
    assert seen[name].models[0].name == model
    if name != expected_as:
        assert seen[expected_as].backend is None
        assert f"is not at {server.url}" in seen[expected_as].problem


async def test_a_server_that_says_nothing_without_a_key_is_what_is_expected_there() -> None:
    async with serving(OpenAiLike(Source(), "huggingface")) as server:
        seen = await found({"ollama": "", "vllm": server.url})
    assert seen["vllm"].models[0].name == "starcoder2:3b"


async def test_any_other_server_that_speaks_openais_protocol_is_taken_too() -> None:
    async with serving(OllamaLike(Source())) as server:

        async def answer(request: Request) -> Answer:
            if request.path != "/v1/models":
                raise Refused(404, "")
            return Answer({"data": [{"id": "exllama-model"}]})

        server.dialect.answer = answer
        seen = await found({"vllm": server.url})
    assert seen[OTHER].models[0].name == "exllama-model"


async def test_no_key_goes_to_a_server_before_it_is_known_what_it_is() -> None:
    async with serving(OllamaLike(Source())) as server:
        seen = await found({"tabby": server.url})
    assert seen["ollama"].backend is not None
    assert all("authorization" not in each.headers for each in server.seen)


async def test_what_is_not_there_is_said_with_what_to_try() -> None:
    async with serving(OllamaLike(Source())) as server:
        pass
    seen = await found({"ollama": server.url})
    assert seen["ollama"].problem == (
        f"Ollama is not at {server.url}, which does not answer; is `ollama serve` running?"
    )


async def test_a_host_that_was_not_allowed_is_not_spoken_to() -> None:
    seen = await found({"vllm": "http://models.example:8000"})
    assert "safety.allowHosts" in seen["vllm"].problem


async def test_a_cloud_is_there_if_it_was_turned_on_has_a_key_and_may_be_spoken_to() -> None:
    assert await found({}, run="local-only", clouds=("openai",)) == {}
    assert (await found({}, clouds=("openai",)))["openai"].problem.endswith(
        'add "api.openai.com" to the setting `safety.allowHosts`'
    )
    assert "set OPENAI_API_KEY" in (await found({}, clouds=("openai",), keys={}))["openai"].problem
    egress = Egress(["api.openai.com"])
    assert (await found({}, egress, clouds=("openai",)))["openai"].backend is not None
    assert (
        await found({}, egress, clouds=("openai",), gguf=(str(TINY),), run="cloud-only")
    ).keys() == {"openai"}


async def test_without_the_engine_a_model_file_says_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discovery, "find_spec", lambda _name: None)
    seen = await found({}, gguf=(str(TINY),))
    assert "pip install 'nootropic-lsp[models]'" in seen["embedded"].problem
