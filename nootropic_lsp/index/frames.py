"""Messages between our own processes: a length of four bytes, then MessagePack."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import msgspec

_LENGTH = struct.Struct("<I")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def send(stream: BinaryIO, message: object) -> None:
    """Write one message. Raises `OSError` when the other side is gone."""
    data = _encode(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; None at the end of the stream."""
    head = _read(stream, _LENGTH.size)
    if head is None:
        return None
    data = _read(stream, _LENGTH.unpack(head)[0])
    return None if data is None else _decode(data)


def _read(stream: BinaryIO, n_bytes: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < n_bytes:
        part = stream.read(n_bytes - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
