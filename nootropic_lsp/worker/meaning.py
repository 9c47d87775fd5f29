"""Asking the worker's vectors what is like a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError, VectorStoreError
from nootropic_lsp.worker.starting import find_or_start

# Who has typed a question waits this long, once, for what makes the answer better.
_START_S = 6.0
_DEADLINE_S = 5.0


def near_of(root: Path) -> Callable[[Path, str], Sequence[tuple[int, float]]]:
    """What asks the worker of a workspace, which is started if it does not run.

    It raises `VectorStoreError`, whose text says why words alone are looked at.
    """

    def near(_database: Path, question: str) -> Sequence[tuple[int, float]]:
        try:
            wire = find_or_start(root, deadline_s=_START_S)
            said = wire.ask(
                "POST", "/internal/near", {"question": question}, deadline_s=_DEADLINE_S
            )
        except NootropicError as error:
            raise VectorStoreError(str(error)) from error
        return [(int(key), float(likeness)) for key, likeness in said["near"]]

    return near
