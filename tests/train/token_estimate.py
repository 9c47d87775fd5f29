"""Measures how well `prompts/tokens.py` estimates, and prints the factors for it.

    pip install 'mistral-common[sentencepiece]'
    python tests/train/token_estimate.py FOLDER…

The tokenizers are those that come with that package: one of 32,768 tokens and one of 131,072.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
from mistral_common.tokens.tokenizers.sentencepiece import SentencePieceTokenizer
from mistral_common.tokens.tokenizers.tekken import Tekkenizer

from nootropic_lsp.prompts.tokens import _PIECE

ENDINGS = ("py", "js", "ts", "go", "rs", "rb", "php", "md", "json", "txt")
PER_LANGUAGE = 40


def texts(folders: list[Path]) -> list[str]:
    """Some files of each language, their beginnings."""
    found = []
    dice = random.Random(1)
    for ending in ENDINGS:
        paths = sorted(
            path
            for folder in folders
            for path in folder.rglob(f"*.{ending}")
            if path.is_file()
            and path.stat().st_size < 60_000
            and not {"node_modules", "locale"} & set(path.parts)
        )
        dice.shuffle(paths)
        some = [path.read_text("utf-8", errors="ignore")[:20_000] for path in paths[:PER_LANGUAGE]]
        found += [text for text in some if len(text) >= 500]
    return found


def tokenizers() -> dict[str, Callable[[str], int]]:
    """A count of tokens for each size of the vocabulary."""
    data = Path(str(files("mistral_common") / "data"))
    small = SentencePieceTokenizer(str(data / "mistral_instruct_tokenizer_240323.model.v3"))
    large = Tekkenizer.from_file(str(data / "tekken_240911.json"))
    return {
        f"{each.n_words:,}": lambda text, each=each: len(each.encode(text, bos=False, eos=False))
        for each in (small, large)
    }


def main() -> None:
    """Print a line for each tokenizer and each way to estimate."""
    chosen = texts([Path(each) for each in sys.argv[1:]])
    ways = {"pieces": lambda text: len(_PIECE.findall(text)), "characters": len}
    print(f"{len(chosen)} files")
    for size, count in tokenizers().items():
        tokens = np.array([count(text) for text in chosen], float)
        for way, measure in ways.items():
            units = np.array([measure(text) for text in chosen], float)
            factor = tokens.sum() / units.sum()
            off = np.abs(units * factor / tokens - 1)
            print(
                f"{size}: {factor:.3f} tokens for one of the {way}; "
                f"off by {off.mean():.1%} on average, {np.quantile(off, 0.9):.1%} for one in ten"
            )


if __name__ == "__main__":
    main()
