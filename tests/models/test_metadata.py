from __future__ import annotations

import json
from pathlib import Path

import pytest

import nootropic_lsp
from nootropic_lsp.core.chat import ModelInfo
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.models.backend import CHAT, EMBED, FILL
from nootropic_lsp.models.metadata import (
    abilities,
    catalogue,
    context_of,
    families,
    figures_for,
    read_metadata,
)
from nootropic_lsp.models.names import ModelName, bits_of, is_same, taken_apart

FILE = Path(nootropic_lsp.__file__).parent / "models" / "model-metadata.json"


@pytest.mark.parametrize(
    ("name", "family", "billions", "bits", "is_base"),
    [
        ("qwen2.5-coder:7b-instruct-q4_K_M", "qwen2.5-coder", 7, 4.8, False),
        ("Qwen/Qwen2.5-Coder-7B-Instruct", "qwen2.5-coder", 7, 0, False),
        ("Qwen/Qwen2.5-Coder-7B-Instruct-AWQ", "qwen2.5-coder", 7, 4.8, False),
        ("starcoder2-3b.Q4_K_M.gguf", "starcoder2", 3, 4.8, False),
        ("/m/Qwen2.5-Coder-1.5B-Q8_0-00001-of-00002.gguf", "qwen2.5-coder", 1.5, 8.5, False),
        ("C:\\models\\Phi-4-14B.gguf", "phi4", 14, 0, False),
        ("hf.co/bartowski/Qwen2.5-Coder-7B-Instruct-GGUF:Q4_K_M", "qwen2.5-coder", 7, 4.8, False),
        ("TabbyML/StarCoder-1B", "starcoder", 1, 0, False),
        ("deepseek-coder:6.7b-base-q8_0", "deepseek-coder", 6.7, 8.5, True),
        ("DeepSeek-Coder-V2-Lite-Instruct", "deepseek-coder-v2", 0, 0, False),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1", 8, 0, False),
        ("Meta-Llama-3.1-8B-Instruct-IQ3_XS.gguf", "llama3.1", 8, 3.9, False),
        ("llama3.2:latest", "llama3.2", 0, 0, False),
        ("gemma3:1b-it-qat", "gemma3", 1, 0, False),
        ("google/gemma-3-1b-it", "gemma3", 1, 0, False),
        ("codellama:7b-code", "codellama", 7, 0, True),
        ("ibm-granite/granite-8b-code-instruct-128k", "granite-code", 8, 0, False),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8", "qwen3-coder", 30, 8.5, False),
        ("mistralai/Devstral-Small-2507", "devstral", 0, 0, False),
        ("mixtral:8x7b", "mixtral", 56, 0, False),
        ("smollm2:360m", "smollm2", 0.36, 0, False),
        ("nomic-embed-text-v1.5", "nomic-embed-text", 0, 0, False),
        ("starcoder2-3b-4bit", "starcoder2", 3, 4.8, False),
    ],
)
def test_a_name_as_servers_write_it(
    name: str, family: str, billions: float, bits: float, is_base: bool
) -> None:
    assert taken_apart(name) == ModelName(family, billions, bits, is_base)


def test_what_a_name_leaves_open_is_no_difference() -> None:
    assert is_same("starcoder2-3b-4bit", "starcoder2:3b")
    assert is_same("Qwen/Qwen2.5-Coder-7B-Instruct", "qwen2.5-coder:7b-instruct-q4_K_M")
    assert not is_same("qwen2.5-coder:7b", "qwen2.5-coder:1.5b")
    assert not is_same("qwen2.5-coder:7b", "qwen2.5-coder:7b-base")
    assert not is_same("starcoder2:3b-q8_0", "starcoder2-3b-4bit")
    assert not is_same("qwen3:8b", "qwen2.5-coder:8b")


def test_the_entries_of_the_format_are_as_they_were_given() -> None:
    table = json.loads(FILE.read_text())
    assert list(table)[:3] == ["starcoder2-3b-4bit", "gemma3-1b-4bit", "llama2-7b-4bit"]
    assert table["starcoder2-3b-4bit"] == {
        "size_gb": 3.0,
        "ram_min_gb": 4,
        "typical_tokens_per_s_cpu": 200,
        "typical_tokens_per_s_gpu": 1000,
        "accuracy_code_task": 0.87,
    }
    assert table["gemma3-1b-4bit"]["accuracy_general_task"] == 0.82
    assert table["llama2-7b-4bit"]["typical_tokens_per_s_gpu"] == 600


def test_every_entry_is_a_model_of_a_known_family() -> None:
    known = catalogue()
    assert len(known) == len(json.loads(FILE.read_text()))
    assert {name.family for name in known} <= set(families())
    assert all(name.billions and each.size_gb < each.ram_min_gb for name, each in known.items())


def test_figures_are_found_by_any_name() -> None:
    plain = figures_for(ModelInfo("qwen2.5-coder:7b", "ollama"))
    assert plain.name == "qwen2.5-coder-7b-4bit"
    assert figures_for(ModelInfo("Qwen/Qwen2.5-Coder-7B-Instruct", "vllm")) == plain
    # Servers that say 7.6 billions mean it, too; a name without a size is judged by its bytes.
    assert figures_for(ModelInfo("qwen2.5-coder", "x", n_parameters=7_600_000_000)) == plain
    assert figures_for(ModelInfo("qwen2.5-coder:latest", "x", size_bytes=4_500_000_000)) == plain
    assert figures_for(ModelInfo("devstral:latest", "ollama")).name == "devstral-24b-4bit"


def test_more_bits_are_larger_and_slower() -> None:
    four = figures_for(ModelInfo("qwen2.5-coder:7b", "ollama"))
    eight = figures_for(ModelInfo("qwen2.5-coder:7b", "ollama", quantization="Q8_0"))
    assert eight == figures_for(ModelInfo("qwen2.5-coder:7b-q8_0", "ollama"))
    assert 1.7 < eight.size_gb / four.size_gb < 1.8
    assert eight.size_gb < eight.ram_min_gb
    assert eight.tokens_per_s_cpu < four.tokens_per_s_cpu / 1.7
    assert eight.accuracy == four.accuracy
    assert bits_of("F16") == 16


def test_an_unknown_model_is_judged_by_its_size() -> None:
    small = figures_for(ModelInfo("tiny-1b", "ollama", size_bytes=600_000_000))
    large = figures_for(ModelInfo("huge:70b", "ollama"))
    assert small.is_estimate
    assert large.is_estimate
    assert small.size_gb == 0.6
    assert 40 < large.size_gb < 45
    assert small.tokens_per_s_cpu > large.tokens_per_s_cpu
    assert small.accuracy < large.accuracy < 0.95
    # Half as large as what is known of the family is another model.
    assert figures_for(ModelInfo("codestral:10b", "ollama")).is_estimate


def test_what_a_model_can_be_asked() -> None:
    assert abilities(ModelInfo("qwen2.5-coder:7b", "x")) == {CHAT, FILL}
    assert abilities(ModelInfo("codellama:7b-code", "x")) == {FILL}
    assert abilities(ModelInfo("starcoder2-3b.Q4_K_M.gguf", "x")) == {FILL}
    assert abilities(ModelInfo("nomic-embed-text", "x")) == {EMBED}
    assert abilities(ModelInfo("new-embedder", "x")) == {EMBED}
    assert abilities(ModelInfo("unheard-of", "x")) == {CHAT}
    assert abilities(ModelInfo("starcoder2:15b", "x", can=frozenset((CHAT,)))) == {CHAT}


def test_how_much_a_model_holds() -> None:
    assert context_of(ModelInfo("qwen2.5-coder:7b", "x")) == 32768
    assert context_of(ModelInfo("qwen2.5-coder:7b", "x", context_tokens=4096)) == 4096
    assert context_of(ModelInfo("unheard-of", "x")) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no valid JSON"),
        ("[]", "has to be an object"),
        ('{"m": 3}', "m: an object"),
        ('{"m": {"size": 1}}', 'm: "size" is no figure'),
        ('{"m": {"size_gb": "3"}}', 'm: "size_gb" must be a number'),
        ('{"m": {"size_gb": true}}', 'm: "size_gb" must be a number'),
        ('{"m": {"size_gb": 1, "ram_min_gb": 0}}', 'm: "ram_min_gb" must be a number above 0'),
    ],
)
def test_what_is_wrong_with_metadata_is_named(text: str, said: str) -> None:
    with pytest.raises(NootropicError, match=said):
        read_metadata(text)


def test_an_accuracy_is_needed_and_at_most_one() -> None:
    entry = {
        "size_gb": 1,
        "ram_min_gb": 2,
        "typical_tokens_per_s_cpu": 100,
        "typical_tokens_per_s_gpu": 300,
    }
    with pytest.raises(NootropicError, match='m: "accuracy_code_task" is missing'):
        read_metadata(json.dumps({"m": entry}))
    with pytest.raises(NootropicError, match="from 0 to 1"):
        read_metadata(json.dumps({"m": entry | {"accuracy_code_task": 87}}))
    (read,) = read_metadata(json.dumps({"m": entry | {"accuracy_general_task": 0.5}}))
    assert (read.tokens_per_s_cpu, read.tokens_per_s_gpu, read.accuracy) == (10.0, 30.0, 0.5)
