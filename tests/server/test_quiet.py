"""Work that nobody waits for: when it begins, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from nootropic_lsp.server import quiet
from nootropic_lsp.server.quiet import Patience, Queue, Quiet

PATIENCE = {"quick": Patience(0.05, 5.0), "long": Patience(0.5, 20.0)}


@dataclass
class Clock:
    """Time that goes on when it is told to, and what is to be called then."""

    now: float = 100.0
    calls: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def later(self, in_s: float, call: Callable[[], object]) -> Any:
        entry = self.now + in_s, call
        self.calls.append(entry)
        return self._Handle(self.calls, entry)

    def go_on(self, seconds: float) -> None:
        until = self.now + seconds
        while self.calls and min(self.calls, key=lambda each: each[0])[0] <= until:
            entry = min(self.calls, key=lambda each: each[0])
            self.calls.remove(entry)
            self.now = max(self.now, entry[0])
            entry[1]()
        self.now = until

    @dataclass
    class _Handle:
        calls: list[Any]
        entry: Any

        def cancel(self) -> None:
            if self.entry in self.calls:
                self.calls.remove(self.entry)


@dataclass
class Scene:
    clock: Clock
    quiet: Quiet
    begun: list[tuple[str, str]] = field(default_factory=list)
    done: list[Callable[[], None]] = field(default_factory=list)

    def begin(self, kind: str, path: str, done: Callable[[], None]) -> None:
        if path == "broken.py":
            raise ValueError(path)
        self.begun.append((kind, path))
        self.done.append(done)

    def finish(self) -> None:
        self.done.pop(0)()


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    clock = Clock()
    monkeypatch.setattr(quiet, "monotonic", lambda: clock.now)
    return Scene(clock, Quiet())


@pytest.fixture
def queue(scene: Scene) -> Queue:
    return Queue(scene.begin, scene.clock.later, scene.quiet, PATIENCE)


def test_each_kind_waits_for_its_own_silence(scene, queue):
    queue.want("long", "a.py")
    queue.want("quick", "b.py")
    scene.clock.go_on(0.04)
    assert scene.begun == []
    scene.clock.go_on(0.02)
    assert scene.begun == [("quick", "b.py")]
    scene.finish()
    scene.clock.go_on(0.4)
    assert len(scene.begun) == 1
    scene.clock.go_on(0.1)
    assert scene.begun[1:] == [("long", "a.py")]


def test_who_asks_puts_it_off_but_not_for_ever(scene, queue):
    queue.want("quick", "a.py")
    for _ in range(160):
        scene.quiet.asked()
        scene.clock.go_on(0.03)
    assert scene.begun == []
    for _ in range(8):
        scene.quiet.asked()
        scene.clock.go_on(0.03)
    assert scene.begun == [("quick", "a.py")]


def test_one_after_the_other_the_quick_ones_first(scene, queue):
    scene.clock.go_on(1)
    queue.want("long", "a.py")
    for name in ("b.py", "a.py", "b.py"):
        queue.want("long", name)
        queue.want("quick", name)
    assert scene.begun == [("long", "a.py")]
    for _ in range(4):
        scene.finish()
    assert scene.begun[1:] == [
        ("quick", "b.py"),
        ("quick", "a.py"),
        ("long", "b.py"),
        ("long", "a.py"),
    ]


def test_what_is_dropped_is_not_done(scene, queue):
    queue.want("long", "a.py")
    queue.want("quick", "a.py")
    queue.drop("a.py")
    scene.clock.go_on(30)
    assert scene.begun == []


def test_what_cannot_begin_does_not_stop_the_others(scene, queue):
    scene.clock.go_on(1)
    with pytest.raises(ValueError, match="broken"):
        queue.want("quick", "broken.py")
    queue.want("quick", "a.py")
    assert scene.begun == [("quick", "a.py")]
