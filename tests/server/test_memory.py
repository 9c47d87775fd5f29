"""Threads share what the C library has."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

COUNT_ARENAS = """
import ctypes, threading
from nootropic_lsp.server.memory import share_memory
if {shares}:
    share_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
gate = threading.Barrier(4)
threads = [threading.Thread(target=lambda: (library.malloc(2_000), gate.wait())) for _ in range(3)]
for thread in threads:
    thread.start()
gate.wait()
library.fopen.restype = ctypes.c_void_p
library.malloc_info(0, ctypes.c_void_p(library.fopen(b"/dev/stdout", b"w")))
library.fflush(None)
"""


def arenas(*, shares: bool) -> int:
    program = COUNT_ARENAS.format(shares=shares)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_one_arena() -> None:
    assert arenas(shares=False) > 1
    assert arenas(shares=True) == 1
