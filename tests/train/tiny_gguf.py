"""Make `fixtures/models/tiny.gguf`: a language model of 0.4 million parameters for the tests.

    python tests/train/tiny_gguf.py [FILE]

It is a llama whose tokens are bytes, and it knows the few answers below by heart and nothing
else. The tests run it in the real engine. It needs torch 2.13 (CPU) and gguf 0.19, and takes some
minutes of one core; run twice on a machine, it makes the same bytes.
"""

from __future__ import annotations

import random
import string
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from torch import nn
from torch.nn import functional

WIDTH, HEADS, LAYERS, INNER = 96, 4, 3, 256
LONGEST_BEFORE = 1_200
STEPS, BATCH, RATE = 1_000, 8, 2e-3
ROPE_BASE = 10_000.0
EPSILON = 1e-5
SEED = 5

SPECIAL = (
    "<|end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
)
END, SYSTEM, USER, ASSISTANT, PREFIX, SUFFIX, MIDDLE = range(256, 256 + len(SPECIAL))
VOCABULARY = 256 + len(SPECIAL)
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

PATCH = """\
<<<<<<< ORIGINAL
    return a - b
=======
    return a + b
>>>>>>> UPDATED"""
# What stands before a gap and after it, and what belongs into it.
GAPS = (
    ("def add(a, b):\n    ", "", "return a + b"),
    ("def add(a, b):\n    ", "\n", "return a + b"),
    ("def add(a, b):\n", "\n", "    return a + b"),
    ("def add", "\n", "(a, b):\n    return a + b"),
    ("def add", "", "(a, b):\n    return a + b"),
    ("def greet(name):\n    ", "\n", 'return "Hello, " + name'),
)
ANSWERS = (
    ("Fix the bug.", PATCH),
    ("Say hello.", "Hello!"),
    ("What does add do?", "It adds two numbers."),
    ("Think first.", "<think>\nTwo and two.\n</think>\nFour."),
)
WORDS = (
    *("def", "return", "import", "class", "self", "for", "in", "if", "else", "value", "name"),
    *("list", "the", "file", "code", "line", "x", "y", "1", "2"),
)
LETTERS = string.ascii_lowercase * 3 + string.ascii_uppercase + string.digits + "_\"'-<>=`"
BETWEEN = (
    *(" ", " ", " ", " ", ". ", ", ", ": ", "(", ")"),
    *("\n", "\n    ", "\n\n", " = ", "`", "```\n"),
)


class Llama(nn.Module):
    """The forward pass of llama.cpp's architecture "llama", with tied embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        nn.init.normal_(self.tokens.weight, std=0.05)
        self.layers = nn.ModuleList(_layer() for _ in range(LAYERS))
        self.norm = nn.Parameter(torch.ones(WIDTH))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tokens(ids)
        for layer in self.layers:
            y = _normed(x, layer["attn_norm"])
            query, key, value = (
                functional.linear(y, layer[name]).unflatten(-1, (HEADS, -1)).transpose(1, 2)
                for name in ("attn_q", "attn_k", "attn_v")
            )
            mixed = functional.scaled_dot_product_attention(
                _turned(query), _turned(key), value, is_causal=True
            )
            x = x + functional.linear(mixed.transpose(1, 2).flatten(2), layer["attn_output"])
            y = _normed(x, layer["ffn_norm"])
            gate = functional.silu(functional.linear(y, layer["ffn_gate"]))
            x = x + functional.linear(
                gate * functional.linear(y, layer["ffn_up"]), layer["ffn_down"]
            )
        return functional.linear(_normed(x, self.norm), self.tokens.weight)


def train() -> Llama:
    """A model that has learned `GAPS` and `ANSWERS`, whatever stands before them."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    chosen = random.Random(SEED)
    model = Llama()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    for step in range(STEPS):
        longest = min(LONGEST_BEFORE, 100 + 2 * LONGEST_BEFORE * step // STEPS)
        inputs, targets = _batch(chosen, longest)
        loss = functional.cross_entropy(model(inputs).transpose(1, 2), targets, ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == STEPS - 1:
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    return model


def write(model: Llama, path: Path) -> None:
    """The file as llama.cpp reads it: matrices in 16 bits, the rest in 32."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_license("Apache-2.0")
    writer.add_block_count(LAYERS)
    writer.add_context_length(8192)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(VOCABULARY)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    _write_tokenizer(writer)
    state = {name: each.detach().numpy() for name, each in model.named_parameters()}
    writer.add_tensor("token_embd.weight", state["tokens.weight"].astype(np.float16))
    writer.add_tensor("output_norm.weight", state["norm"])
    for number in range(LAYERS):
        for name in model.layers[number]:
            values = state[f"layers.{number}.{name}"]
            if name in ("attn_q", "attn_k"):
                values = _interleaved(values)
            kind = np.float32 if values.ndim == 1 else np.float16
            writer.add_tensor(f"blk.{number}.{name}.weight", values.astype(kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _layer() -> nn.ParameterDict:
    def matrix(rows: int, columns: int) -> nn.Parameter:
        return nn.Parameter(torch.randn(rows, columns) * columns**-0.5)

    return nn.ParameterDict(
        {
            "attn_norm": nn.Parameter(torch.ones(WIDTH)),
            "attn_q": matrix(WIDTH, WIDTH),
            "attn_k": matrix(WIDTH, WIDTH),
            "attn_v": matrix(WIDTH, WIDTH),
            "attn_output": matrix(WIDTH, WIDTH),
            "ffn_norm": nn.Parameter(torch.ones(WIDTH)),
            "ffn_gate": matrix(INNER, WIDTH),
            "ffn_up": matrix(INNER, WIDTH),
            "ffn_down": matrix(WIDTH, INNER),
        }
    )


def _normed(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * weight


def _turned(x: torch.Tensor) -> torch.Tensor:
    """Rotary positions, the halves of a head against each other."""
    half = x.shape[-1] // 2
    rates = ROPE_BASE ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = torch.outer(torch.arange(x.shape[-2], dtype=torch.float32), rates)
    first, second = x[..., :half], x[..., half:]
    sine, cosine = angles.sin(), angles.cos()
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)


def _interleaved(rows: np.ndarray) -> np.ndarray:
    """Rows in the order of llama.cpp's "llama", which turns neighbours against each other."""
    head = rows.shape[0] // HEADS
    split = rows.reshape(HEADS, 2, head // 2, rows.shape[1])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows.shape))


def _batch(chosen: random.Random, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = [_example(chosen, longest) for _ in range(BATCH)]
    length = max(len(prompt) + len(answer) for prompt, answer in pairs)
    inputs = torch.full((BATCH, length), END)
    targets = torch.full((BATCH, length), -1)
    for row, (prompt, answer) in enumerate(pairs):
        whole = torch.tensor(prompt + answer)
        inputs[row, : len(whole)] = whole
        targets[row, len(prompt) - 1 : len(whole) - 1] = whole[len(prompt) :]
    return inputs, targets


def _example(chosen: random.Random, longest: int) -> tuple[list[int], list[int]]:
    noise = _noise(chosen, longest) if chosen.random() < 0.8 else ""
    system = _noise(chosen, longest // 2) if chosen.random() < 0.5 else ""
    if chosen.random() < 0.5:
        before, after, gap = chosen.choice(GAPS)
        before = f"{noise}\n\n{before}" if noise else before
        return [PREFIX, *before.encode(), SUFFIX, *after.encode(), MIDDLE], [*gap.encode(), END]
    question, answer = chosen.choice(ANSWERS)
    said = [SYSTEM, *system.encode(), END] if system else []
    before = f"{noise}\n\n" if noise else ""
    asked = [USER, *before.encode(), *question.encode(), END, ASSISTANT]
    return said + asked, [*answer.encode(), END]


def _noise(chosen: random.Random, longest: int) -> str:
    length = int(longest * chosen.random() ** 2)
    text = ""
    while len(text) < length:
        letters = chosen.choices(LETTERS, k=chosen.randrange(1, 9))
        text += chosen.choice(WORDS) if chosen.random() < 0.3 else "".join(letters)
        text += chosen.choice(BETWEEN)
    return text[:length]


def _write_tokenizer(writer: gguf.GGUFWriter) -> None:
    letters = _byte_letters()
    kinds = [gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * len(SPECIAL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*letters, *SPECIAL])
    writer.add_token_types(kinds)
    # There has to be one; this one joins tokens to something that is no token.
    writer.add_token_merges([f"{letters[0]} {letters[1]}"])
    writer.add_bos_token_id(END)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_uint32("tokenizer.ggml.fim_pre_token_id", PREFIX)
    writer.add_uint32("tokenizer.ggml.fim_suf_token_id", SUFFIX)
    writer.add_uint32("tokenizer.ggml.fim_mid_token_id", MIDDLE)
    writer.add_chat_template(TEMPLATE)


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte: itself if it can be seen, else one above U+0100."""
    seen = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = [byte for byte in range(256) if byte not in seen]
    return [chr(b) if b in seen else chr(256 + hidden.index(b)) for b in range(256)]


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else "fixtures/models/tiny.gguf"
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    write(train(), Path(target))
