"""This file is where we notice that the editor has died without saying so."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from threading import Thread

PAUSE_S = 5.0


def watch(pid: int, gone: Callable[[], object]) -> bool:
    """Call `gone`, on a thread, when a process ends; False if there is no such process.

    Without a process of that number the editor is on another machine or outside of our
    container, and what it named says nothing. Linux and Windows wake us; elsewhere we
    look every five seconds.
    """
    wait = _waiter(pid)
    if wait is None:
        return False

    def wait_and_tell() -> None:
        wait()
        gone()

    Thread(target=wait_and_tell, name="parent", daemon=True).start()
    return True


def _waiter(pid: int) -> Callable[[], object] | None:
    if pid <= 0:
        return None
    if sys.platform == "win32":
        return _windows_waiter(pid)
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except OSError:
        return None
    if sys.platform == "linux":
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return lambda: _poll(pid)
        import select  # noqa: PLC0415 -- not there in this shape everywhere

        def wait() -> None:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            poll.poll()
            os.close(handle)

        return wait
    return lambda: _poll(pid)


def _poll(pid: int) -> None:
    while True:
        time.sleep(PAUSE_S)
        try:
            os.kill(pid, 0)
        except PermissionError:
            continue
        except OSError:
            return


def _windows_waiter(pid: int) -> Callable[[], object] | None:
    import ctypes  # noqa: PLC0415 -- its Windows part is there on Windows only

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    synchronize, for_ever = 0x0010_0000, 0xFFFF_FFFF
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return None
    return lambda: kernel.WaitForSingleObject(ctypes.c_void_p(handle), for_ever)
