"""This file is where work is run on a thread: requests about code, and what no request waits for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.server.methods import Method
from nootropic_lsp.server.notices import Notices
from nootropic_lsp.server.protocol import read
from nootropic_lsp.server.question import NoSuchText, Question

log = logging.getLogger(__name__)


class Job:
    """One request with the picture it is answered from."""

    execute_in_thread = True
    __slots__ = ("_method", "_question", "empty", "lane")

    def __init__(self, method: Method, question: Question) -> None:
        self._method = method
        self._question = question
        self.lane = method.lane
        self.empty = method.empty

    def __call__(self, given: Any) -> Any:
        """The answer, in the shape of the protocol."""
        asked = read(given, self._method.shape)
        try:
            return self._method.handler(self._question, asked)
        except (NoSuchText, OSError) as error:
            # Files come and go while we read; there is nothing to say of one that has gone.
            log.debug("%s found no text: %s", self._method.name, error)
            return self.empty


class Errand:
    """Work that no request waits for; `then` gets its result, None if it failed."""

    __slots__ = ("_notices", "_then", "_work", "lane")

    def __init__(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        notices: Notices,
        lane: str,
    ) -> None:
        self._work = work
        self._then = then
        self._notices = notices
        self.lane = lane

    def __call__(self) -> None:
        """Do it, and hand over."""
        result = None
        try:
            result = self._work()
        except (NoSuchText, OSError) as error:
            log.debug("found no text: %s", error)
        except Exception as error:  # noqa: BLE001 -- it is logged and told there
            self._notices.explain("background", error)
        self._then(result)


class Answer:
    """Work that a command waits for. Whatever cannot be done is refused with its sentence."""

    __slots__ = ("_work", "lane")

    def __init__(self, work: Callable[[], Any], lane: str) -> None:
        self._work = work
        self.lane = lane

    def __call__(self) -> Any:
        """Do it."""
        try:
            return self._work()
        except NootropicError as error:
            raise RefusedError(str(error)) from error
