"""This file is where bytes are cut into messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

HEADER = re.compile(rb"content-length:[ \t]*(\d{1,12})[ \t]*(?=\r?\n|$)", re.IGNORECASE)
PROPER = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*(?:\r\n|$))+")
OWN_LINE = re.compile(rb"(?:^|\n)content-length:", re.IGNORECASE)
MAX_HEADER_BYTES = 16_384
MAX_BODY_BYTES = 512 * 1024 * 1024


class BadFrame(Exception):
    """Bytes that are no message; the sentence says why."""


class Framing:
    """Cuts a stream of bytes into message bodies, and finds the next message after garbage."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes | BadFrame]:
        """The messages that are complete with `data`, in order; garbage in its place."""
        buffer = self._buffer
        buffer += data
        while True:
            if self._wanted is None:
                end = buffer.find(b"\r\n\r\n")
                if end < 0:
                    if len(buffer) > MAX_HEADER_BYTES:
                        # The start of a header may be the last thing that has come.
                        del buffer[: -len(b"Content-Length: 123456789012\r\n\r\n")]
                        yield BadFrame("no header ends within 16 kB")
                    return
                header = bytes(buffer[:end])
                del buffer[: end + 4]
                problem = self._read(header)
                if problem:
                    yield problem
                continue
            if len(buffer) < self._wanted:
                return
            body = bytes(buffer[: self._wanted])
            del buffer[: self._wanted]
            self._wanted = None
            yield body

    def _read(self, header: bytes) -> BadFrame | None:
        lengths = HEADER.findall(header)
        if not lengths:
            return BadFrame("a header has no Content-Length")
        # After garbage, the header that stands nearest to the body is the one that counts.
        length = int(lengths[-1])
        if length > MAX_BODY_BYTES:
            return BadFrame("a message of more than 512 MB is refused")
        self._wanted = length
        if not PROPER.fullmatch(header) or not OWN_LINE.search(header):
            return BadFrame("there is garbage before a header")
        return None


def framed(body: bytes) -> bytes:
    """A message body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
