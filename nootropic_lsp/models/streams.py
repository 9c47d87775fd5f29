"""Answers that arrive in pieces: their deadlines, their end, and the thoughts in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Literal

from nootropic_lsp.core.chat import Piece, Usage
from nootropic_lsp.models.failures import Server, cut_off

OPEN, CLOSE = "<think>", "</think>"
_CUT_BY = frozenset({"length", "max_tokens", "limit", "model_context_window_exceeded"})


async def answer(
    server: Server,
    pieces: AsyncGenerator[Piece, None],
    *,
    deadline_s: float,
    first_token_s: float,
    may_think: bool = False,
) -> AsyncGenerator[Piece, None]:
    """What a server says, as `Backend` promises it.

    Nothing empty, inline thoughts taken out if it `may_think`, finish and usage in the last piece
    and only there. What ends without a finish was cut off.
    """
    thoughts = Thoughts()
    finish: Literal["", "stop", "length"] = ""
    usage: Usage | None = None
    paced = _paced(server, pieces, deadline_s=deadline_s, first_token_s=first_token_s)
    async with aclosing(paced):
        async for piece in paced:
            finish = piece.finish or finish
            usage = piece.usage or usage
            if piece.thinking:
                yield Piece(thinking=_sound(piece.thinking))
            if not may_think and piece.text:
                yield Piece(text=_sound(piece.text))
            elif piece.text:
                for each in thoughts.feed(_sound(piece.text)):
                    yield each
    if not finish:
        raise cut_off(server)
    for each in thoughts.rest():
        yield each
    yield Piece(finish=finish, usage=usage)


def finish_of(reason: str | None) -> Literal["", "stop", "length"]:
    """What a server's word for the end of an answer means; nothing said is no end."""
    if not reason:
        return ""
    return "length" if reason in _CUT_BY else "stop"


class Thoughts:
    """Takes `<think>…</think>` out of a text that comes in pieces; a tag may be cut across them.

    The opening tag counts where a line begins: code and prose that speak about the tag have it
    inside of one.
    """

    def __init__(self) -> None:
        self._held = ""
        self._is_thinking = False
        self._is_line_start = True
        self._is_after_thought = False

    def feed(self, text: str) -> Iterator[Piece]:
        self._held += text
        while (end := self._tag()) >= 0:
            yield from self._take(end)
            self._held = self._held[len(CLOSE if self._is_thinking else OPEN) :]
            self._is_after_thought = self._is_thinking
            self._is_thinking = not self._is_thinking
            self._is_line_start = True
        yield from self._take(len(self._held) - self._maybe_tag())

    def rest(self) -> Iterator[Piece]:
        """What was held back in case that it was a tag."""
        yield from self._take(len(self._held))

    def _tag(self) -> int:
        """Where the next tag is, -1 if there is none."""
        if self._is_thinking:
            return self._held.find(CLOSE)
        at = self._held.find(OPEN)
        while at >= 0 and not self._begins_line(at):
            at = self._held.find(OPEN, at + 1)
        return at

    def _maybe_tag(self) -> int:
        """How many characters at the end may be the beginning of a tag."""
        tag = CLOSE if self._is_thinking else OPEN
        sizes = range(min(len(tag) - 1, len(self._held)), 0, -1)
        size = next((n for n in sizes if self._held.endswith(tag[:n])), 0)
        is_tag = self._is_thinking or self._begins_line(len(self._held) - size)
        return size if is_tag else 0

    def _begins_line(self, at: int) -> bool:
        _, newline, blank = self._held[:at].rpartition("\n")
        return not blank.strip() and (bool(newline) or self._is_line_start)

    def _take(self, end: int) -> Iterator[Piece]:
        self._is_line_start = self._begins_line(end)
        text, self._held = self._held[:end], self._held[end:]
        if self._is_thinking:
            yield from [Piece(thinking=text)] if text else []
            return
        if self._is_after_thought:
            text = text.lstrip()
            self._is_after_thought = not text
        yield from [Piece(text=text)] if text else []


async def _paced(
    server: Server,
    pieces: AsyncGenerator[Piece, None],
    *,
    deadline_s: float,
    first_token_s: float,
) -> AsyncGenerator[Piece, None]:
    """The same pieces, as long as the first word and the whole come in time."""
    start = asyncio.get_running_loop().time()
    first_s = min(first_token_s, deadline_s)
    limit_s = first_s
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout_at(start + limit_s):
                    piece = await anext(pieces, None)
            except TimeoutError:
                what = "no first word" if limit_s == first_s else "no whole answer"
                raise server.failed(f"gave {what} within {limit_s:g} s") from None
            if piece is None:
                return
            if piece.text or piece.thinking:
                limit_s = deadline_s
            yield piece


def _sound(text: str) -> str:
    """Without halves of characters, which JSON can hold and nothing else."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
