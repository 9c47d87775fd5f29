"""What is learned from what became of suggestions."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.learning.counters import Counters
from nootropic_lsp.learning.situations import (
    PLACES,
    Outcome,
    Situation,
    place_of,
    situation_of,
)
from nootropic_lsp.learning.threshold import HIGHEST, LOWEST, Experience, calibrated

AT = Situation("python", "member", "line", 70)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "learning.db"


def threshold(counters: Counters, place: str = "member", language: str = "python") -> float:
    return counters.calibration(language, place, 0.7).threshold


# ---- situations


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("", "line"),
        ("    ", "line"),
        ("self.", "member"),
        ("self.na", "member"),
        ("p->", "member"),
        ("Some::", "member"),
        ("f(", "argument"),
        ("f(a, ", "argument"),
        ("x = [", "argument"),
        ("x = ", "value"),
        ("x := ", "value"),
        ("return ", "value"),
        ("if x == ", "code"),
        ("for x in ", "code"),
        ("    whi", "word"),
        ("x = pri", "word"),
    ],
)
def test_places(before: str, place: str) -> None:
    assert place_of(before) == place
    assert place in PLACES


@pytest.mark.parametrize(
    ("text", "n_tokens", "probability", "size", "sureness"),
    [
        ("name", 1, 0.95, "token", 90),
        ("name(x)", 4, 0.7, "line", 70),
        ("name:\n    pass", 3, 0.69, "lines", 60),
        ("name\n", 1, 0.1, "token", 0),
        ("name", 1, 1.0, "token", 90),
    ],
)
def test_situations(text: str, n_tokens: int, probability: float, size: str, sureness: int) -> None:
    found = situation_of("python", "x = ", text, n_tokens, probability)
    assert found == Situation("python", "value", size, sureness)


# ---- the threshold


def test_nothing_known_leaves_the_default() -> None:
    for default in (0.3, 0.7, 0.99):
        assert calibrated(default, Experience()).threshold == pytest.approx(default)


@given(st.floats(0.01, 1), st.floats(0, 1e6), st.floats(0, 1e6))
def test_it_stays_in_its_bounds(default: float, taken: float, refused: float) -> None:
    found = calibrated(default, Experience(taken, refused))
    assert min(LOWEST, default) <= found.threshold <= max(HIGHEST, default)
    assert 0 < found.rate < 1
    more = calibrated(default, Experience(taken + 1, refused))
    less = calibrated(default, Experience(taken, refused + 1))
    assert more.threshold <= found.threshold + 1e-9
    assert less.threshold >= found.threshold - 1e-9


def test_what_is_usually_taken_changes_nothing() -> None:
    assert calibrated(0.7, Experience(10, 20)).threshold == pytest.approx(0.7)


def test_each_one_counts(file: Path) -> None:
    counters = Counters(file)
    before = threshold(counters)
    counters.note(AT, Outcome.ACCEPTED)
    accepted = threshold(counters)
    assert accepted < before
    counters.note(AT, Outcome.REJECTED)
    counters.note(AT, Outcome.REJECTED)
    assert threshold(counters) > accepted
    for outcome in (Outcome.OFFERED, Outcome.SHOWN):
        same = threshold(counters)
        counters.note(AT, outcome)
        assert threshold(counters) == same


def test_other_kinds_of_places_and_languages_are_left_alone(file: Path) -> None:
    counters = Counters(file)
    for _ in range(10):
        counters.note(AT, Outcome.REJECTED)
    assert threshold(counters) > 0.75
    assert threshold(counters, "argument") == 0.7
    assert threshold(counters, language="go") == 0.7


def test_the_latest_count_most(file: Path) -> None:
    counters = Counters(file)
    for _ in range(500):
        counters.note(AT, Outcome.REJECTED)
    high = threshold(counters)
    for _ in range(40):
        counters.note(AT, Outcome.ACCEPTED)
    assert threshold(counters) < 0.6 < high


def test_more_of_a_part_is_one_lesson(file: Path) -> None:
    counters = Counters(file)
    counters.note(AT, Outcome.PARTLY, characters=3)
    once = threshold(counters)
    counters.note(AT, Outcome.PARTLY, characters=4, n=0)
    assert threshold(counters) == once
    assert counters.totals()["python"]["partly"] == 1
    assert counters.totals()["python"]["characters"] == 7


# ---- the file


def test_counts_are_kept(file: Path) -> None:
    counters = Counters(file)
    counters.note(AT, Outcome.ACCEPTED, characters=9)
    lower = threshold(counters)
    counters.close()
    again = Counters(file)
    assert threshold(again) == lower
    assert again.totals()["python"] | {"accepted": 1, "characters": 9} == again.totals()["python"]


def test_asking_makes_no_file(file: Path) -> None:
    counters = Counters(file)
    assert counters.totals() == {}
    assert threshold(counters) == 0.7
    assert not file.parent.exists()


def _note_often(file: Path) -> None:
    counters = Counters(file)
    for _ in range(50):
        counters.note(AT, Outcome.SHOWN, characters=1)
    counters.close()


def test_several_servers_count_together(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_note_often, args=(file,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    totals = Counters(file).totals()["python"]
    assert (totals["shown"], totals["characters"]) == (150, 150)


def test_a_damaged_file_begins_anew(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 1000)
    counters = Counters(file)
    assert threshold(counters) == 0.7
    counters.note(AT, Outcome.SHOWN)
    assert counters.totals()["python"]["shown"] == 1


def test_without_a_place_nothing_is_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    counters = Counters(tmp_path / "file" / "learning.db")
    counters.note(AT, Outcome.SHOWN)
    assert counters.totals() == {}
    assert threshold(counters) == 0.7
