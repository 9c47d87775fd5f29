"""Messages found in whatever bytes come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.server.framing import BadFrame, Framing, framed


def cut(*pieces: bytes) -> list[bytes | None]:
    """The messages of a stream; None for garbage."""
    framing = Framing()
    found = [message for piece in pieces for message in framing.feed(piece)]
    return [None if isinstance(message, BadFrame) else message for message in found]


@given(st.lists(st.binary(min_size=1, max_size=30)), st.integers(1, 20))
def test_however_the_stream_is_cut(bodies: list[bytes], size: int) -> None:
    stream = b"".join(map(framed, bodies))
    assert cut(*[stream[i : i + size] for i in range(0, len(stream), size)]) == bodies


def test_headers_of_any_case_and_order() -> None:
    assert cut(b"content-type: x\r\nCONTENT-LENGTH:2\r\n\r\n{}") == [b"{}"]


def test_garbage_between_messages() -> None:
    assert cut(framed(b"1"), b"what?\r\n\r\n", framed(b"2")) == [b"1", None, b"2"]
    # Not even a line end: the next header is found behind it.
    assert cut(b"noise", framed(b"1"), framed(b"2")) == [None, b"1", b"2"]


def test_lengths_that_cannot_be() -> None:
    assert cut(b"Content-Length: -1\r\n\r\n", framed(b"1")) == [None, b"1"]
    assert cut(b"Content-Length: x\r\n\r\n", framed(b"1")) == [None, b"1"]
    assert cut(b"Content-Length: 99999999999\r\n\r\n", framed(b"1")) == [None, b"1"]
    assert cut(b"Content-Length: 9999999999999999999\r\n\r\n", framed(b"1")) == [None, b"1"]


def test_an_endless_header_is_not_kept() -> None:
    pieces = [b"x" * 10_000] * 5
    assert cut(*pieces, b"\r\n\r\n", framed(b"1"))[-1] == b"1"
