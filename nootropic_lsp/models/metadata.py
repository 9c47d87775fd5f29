"""What is known of common models: how large, how fast, how good, and what they can be asked.

`model-metadata.json` has figures for files of four bits, one entry a model. Its first three
entries come with the format. The others are rough, and good for an order only:

- `size_gb` is what the usual four-bit file takes (Q4_K_M in the library of Ollama).
- `ram_min_gb` is that and a fifth, and half a gigabyte for the conversation.
- Tokens per second are on the scale of the first three entries, ten times what one conversation
  gets on a common laptop (`TYPICAL_SCALE`). Every token reads the whole model once, so speed is
  taken as 540 (processor) and 2,700 (graphics card) by the gigabytes read; for mixtures of
  experts, by those of the active ones.
- `accuracy_code_task` is 1 - 0.19 * (1 - p), with p the pass@1 on HumanEval that the makers of
  the model report (of the chat model if there is one; for Devstral, Qwen3-Coder and gpt-oss a
  guess, and for Llama 3.2 too). The line is drawn through the first entry: StarCoder2-3B, 0.317
  there, has 0.87.

What was measured on this machine (`nootropic models bench`) replaces these figures.
`model-families.json` says what a family can be asked, with "fill" for fill-in-the-middle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, log2
from pathlib import Path
from typing import Any

from nootropic_lsp.core.chat import ModelInfo
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.models.backend import CHAT, EMBED
from nootropic_lsp.models.names import USUAL_BITS, ModelName, bits_of, taken_apart

# Typical tokens per second in the file by those of one conversation.
TYPICAL_SCALE = 10.0

_HERE = Path(__file__).parent
_AMOUNTS = ("size_gb", "ram_min_gb", "typical_tokens_per_s_cpu", "typical_tokens_per_s_gpu")
_ACCURACIES = ("accuracy_code_task", "accuracy_general_task")
_KNOWN = frozenset((*_AMOUNTS, *_ACCURACIES))
_SPEED_CPU, _SPEED_GPU = 540.0, 2_700.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a model. Tokens per second are those of one conversation.

    `is_estimate` says that the model is unknown, and all of it is taken from its size.
    """

    name: str
    size_gb: float
    ram_min_gb: float
    tokens_per_s_cpu: float
    tokens_per_s_gpu: float
    accuracy: float
    is_estimate: bool = False

    def at(self, bits: float) -> Figures:
        """The same with so many bits per weight: less to read is faster."""
        share = bits / USUAL_BITS
        return replace(
            self,
            size_gb=self.size_gb * share,
            ram_min_gb=max(self.ram_min_gb + self.size_gb * (share - 1), 1.0),
            tokens_per_s_cpu=self.tokens_per_s_cpu / share,
            tokens_per_s_gpu=self.tokens_per_s_gpu / share,
        )


@dataclass(frozen=True, slots=True)
class Family:
    """What all models of a family have in common."""

    can: frozenset[str]
    context_tokens: int


def figures_for(model: ModelInfo) -> Figures:
    """What is known of a model that a server offers; by its size if it is not a common one."""
    name = taken_apart(model.name)
    bits = bits_of(model.quantization) or name.bits
    known = _nearest(catalogue(), name, model)
    if known is None:
        return _estimated(model, name, bits)
    return known if bits in (0.0, USUAL_BITS) else known.at(bits)


def abilities(model: ModelInfo) -> frozenset[str]:
    """What a model can be asked: what its server says of it, else what its family is for."""
    if model.can:
        return model.can
    name = taken_apart(model.name)
    known = families().get(name.family)
    if known is None:
        return frozenset((EMBED,)) if "embed" in name.family else frozenset((CHAT,))
    return known.can - {CHAT} if name.is_base else known.can


def context_of(model: ModelInfo) -> int:
    """The most tokens a model has been made for, 0 if nobody says."""
    known = families().get(taken_apart(model.name).family)
    return model.context_tokens or (0 if known is None else known.context_tokens)


@cache
def catalogue() -> Mapping[ModelName, Figures]:
    """The figures that come with nootropic, by the model."""
    found = read_metadata((_HERE / "model-metadata.json").read_text(encoding="utf-8"))
    return {_key(taken_apart(each.name)): each for each in found}


@cache
def families() -> Mapping[str, Family]:
    """The families that are known, by name."""
    table = json.loads((_HERE / "model-families.json").read_text(encoding="utf-8"))
    return {
        name: Family(frozenset(entry["can"]), entry["context_tokens"])
        for name, entry in table.items()
    }


def read_metadata(text: str) -> list[Figures]:
    """The models of a `model-metadata.json`.

    Raises `NootropicError` with the model and the key that is wrong.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NootropicError(f"the metadata of models is no valid JSON: {error}") from error
    if not isinstance(table, dict):
        raise NootropicError("the metadata of models has to be an object, one key a model")
    return [_figures(name, entry) for name, entry in table.items()]


def _figures(name: str, entry: Any) -> Figures:
    if not isinstance(entry, dict):
        raise NootropicError(f"{name}: an object of figures was expected")
    unknown = sorted(set(entry) - _KNOWN)
    if unknown:
        raise NootropicError(f'{name}: "{unknown[0]}" is no figure of a model')
    size, ram, cpu, gpu = (_amount(name, entry, key) for key in _AMOUNTS)
    accuracies = [_amount(name, entry, key) for key in _ACCURACIES if key in entry]
    if not accuracies:
        raise NootropicError(f'{name}: "{_ACCURACIES[0]}" is missing')
    if max(accuracies) > 1:
        raise NootropicError(f"{name}: an accuracy is a number from 0 to 1")
    return Figures(name, size, ram, cpu / TYPICAL_SCALE, gpu / TYPICAL_SCALE, accuracies[0])


def _amount(name: str, entry: Mapping[str, Any], key: str) -> float:
    value = entry.get(key)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or not is_number or not 0 < value < 1e6:
        raise NootropicError(f'{name}: "{key}" must be a number above 0')
    return float(value)


def _key(name: ModelName) -> ModelName:
    return ModelName(name.family, name.billions)


def _nearest(
    known: Mapping[ModelName, Figures], name: ModelName, model: ModelInfo
) -> Figures | None:
    """The entry of a model; among those of its family, where its name has no size."""
    exact = known.get(_key(name))
    if exact is not None:
        return exact
    billions = name.billions or model.n_parameters / 1e9
    of_family = {
        each.billions: figures for each, figures in known.items() if each.family == name.family
    }
    if not of_family:
        return None
    if not billions:
        return of_family[min(of_family)] if not model.size_bytes else _by_bytes(of_family, model)
    nearest = min(of_family, key=lambda each: abs(each - billions))
    # Rounding ("7.6B") is no other model; half as large is.
    return of_family[nearest] if abs(nearest - billions) <= 0.25 * nearest else None


def _by_bytes(of_family: Mapping[float, Figures], model: ModelInfo) -> Figures:
    return min(
        of_family.values(), key=lambda figures: abs(figures.size_gb - model.size_bytes / 1e9)
    )


def _estimated(model: ModelInfo, name: ModelName, bits: float) -> Figures:
    """Figures from the size alone; an unknown model counts as less good than a known one."""
    billions = name.billions or model.n_parameters / 1e9
    size_gb = model.size_bytes / 1e9 or billions * (bits or USUAL_BITS) / 8 or _usual_size()
    accuracy = 0.76 + 0.02 * log2(max(billions or size_gb * 8 / USUAL_BITS, 1))
    return Figures(
        model.name,
        size_gb=size_gb,
        ram_min_gb=ceil(size_gb * 1.2 + 0.5),
        tokens_per_s_cpu=_SPEED_CPU / TYPICAL_SCALE / size_gb,
        tokens_per_s_gpu=_SPEED_GPU / TYPICAL_SCALE / size_gb,
        accuracy=min(accuracy, 0.9),
        is_estimate=True,
    )


def _usual_size() -> float:
    return _middle(figures.size_gb for figures in catalogue().values())


def _middle(numbers: Iterable[float]) -> float:
    ordered = sorted(numbers)
    return ordered[len(ordered) // 2]
