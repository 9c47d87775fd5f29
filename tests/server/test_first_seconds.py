"""Before there is an index, answers come from the disk: right, or none at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.house import House, wait_until

from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.places import database_of

KEY = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
LARGE = "class Large:\n    pass\n" + "".join(f"x{n} = {n}\n" for n in range(20_000))
FILES = {
    "pkg/__init__.py": "from .deep.model import Model as Model\n",
    "pkg/deep/model.py": f'TOKEN = "{KEY}"\n\n\nclass Model:\n    """A thing."""\n    def save(self):\n        pass\n',
    "pkg/large.py": LARGE,
    ".gitignore": "private/\n",
    "private/notes.py": "class Notes:\n    pass\n",
    "web/thing.ts": "export class Thing {}\n",
    "web/view.ts": "import { Thing } from './thing';\nnew Thing();\n",
    "app.py": """\
from pkg import Model
from pkg.large import Large
from private.notes import Notes
from linked.outside import Outside
from nowhere import Nothing

Model().save()
Large, Notes, Outside, Nothing
""",
}
SAVE, LARGE_USE, NOTES, OUTSIDE, NOTHING = (6, 9), (7, 1), (7, 8), (7, 15), (7, 24)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "outside.py").write_text("class Outside:\n    pass\n")
    if sys.platform != "win32":
        (tmp_path / "shop" / "linked").symlink_to(tmp_path / "elsewhere")
    return tmp_path / "shop"


@pytest.fixture
def lock(root: Path) -> Iterator[WriterLock]:
    """As long as it is held, nobody can write an index."""
    lock = WriterLock(database_of(root).with_name("lock"))
    assert lock.acquire()
    yield lock
    lock.release()


def test_definitions_are_right_or_none(root: Path, lock: WriterLock, home: Path) -> None:
    with House(root) as house:
        house.begin_indexing()
        house.open_file("app.py")
        house.open_file("web/view.ts", language="typescript")
        assert house.definition("app.py", *SAVE) == [("model.py", 5)]
        assert house.definition("app.py", 0, 17) == [("model.py", 3)]
        assert house.definition("web/view.ts", 1, 5) == [("thing.ts", 0)]
        hover = house.at("textDocument/hover", house.uri("app.py"), 6, 1)
        assert "A thing." in hover["contents"]["value"]
        # Ignored, behind a link, not there, or to be read by a child only.
        for place in (LARGE_USE, NOTES, OUTSIDE, NOTHING):
            assert house.definition("app.py", *place) == [], place
        # What is read ahead is kept nowhere.
        written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        assert os.fsencode(root / "pkg") not in written
        # A change counts at once.
        (root / "pkg/deep/model.py").write_text(
            "\nclass Model:\n    def save(self):\n        pass\n"
        )
        house.tell_saved("pkg/deep/model.py")
        house.change(house.uri("app.py"), 2, {"text": FILES["app.py"]})
        assert house.definition("app.py", *SAVE) == [("model.py", 2)]

        lock.release()
        house.wait_indexed()
        assert house.definition("app.py", *SAVE) == [("model.py", 2)]
        assert house.definition("app.py", *LARGE_USE) == [("large.py", 0)]
        # Now it is certain that these lead nowhere.
        assert house.definition("app.py", *NOTES) == [("app.py", 2)]
        assert house.definition("app.py", *NOTHING) == [("app.py", 4)]


def test_a_new_file_is_found_by_the_index(root: Path, lock: WriterLock) -> None:
    """What was looked up ahead does not stay."""
    with House(root) as house:
        house.begin_indexing()
        house.open_file("app.py")
        assert house.definition("app.py", *NOTHING) == []
        (root / "nowhere.py").write_text("class Nothing:\n    pass\n")
        lock.release()
        house.wait_indexed()
        wait_until(
            lambda: house.definition("app.py", *NOTHING) == [("nowhere.py", 0)], "the new file"
        )
