"""Segments find what a slow search finds, are on disk what they were, and do not hide damage."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predict.modelled import segment_of, tokens_of

from nootropic_lsp.predict import segment as segments
from nootropic_lsp.predict.segment import CONTEXT, DamagedSegmentError, Segment, open_segment
from nootropic_lsp.predict.shapes import SHAPE_CONTEXT, shapes_before, shapes_of
from nootropic_lsp.predict.streams import Lexicon
from nootropic_lsp.predict.tokens import LITERAL, NAME, OTHER, START, break_token, kind_of

words = st.sampled_from(
    ("a", "b", "self", ".", "(", ")", "=", "if", "1", "'s'", "\n    ", "\n", "# c\n", '"""d"""')
)
files = st.lists(words, max_size=60).map(" ".join)
corpora = st.lists(files, min_size=1, max_size=4)


def common(one: list[str], other: list[str]) -> int:
    """How many tokens two lists begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


@given(corpora, st.lists(words, max_size=CONTEXT), st.integers(2, 8))
def test_neighbours_are_those_of_a_slow_search(
    corpus: list[str], past: list[str], reach: int
) -> None:
    segment = segment_of(*corpus)
    tokens = tokens_of(segment)
    past = [each.strip() or break_token(0, 0) for each in past]
    context = [segment.number(each) for each in past[::-1]]
    known = past[::-1][: context.index(-1) if -1 in context else len(past)]
    slow = {at: common(tokens[:at][::-1], known) for at in range(1, len(tokens))}
    everything = segment.neighbours(context, segment.n_tokens)
    found = dict(zip(everything.places.tolist(), everything.lengths.tolist(), strict=True))
    assert found == slow
    # Few of them are the best ones.
    few = segment.neighbours(context, reach)
    assert len(few.places) <= 2 * reach
    assert max(few.lengths, default=0) == max(slow.values(), default=0)


@given(corpora, files)
def test_lookalikes_are_those_of_a_slow_search(corpus: list[str], text: str) -> None:
    segment = segment_of(*corpus)
    tokens = tokens_of(segment)
    shapes = segment_shapes(segment)
    wanted = shapes_before(tokens_of(segment_of(text)))
    slow = {
        at: common(shapes[:at][::-1], list(wanted))
        for at in range(1, len(tokens))
        if kind_of(tokens[at]) == NAME
    }
    found = segment.lookalikes(wanted, segment.n_tokens)
    assert dict(zip(found.places.tolist(), found.lengths.tolist(), strict=True)) == slow


def segment_shapes(segment: Segment) -> list[int]:
    numbers = np.array([segment.number(each) for each in tokens_of(segment)], np.uint16)
    return shapes_of(numbers, list(segment.texts)).tolist()  # type: ignore[no-any-return]


@given(files)
def test_shapes_of_a_past_are_those_of_the_segment(text: str) -> None:
    segment = segment_of(text)
    tokens, shapes = tokens_of(segment), segment_shapes(segment)
    for at in range(1, len(tokens) + 1):
        assert list(shapes_before(tokens[:at])) == shapes[:at][::-1][:SHAPE_CONTEXT]


@given(corpora)
@settings(max_examples=30)
def test_what_is_written_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[str]
) -> None:
    before = segment_of(*corpus)
    path = tmp_path_factory.mktemp("segment") / "python-000001.segment"
    before.write(path)
    after = open_segment(path, check=True)
    assert [*path.parent.iterdir()] == [path]
    assert tokens_of(after) == tokens_of(before)
    assert after.files == before.files
    assert list(after.texts) == list(before.texts)
    places = np.arange(after.n_tokens)
    for ask in (Segment.is_spaced, Segment.distances, Segment.files_of):
        assert ask(after, places).tolist() == ask(before, places).tolist()  # type: ignore[operator]
    for context in ([], [1], [2, 1], [1, 2, 3]):
        one, other = before.neighbours(context, 5), after.neighbours(context, 5)
        assert one.places.tolist() == other.places.tolist()
    one, other = before.lookalikes(b"\1\2\3", 5), after.lookalikes(b"\1\2\3", 5)
    assert one.places.tolist() == other.places.tolist()


@given(st.text(), st.sampled_from(("python", "javascript", "bash", "rust", "html", "go")))
def test_any_text_makes_a_segment(text: str, language: str) -> None:
    segment = segment_of(text, language=language)
    assert tokens_of(segment)[0] == START
    assert "" not in segment.texts
    assert segment.text(segment.number(START)) == START


def test_a_text_of_nothing() -> None:
    segment = segment_of("")
    assert segment.neighbours([segment.number(START)], 10).places.tolist() == []
    assert segment.lookalikes(b"\0", 10).places.tolist() == []


def test_files_of_a_folder_and_what_lies_behind_the_last_token() -> None:
    lexicon = Lexicon()
    paths = ("a.py", "pkg/b.py", "pkg/c.py", "pkg/sub/d.py")
    stream = lexicon.read("x = 1\n", "python")
    segment = segments.build(lexicon, [(path, b"") for path in paths], [stream] * len(paths))
    assert segment.in_folder("").tolist() == [True, False, False, False]
    assert segment.in_folder("pkg").tolist() == [False, True, True, False]
    assert not segment.in_folder("sub").any()
    places = np.array([segment.n_tokens - 1, segment.n_tokens])
    assert (segment.following(places) == segments.END).tolist() == [False, True]


# ---- what is kept of texts


def test_strings_that_come_once_or_are_long_are_not_kept() -> None:
    long = "'" + "x" * 50 + "'"
    segment = segment_of(f"a = 'once'\nb = 'twice'\nc = 'twice'\nd = {long}\ne = {long}\n")
    strings = [text for text in segment.texts if text[0] in "'\"" or text == LITERAL]
    assert strings == [LITERAL, "'twice'"]


def test_comments_are_not_kept() -> None:
    segment = segment_of("a  # one\nb  # one\n")
    assert not any("one" in text for text in segment.texts)


def test_the_rarest_are_left_out_of_too_large_a_vocabulary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segments, "_MOST_TEXTS", 20)
    segment = segment_of("".join(f"once{n} = often\n" for n in range(50)))
    assert segment.number("often") > 0
    assert segment.number("once7") < 0
    assert tokens_of(segment)[1] == OTHER


@pytest.mark.parametrize("end", ["", " ", "\n", "\n  ", "\t \r", "\r\n"])
def test_blanks_at_the_end_are_no_token(end: str) -> None:
    stream_texts = tokens_of(segment_of(f"a{end}"))
    assert [text for text in stream_texts if text not in (OTHER, START)][:1] == ["a"]
    assert "" not in stream_texts


def test_steps_are_those_of_the_files_own_indentation() -> None:
    for unit in ("  ", "    ", "\t"):
        text = f"if a:\n{unit}if b:\n{unit}{unit}c\nd\n"
        steps = [text for text in tokens_of(segment_of(text)) if text[0] == "\n"]
        assert steps == ["\n+1", "\n+1", "\n-2", "\n+0"]


def test_a_lexicon_does_not_keep_long_pieces() -> None:
    """While a docstring is being written, it is another one after each key."""
    lexicon = Lexicon()
    for length in range(200, 400):
        lexicon.read(f'"""{"x" * length}', "python")
    (codes,) = lexicon._codes.values()
    assert len(codes) < 10


# ---- damage


def written(tmp_path: Path) -> Path:
    dice = random.Random(3)
    text = "".join(f"{dice.choice('abcdef')} = {dice.choice('ghijkl')}(x.y)\n" for _ in range(80))
    path = tmp_path / "python-000001.segment"
    segment_of(text, "y.x\n").write(path)
    return path


def head_end(data: bytes) -> int:
    at = len(b"nootropic tokens\n")
    return at + 8 + int.from_bytes(data[at : at + 4], "little")


def test_every_flipped_byte_of_the_head_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    for at in range(head_end(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :])
        with pytest.raises(DamagedSegmentError):
            open_segment(path)


def test_every_flipped_byte_of_the_body_is_found_by_who_looks(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    body = head_end(data) + (-head_end(data) % 8)
    for at in range(body, len(data), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        with pytest.raises(DamagedSegmentError):
            open_segment(path, check=True)
        assert not open_segment(path).is_intact()


def test_every_other_length_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    for length in (*range(0, len(data), 13), len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(DamagedSegmentError):
            open_segment(path)
    path.write_bytes(data + b"\0")
    with pytest.raises(DamagedSegmentError):
        open_segment(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def nothing(path: Path) -> None:
    path.unlink()


def other_format(path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "FORMAT", segments.FORMAT + 1)
        segment_of("a = b\n").write(path)


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(10_000))


def dead_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize("damage", [folder, nothing, other_format, garbage, dead_link])
def test_what_is_no_segment(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = written(tmp_path)
    damage(path)
    with pytest.raises(DamagedSegmentError):
        open_segment(path)


@pytest.mark.skipif(sys.platform != "linux", reason="only there it can be seen")
def test_a_segment_that_rests_takes_up_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "python-000001.segment"
    segment_of("value = call(1)\n" * 5_000).write(path)
    segment = open_segment(path)

    def resident() -> int:
        maps = Path("/proc/self/smaps").read_text().partition(path.as_posix())[2]
        return int(maps.partition("\nRss:")[2].split()[0])

    tokens = tokens_of(segment)
    assert resident() > 0
    segment.rest()
    assert resident() == 0
    assert tokens_of(segment) == tokens
