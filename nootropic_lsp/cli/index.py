"""`nootropic index`: bring the index of a workspace up to date."""

from __future__ import annotations

import time

from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.output import count
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.workspace import folder, opened, root_for


def index(
    path: str | None = None,
    *,
    rebuild: bool = False,
    workspace: str | None = None,
    trust: bool = False,
) -> Answer:
    """Index what changed, or everything anew; says what the index then holds."""
    root = folder(path) if path is not None else root_for(workspace)
    with opened(root, trust=trust) as app:
        started = time.perf_counter()
        with Bar("indexing") as bar:
            app.index(bar.show, rebuild=rebuild)
        seconds = time.perf_counter() - started
        status = app.status()
        return Answer(
            f"{root}: {count(status['files'], 'file')}, {count(status['symbols'], 'symbol')}, "
            f"{count(status['references'], 'reference')}, {status['bytes'] / 1e6:.1f} MB, in {seconds:.1f} s"
            + "".join(f"\nleft out: {name}: {why}" for name, why in status["quarantined"].items()),
            {"workspace": str(root), "seconds": round(seconds, 3), **status},
            code=FOUND if status["files"] else NOTHING_FOUND,
            note="" if status["files"] else f"no file of a known language in {root}",
            incomplete=app.snapshot().incomplete,
        )
