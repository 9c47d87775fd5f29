"""A segment: the tokens of many files, sorted so that all places with a like past lie together.

The tokens are kept backwards, so that what stands before a place begins there and reads to
the right; `order` is the suffix array of that, by the first `CONTEXT` tokens. Numbers are
big-endian, so that comparing bytes compares numbers. A segment never changes.
"""

from __future__ import annotations

import mmap
import os
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.predict.shapes import SHAPE_CONTEXT, Shapes, are_names, shapes_of
from nootropic_lsp.predict.streams import Lexicon, Numbers, Stream
from nootropic_lsp.predict.tokens import (
    FARTHEST,
    FIRST_DISTANCE,
    LITERAL,
    OTHER,
    START,
    is_string,
)

FORMAT = 2
# How many tokens before a place are compared.
CONTEXT = 12
# How many tokens a segment holds at most, unless a single file is longer.
MOST_TOKENS = 1_000_000
_MOST_TEXTS = 65_000
_MAGIC = b"nootropic tokens\n"
_PLACE_BYTES = 3
END = 0  # the number of no token: what is there before the first and behind the last

# How far back a name of each shape was last written.
_DISTANCES = np.zeros(256, np.int32)
_DISTANCES[FIRST_DISTANCE : FIRST_DISTANCE + FARTHEST] = np.arange(1, FARTHEST + 1)

Places = NDArray[np.int64]


class DamagedSegmentError(NootropicError):
    """The file is not what was written."""


class File(msgspec.Struct, array_like=True, gc=False):
    """A file in a segment: its path in the workspace, the digest of its text, its first token."""

    path: str
    digest: bytes
    start: int


class _Head(msgspec.Struct, array_like=True):
    format: int
    n_tokens: int
    n_names: int
    n_texts: int
    n_blob: int
    checksum: int
    files: list[File]


class Neighbours(NamedTuple):
    """Places with a like past: where they are, and how many tokens before them agree.

    `places` count tokens from the start.
    """

    places: Places
    lengths: Numbers


class Segment:
    """Tokens of some files of one family of languages. Raises `DamagedSegmentError`."""

    def __init__(
        self,
        files: list[File],
        texts: Sequence[str],
        backwards: NDArray[Any],
        order: NDArray[Any],
        spaced: NDArray[np.uint8],
        shapes: Shapes,
        shape_order: NDArray[Any],
        *,
        written: tuple[memoryview, int] | None = None,
        mapped: mmap.mmap | None = None,
    ) -> None:
        self.files = files
        self.texts = texts
        self.n_tokens = len(backwards)
        self.starts = np.array([file.start for file in files], np.int64)
        self.masked = np.zeros(len(files), np.bool_)
        self._backwards = backwards
        # For telling whether numbers are the same, their bytes need not be turned around.
        self._raw = backwards.view(np.uint16)
        self._bytes = memoryview(backwards).cast("B")  # type: ignore[arg-type]
        self._order = order
        self._spaced = spaced
        self._shapes = shapes
        self._shape_bytes = memoryview(shapes)  # type: ignore[arg-type]
        self._shape_order = shape_order
        self._numbers: dict[str, int] = {}
        self._files = {file.path: at for at, file in enumerate(files)}
        self._folders: dict[str, list[int]] = {}
        # What others have found out about the tokens of this segment.
        self.kept: dict[int, Numbers] = {}
        self._written = written  # what is on disk, and its checksum
        self._mapped = mapped

    def file_number(self, path: str) -> int:
        """Which of the files lies at a path, or -1."""
        return self._files.get(path, -1)

    def in_folder(self, folder: str) -> NDArray[np.bool_]:
        """Which of the files lie directly in a folder."""
        if not self._folders:
            for at, file in enumerate(self.files):
                self._folders.setdefault(file.path.rpartition("/")[0], []).append(at)
        found = np.zeros(len(self.files), np.bool_)
        found[self._folders.get(folder, [])] = True
        return found

    def number(self, text: str) -> int:
        """The number of a token here, -1 if it does not occur."""
        known = self._numbers.get(text)
        if known is None:
            at = bisect_left(self.texts, text)
            is_known = at < len(self.texts) and self.texts[at] == text
            known = self._numbers[text] = at + 1 if is_known else -1
        return known

    def text(self, number: int) -> str:
        """The token behind a number."""
        return self.texts[number - 1]

    def is_spaced(self, places: Places) -> NDArray[np.bool_]:
        """Whether there is a blank before the tokens at some places."""
        found: NDArray[np.bool_] = (self._spaced[places >> 3] >> (places & 7)) & 1 == 1
        return found

    def following(self, places: Places) -> Numbers:
        """The tokens at some places; `END` behind the last one."""
        at = self.n_tokens - 1 - places
        found = self._backwards.take(at, mode="clip").astype(np.int32)
        found[at < 0] = END
        return found

    def files_of(self, places: Places) -> Places:
        """The files that some places lie in, as indices into `files`."""
        return np.searchsorted(self.starts, places, "right") - 1

    def distances(self, places: Places) -> Numbers:
        """How many tokens before some places their names were last written; 0 if not lately."""
        shapes = self._shapes.take(self.n_tokens - 1 - places, mode="clip")
        return _DISTANCES.take(shapes)

    def neighbours(self, context: Sequence[int], reach: int) -> Neighbours:
        """Where the past is most like `context`, whose last token comes first.

        So many places in the order before and behind it are looked at; -1 in the context
        is like nothing.
        """
        length = next((at for at, number in enumerate(context) if number < 0), len(context))
        wanted = np.array(context[:length], ">u2")
        at = _find(wanted.tobytes(), self._bytes, 2, self._order)
        return self._around(at, reach, self._order, self._raw, wanted.view(np.uint16))

    def lookalikes(self, shapes: bytes, reach: int) -> Neighbours:
        """Where a name follows on a past of the same shapes; the last one comes first."""
        at = _find(shapes, self._shape_bytes, 1, self._shape_order)
        wanted = np.frombuffer(shapes, np.uint8)
        return self._around(at, reach, self._shape_order, self._shapes, wanted)

    def _around(
        self,
        at: int,
        reach: int,
        order: NDArray[Any],
        backwards: NDArray[Any],
        wanted: NDArray[Any],
    ) -> Neighbours:
        starts = _unpacked(order[max(at - reach, 0) : at + reach])
        starts = starts[starts > 0]
        width = len(wanted)
        # One column more, in which nothing is the same.
        same = np.zeros((len(starts), width + 1), np.bool_)
        past = backwards.take(starts[:, None] + np.arange(width), mode="clip")
        np.equal(past, wanted, out=same[:, :width])
        return Neighbours(self.n_tokens - starts, same.argmin(axis=1).astype(np.int32))

    def rest(self) -> None:
        """Take what was looked at out of the memory of this process.

        The system still has it, and maps it again when it is looked at.
        """
        if self._mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def is_intact(self) -> bool:
        """Whether on disk is what was written; all of it is read for that."""
        return self._written is None or zlib.crc32(self._written[0]) == self._written[1]

    def write(self, path: Path) -> None:
        """Write it to a file that is there as a whole or not at all."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in self.texts]
        blob = b"".join(encoded)
        ends = np.cumsum([len(each) for each in encoded], dtype="<u4")
        body = [
            self._backwards.astype(">u2").tobytes(),
            self._order.tobytes(),
            self._shape_order.tobytes(),
            self._spaced.tobytes(),
            self._shapes.tobytes(),
            ends.tobytes(),
            blob,
        ]
        checksum = 0
        for part in body:
            checksum = zlib.crc32(part, checksum)
        head = msgspec.msgpack.encode(
            _Head(
                FORMAT,
                self.n_tokens,
                len(self._shape_order),
                len(self.texts),
                len(blob),
                checksum,
                self.files,
            )
        )
        start = _MAGIC + len(head).to_bytes(4, "little") + zlib.crc32(head).to_bytes(4, "little")
        padding = b"\0" * (-(len(start) + len(head)) % 8)
        temporary = path.with_suffix(".new")
        try:
            with temporary.open("wb") as file:
                for part in (start, head, padding, *body):
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            # On a full disk, what is there of it is in the way.
            temporary.unlink(missing_ok=True)
            raise


def build(
    lexicon: Lexicon, files: Sequence[tuple[str, bytes]], streams: Sequence[Stream]
) -> Segment:
    """A segment of some files, given by path and digest, with their streams."""
    start = np.array([lexicon.number(START)], np.int32)
    no_blank = np.zeros(1, np.bool_)
    ids = np.concatenate([part for stream in streams for part in (start, stream.ids)])
    spaced = np.concatenate([part for stream in streams for part in (no_blank, stream.spaced)])
    starts = np.cumsum([0, *(len(stream.ids) + 1 for stream in streams)])
    texts, numbers = _vocabulary(lexicon, ids)
    tokens = numbers.astype(np.uint16)
    shapes = shapes_of(tokens, texts)[::-1]
    backwards = tokens[::-1]
    # What follows on a past that begins at a place stands right before it.
    before_names = np.flatnonzero(are_names(shapes[:-1])) + 1
    return Segment(
        [File(*file, int(at)) for file, at in zip(files, starts, strict=False)],
        texts,
        backwards.astype(">u2"),
        _sorted(backwards),
        np.packbits(spaced, bitorder="little"),
        np.ascontiguousarray(shapes),
        _sorted_shapes(shapes, before_names),
    )


def _vocabulary(lexicon: Lexicon, ids: Numbers) -> tuple[list[str], Numbers]:
    """The distinct tokens, sorted, and the stream in their numbers.

    A string that is written once tells nothing, and might be nobody else's business.
    """
    distinct, places, counts = np.unique(ids, return_inverse=True, return_counts=True)
    rare = np.sort(counts)[-_MOST_TEXTS] if len(counts) > _MOST_TEXTS else 0
    kept: list[str] = []
    for number, count in zip(distinct.tolist(), counts.tolist(), strict=True):
        text = lexicon.texts[number]
        if count == 1 and is_string(text):
            text = LITERAL
        elif count <= rare:
            text = OTHER
        kept.append(text)
    texts = sorted(set(kept))
    numbers = {text: at + 1 for at, text in enumerate(texts)}
    return texts, np.array([numbers[text] for text in kept], np.int32)[places]


def _sorted(backwards: NDArray[np.uint16]) -> NDArray[Any]:
    """The suffix array by the first `CONTEXT` tokens, four at a time."""
    n = len(backwards)
    padded = np.concatenate([backwards, np.full(CONTEXT, END, np.uint16)]).astype(np.uint64)
    packed = (
        (padded[:-3] << np.uint64(48))
        | (padded[1:-2] << np.uint64(32))
        | (padded[2:-1] << np.uint64(16))
        | padded[3:]
    )
    four = _ranks(packed)
    order = np.empty(0, np.int64)
    ranks = four[:n]
    for shift in range(4, CONTEXT, 4):
        key = (ranks.astype(np.uint64) << np.uint64(32)) | four[shift : shift + n].astype(np.uint64)
        order = np.argsort(key)
        if shift + 4 < CONTEXT:
            ranks = _ranks(key, order)
    return _packed(order)


def _sorted_shapes(shapes: Shapes, places: NDArray[np.int64]) -> NDArray[Any]:
    """Some places, sorted by the shapes that begin there."""
    padded = np.concatenate([shapes, np.zeros(SHAPE_CONTEXT, np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 8)
    near = np.ascontiguousarray(windows[places]).view(">u8").ravel().astype(np.uint64)
    far = np.ascontiguousarray(windows[places + 8]).view(">u8").ravel().astype(np.uint64)
    key = (_ranks(near).astype(np.uint64) << np.uint64(32)) | _ranks(far).astype(np.uint64)
    return _packed(places[np.argsort(key)])


def _packed(places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Places in three bytes each, the lowest first: no segment has more than fit."""
    return np.ascontiguousarray(
        places.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :_PLACE_BYTES]
    )


def _unpacked(packed: NDArray[np.uint8]) -> Places:
    wide = np.zeros((len(packed), 4), np.uint8)
    wide[:, :_PLACE_BYTES] = packed
    return wide.view("<u4").ravel().astype(np.int64)


def _ranks(keys: NDArray[np.uint64], order: NDArray[np.int64] | None = None) -> NDArray[np.uint32]:
    """The place of each key among the distinct keys."""
    order = np.argsort(keys) if order is None else order
    ordered = keys[order]
    steps = np.empty(len(keys), np.uint32)
    steps[:1] = 0
    np.cumsum(ordered[1:] != ordered[:-1], out=steps[1:], dtype=np.uint32)
    ranks = np.empty(len(keys), np.uint32)
    ranks[order] = steps
    return ranks


def _find(wanted: bytes, tokens: memoryview, width: int, order: NDArray[Any]) -> int:
    """Where a past stands, or would stand, in an order of places."""
    length = len(wanted)
    packed = memoryview(order.reshape(-1))  # type: ignore[arg-type]
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        at = middle * _PLACE_BYTES
        start = (packed[at] | packed[at + 1] << 8 | packed[at + 2] << 16) * width
        if tokens[start : start + length].tobytes() < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def open_segment(path: Path, *, check: bool = False) -> Segment:
    """A segment on disk, mapped into memory; with `check` it is read as a whole."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise DamagedSegmentError(f"{path.name} cannot be read: {error}") from error
    try:
        return _opened(data, check=check)
    except (ValueError, IndexError, msgspec.MsgspecError, OverflowError) as error:
        raise DamagedSegmentError(f"{path.name} is damaged: {error}") from error


def _opened(data: mmap.mmap, *, check: bool) -> Segment:
    at = len(_MAGIC) + 8
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError("it does not begin as a segment does")
    length = int.from_bytes(data[at - 8 : at - 4], "little")
    encoded = data[at : at + length]
    if zlib.crc32(encoded) != int.from_bytes(data[at - 4 : at], "little"):
        raise ValueError("its head is not what was written")
    head = msgspec.msgpack.decode(encoded, type=_Head)
    if head.format != FORMAT:
        raise ValueError("it has another format")
    body = at + length + (-(at + length) % 8)
    n_tokens = head.n_tokens
    sizes = (
        n_tokens * 2,
        n_tokens * _PLACE_BYTES,
        head.n_names * _PLACE_BYTES,
        (n_tokens + 7) // 8,
        n_tokens,
    )
    edges = [body]
    for size in (*sizes, head.n_texts * 4, head.n_blob):
        edges.append(edges[-1] + size)
    if len(data) != edges[-1]:
        raise ValueError("it ends too early or too late")
    view = memoryview(data)
    parts = [view[start:end] for start, end in pairwise(edges)]
    segment = Segment(
        head.files,
        Texts(parts[6], np.frombuffer(parts[5], "<u4")),
        np.frombuffer(parts[0], ">u2"),
        np.frombuffer(parts[1], np.uint8).reshape(-1, _PLACE_BYTES),
        np.frombuffer(parts[3], np.uint8),
        np.frombuffer(parts[4], np.uint8),
        np.frombuffer(parts[2], np.uint8).reshape(-1, _PLACE_BYTES),
        written=(view[body:], head.checksum),
        mapped=data,
    )
    if check and not segment.is_intact():
        raise ValueError("it is not what was written")
    return segment


class Texts(Sequence[str]):
    """Sorted texts in one blob."""

    def __init__(self, blob: memoryview, ends: NDArray[np.uint32]) -> None:
        self._blob = blob
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: Any) -> Any:
        start = self._ends.item(at - 1) if at else 0
        return self._blob[start : self._ends.item(at)].tobytes().decode("utf-8", "surrogatepass")
