"""What is suggested to who has no model yet."""

from __future__ import annotations

import json
import tomllib

import pytest

from nootropic_lsp.models.fim import fill_format
from nootropic_lsp.models.hardware import Gpu, Hardware
from nootropic_lsp.models.metadata import catalogue
from nootropic_lsp.models.names import taken_apart
from nootropic_lsp.models.presets import suggest, tabby_json, tabby_toml
from nootropic_lsp.settings.options import ModelSettings

GIB = 1 << 30
BY_RAM = {gb: Hardware(4, gb * GIB, gb * GIB // 2, 10**12) for gb in (2, 8, 16, 32)}
CARD = Hardware(8, 32 * GIB, 20 * GIB, 10**12, (Gpu("a card", 24 * GIB),))


def size_of(name: str) -> float:
    wanted = taken_apart(name)
    return next(
        each.size_gb
        for key, each in catalogue().items()
        if (key.family, key.billions) == (wanted.family, wanted.billions)
    )


@pytest.mark.parametrize("machine", [*BY_RAM.values(), CARD])
def test_what_is_suggested_fits_and_can_do_what_it_is_for(machine: Hardware) -> None:
    preset = suggest(machine, ModelSettings())
    memory_gb = max(machine.ram_bytes, machine.gpu_bytes) / GIB
    assert 0 < size_of(preset.chat) < memory_gb
    assert 0 < size_of(preset.fill) <= size_of(preset.chat)
    assert fill_format(preset.fill) is not None
    assert preset.commands[-1] == "nootropic models pull nomic-embed-text"
    assert len(preset.why) == 2


def test_more_machine_is_a_better_model_and_a_processor_is_not_given_what_it_cannot_run() -> None:
    sizes = [size_of(suggest(each, ModelSettings()).chat) for each in BY_RAM.values()]
    assert sizes == sorted(sizes)
    assert sizes[-1] < 3
    assert size_of(suggest(CARD, ModelSettings()).chat) > 10
    without = suggest(CARD, ModelSettings(use_gpu=False))
    assert without.chat == suggest(BY_RAM[32], ModelSettings()).chat
    assert not without.has_gpu


def test_settings_and_the_disk_count() -> None:
    assert size_of(suggest(CARD, ModelSettings(max_size_gb=5)).chat) <= 5
    full = Hardware(8, 32 * GIB, 20 * GIB, 600_000_000)
    assert suggest(full, ModelSettings()).chat == "qwen2.5-coder:0.5b"
    nothing = suggest(Hardware(1, GIB, GIB, 0), ModelSettings())
    assert (nothing.chat, nothing.fill, len(nothing.commands)) == ("", "", 1)
    assert list(tomllib.loads(tabby_toml(nothing))["model"]) == ["embedding"]


def test_tabby_is_given_the_same_models() -> None:
    preset = suggest(CARD, ModelSettings())
    backends = json.loads(tabby_json(preset))["backends"]
    assert [each["type"] for each in backends] == ["ollama", "vllm", "llama-cpp"]
    assert all(set(each["models"]) == {preset.chat, preset.fill} for each in backends)
    models = tomllib.loads(tabby_toml(preset))["model"]
    completion = models["completion"]["http"]
    assert (completion["kind"], completion["model_name"]) == ("ollama/completion", preset.fill)
    assert completion["prompt_template"].index("{prefix}") < completion["prompt_template"].index(
        "{suffix}"
    )
    assert models["chat"]["http"]["api_endpoint"].endswith("/v1")
    assert models["embedding"]["http"]["model_name"] == "nomic-embed-text"
