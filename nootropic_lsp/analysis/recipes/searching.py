"""Searching with the regular expressions of recipes, in a process that can be ended.

Some expressions take longer than a life on some texts, and Python cannot stop one that is under
way. The process is `python -P -m nootropic_lsp.analysis.recipes.searching`; it speaks `frames`
on its standard streams.
"""

from __future__ import annotations

import re
import sys
from types import TracebackType
from typing import Self

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.workers import Worker, WorkerDiedError

# Sane expressions take microseconds for a node of a tree.
DEADLINE_S = 3.0
_MOST_SHOWN = 60
_COMMAND = (sys.executable, "-P", "-m", "nootropic_lsp.analysis.recipes.searching")


class Searcher:
    """The process that searches, started when it is first needed, ended at the end of `with`."""

    def __init__(self) -> None:
        self._worker = Worker(_COMMAND)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.stop()

    def finds(self, regex: re.Pattern[str], text: str) -> bool:
        """Whether an expression matches anywhere. Raises `NootropicError` if it takes too long."""
        asked = {"do": "search", "regex": regex.pattern, "text": _encoded(text)}
        try:
            return bool(self._worker.ask(asked, DEADLINE_S))
        except WorkerDiedError as error:
            shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
            raise NootropicError(
                f"the regular expression `{regex.pattern}` of the recipe {error}, at `{shown}`; "
                "write it without repetitions inside of repetitions"
            ) from error


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# ---- in the process


def main() -> int:
    """Answer requests until the input ends."""
    while (request := receive(sys.stdin.buffer)) is not None:
        found = None
        if request["do"] == "search":
            found = re.search(request["regex"], request["text"].decode("utf-8", "surrogatepass"))
        send(sys.stdout.buffer, found is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
