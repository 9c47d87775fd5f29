"""Failures of servers of models, as errors that say what happened and what to try."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from nootropic_lsp.core.errors import ContextOverflowError, Failure, ModelError, SafetyError
from nootropic_lsp.safety.egress import Egress

MOST_SAID = 300
_TOO_LONG = re.compile(
    r"context.{0,20}(length|size|window|limit)|exceed_context|prompt is too long|too many tokens"
    r"|input (length|is too long)|maximum.{0,20}tokens",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"context (?:length|size|window)\D{0,30}(\d{3,9})|> (\d{3,9}) maximum")
_NOT_LOADED = re.compile(
    r"more system memory|out of memory|runner process|unable to (load|allocate)"
    r"|(failed to|error) load",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Server:
    """A server of models: its name for people, where it is, what to try if it is not there."""

    name: str
    url: str
    hint: str = ""
    key: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        try:
            Egress().check(self.url)
        except SafetyError:
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name} ({self.url})"

    def failed(
        self, what: str, failure: Failure = Failure.INFERENCE_ERROR, *, is_passing: bool = False
    ) -> ModelError:
        """An error whose sentence begins with the name of the server."""
        return ModelError(failure, f"{self} {what}", is_passing=is_passing)

    def cannot(self, what: str) -> ModelError:
        """What is asked of it is nothing that it, or its model, can do."""
        return self.failed(f"cannot {what}; choose another model or server for it")


class KeyRefusedError(ModelError):
    """A server wants a key, or another one."""


def unreachable(server: Server) -> ModelError:
    hint = f"; {server.hint}" if server.hint else ""
    return server.failed(f"does not answer{hint}", Failure.MODEL_LOAD_FAILED)


def cut_off(server: Server) -> ModelError:
    return server.failed("broke off in the middle of its answer; try again", is_passing=True)


def unreadable(server: Server, why: str) -> ModelError:
    return server.failed(
        f"gave an answer that could not be read ({why}); "
        "is it the server that it is taken for, in a recent version?"
    )


def from_body(server: Server, error: object) -> ModelError:
    """The "error" that a server has put into an answer which began well."""
    said = _said(error)
    if _TOO_LONG.search(said):
        return _overflow(server, said)
    if _NOT_LOADED.search(said):
        return _not_loaded(server, said)
    return server.failed(f"failed: {said}; try again", is_passing=True)


def from_status(
    server: Server, status: int, body: object, headers: Mapping[str, str]
) -> ModelError:
    """An HTTP answer that is no success."""
    said = _said(body)
    detail = f" ({status}: {said})" if said else f" ({status})"
    if status in (429, 529):
        return _limited(server, said, detail, headers)
    if status in (401, 403):
        return KeyRefusedError(
            Failure.INFERENCE_ERROR, f"{server} does not accept the key, or there is none{detail}"
        )
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(said)):
        return _overflow(server, said or "too large")
    if status == 404:
        return server.failed(
            f"does not know this model or route{detail}; `nootropic models` lists what is there",
            Failure.MODEL_LOAD_FAILED,
        )
    if status == 503:
        return server.failed(
            f"is not ready{detail}; try again in a moment",
            Failure.MODEL_LOAD_FAILED,
            is_passing=True,
        )
    if status >= 500 and _NOT_LOADED.search(said):
        return _not_loaded(server, said)
    if status >= 500:
        is_passing = status != 501
        return server.failed(
            f"failed{detail}" + ("; try again" * is_passing), is_passing=is_passing
        )
    if 300 <= status < 400:
        return server.failed(f"sends its callers elsewhere ({status}); set its final address")
    return server.failed(f"refused the request{detail}")


def _not_loaded(server: Server, said: str) -> ModelError:
    return server.failed(
        f"could not load the model ({said}); try a smaller one", Failure.MODEL_LOAD_FAILED
    )


def _limited(server: Server, said: str, detail: str, headers: Mapping[str, str]) -> ModelError:
    wait_s = _retry_after_s(headers)
    when = "later" if wait_s is None else f"in {wait_s:g} s"
    spent = "quota" in said and wait_s is None
    what = f"has no quota left{detail}" if spent else f"is busy{detail}; try again {when}"
    error = server.failed(what, Failure.RATE_LIMIT, is_passing=not spent)
    error.retry_after_s = wait_s
    return error


def _overflow(server: Server, said: str) -> ModelError:
    limit = _LIMIT.search(said)
    return ContextOverflowError(
        f"{server} was given more than its context holds ({said}); "
        "ask about less, or raise `models.contextTokens` and the server's own limit",
        int(limit[limit.lastindex or 0]) if limit else 0,
    )


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds, by milliseconds, seconds or a date; None if there is none that makes sense."""
    try:
        if millis := headers.get("retry-after-ms"):
            wait_s = float(millis) / 1000
        elif value := headers.get("retry-after"):
            wait_s = _seconds(value)
        else:
            return None
    except ValueError:
        return None
    return max(0.0, wait_s) if math.isfinite(wait_s) else None


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return parsedate_to_datetime(value).timestamp() - time.time()


def _said(error: object) -> str:
    """What a server says about an error, in one short line: the message inside, if there is one."""
    while isinstance(error, Mapping):
        inner = next((error[k] for k in ("error", "message", "detail") if error.get(k)), None)
        if inner is None:
            error = str(error.get("type") or error.get("code") or "")
        elif isinstance(inner, str) and (kind := error.get("type") or error.get("code")):
            error = f"{kind}: {inner}"
        else:
            error = inner
    line = _UNPRINTABLE.sub(" ", str(error or "")).strip()
    return line if len(line) <= MOST_SAID else f"{line[:MOST_SAID]}…"
