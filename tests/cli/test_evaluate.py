"""Measuring menus and ghost text on one's own code."""

from __future__ import annotations

from pathlib import Path

import pytest

METHOD = """\
    def total_{n}(self, cart):
        if cart.is_empty():
            return self.nothing
        return self.checkout(cart.prices, tax={n})

"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    root = tmp_path / "code"
    root.mkdir()
    for at in range(4):
        methods = "".join(METHOD.format(n=n) for n in range(at, at + 8))
        (root / f"shop{at}.py").write_text(f"class Shop{at}:\n{methods}")
    return root


def counted(data: dict) -> dict:
    """What was found, without how long it took."""
    return {key: value for key, value in data.items() if not key.endswith("_ms")}


def test_what_is_written_time_and_again_is_found(code, type_):
    found = type_("evaluate", str(code), "--places", "60", "--json").json["languages"]["python"]
    assert found["places"] == 60
    # Everything is there three times over in the other files.
    assert found["shown"] > 0.3
    assert found["right"] > 0.7
    assert found["keys_saved"] > 0.3
    assert found["menu"]["3"]["names"] > 0
    assert found["menu"]["3"]["first5"] > 0.8


def test_a_seed_chooses_the_places(code, type_):
    first, again, other = (
        counted(
            type_("evaluate", str(code), "--places", "40", "--seed", seed, "--json").json[
                "languages"
            ]["python"]
        )
        for seed in ("1", "1", "2")
    )
    assert first == again
    assert first != other


def test_people_read_a_table(code, type_):
    typed = type_("evaluate", str(code), "--places", "20", "--seed", "3")
    assert typed.code == 0
    assert "20 places chosen at random (seed 3)" in typed.out
    assert "ghost text shown" in typed.out


def test_the_files_stay_as_they_are(code, type_):
    before = {path.name: path.read_text() for path in code.glob("*.py")}
    type_("evaluate", str(code), "--places", "20")
    assert {path.name: path.read_text() for path in code.glob("*.py")} == before


def test_without_code_there_is_nothing_to_measure(tmp_path, type_):
    (tmp_path / "data.json").write_text("{}")
    typed = type_("evaluate", str(tmp_path))
    assert (typed.code, typed.out.strip()) == (1, "there is no code here to evaluate on")


@pytest.mark.parametrize("given", ["many", "-1", "1e3", "9999999"])
def test_a_wrong_number_gets_a_sentence(code, type_, given):
    typed = type_("evaluate", str(code), f"--places={given}")
    assert typed.code == 2
    assert "whole number up to 100,000" in typed.err
