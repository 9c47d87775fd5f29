"""How a text with a gap is written for models that are only given a prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FillFormat:
    """The marks of a family of models, and where its answer to a gap ends."""

    prefix: str
    suffix: str
    middle: str
    stops: tuple[str, ...] = ()

    def prompt(self, before: str, after: str) -> str:
        return f"{self.prefix}{before}{self.suffix}{after}{self.middle}"


def fill_format(model: str) -> FillFormat | None:
    """By the name of a model, with or without its maker; None if the family knows no gaps."""
    name = model.lower()
    return next((marks for pattern, marks in _FORMATS if pattern.search(name)), None)


# The marks are from the models' own cards. "instruct" versions of the later families keep them.
_FORMATS = (
    (
        re.compile(r"qwen-?(2\.5|3)-?coder|codeqwen"),
        FillFormat(
            "<|fim_prefix|>",
            "<|fim_suffix|>",
            "<|fim_middle|>",
            ("<|endoftext|>", "<|fim_pad|>", "<|file_sep|>", "<|repo_name|>"),
        ),
    ),
    (
        re.compile(r"codegemma"),
        FillFormat(
            "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", ("<|file_separator|>", "<eos>")
        ),
    ),
    (
        re.compile(r"starcoder|santacoder|granite.*code"),
        FillFormat(
            "<fim_prefix>",
            "<fim_suffix>",
            "<fim_middle>",
            ("<|endoftext|>", "<file_sep>", "<fim_pad>"),
        ),
    ),
    (
        re.compile(r"deepseek.*coder"),
        FillFormat(
            "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", ("<｜end▁of▁sentence｜>",)
        ),
    ),
    (
        re.compile(r"code-?llama(?!.*(instruct|python))"),
        FillFormat("<PRE> ", " <SUF>", " <MID>", ("<EOT>",)),
    ),
)
