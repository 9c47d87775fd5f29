"""Worker processes, and what happens to a file that one of them cannot cope with."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nootropic_lsp.index.frames import receive, send

log = logging.getLogger(__name__)

Reply = tuple[list[Any], Any, str]
# -P: nothing may be imported from the current folder, which can be a stranger's repository.
_COMMAND = (sys.executable, "-P", "-m", "nootropic_lsp.index.worker")

_START_DEADLINE_S = 60.0
# For ending what it has started itself.
_LEAVING_S = 1.0


class WorkerDiedError(Exception):
    """The process ended, or was ended because it took too long; the text says which."""

    def __init__(self, reason: str, *, was_late: bool) -> None:
        super().__init__(reason)
        self.was_late = was_late


class Worker:
    """One child process that answers one request at a time; by default one that reads files."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._first: object = None
        self._is_told = False

    def prepare(self, message: object) -> None:
        """What a process is told before the next request, and again after each restart."""
        self._first = message
        self._is_told = False

    def ask(self, message: object, deadline_s: float) -> Any:
        """Send a request and wait for its answer. Raises `WorkerDiedError`."""
        if self._process is None or self._process.poll() is not None:
            self._process = start_process(self._command)
            self._is_told = False
            # On a busy machine it takes a while to start, and no file is to blame for that.
            self._ask(self._process, [{"do": "resolve", "paths": []}], _START_DEADLINE_S)
        messages = [message] if self._is_told or self._first is None else [self._first, message]
        answer = self._ask(self._process, messages, deadline_s)
        self._is_told = True
        return answer

    def _ask(
        self, process: subprocess.Popen[bytes], messages: list[object], deadline_s: float
    ) -> Any:
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(deadline_s, expire)
        timer.daemon = True
        timer.start()
        answer: Any = None
        try:
            for message in messages:
                answer = self._exchange(process, message)
        except (OSError, EOFError, ValueError, subprocess.TimeoutExpired) as error:
            self.stop()
            if expired.is_set():
                late = f"took longer than {deadline_s:g} s"
                raise WorkerDiedError(late, was_late=True) from error
            ended = f"ended the process that read it (exit code {process.returncode})"
            raise WorkerDiedError(ended, was_late=False) from error
        finally:
            timer.cancel()
        return answer

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], message: object) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        send(process.stdin, message)  # type: ignore[arg-type]
        answer = receive(process.stdout)  # type: ignore[arg-type]
        if answer is None:
            process.wait(5)
            raise EOFError
        return answer

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_LEAVING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def start_process(command: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a worker, at a lower priority than the editor, outside the workspace."""
    flags = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    return subprocess.Popen(
        command or _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None,
        cwd=Path(sys.executable).parent,
        creationflags=flags,
    )


class Pool:
    """Several workers that take batches from one list."""

    def __init__(self, n_workers: int, command: Sequence[str] = ()) -> None:
        self._workers = [Worker(command) for _ in range(n_workers)]

    def prepare(self, message: object) -> None:
        """What every worker is told first."""
        for worker in self._workers:
            worker.prepare(message)

    def run(
        self,
        batches: Iterable[list[Any]],
        request: Callable[[list[Any]], object],
        *,
        deadline_s: float,
        single_deadline_s: float,
        cancelled: threading.Event,
        at_most: int | None = None,
    ) -> Iterator[Reply]:
        """Work through batches: (items, answer, "") or (one item, None, why it failed).

        `at_most` is how many of the workers may take part; the others are ended.

        When a worker dies over a batch, its items are tried one by one, so that only
        the one at fault is given up.
        """
        waiting: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        # Bounded, so that a slow disk holds the workers back and not the memory.
        done: queue.Queue[Reply | BaseException | None] = queue.Queue(maxsize=8)
        n_batches = 0
        for batch in batches:
            waiting.put(batch)
            n_batches += 1
        most = len(self._workers) if at_most is None else at_most
        workers = self._workers[: max(1, min(most, n_batches))]
        for idle in self._workers[len(workers) :]:
            # It would miss what the others are told now.
            idle.stop()

        def serve(worker: Worker) -> None:
            try:
                _work_off(waiting, done, worker, cancelled, attempt)
            except BaseException as error:  # noqa: BLE001 -- handed to the consumer
                done.put(error)
            finally:
                done.put(None)

        def attempt(worker: Worker, batch: list[Any]) -> Iterator[Reply]:
            return _attempt(worker, batch, request, deadline_s, single_deadline_s)

        threads = [
            threading.Thread(target=serve, args=(worker,), daemon=True) for worker in workers
        ]
        for thread in threads:
            thread.start()
        left = len(threads)
        try:
            while left:
                reply = done.get()
                if reply is None:
                    left -= 1
                elif isinstance(reply, BaseException):
                    raise reply
                else:
                    yield reply
        finally:
            if left:
                cancelled.set()
                while left:
                    left -= done.get() is None

    def stop(self, keep: int = 0) -> None:
        """End all workers but some."""
        for worker in self._workers[keep:]:
            worker.stop()


def _work_off(
    waiting: queue.SimpleQueue[list[Any] | None],
    done: queue.Queue[Reply | BaseException | None],
    worker: Worker,
    cancelled: threading.Event,
    attempt: Callable[[Worker, list[Any]], Iterator[Reply]],
) -> None:
    """Have one worker take batches until there are none."""
    while not cancelled.is_set():
        try:
            batch = waiting.get_nowait()
        except queue.Empty:
            return
        assert batch is not None
        for reply in attempt(worker, batch):
            if reply[2] and cancelled.is_set():
                # We ended the process ourselves: none of these files is to blame.
                return
            done.put(reply)


def _attempt(
    worker: Worker,
    batch: list[Any],
    request: Callable[[list[Any]], object],
    deadline_s: float,
    single_deadline_s: float,
) -> Iterator[Reply]:
    try:
        yield batch, worker.ask(request(batch), deadline_s), ""
        return
    except WorkerDiedError as error:
        log.info("a batch of %d files failed: %s", len(batch), error)
        if len(batch) == 1 and error.was_late:
            yield batch, None, str(error)
            return
    for item in batch:
        yield _attempt_single(worker, item, request, single_deadline_s)


def _attempt_single(
    worker: Worker, item: Any, request: Callable[[list[Any]], object], deadline_s: float
) -> Reply:
    """Somebody may have ended the process: an item is at fault only if that happens again."""
    for is_last in (False, True):
        try:
            return [item], worker.ask(request([item]), deadline_s), ""
        except WorkerDiedError as error:
            if error.was_late or is_last:
                return [item], None, str(error)
    raise AssertionError
