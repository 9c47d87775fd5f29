"""The gate that everything passes on its way to a model, and back."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Piece
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.safety.access import Readable
from nootropic_lsp.safety.redaction import Redaction
from nootropic_lsp.settings.options import IndexSettings, SafetySettings

Request = TypeVar("Request", ChatRequest, FillRequest)
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Guarded(Generic[Request]):
    """What may be sent, and how its secrets get back into what is answered."""

    request: Request
    _redaction: Redaction | None = None

    @property
    def n_secrets(self) -> int:
        """How many different secrets are not sent."""
        return 0 if self._redaction is None else self._redaction.n_secrets

    def restore(self, text: str) -> str:
        """A whole answer with the secrets in place of their placeholders."""
        return text if self._redaction is None else self._redaction.restore(text)

    def restored(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
        """A streamed answer with them; closing it closes the stream."""
        return pieces if self._redaction is None else self._redaction.restored(pieces)


class Gate:
    """What may go out for one workspace. Its methods may be called on any thread."""

    def __init__(
        self,
        settings: SafetySettings,
        *,
        roots: Iterable[Path] = (),
        index: IndexSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._roots = tuple(roots)
        self._index = index
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: deque[float] = deque()

    def outgoing(self, request: Request) -> Guarded[Request]:
        """A request that may be sent: not too large, not one too many, without its secrets.

        Raises `ModelError`. The first call loads detectors for half a second, and a text of
        200,000 characters takes 0.2 s: large ones are for a thread.
        """
        texts = _texts(request)
        self._check_size(sum(map(len, texts)))
        self._check_rate()
        return self._redacted(request, texts)

    def readable(self) -> Readable:
        """What models may be given, by the ignore files as they are now: for one answer."""
        return Readable(self._roots, index=self._index)

    def may_read(self, path: str | Path) -> bool:
        """Whether models may be given a file. For many of them, `readable` once is faster."""
        return self.readable().may_read(path)

    def _check_size(self, n_chars: int) -> None:
        most = self._settings.max_prompt_chars
        if n_chars > most:
            raise ModelError(
                Failure.CONTEXT_OVERFLOW,
                f"nothing was sent: the prompt has {n_chars:,} characters, and at most {most:,} "
                "may go out; ask about less, or raise the setting `safety.maxPromptChars`",
            )

    def _check_rate(self) -> None:
        """No more than so many in any sixty seconds; those that were refused do not count."""
        most = self._settings.requests_per_minute
        with self._lock:
            now = self._clock()
            while self._sent and now - self._sent[0] >= _MINUTE_S:
                self._sent.popleft()
            if len(self._sent) < most:
                self._sent.append(now)
                return
            wait_s = self._sent[0] + _MINUTE_S - now
        raise ModelError(
            Failure.RATE_LIMIT,
            f"nothing was sent: there were {most} requests in the last minute; try again in "
            f"{math.ceil(wait_s)} s, or raise the setting `safety.requestsPerMinute`",
            is_passing=True,
            retry_after_s=wait_s,
        )

    def _redacted(self, request: Request, texts: list[str]) -> Guarded[Request]:
        if not self._settings.redact_secrets:
            return Guarded(request)
        redaction = Redaction(texts, is_one=isinstance(request, FillRequest))
        if not redaction.n_secrets:
            return Guarded(request)
        if isinstance(request, FillRequest):
            before, after = redaction.texts
            return Guarded(replace(request, before=before, after=after), redaction)
        messages = tuple(
            replace(message, content=text)
            for message, text in zip(request.messages, redaction.texts, strict=True)
        )
        return Guarded(replace(request, messages=messages), redaction)


def _texts(request: ChatRequest | FillRequest) -> list[str]:
    if isinstance(request, FillRequest):
        return [request.before, request.after]
    return [message.content for message in request.messages]
