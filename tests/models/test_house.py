"""The router of a workspace, put together from its settings."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from models.calls import question
from models.conftest import TINY
from models.dialects import OllamaLike, Source
from models.wire_server import serving

from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models import house, registry
from nootropic_lsp.models.benchmark import bench
from nootropic_lsp.models.house import open_router, pull
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.models.registry import Entry, Performance
from nootropic_lsp.models.router import Router
from nootropic_lsp.settings.options import ModelSettings, SafetySettings, Settings
from nootropic_lsp.telemetry.spans import Span, Tracer

# Nothing of this machine is looked for.
NOWHERE = dict.fromkeys(("tabby", "ollama", "vllm", "llama.cpp"), "")


@asynccontextmanager
async def opened(
    root: Path,
    home: Path,
    *,
    servers: Mapping[str, str] | None = None,
    kept: list[Span] | None = None,
    **models: Any,
) -> AsyncIterator[Router]:
    settings = Settings(
        models=ModelSettings(servers=NOWHERE | dict(servers or {}), use_gpu=False, **models)
    )
    tracer = Tracer([] if kept is None else [kept.extend], redact=str)
    router = await open_router(settings, root=root, home=home, tracer=tracer)
    try:
        yield router
    finally:
        await router.close()
        tracer.close()


async def test_a_model_file_in_the_settings_answers(tmp_path: Path, home: Path) -> None:
    kept: list[Span] = []
    lost, text = str(tmp_path / "lost.gguf"), tmp_path / "text.gguf"
    text.write_text("no model")
    files = (str(TINY), lost, str(text))
    async with opened(tmp_path, home, kept=kept, gguf=files) as router:
        answered = await router.whole(question("Fix the bug."))
        assert "return a + b" in answered.reply.text
        assert (answered.backend, answered.model) == ("embedded", "tiny")
        described = await router.describe()
    assert {each.name: each.problem for each in described.servers} == {
        "embedded": "",
        lost: f"there is no model file {lost}; look at the setting `models.gguf`",
        str(text): f"{text} is no GGUF file, so no engine can run it",
    }
    assert [span.name for span in kept] == ["chat tiny"]


async def test_what_is_not_installed_is_named_with_what_brings_it(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "_LIBRARIES", ("httpx", "no_such_library"))
    with pytest.raises(ModelError, match=r"`pip install 'nootropic-lsp\[models\]'`") as caught:
        async with opened(tmp_path, home):
            pass
    assert caught.value.failure is Failure.MODEL_LOAD_FAILED


async def test_without_any_server_it_is_said_how_to_get_one(tmp_path: Path, home: Path) -> None:
    async with opened(tmp_path, home) as router:
        with pytest.raises(ModelError, match=r"no language model.*`models\.gguf`"):
            await router.whole(question("Hello"))


async def test_where_may_be_spoken_to_is_what_the_settings_say(tmp_path: Path, home: Path) -> None:
    servers = {"ollama": "http://models.example:11434"}
    async with opened(tmp_path, home, servers=servers) as router:
        with pytest.raises(ModelError, match=r'add "models\.example" to .*safety\.allowHosts'):
            await router.whole(question("Hello"))


def test_nothing_that_speaks_with_servers_is_imported_early() -> None:
    code = (
        "import sys, nootropic_lsp.models.house, nootropic_lsp.models.benchmark\n"
        "slow = {'httpx', 'ollama', 'pydantic', 'xllamacpp', 'numpy'} & set(sys.modules)\n"
        "sys.exit(repr(slow) if slow else 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


async def test_what_was_measured_counts_and_a_damaged_registry_does_not_stop_it(
    tmp_path: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = registry.registry_file(home)
    registry.write_registry(file, [Entry("embedded:tiny", performance=Performance(throughput=77))])
    async with opened(tmp_path, home, gguf=(str(TINY),)) as router:
        (candidate,) = await router.candidates(Needs())
        assert "77 tokens/s measured" in candidate.why
    file.write_text("kind: something else")
    with caplog.at_level(logging.WARNING):
        async with opened(tmp_path, home, gguf=(str(TINY),)) as router:
            (candidate,) = await router.candidates(Needs())
    assert "measured" not in candidate.why
    assert "is damaged" in caplog.text


async def test_a_bench_measures_the_real_engine(tmp_path: Path, home: Path) -> None:
    async with opened(tmp_path, home, gguf=(str(TINY),)) as router:
        async with aclosing(bench(router, home=home)) as measuring:
            (benched,) = [each async for each in measuring]
        (candidate,) = await router.candidates(Needs())
    assert (benched.name, benched.problem) == ("embedded:tiny", "")
    assert set(benched.speeds) == {"chat", "fill"}
    assert all(each.first_token_s > 0 for each in benched.speeds.values())
    (entry,) = registry.read_registry(registry.registry_file(home))
    assert entry.id == "embedded:tiny"
    assert entry.benchmarks["chat_first_token_s"] == benched.speeds["chat"].first_token_s
    assert candidate.tokens_per_s == pytest.approx(entry.performance.throughput, abs=0.1)


async def test_ollama_downloads_a_model_which_is_there_then(tmp_path: Path, home: Path) -> None:
    parts = (
        {"status": "pulling manifest"},
        {"status": "pulling 1", "digest": "1", "total": 10, "completed": 4},
        {"status": "success"},
    )
    async with serving(OllamaLike(Source(), pulls=parts)) as server:
        async with opened(tmp_path, home, servers={"ollama": server.url}) as router:
            seen = [each async for each in pull(router, "ollama:starcoder2:3b")]
            assert [each.offer.key for each in await router.candidates(Needs())] == [
                ("ollama", "starcoder2:3b")
            ]
    assert [(each.status, each.done_bytes) for each in seen] == [
        ("pulling manifest", 0),
        ("pulling 1", 4),
        ("success", 0),
    ]
    (pulled,) = [each for each in server.seen if each.path == "/api/pull"]
    assert pulled.body["model"] == "starcoder2:3b"
    later = server.seen[server.seen.index(pulled) :]
    assert "/api/tags" in [each.path for each in later]


async def test_without_ollama_it_is_said_how_else_to_get_a_model(
    tmp_path: Path, home: Path
) -> None:
    async with serving(OllamaLike(Source())) as server:
        pass
    for servers in ({}, {"ollama": server.url}):
        async with opened(tmp_path, home, servers=servers) as router:
            with pytest.raises(ModelError, match=r"downloaded by Ollama.*`models\.gguf`"):
                async for _ in pull(router, "starcoder2:3b"):
                    pass


async def test_the_gate_is_that_of_the_settings(tmp_path: Path, home: Path) -> None:
    settings = Settings(
        models=ModelSettings(servers=NOWHERE, gguf=(str(TINY),)),
        safety=SafetySettings(max_prompt_chars=5),
    )
    tracer = Tracer([], redact=str)
    router = await open_router(settings, root=tmp_path, home=home, tracer=tracer)
    with pytest.raises(ModelError, match=r"safety\.maxPromptChars"):
        await router.whole(question("longer than that"))
    await router.close()
