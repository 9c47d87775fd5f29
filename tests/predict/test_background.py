"""When the segments are looked at, when they are built, and what is said of it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from predict.modelled import Workspace

from nootropic_lsp.index.places import Place
from nootropic_lsp.predict import background, builder
from nootropic_lsp.predict.background import Background
from nootropic_lsp.predict.engine import Engine

SOURCE = "def price(cart):\n    return cart.total(tax=1)\n\n\n" * 5


class Told:
    """A background that builds in this process, and what it tells."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace = workspace
        self.changes = 0
        self.sentences: list[str] = []
        self.builds: list[dict[str, int]] = []
        self._heard = threading.Condition()
        self.background = Background(self._changed, self.sentences.append)
        monkeypatch.setattr(self.background, "_ask", self._build)

    def _build(self, request: dict[str, Any]) -> dict[str, int]:
        done = builder.update(request["folder"], Path(request["database"]))
        self.builds.append(done)
        return done

    def _changed(self) -> None:
        with self._heard:
            self.changes += 1
            self._heard.notify_all()

    def update(self) -> None:
        place = Place(self.workspace.database, is_inside=True)
        self.background.update([(self.workspace.root.as_posix(), place)])

    def wait_for_changes(self, count: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: self.changes >= count, 10)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setattr(background, "_SETTLE_S", 0.01)
    files = {f"m{number}.py": SOURCE.replace("price", f"p{number}") for number in range(9)}
    found = Told(Workspace(tmp_path / "shop", files), monkeypatch)
    yield found
    found.background.close()


def test_what_is_there_is_opened_before_the_rest_is_built(told: Told) -> None:
    told.update()
    told.wait_for_changes(2)
    assert told.builds == [{"written": 1, "damaged": 0}]
    assert told.background.predictor is not None
    assert told.background.predictor.n_tokens > 100
    told.update()
    told.wait_for_changes(3)
    assert len(told.builds) == 1
    assert told.sentences == []


def test_a_few_files_wait_for_others_but_not_for_ever(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "_PAUSE_S", 0.5)
    told.update()
    told.wait_for_changes(2)
    began = time.monotonic()
    for number in range(3):
        told.workspace.change(f"m{number}.py", "other = 1\n")
        told.update()
        told.wait_for_changes(3 + number)
    assert len(told.builds) == 1 or time.monotonic() - began > 0.4
    # Nobody has to tell of anything for this.
    told.wait_for_changes(7)
    assert len(told.builds) == 2
    assert told.background.predictor is not None
    assert not told.background.predictor.n_missing(
        [(told.workspace.root.as_posix(), told.workspace.database, told.workspace.digests())]
    )


def test_many_files_do_not_wait(told: Told) -> None:
    told.update()
    told.wait_for_changes(2)
    for number in range(6):
        told.workspace.write(f"m{number}.py", "other = 1\n")
    told.workspace.index()
    told.update()
    told.wait_for_changes(4)
    assert [each["written"] for each in told.builds] == [1, 1]


def test_damage_is_said_when_it_is_repaired(told: Told) -> None:
    told.update()
    told.wait_for_changes(2)
    (path,) = told.workspace.segment_files()
    data = path.read_bytes()
    start = 33 + int.from_bytes(data[17:21], "little")
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xfe" * (len(data) - start))
    engine = told.background.predictor
    assert engine is not None
    assert told.workspace.suggested(engine, "def price(cart):\n    return |") == ""
    told.wait_for_changes(4)
    assert told.sentences == [
        "A part of the token model of shop was damaged and has been built anew."
    ]
    assert told.workspace.suggested(engine, "def f(cart):\n    return |", threshold=0.1)


def test_a_builder_that_hangs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:

    workspace = Workspace(tmp_path / "shop", {"a.py": SOURCE})
    monkeypatch.setattr(
        background, "_COMMAND", [sys.executable, "-c", "import time; time.sleep(60)"]
    )
    monkeypatch.setattr(background, "_BUILD_DEADLINE_S", 0.5)
    hanging = Background(lambda: None, lambda _: None)
    hanging.update_here([(workspace.root.as_posix(), Place(workspace.database, is_inside=True))])
    assert hanging.predictor is not None
    assert hanging.predictor.n_tokens == 0
    assert "ended with -9" in caplog.text


def test_the_model_rests_when_nobody_types(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_REST_S", 0.2)
    rests: list[float] = []
    monkeypatch.setattr(Engine, "rest", lambda _engine: rests.append(time.monotonic()))
    told.update()
    told.wait_for_changes(2)
    for count in (1, 2):
        for _ in range(5):
            told.background.hurry()
            typed = time.monotonic()
            time.sleep(0.05)
        deadline = time.monotonic() + 10
        while len(rests) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(rests) == count
        assert rests[-1] >= typed + 0.2
