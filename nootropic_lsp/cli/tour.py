"""`nootropic tour`: start the real server on a folder and show what an editor gets from it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from nootropic_lsp.app import languages
from nootropic_lsp.cli.answer import NOTHING_FOUND, Answer
from nootropic_lsp.cli.client import Client
from nootropic_lsp.cli.output import bold, count, dim
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.published import Published
from nootropic_lsp.cli.readiness import Readiness
from nootropic_lsp.cli.scenes import SCENES, Scene, Stage
from nootropic_lsp.cli.workspace import folder, opened
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features import graph
from nootropic_lsp.features.findings import find

# Enough to choose from: the first candidates nearly always serve.
_MAX_CANDIDATES = 60
_MAX_LOOKED_AT = 3_000
_MODEST_USES = 40


def tour(path: str | None = None, *, sample: bool = False) -> Answer:
    """Play every scene on a folder; the answer holds what the server said, and how fast."""
    if path is not None and sample:
        raise NootropicError("choose a folder or --sample")
    with _sample() as shop:
        return _tour(shop if sample else folder(path or "."), shop)


def _tour(root: Path, sample: Path) -> Answer:
    with Bar("indexing") as bar:
        readiness, published = Readiness(bar.show), Published()

        def hear(method: str, params: Any) -> None:
            readiness.hear(method, params)
            published.hear(method, params)

        started = time.perf_counter()
        with Client(root, hear) as client:
            client.initialize(root)
            started_ms = _ms_since(started)
            readiness.wait()
            index_ms = _ms_since(started)
            status, candidates, incomplete, follows_values = _look(root)
            if not status["files"]:
                return _nothing(root)
            names = {suffix: each.name for each in languages() for suffix in each.suffixes}
            main = max(status["languages"], key=status["languages"].__getitem__)
            # What is shown should be of the language that most of the workspace is written in.
            candidates.sort(key=lambda symbol: names.get(Path(symbol.path).suffix) != main)
            stage = Stage(
                client,
                root,
                candidates,
                names,
                sample=sample,
                published=published,
                follows_values=follows_values,
            )
            scenes = [_play(name, play, stage) for name, play in SCENES.items()]
    data = {
        "workspace": str(root),
        "server_start_ms": started_ms,
        "index_ms": index_ms,
        "index": status,
        "scenes": [
            {"scene": each.name, "ms": each.ms, "about": each.about, **each.data} for each in scenes
        ],
    }
    text = "\n\n".join((_opening(root, status, started_ms, index_ms), *map(_scene, scenes)))
    return Answer(text, data, incomplete=readiness.problem or incomplete)


def _look(root: Path) -> tuple[Mapping[str, Any], list[Symbol], str | None, bool]:
    """What the server has written down, read beside it as a second process may."""
    with opened(root) as app:
        snapshot = app.snapshot()
        used = graph.most_used(snapshot, limit=_MAX_LOOKED_AT)
        # A rename is shown whole, so it needs a symbol that is not used everywhere.
        modest = [symbol for symbol in used[_MAX_CANDIDATES:] if symbol.uses <= _MODEST_USES]
        candidates = [*used[:_MAX_CANDIDATES], *modest[:_MAX_CANDIDATES]]
        follows_values = find.follows_values(app.settings, snapshot.folders)
        return app.status(), candidates, snapshot.incomplete, follows_values


def _play(name: str, play: Callable[[Stage], Scene], stage: Stage) -> Scene:
    try:
        return play(stage)
    except NootropicError as error:
        return Scene(name, None, "", [str(error)], {"problem": str(error)})


def _nothing(root: Path) -> Answer:
    sentence = f"there is no file of a known language in {root}"
    hint = "`nootropic list-capabilities` lists the languages, `nootropic tour --sample` has files"
    return Answer(
        "", {"workspace": str(root), "scenes": []}, code=NOTHING_FOUND, note=f"{sentence}; {hint}"
    )


def _opening(root: Path, status: Mapping[str, Any], started_ms: float, index_ms: float) -> str:
    by_language = ", ".join(f"{name} {n:,}" for name, n in status["languages"].items())
    return "\n".join(
        (
            f"{bold(f'A tour of {root.name}')}  {dim(str(root))}",
            f"  the server answers after {started_ms:,.0f} ms, its index is up to date after {index_ms:,.0f} ms",
            f"  {count(status['files'], 'file')} ({by_language})",
            f"  {count(status['symbols'], 'symbol')}, {count(status['references'], 'reference')}, {status['bytes'] / 1e6:.1f} MB on disk",
        )
    )


def _scene(scene: Scene) -> str:
    took = "" if scene.ms is None else f"  {scene.ms:.1f} ms"
    heading = f"{bold(scene.name)}{dim(took)}" + (f"  {scene.about}" if scene.about else "")
    return "\n".join((heading, *(f"  {line}".rstrip() for line in scene.lines)))


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


@contextmanager
def _sample() -> Iterator[Path]:
    """A copy of the shop: where it is installed, no index can be written."""
    with resources.as_file(resources.files("nootropic_lsp") / "sample") as installed:
        with tempfile.TemporaryDirectory(prefix="nootropic-", ignore_cleanup_errors=True) as place:
            root = Path(place).resolve() / "shop"
            shutil.copytree(installed, root, ignore=shutil.ignore_patterns("__pycache__"))
            yield root
