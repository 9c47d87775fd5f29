"""Library files that nobody should wait for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from nootropic_lsp.index.apart import Apart
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.units import Unit

_MANY = "".join(
    f"interface Thing{n} {{ name: string; next: Thing{n} | null }}\n" for n in range(7_000)
)


@pytest.fixture
def large(tmp_path: Path) -> str:
    path = tmp_path / "lib.large.d.ts"
    path.write_text(f"{_MANY}declare var page: Thing1;\n")
    return path.as_posix()


def test_a_large_file_is_left_to_another(tmp_path: Path, large: str) -> None:
    told: list[str] = []
    small = tmp_path / "lib.small.d.ts"
    small.write_text("declare var page: string;\n")
    libraries = Libraries(tmp_path / "cache", large=told.append)
    assert libraries.facts(small.as_posix())
    assert libraries.facts(large) is None
    assert told == [large]
    # Without a place for what the other finds, there is no other.
    assert Libraries(None, large=told.append).facts(large)
    assert told == [large]


def test_a_child_reads_it_into_the_cache(tmp_path: Path, large: str) -> None:
    done = threading.Event()
    apart = Apart(tmp_path / "cache", done.set)
    libraries = Libraries(tmp_path / "cache", large=apart.submit)
    assert libraries.facts(large) is None
    assert apart.reading == large
    assert done.wait(60)
    assert not apart.reading
    facts = libraries.facts(large)
    assert facts is not None
    assert "page" in Unit.stored(large, facts).names[0]
    apart.close()


def test_what_kills_the_child_is_not_tried_again(
    tmp_path: Path, large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nootropic_lsp.index.apart._DEADLINE_S", 0.0)
    done = threading.Event()
    apart = Apart(tmp_path / "cache", done.set)
    apart.submit(large)
    assert done.wait(60)
    done.clear()
    apart.submit(large)
    assert not apart.reading
    assert not done.is_set()
    apart.close()
