"""Taking the secrets out of texts so that they can be put back into what is answered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, count, islice

from nootropic_lsp.core.chat import Piece
from nootropic_lsp.core.spans import Span
from nootropic_lsp.safety.secrets import MARK, find_all_secrets, merged, replaced

# Like the name of a constant, so that code around it can be read. No end of one is the beginning
# of another, so they never overlap.
_STEM = "HIDDEN_PLACEHOLDER_"
_WIDTH = 3
# Shorter secrets are hidden elsewhere too if they stand there by themselves and are no word.
_UNMISTAKABLE = 16
_SHORTEST = 6


def redact_log(text: str) -> str:
    """A line for a log or a span, with `[redacted]` for every secret."""
    return replaced(text, find_all_secrets(text), lambda _span: MARK)


class Redaction:
    """Some texts without their secrets, the same placeholder for the same secret everywhere.

    `is_one` is for texts that make one together, where a secret may be cut in two.
    """

    def __init__(self, texts: Sequence[str], *, is_one: bool = False) -> None:
        found = [find_all_secrets(text) for text in texts]
        if is_one:
            across = _cut(find_all_secrets("".join(texts)), texts)
            found = [merged(pair[0] + pair[1]) for pair in zip(found, across, strict=True)]
        known = _contents(texts, found)
        spans = [
            merged([*each, *_elsewhere(text, known)])
            for text, each in zip(texts, found, strict=True)
        ]
        secrets = _contents(texts, spans)
        mark_of = dict(zip(secrets, _marks(len(secrets), texts), strict=True))
        self.texts = tuple(
            _hidden(text, each, mark_of) for text, each in zip(texts, spans, strict=True)
        )
        self._secret_of = {mark: secret for secret, mark in mark_of.items()}
        self._pattern = re.compile("|".join(self._secret_of) or r"(?!)")

    @property
    def n_secrets(self) -> int:
        """How many different secrets were taken out."""
        return len(self._secret_of)

    def restore(self, text: str) -> str:
        """A text with the secrets in place of their placeholders."""
        return self._pattern.sub(lambda found: self._secret_of[found[0]], text)

    async def restored(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
        """A stream with the secrets put back; only what may begin a placeholder is held back."""
        text = thinking = ""
        try:
            async for piece in pieces:
                is_last = bool(piece.finish)
                said, text = self._split(text + piece.text, is_last)
                thought, thinking = self._split(thinking + piece.thinking, is_last)
                if said or thought or piece.finish or piece.usage:
                    yield replace(piece, text=said, thinking=thought)
            if text or thinking:
                yield Piece(text, thinking)
        finally:
            close = getattr(pieces, "aclose", None)
            if close is not None:
                await close()

    def _split(self, text: str, is_last: bool) -> tuple[str, str]:
        """What can be said, and what has to wait for more."""
        at = len(text) if is_last else len(text) - self._n_held(text)
        return self.restore(text[:at]), text[at:]

    def _n_held(self, text: str) -> int:
        longest = max(map(len, self._secret_of), default=0)
        for size in range(min(longest - 1, len(text)), 0, -1):
            if any(mark.startswith(text[-size:]) for mark in self._secret_of):
                return size
        return 0


def _hidden(text: str, spans: Sequence[Span], mark_of: Mapping[str, str]) -> str:
    return replaced(text, spans, lambda span: mark_of[text[span.start : span.end]])


def _contents(texts: Sequence[str], spans: Sequence[Iterable[Span]]) -> list[str]:
    """What is in the spans, each once, in the order in which it comes."""
    return list(
        dict.fromkeys(
            text[span.start : span.end]
            for text, found in zip(texts, spans, strict=True)
            for span in found
        )
    )


def _cut(spans: Iterable[Span], texts: Sequence[str]) -> list[list[Span]]:
    """Spans of all texts together as spans of each."""
    ends = list(accumulate(map(len, texts)))
    return [
        [
            Span(max(span.start, start) - start, min(span.end, end) - start)
            for span in spans
            if span.start < end and span.end > start
        ]
        for start, end in zip([0, *ends], ends, strict=False)
    ]


def _elsewhere(text: str, secrets: Iterable[str]) -> Iterator[Span]:
    """Where secrets stand that were recognised by what is around them at another place."""
    for secret in secrets:
        is_sure = len(secret) >= _UNMISTAKABLE
        if not is_sure and (len(secret) < _SHORTEST or secret.isalpha()):
            continue
        at = text.find(secret)
        while at >= 0:
            end = at + len(secret)
            if is_sure or not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                yield Span(at, end)
            at = text.find(secret, end)


def _marks(n: int, texts: Iterable[str]) -> list[str]:
    """So many placeholders of one length, none of which is in a text already."""
    whole = "\n".join(texts)
    width = max(_WIDTH, len(str(n + whole.count(_STEM))))
    written = set(re.findall(f"{_STEM}[0-9]{{{width}}}", whole))
    marks = (f"{_STEM}{number:0{width}}" for number in count(1))
    return list(islice((mark for mark in marks if mark not in written), n))
