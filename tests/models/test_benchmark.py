"""Measuring models: which of them, what is made of the times, and what is kept."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest
from models.routing import router_of
from models.scripted import Clock, Scripted

from nootropic_lsp.core.chat import ModelInfo, Piece, Usage
from nootropic_lsp.core.errors import Failure, ModelError, NootropicError
from nootropic_lsp.models.backend import CHAT, FILL
from nootropic_lsp.models.benchmark import Benched, Speed, bench
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.models.registry import read_registry, registry_file
from nootropic_lsp.models.router import Router

END = Piece(finish="stop", usage=Usage(300, 41))
# The first word after half a second, forty more tokens in the two seconds after it.
STEADY = (0.5, "a", 1.0, "b", 1.0, "c", END)
WARM = ("warm",)


async def benched(router: Router, home: Path, model: str = "") -> list[Benched]:
    clock = router._clock
    async with aclosing(bench(router, model, home=home, clock=clock)) as measuring:
        return [each async for each in measuring]


async def test_the_first_token_and_the_pace_after_it(home: Path) -> None:
    info = ModelInfo("qwen2.5-coder:7b", "ollama", 4_700_000_000, 7_600_000_000, "Q4_K_M")
    server = Scripted("ollama", [WARM, STEADY, WARM, (2.0, "all at once", END)], [info])
    router = router_of(server)
    assert await benched(router, home) == [
        Benched(
            "ollama:qwen2.5-coder:7b",
            {CHAT: Speed(0.5, 20.0, 41), FILL: Speed(2.0, 20.5, 41)},
        )
    ]
    # No two prompts begin alike: who has read one has not read the next.
    assert len({repr(each.request) for each in server.asked}) == 4
    (entry,) = read_registry(registry_file(home))
    assert (entry.id, entry.architecture) == ("ollama:qwen2.5-coder:7b", "qwen2.5-coder")
    assert (entry.parameters, entry.quantization) == (7_600_000_000, "Q4_K_M")
    assert (entry.performance.latency, entry.performance.throughput) == (2.0, 20.25)
    assert entry.performance.memory == 4.7
    assert entry.benchmarks["fill_tokens_per_s"] == 20.5
    (candidate,) = await router.candidates(Needs())
    assert candidate.tokens_per_s == 20.2
    assert "measured" in candidate.why
    refused = Needs(frozenset((FILL,)), max_first_token_s=1.0)
    assert "its first token took 2.0 s" in (await router.candidates(refused))[0].refused
    # What it knows of code was not measured.
    assert candidate.accuracy == 0.978


async def test_measured_again_is_the_next_version(home: Path) -> None:
    for _ in range(2):
        await benched(router_of(Scripted("ollama", [WARM, STEADY] * 2)), home)
    (entry,) = read_registry(registry_file(home))
    assert str(entry.version) == "0.1.1-dev"


async def test_all_of_this_machine_and_a_cloud_only_by_its_name(home: Path) -> None:
    clock = Clock()
    local = Scripted("ollama", [STEADY], ["llama3.1:8b", "nomic-embed-text"], clock=clock)
    cloud = Scripted("openai", [STEADY], ["gpt-5"], is_local=False, can=frozenset((CHAT,)))
    settings = {"clouds": ("openai",), "allow_cloud_fallback": True}
    router = router_of(local, cloud, settings=settings)
    assert [each.name for each in await benched(router, home)] == ["ollama:llama3.1:8b"]
    assert not cloud.asked
    assert [each.name for each in await benched(router, home, "openai:gpt-5")] == ["openai:gpt-5"]
    (vectors,) = await benched(router, home, "nomic-embed-text")
    assert (vectors.speeds, "neither" in vectors.problem) == ({}, True)
    with pytest.raises(ModelError, match="there is no model mistral"):
        await benched(router, home, "mistral")


async def test_of_namesakes_the_one_that_was_named_is_measured(home: Path) -> None:
    names = ["llama3.1:8b-q8_0", "llama3.1:8b"]
    server = Scripted("ollama", [STEADY], names)
    for name in names:
        assert [each.name for each in await benched(router_of(server), home, name)] == [
            f"ollama:{name}"
        ]
    assert len(await benched(router_of(server), home)) == 2


async def test_what_fails_is_told_and_the_others_are_measured(home: Path) -> None:
    broken = ModelError(Failure.MODEL_LOAD_FAILED, "too large")
    first = Scripted("ollama", [(broken,)], ["llama3.1:8b"])
    other = Scripted("vllm", [STEADY], ["llama3.1:8b"])
    router = router_of(first, other)
    bad, good = await benched(router, home)
    assert (bad.name, bad.speeds) == ("ollama:llama3.1:8b", {})
    assert "chat: too large" in bad.problem
    assert good.problem == ""
    assert [each.id for each in read_registry(registry_file(home))] == ["vllm:llama3.1:8b"]


async def test_a_short_answer_says_nothing_about_speed(home: Path) -> None:
    short = (0.5, "Hi", 0.001, "!", Piece(finish="stop", usage=Usage(300, 2)))
    server = Scripted("ollama", [WARM, short], ["llama3.1:8b"])
    (found,) = await benched(router_of(server), home)
    assert found.speeds == {CHAT: Speed(0.5, 0.0, 2)}
    silent = Scripted("ollama", [WARM, (END,)], ["llama3.1:8b"])
    (found,) = await benched(router_of(silent), home)
    assert "said nothing" in found.problem


async def test_nothing_is_measured_that_could_not_be_kept(home: Path) -> None:
    registry_file(home).parent.mkdir()
    registry_file(home).write_text("kind: something else")
    server = Scripted("ollama", [STEADY])
    with pytest.raises(NootropicError, match="is damaged"):
        await benched(router_of(server), home)
    assert not server.asked
