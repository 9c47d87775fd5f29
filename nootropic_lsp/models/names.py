"""The names of models, as each server writes them, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a four-bit file holds per weight, its scales included; figures are for such files.
USUAL_BITS = 4.8
# By the first digit of a quantization, K-quants with their scales: https://github.com/ggml-org/llama.cpp
_BITS = {1: 1.9, 2: 3.0, 3: 3.9, 4: USUAL_BITS, 5: 5.7, 6: 6.6, 8: 8.5, 16: 16.0, 32: 32.0}
_EDGE = r"(?:^|(?<=[-_.: ]))"
_END = r"(?=[-_.: ]|$)"
_FILE = re.compile(r"(-\d{5}-of-\d{5})?\.gguf$")
_QUANTIZATION = re.compile(
    _EDGE + r"(?:(?:i?q|int|w|mxfp|fp|bf|f)(?P<bits>\d{1,2})(?:[_-](?:k|0|1|xxs|xs|s|m|l|xl|nl))*"
    r"|(?P<plain>\d{1,2})-?bit|awq|gptq|nf4)" + _END
)
_SIZE = re.compile(_EDGE + r"(?:(?P<n>\d{1,2})x)?(?P<size>\d+(?:\.\d+)?)(?P<unit>[bm])" + _END)
_ACTIVE = re.compile(_EDGE + r"a\d+(?:\.\d+)?b" + _END)
_TALKS = re.compile(_EDGE + r"(?:instruct|it|chat)" + _END)
_BASE = re.compile(_EDGE + r"(?:base|fim)" + _END)
# A word of a tag; in a family ("granite-code") it is part of the name.
_BASE_TAG = re.compile(_EDGE + r"(?:code|text)" + _END)
_DATE = re.compile(_EDGE + r"(?:\d{4,8}|v\d+\.\d+|\d+k)" + _END)
_NOISE = re.compile(
    _EDGE + r"(?:gguf|hf|latest|qat|mlx|ud|preview|dwq|imat|pt|small|lite|meta)" + _END
)


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name taken apart. `billions` and `bits` are 0 where the name does not say.

    `is_base` is for models that go on with a text and hold no conversation.
    """

    family: str
    billions: float = 0.0
    bits: float = 0.0
    is_base: bool = False


def taken_apart(name: str) -> ModelName:
    """What a name says, be it a tag of Ollama, a repository of Hugging Face or a file."""
    text = _FILE.sub("", name.strip().lower().replace("\\", "/").rpartition("/")[2])
    bits, text = _cut_bits(text)
    text = _ACTIVE.sub("", text)
    billions, text = _cut_size(text)
    family, _, tag = text.partition(":")
    talks = bool(_TALKS.search(text))
    is_base = not talks and bool(_BASE.search(text) or _BASE_TAG.search(tag))
    for noise in (_TALKS, _BASE, _DATE, _NOISE):
        family = noise.sub("", family)
    words = "-".join(re.findall(r"[^-_ ]+", family)).strip(".-")
    # "gemma-3" and "gemma3" are one family.
    return ModelName(re.sub(r"(?<=[a-z])-(?=\d)", "", words), billions, bits, is_base)


def bits_of(quantization: str) -> float:
    """Bits per weight of a quantization such as "Q4_K_M"; 0 if it does not say."""
    return _cut_bits(quantization.lower())[0]


def is_same(name: str, other: str) -> bool:
    """Whether two names are of one model; what one of them does not say is no difference."""
    if name == other:
        return True
    one, two = taken_apart(name), taken_apart(other)
    return (one.family, one.is_base) == (two.family, two.is_base) and all(
        not mine or not theirs or mine == theirs
        for mine, theirs in ((one.billions, two.billions), (one.bits, two.bits))
    )


def _cut_bits(text: str) -> tuple[float, str]:
    found = _QUANTIZATION.search(text)
    if found is None:
        return 0.0, text
    digits = found["bits"] or found["plain"] or "4"
    return _BITS.get(int(digits), 0.0), text[: found.start()] + text[found.end() :]


def _cut_size(text: str) -> tuple[float, str]:
    found = _SIZE.search(text)
    if found is None:
        return 0.0, text
    size = float(found["size"]) * int(found["n"] or 1)
    billions = size if found["unit"] == "b" else size / 1000
    return billions, text[: found.start()] + text[found.end() :]
