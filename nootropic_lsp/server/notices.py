"""This file is where the user is told things, each of them once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import Any

from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.server.protocol import REQUEST_FAILED, Failure

log = logging.getLogger(__name__)

ERROR, WARNING, INFO = 1, 2, 3


class Notices:
    """Messages to one client, and its status. Any thread may use it."""

    def __init__(self, notify: Callable[[str, Any], None]) -> None:
        self._notify = notify
        self._told: set[str] = set()
        self._status: dict[str, Any] = {"busy": False, "kind": "Normal", "message": ""}
        self._lock = Lock()
        self.knows_status = False

    def show(self, sentence: str, kind: int = INFO) -> None:
        """Show a sentence, as often as it comes."""
        self._notify("window/showMessage", {"type": kind, "message": f"nootropic: {sentence}"})

    def tell(self, cause: str, sentence: str, kind: int = WARNING) -> bool:
        """Show a sentence, unless one with this cause was shown; whether it was."""
        with self._lock:
            if cause in self._told:
                return False
            self._told.add(cause)
        self.show(sentence, kind)
        return True

    def explain(self, method: str, error: BaseException) -> Failure | None:
        """What to answer after an exception: a refusal as it is, otherwise nothing.

        The place where this door catches our own bugs: each is logged with its
        traceback and told once, however many requests meet it.
        """
        if isinstance(error, RefusedError):
            return Failure(REQUEST_FAILED, str(error))
        if isinstance(error, NootropicError):
            self.tell(str(error), str(error))
            return None
        cause = _cause(error)
        name = type(error).__name__
        if self.tell(
            cause, f"{method} met a bug of ours ({name}: {error}); the log has more", ERROR
        ):
            log.error("%s failed", method, exc_info=error)
        else:
            log.debug("%s failed again: %s", method, cause)
        return None

    @property
    def is_warning(self) -> bool:
        """Whether the last status said that answers may be incomplete."""
        return bool(self._status["kind"] == "Warning")

    def status(self, *, busy: bool, reason: str | None, always: bool = False) -> None:
        """Say how complete answers are, if that has changed or `always`."""
        kind = "Normal" if reason is None else "Warning"
        status = {"busy": busy, "kind": kind, "message": reason or ""}
        with self._lock:
            if status == self._status and not always:
                return
            self._status = status
        # Clients that do not know a method with `$/` have to pass over it.
        self._notify("$/nootropic/status", {**status, "complete": reason is None})
        if self.knows_status:
            self._notify("didChangeStatus", status)


def _cause(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} at {where}"
