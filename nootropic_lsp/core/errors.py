"""Failures that a person can act on."""

from __future__ import annotations

from enum import Enum


class NootropicError(Exception):
    """What happened and what to try, in a sentence for the user."""


class RefusedError(NootropicError):
    """An edit was not made because it could break something; the sentence says what."""


class VectorStoreError(NootropicError):
    """Vectors cannot be read or kept; search goes on by words."""


class Failure(Enum):
    """The kinds of failure of a call of a model, as users and other programs see them."""

    MODEL_LOAD_FAILED = "MODEL_LOAD_FAILED"
    INFERENCE_ERROR = "INFERENCE_ERROR"
    CONTEXT_OVERFLOW = "CONTEXT_OVERFLOW"
    SAFETY_VIOLATION = "SAFETY_VIOLATION"
    RATE_LIMIT = "RATE_LIMIT"


class ModelError(NootropicError):
    """A call of a model failed.

    `is_passing` says whether the same call may succeed a little later, `retry_after_s` after how
    many seconds if the server said so.
    """

    def __init__(
        self,
        failure: Failure,
        sentence: str,
        *,
        is_passing: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.failure = failure
        self.is_passing = is_passing
        self.retry_after_s = retry_after_s


class SafetyError(ModelError):
    """The gate has refused; the sentence names the setting that would allow it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Failure.SAFETY_VIOLATION, sentence)


class ContextOverflowError(ModelError):
    """More was asked than fits; `context_tokens` is what the model holds, 0 if nobody knows."""

    def __init__(self, sentence: str, context_tokens: int) -> None:
        super().__init__(Failure.CONTEXT_OVERFLOW, sentence)
        self.context_tokens = context_tokens
