"""One worker for a workspace: found, started, shared, and gone when nobody wants it."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from worker_house import FILES, allow, start_another, wait_for_end, working, workspace

from nootropic_lsp.cli.forget import forget
from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.worker import notice, starting
from nootropic_lsp.worker.client import Client
from nootropic_lsp.worker.meaning import near_of
from nootropic_lsp.worker.starting import ALREADY_RUNNING, find, find_or_start
from nootropic_lsp.worker.wire import Wire, WorkerError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:
    allow(home)
    return workspace(tmp_path)


def pid_of(wire: Wire) -> int:
    pid: int = wire.ask("GET", "/internal/health", deadline_s=10)["pid"]
    return pid


def vectors(wire: Wire) -> dict[str, object]:
    """Once nothing more is being made; the first question has the workspace read."""
    wire.ask("POST", "/v1/search", {"question": "anything"}, deadline_s=30)
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at:
        state = wire.ask("GET", "/internal/health", deadline_s=10)["vectors"]
        if state["n_vectors"] and not state["is_busy"]:
            return dict(state)
        time.sleep(0.05)
    raise AssertionError(f"no vectors: {state}")


def test_all_who_want_one_at_once_share_it(root: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        wires = list(pool.map(lambda _: find_or_start(root, deadline_s=60), range(4)))
    with working(root) as wire:
        assert {pid_of(each) for each in wires} == {pid_of(wire)}
        second = start_another(root)
        assert second.wait(30) == ALREADY_RUNNING
    assert find(root) is None
    assert notice.read(notice.folder_of(root)) is None


def test_only_its_user_can_read_the_token(root: Path) -> None:
    with working(root):
        folder = notice.folder_of(root)
        assert stat.S_IMODE((folder / notice.FILE).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_killed_one_is_replaced_and_its_vectors_are_there(root: Path) -> None:
    first = find_or_start(root, deadline_s=60)
    made = vectors(first)
    assert made["store"] == "chroma"
    pid = pid_of(first)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)
    with working(root) as wire:
        assert pid_of(wire) != pid
        assert vectors(wire)["n_vectors"] == made["n_vectors"]


def test_it_goes_when_nobody_wants_it(root: Path) -> None:
    process = start_another(root)
    process.terminate()
    process.wait(30)
    from nootropic_lsp.http.serve import serve  # noqa: PLC0415

    pid = os.fork()
    if not pid:
        os._exit(serve(root, idle_s=0.5))
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert notice.read(notice.folder_of(root)) is None


def test_search_by_meaning_through_it(root: Path) -> None:
    with working(root) as wire:
        vectors(wire)
        found = Client(wire).search("invalidating a session")
        assert found["by_words"] == ""
        assert found["hits"][0]["path"] == "shop/session.py"
        assert near_of(root)(Path(), "invalidating a session")


def test_a_changed_file_gets_new_vectors_and_only_that(root: Path) -> None:
    with working(root) as wire:
        before = vectors(wire)["n_vectors"]
        assert isinstance(before, int)
        (root / "shop/rooms.py").write_text(
            'def reserve_room(guest, nights):\n    """Book a bed for some nights."""\n'
            "    return guest.account.charge(nights * PRICE_OF_A_NIGHT)\n"
        )
        time.sleep(2.1)
        Client(wire).search("book a bed")
        ends_at = time.monotonic() + 30
        while vectors(wire)["n_vectors"] == before and time.monotonic() < ends_at:
            time.sleep(0.05)
        found = Client(wire).search("book a bed")
        assert found["hits"][0]["name"] == "reserve_room"
        assert any("in meaning" in each for each in found["hits"][0]["reasons"])


def test_without_one_words_are_looked_at_and_it_is_said_why(root: Path, home: Path) -> None:
    allow(home, vectors__store="off")
    with working(root), pytest.raises(VectorStoreError, match="vectors are off"):
        near_of(root)(Path(), "anything")


def test_a_worker_of_another_version_is_replaced(root: Path) -> None:
    with working(root) as wire:
        folder = notice.folder_of(root)
        said = notice.read(folder)
        assert said is not None
        assert find(root) is not None
        # Whoever listens there now is not the worker of this workspace.
        elsewhere = root.parent / "elsewhere"
        elsewhere.mkdir()
        notice.write(notice.folder_of(elsewhere), said)
        assert find(elsewhere) is None
        assert pid_of(wire) == said.pid


def test_settings_of_an_editor_and_of_files_are_followed(root: Path, home: Path) -> None:
    with working(root) as wire:
        vectors(wire)
        editor = {"editor": {"vectors": {"store": "own"}}, "trusted": False}
        wire.ask("PUT", "/internal/settings", editor, deadline_s=30)
        wire.ask("POST", "/v1/search", {"question": "a date"}, deadline_s=30)
        assert vectors(wire)["store"] == "own"
        wire.ask("PUT", "/internal/settings", {"editor": None}, deadline_s=30)
        allow(home, vectors__store="lancedb")
        wire.ask("POST", "/v1/search", {"question": "a date"}, deadline_s=30)
        assert vectors(wire)["store"] == "lancedb"


def test_another_way_of_cutting_is_followed(root: Path, home: Path) -> None:
    with working(root) as wire:
        before = vectors(wire)["n_vectors"]
        # Nobody has to wait until the workspace is looked through once more.
        allow(home, context__chunks="fixed", context__chunkTokens=2000)
        found = wire.ask("POST", "/v1/search", {"question": "flush a visitor"}, deadline_s=30)
        assert found["hits"][0]["name"] == "Session"
        assert vectors(wire)["n_vectors"] == len(FILES)
        assert before != len(FILES)


def test_a_busy_worker_is_waited_for_and_not_started_twice(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = notice.lock_of(notice.folder_of(root))
    assert lock.acquire()
    started: list[object] = []
    monkeypatch.setattr(starting, "_start", started.append)
    try:
        with pytest.raises(WorkerError, match="busy"):
            find_or_start(root, deadline_s=0.3)
    finally:
        lock.release()
    assert started == []


def test_a_foreign_embedding_model_takes_over_in_the_background(root: Path, home: Path) -> None:
    with working(root) as wire:
        before = vectors(wire)
        allow(home, vectors__model="embedded:tiny")
        wire.ask("POST", "/v1/search", {"question": "a date"}, deadline_s=30)
        ends_at = time.monotonic() + 60
        while vectors(wire)["model"] == before["model"] and time.monotonic() < ends_at:
            # The old ones answer meanwhile.
            found = wire.ask("POST", "/v1/search", {"question": "a date"}, deadline_s=30)
            assert found["hits"]
        after = vectors(wire)
        assert str(after["model"]).startswith("embedded-tiny")
        assert after["n_vectors"] == before["n_vectors"]


def test_a_damaged_notice_is_no_worker(root: Path) -> None:
    folder = notice.folder_of(root)
    for text in ("", "{", "[]", json.dumps({"pid": 1})):
        (folder / notice.FILE).write_text(text)
        assert find(root) is None


def test_what_keeps_it_from_starting_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(WorkerError, match="has not started"):
        find_or_start(root, deadline_s=30)


def test_forget_ends_it_and_removes_its_vectors(root: Path) -> None:
    wire = find_or_start(root, deadline_s=60)
    vectors(wire)
    pid = pid_of(wire)
    assert (root / ".vectorstore").is_dir()
    said = forget(yes=True, workspace=str(root))
    wait_for_end(pid)
    assert any("vectors" in each["what"] for each in said.data["kept"])
    assert not (root / ".vectorstore").exists()
    assert not (root / ".nootropic").exists()
    assert find(root) is None
