"""A server on a port: who comes in, and who does not."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from server.client import FAKE, Client, Gone, Refused, Wire, read_messages
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.server import access

A = "file:///a.py"


class Server(Client):
    """A listening server process; its own pipes are of no use."""

    def address(self) -> tuple[int, str]:
        """Port and token, as it says them."""
        pattern = r"listening on \w+://127\.0\.0\.1:(\d+)\nnootropic: token (.+)\n"
        said = self.wait_log(pattern)
        return int(said[1]), said[2]

    def wait_log(self, pattern: str) -> re.Match[str]:
        found: re.Match[str] = self.wait_for(
            lambda: re.search(pattern, self.errors), what=f"{pattern} in {self.errors}"
        )
        return found

    def end(self) -> None:
        """Its output is empty from the start, so that its end says nothing."""


@contextmanager
def tcp(port: int) -> Iterator[Wire]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:

        def send(body: bytes) -> None:
            connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

        wire = Wire(send)
        reader = threading.Thread(target=read_messages, args=(connection.makefile("rb"), wire))
        reader.start()
        yield wire
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        reader.join(20)


@contextmanager
def ws(port: int, path: str = "/", **more: Any) -> Iterator[Wire]:
    with connect(f"ws://127.0.0.1:{port}{path}", **more) as connection:
        wire = Wire(lambda body: connection.send(body.decode()))

        def read() -> None:
            try:
                for message in connection:
                    wire.receive(json.loads(message))
            except ConnectionClosed:
                pass
            wire.end()

        reader = threading.Thread(target=read)
        reader.start()
        yield wire
        connection.close()
        reader.join(20)


def use(wire: Wire) -> None:
    wire.open(A, "word 😀 word")
    assert len(wire.at("textDocument/references", A, 0, 0)) == 2


def test_tcp() -> None:
    with Server((*FAKE, "--tcp")) as server:
        port, token = server.address()
        for wrong in ({}, {"token": token + "x"}, {"token": None}, None, []):
            with tcp(port) as wire, pytest.raises(Refused, match="token"):
                wire.start(options=wrong)
        with tcp(port) as wire:
            wire.start(options={"token": token})
            use(wire)
            # Nobody else meanwhile.
            with tcp(port) as second, pytest.raises(Refused, match="one at a time"):
                second.start(options={"nootropic": {"token": token}})
        # Who hangs up makes room; who says goodbye ends the server.
        server.wait_log("the next may come")
        with tcp(port) as wire:
            wire.start(options={"nootropic": {"token": token}})
            use(wire)
            assert not wire.notified("window/showMessage")
            wire.request("shutdown")
            wire.notify("exit")
            assert server.process.wait(10) == 0


def test_tcp_is_not_for_browsers() -> None:
    with Server((*FAKE, "--tcp")) as server:
        port, token = server.address()
        options = {"capabilities": {}, "initializationOptions": {"token": token}}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": options})
        for first in ("POST / HTTP/1.1\r\n", "Host: evil.example\r\n", "Origin: x\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(f"{first}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                assert connection.recv(1000) == b""


def test_tcp_hello_has_to_be_one() -> None:
    with Server((*FAKE, "--tcp")) as server:
        port, token = server.address()
        with tcp(port) as wire, pytest.raises(Refused, match="initialize"):
            wire.request("textDocument/hover", {})
        with tcp(port) as wire:
            wire.send({"id": 1, "method": "initialize", "params": [token]})
            assert wire.wait_for(lambda: wire.strays)[0]["error"]["code"] == -32600
        with tcp(port) as wire:
            wire.start(options={"token": token})
            use(wire)


def test_websocket() -> None:
    with Server((*FAKE, "--ws")) as server:
        port, token = server.address()
        with ws(port, f"/?token={token}") as wire:
            wire.start()
            use(wire)
            with pytest.raises((Gone, ConnectionClosed)), ws(port, f"/?token={token}") as second:
                second.start()
        server.wait_log("the next may come")
        bearer = {"Authorization": f"Bearer {token}"}
        with ws(port, additional_headers=bearer, origin="http://localhost:3000") as wire:
            wire.start()
            use(wire)
            wire.request("shutdown")
            wire.notify("exit")
            assert server.process.wait(10) == 0


def test_websocket_refuses_strangers() -> None:
    with Server((*FAKE, "--ws")) as server:
        port, token = server.address()
        right = f"/?token={token}"
        for path, more in (
            ("/", {}),
            ("/?token=wrong", {}),
            (right, {"origin": "https://evil.example"}),
            (right, {"origin": "null"}),
            ("/", {"additional_headers": {"Authorization": f"Basic {token}"}}),
        ):
            with pytest.raises(InvalidStatus), ws(port, path, **more):
                pass
        # A foreign name that leads here, as after a trick with the name server.
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(
                f"GET {right} HTTP/1.1\r\nHost: evil.example:{port}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            assert connection.recv(1000).startswith(b"HTTP/1.1 403 ")
        with ws(port, right) as wire:
            wire.start()
            use(wire)


def test_a_large_answer_by_websocket() -> None:
    with Server((*FAKE, "--ws")) as server:
        port, token = server.address()
        with ws(port, f"/?token={token}", max_size=None) as wire:
            wire.start()
            wire.open(A, "word " * 40_000)
            assert len(wire.at("textDocument/references", A, 0, 0)) == 40_000


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_token_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    file.chmod(0o644)
    with Server((*FAKE, "--tcp", "--token-file", str(file))) as server:
        port, said = server.address()
        token = file.read_text().strip()
        assert token not in server.errors
        assert said == f"in {file}"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with tcp(port) as wire:
            wire.start(options={"token": token})
            wire.request("shutdown")
            wire.notify("exit")
            assert server.process.wait(10) == 0
    assert not file.exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_only_this_machine_unless_it_is_said(host: str) -> None:
    with pytest.raises(NootropicError, match="--allow-remote"):
        access.refuse_remote(host)
    with Server((*FAKE, "--tcp", "--host", host)) as server:
        assert server.process.wait(20) != 0


def test_loopback_by_its_names() -> None:
    assert all(map(access.is_loopback, ("localhost", "127.8.8.8", "::1", "[::1]", "LOCALHOST.")))
    assert not any(
        map(access.is_loopback, ("", "evil.example", "127.0.0.1.evil.example", "0.0.0.0"))
    )
