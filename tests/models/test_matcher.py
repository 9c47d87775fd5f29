from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from nootropic_lsp.core.chat import ModelInfo
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, SCHEMA
from nootropic_lsp.models.hardware import Gpu, Hardware
from nootropic_lsp.models.matcher import Candidate, Key, Measured, Needs, Offer, rank, where_refused
from nootropic_lsp.settings.options import ModelSettings

GIB = 1 << 30
ALL = frozenset((CHAT, FILL, EMBED, SCHEMA))
ANYTHING = Needs(frozenset())


def machine(ram_gb: int = 8, vram_gb: int = 0, *, is_unified: bool = False) -> Hardware:
    gpus = (Gpu("card", vram_gb * GIB),) if vram_gb else ()
    return Hardware(8, ram_gb * GIB, ram_gb * GIB, 10**12, gpus, is_unified)


def offers(*names: str) -> list[Offer]:
    """Of "backend/model", Ollama's without one."""
    found = []
    for name in names:
        backend, _, model = name.rpartition("/")
        backend = backend or "ollama"
        is_local = backend not in ("openai", "anthropic")
        found.append(Offer(backend, is_local, ALL, ModelInfo(model, backend)))
    return found


def ranked(
    names: Sequence[str],
    needs: Needs = ANYTHING,
    *,
    hardware: Hardware | None = None,
    settings: ModelSettings | None = None,
    measured: Mapping[Key, Measured] | None = None,
    slow: Mapping[Key, float] | None = None,
) -> list[Candidate]:
    return rank(
        offers(*names),
        needs,
        hardware=hardware or machine(),
        settings=settings or ModelSettings(),
        measured=measured,
        slow=slow,
    )


def order(found: Sequence[Candidate]) -> list[str]:
    return [each.name for each in found if not each.refused]


def refusals(found: Sequence[Candidate]) -> dict[str, str]:
    return {each.name: each.refused for each in found if each.refused}


def test_the_two_scores_of_the_format_on_eight_gigabytes_without_a_graphics_card() -> None:
    found = ranked(["llama2-7b-4bit", "starcoder2-3b-4bit"])
    assert [(each.offer.model.name, each.score) for each in found] == [
        ("starcoder2-3b-4bit", 0.94),
        ("llama2-7b-4bit", 0.646),
    ]
    assert found[0].why == "about 20 tokens/s on the processor"


@pytest.mark.parametrize(
    ("ram_gb", "vram_gb", "best"),
    [(8, 0, "3b"), (16, 0, "3b"), (16, 8, "7b"), (32, 16, "14b"), (64, 48, "14b")],
)
def test_a_larger_machine_gets_a_larger_model(ram_gb: int, vram_gb: int, best: str) -> None:
    sizes = ("0.5b", "1.5b", "3b", "7b", "14b", "32b")
    names = [f"qwen2.5-coder:{size}" for size in sizes]
    found = ranked(names, Needs(frozenset((CHAT,))), hardware=machine(ram_gb, vram_gb))
    # A card of 48 GB would hold the 32b, but runs it at 14 tokens/s.
    assert order(found)[0] == f"ollama:qwen2.5-coder:{best}"


def test_ghost_text_gets_a_faster_model_than_a_conversation() -> None:
    names = ["qwen2.5-coder:0.5b", "qwen2.5-coder:3b"]
    assert order(ranked(names, Needs(frozenset((CHAT,)))))[0].endswith("3b")
    assert order(ranked(names, Needs(frozenset((FILL,)))))[0].endswith("0.5b")


def test_without_the_graphics_card_the_processor_counts() -> None:
    hardware = machine(16, 8)
    (on_card,) = ranked(["qwen2.5-coder:7b"], hardware=hardware)
    (not_on_it,) = ranked(
        ["qwen2.5-coder:7b"], hardware=hardware, settings=ModelSettings(use_gpu=False)
    )
    assert (on_card.tokens_per_s, not_on_it.tokens_per_s) == (57.0, 11.0)
    assert "on the GPU" in on_card.why
    assert "on the processor" in not_on_it.why


def test_of_shared_memory_a_part_is_for_the_graphics_card() -> None:
    (fits,) = ranked(["qwen2.5-coder:7b"], hardware=machine(16, 16, is_unified=True))
    (does_not,) = ranked(["qwen2.5-coder:14b"], hardware=machine(16, 16, is_unified=True))
    assert "on the GPU" in fits.why
    assert "on the processor" in does_not.why


def test_servers_are_asked_in_their_order_the_best_model_of_each_first() -> None:
    names = [
        "embedded/qwen2.5-coder-3b.gguf",
        "llama.cpp/qwen2.5-coder-3b.gguf",
        "openai-compatible/qwen2.5-coder-3b",
        "vllm/qwen2.5-coder-3b",
        "ollama/llama2:7b",
        "ollama/qwen2.5-coder:3b",
        "tabby/starcoder2-3b",
    ]
    assert order(ranked(names)) == [
        "tabby:starcoder2-3b",
        "ollama:qwen2.5-coder:3b",
        "ollama:llama2:7b",
        "vllm:qwen2.5-coder-3b",
        "llama.cpp:qwen2.5-coder-3b.gguf",
        "openai-compatible:qwen2.5-coder-3b",
        "embedded:qwen2.5-coder-3b.gguf",
    ]


def test_what_the_user_prefers_goes_first_by_any_name_of_it() -> None:
    names = ["tabby/starcoder2-3b", "qwen2.5-coder:3b", "llama2:7b", "vllm/mistral-7b"]
    settings = ModelSettings(preference=("llama2-7b-4bit", "vllm:mistral-7b"))
    found = ranked(names, settings=settings)
    assert order(found)[:2] == ["ollama:llama2:7b", "vllm:mistral-7b"]
    assert found[0].why.startswith("number 1 in modelPreference, ")
    # A backend alone stands for all its models.
    assert order(ranked(names, settings=ModelSettings(preference=("vllm",))))[0].startswith("vllm")


def test_what_is_too_large_is_refused_with_the_reason() -> None:
    found = ranked(["qwen2.5-coder:7b", "qwen2.5-coder:32b"])
    assert refusals(found) == {"ollama:qwen2.5-coder:32b": "needs 25 GB of memory, and there are 8"}
    limited = ranked(["qwen2.5-coder:7b"], settings=ModelSettings(max_size_gb=4.0))
    assert limited[0].refused == "4.7 GB is more than maxModelSizeGB (4)"
    # Who serves one model has it in memory already.
    assert not ranked(["vllm/qwen2.5-coder-32b"])[0].refused


def test_clouds_are_asked_only_if_they_are_allowed_by_name() -> None:
    on = ModelSettings(clouds=("openai",), allow_cloud_fallback=True)
    assert 'add "openai" to models.clouds' in where_refused("openai", False, ModelSettings())
    assert where_refused("openai", False, on) == ""
    assert "models.clouds" in where_refused("anthropic", False, on)
    only_named = ModelSettings(clouds=("openai",))
    assert "allowCloudFallback is off" in where_refused("openai", False, only_named)
    local = ModelSettings(clouds=("openai",), allow_cloud_fallback=True, run="local-only")
    assert "local-only" in where_refused("openai", False, local)
    cloud = ModelSettings(clouds=("openai",), run="cloud-only")
    assert where_refused("openai", False, cloud) == ""
    assert "cloud-only" in where_refused("ollama", True, cloud)


def test_a_cloud_comes_last() -> None:
    on = ModelSettings(clouds=("openai",), allow_cloud_fallback=True)
    found = ranked(["openai/gpt-4o-mini", "embedded/llama2-7b.gguf"], settings=on)
    assert order(found) == ["embedded:llama2-7b.gguf", "openai:gpt-4o-mini"]
    assert found[1].why == "not on this machine"


def test_what_a_model_cannot_is_said() -> None:
    names = ["starcoder2:3b", "llama2:7b", "nomic-embed-text"]
    assert refusals(ranked(names, Needs(frozenset((FILL,))))) == {
        "ollama:llama2:7b": "cannot fill in the middle",
        "ollama:nomic-embed-text": "cannot fill in the middle",
    }
    assert refusals(ranked(names, Needs(frozenset((CHAT,))))) == {
        "ollama:starcoder2:3b": "cannot hold a conversation",
        "ollama:nomic-embed-text": "cannot hold a conversation",
    }
    assert order(ranked(names, Needs(frozenset((EMBED,))))) == ["ollama:nomic-embed-text"]


def test_what_a_server_cannot_is_said() -> None:
    offer = Offer("tabby", True, frozenset((CHAT,)), ModelInfo("qwen2.5-coder:7b", "tabby"))
    (found,) = rank(
        [offer],
        Needs(frozenset((CHAT, SCHEMA))),
        hardware=machine(),
        settings=ModelSettings(),
    )
    assert found.refused == "cannot follow a JSON schema"


def test_who_wants_one_model_gets_no_other() -> None:
    names = ["qwen2.5-coder:3b", "llama2:7b"]
    found = ranked(names, Needs(frozenset((CHAT,)), "ollama:llama2:7b"))
    assert order(found) == ["ollama:llama2:7b"]
    assert refusals(found) == {"ollama:qwen2.5-coder:3b": "ollama:llama2:7b was asked for"}


def test_measured_figures_count_instead_of_typical_ones() -> None:
    measured = {("ollama", "qwen2.5-coder:3b"): Measured(5.0, 0.4, 0.5)}
    (found,) = ranked(["qwen2.5-coder:3b"], measured=measured)
    assert (found.tokens_per_s, found.accuracy) == (5.0, 0.5)
    assert found.why == "5 tokens/s measured"
    assert found.score < ranked(["qwen2.5-coder:3b"])[0].score


def test_what_one_model_does_here_says_how_fast_the_others_are() -> None:
    measured = {("ollama", "starcoder2:3b"): Measured(tokens_per_s=10.0)}
    found = {each.name: each for each in ranked(["starcoder2:3b", "llama2:7b"], measured=measured)}
    # Half of what is typical of the one, so half of what is typical of the other.
    assert found["ollama:llama2:7b"].tokens_per_s == 6.0


def test_what_is_known_to_be_too_slow_or_too_bad_is_refused() -> None:
    measured = {("ollama", "qwen2.5-coder:3b"): Measured(20.0, first_token_s=2.5)}
    names = ["qwen2.5-coder:3b", "llama2:7b"]
    found = ranked(names, Needs(frozenset((CHAT,)), max_first_token_s=0.3), measured=measured)
    assert refusals(found) == {
        "ollama:qwen2.5-coder:3b": "its first token took 2.5 s when it was measured, "
        "more than 0.3 s"
    }
    found = ranked(names, Needs(frozenset((CHAT,)), min_accuracy=0.9))
    assert refusals(found) == {"ollama:llama2:7b": "accuracy 0.79 is less than 0.9"}


def test_one_that_was_slow_lately_comes_after_all_others() -> None:
    names = ["qwen2.5-coder:3b", "vllm/llama2-7b"]
    key = ("ollama", "qwen2.5-coder:3b")
    found = ranked(names, slow={key: 1.0}, settings=ModelSettings(preference=("ollama",)))
    assert order(found) == ["vllm:llama2-7b", "ollama:qwen2.5-coder:3b"]
    assert "too slow lately" in found[1].why
    faded = ranked(names, slow={key: 0.1})
    assert order(faded)[0] == "ollama:qwen2.5-coder:3b"
    assert faded[0].score == pytest.approx(ranked(names)[0].score - 0.1)


def test_an_unknown_model_says_so() -> None:
    (found,) = ranked(["made-at-home:2b"])
    assert "not a known model, judged by its size" in found.why
