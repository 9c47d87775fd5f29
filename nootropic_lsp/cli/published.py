"""This file is where the tour keeps the findings that the server pushes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Findings = Sequence[Mapping[str, Any]]


class Published:
    """The last findings of each file, as an editor would show them."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Findings] = {}
        self._changed = threading.Condition()

    def hear(self, method: str, params: Any) -> None:
        """Take one notification, on the thread that reads."""
        if method == "textDocument/publishDiagnostics":
            with self._changed:
                self._by_uri[params["uri"]] = params["diagnostics"]
                self._changed.notify_all()

    def wait(
        self, uri: str, is_enough: Callable[[Findings], bool], *, deadline_s: float
    ) -> Findings:
        """The findings of a file as soon as they are enough, or what there is when time is up."""
        with self._changed:
            self._changed.wait_for(lambda: is_enough(self._by_uri.get(uri, ())), deadline_s)
            return self._by_uri.get(uri, ())
