"""`nootropic` in a process that ends when anything in it opens a connection: for tests only."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

_FORBIDDEN = (
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.bind",
    "urllib.Request",
    "http.client.connect",
)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _FORBIDDEN:
        return
    if event in ("socket.connect", "socket.bind") and isinstance(arguments[1], (str, bytes)):
        return  # A local socket is a file.
    if event == "socket.bind" and arguments[1][:2] == ("::1", 0):
        return  # urllib3, which detect-secrets imports, finds out whether there is IPv6.
    Path(os.environ["NOOTROPIC_TEST_CANARY"]).write_text(f"{event} {arguments[1:]}")
    os._exit(99)


sys.addaudithook(_audit)
if __name__ == "__main__":
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
