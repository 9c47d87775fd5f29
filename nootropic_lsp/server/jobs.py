"""This file is where a request about code is run, on a thread."""

from __future__ import annotations

import logging
from typing import Any

from nootropic_lsp.server.methods import Method
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
