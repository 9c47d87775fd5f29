"""A question on its way through the models that are asked: its state, and what follows from its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nootropic_lsp.core.chat import ChatRequest, FillRequest
from nootropic_lsp.core.errors import ContextOverflowError, Failure, ModelError, SafetyError
from nootropic_lsp.models.answered import Record
from nootropic_lsp.models.backend import SCHEMA
from nootropic_lsp.models.breaches import Breaches
from nootropic_lsp.models.breaker import Breaker
from nootropic_lsp.models.matcher import Candidate, Needs
from nootropic_lsp.telemetry.spans import Value

# What lies in the question, not in the server.
_ASKERS_FAULT = frozenset({Failure.CONTEXT_OVERFLOW, Failure.SAFETY_VIOLATION, Failure.RATE_LIMIT})


@dataclass(slots=True)
class Call:
    """A question on its way through the candidates."""

    request: ChatRequest | FillRequest
    needs: Needs
    kind: str
    is_whole: bool = False
    started_at: float = 0.0
    ends_at: float = 0.0
    first_token_s: float = 0.0
    is_cached: bool = False
    has_begun: bool = False
    record: Record = field(default_factory=Record)
    note: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the outcome of a call says of its server and of its model."""

    breaker: Breaker
    breaches: Breaches
    candidate: Candidate
    events: deque[str]

    def enter(self) -> None:
        """Raises `ModelError` if the server has to be left alone for now."""
        if not self.breaker.enter():
            raise ModelError(
                Failure.MODEL_LOAD_FAILED,
                f"{self.candidate.offer.backend} has failed several times in a row; it is asked "
                f"again in {self.breaker.wait_s:.0f} s",
            )

    def answered(self, slow: str) -> None:
        """`slow` is how long the first token took, if that was too long."""
        self.breaker.succeeded()
        if slow:
            self._breach(f"took {slow} for its first token")
        else:
            self.breaches.kept(self.candidate.offer.key)

    def failed(self, error: ModelError, slow: str) -> None:
        """`slow` is how long it took, if that was too long."""
        if isinstance(error, SafetyError) or error.failure in _ASKERS_FAULT:
            self.breaker.left()
        else:
            self.breaker.failed()
            if self.breaker.state == "open":
                self.events.append(
                    f"{self.candidate.offer.backend} is left alone for "
                    f"{self.breaker.wait_s:.0f} s: {error}"
                )
        if slow:
            self._breach(f"had no answer after {slow}")

    def given_up(self, *, answered: bool) -> None:
        """Whoever asked has gone."""
        if answered:
            self.breaker.succeeded()
        else:
            self.breaker.left()

    def _breach(self, what: str) -> None:
        self.breaches.note(self.candidate.offer.key)
        self.events.append(f"{self.candidate.name} {what}: others are asked first for a while")


def fitted(request: ChatRequest | FillRequest, candidate: Candidate) -> ChatRequest | FillRequest:
    """A request as this model can take it: within its context, without a schema it cannot follow."""
    sampling = request.sampling
    held = candidate.context_tokens or sampling.context_tokens
    can_follow = SCHEMA in candidate.offer.backend_can
    if held >= sampling.context_tokens and (sampling.schema is None or can_follow):
        return request
    fitted = replace(
        sampling,
        context_tokens=min(held, sampling.context_tokens),
        schema=sampling.schema if can_follow else None,
    )
    return replace(request, sampling=fitted)


def with_context(error: ModelError, candidate: Candidate) -> ModelError:
    """The error, with what the model holds if it was asked for too much."""
    if error.failure is not Failure.CONTEXT_OVERFLOW or isinstance(error, ContextOverflowError):
        return error
    return ContextOverflowError(str(error), candidate.context_tokens)


def summed_up(failures: Sequence[ModelError]) -> ModelError:
    """One error for all: that of the first, which is the one that was wanted."""
    first = failures[0]
    if len(failures) == 1:
        return first
    others = "; ".join(str(each) for each in failures[1:])
    sentence = f"{first}. The others could not answer either: {others}"
    for each in failures:
        if isinstance(each, ContextOverflowError):
            held = [
                other.context_tokens
                for other in failures
                if isinstance(other, ContextOverflowError)
            ]
            return ContextOverflowError(sentence, max(held))
    return ModelError(
        first.failure,
        sentence,
        is_passing=any(each.is_passing for each in failures),
        retry_after_s=min((e.retry_after_s for e in failures if e.retry_after_s), default=None),
    )
