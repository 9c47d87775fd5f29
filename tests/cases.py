"""Read test cases from text files: some source files, a cursor, and the wanted answer.

A case is prose, then files introduced by ``-- path --`` lines. Exactly one file
holds ``<CURSOR>``. ``-- open:path --`` is the text that the editor has of a file,
whatever is on disk; ``-- ask --`` is more that the question needs, such as a new name.
The last file is called ``want``. Run pytest with ``NOOTROPIC_UPDATE=1`` to rewrite
``want`` from the answers, then read the diff.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
CURSOR = "<CURSOR>"
OPEN = "open:"
_HEADER = re.compile(r"^-- (\S+) --\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    path: Path
    files: dict[str, str]
    at: str  # path of the file under the cursor
    cursor: int  # code-point offset into files[at]
    want: str
    opened: dict[str, str]  # texts in the editor, by path
    ask: str = ""

    def check(self, answer: str | None) -> None:
        got = (answer or "(nothing)").rstrip() + "\n"
        if got != self.want and os.environ.get("NOOTROPIC_UPDATE"):
            text = read(self.path).removesuffix(self.want)
            self.path.write_bytes((text + got).encode())
            return
        assert got == self.want

    def write(self, root: Path) -> Path:
        """Put the files on disk; returns the one under the cursor."""
        for name, text in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return root / self.at


def read_case(path: Path) -> Case:
    _, *parts = _HEADER.split(read(path))
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    want = files.pop("want")
    ask = files.pop("ask", "").strip()
    (at,) = [name for name, text in files.items() if CURSOR in text]
    cursor = files[at].index(CURSOR)
    files[at] = files[at].replace(CURSOR, "")
    opened = {name.removeprefix(OPEN): files.pop(name) for name in list(files) if OPEN in name}
    return Case(path, files, at.removeprefix(OPEN), cursor, want, opened, ask)


def cases(feature: str) -> list[Case]:
    """The cases of a feature, or of a folder below it such as "hover/typescript"."""
    return [read_case(path) for path in sorted((FIXTURES / feature).glob("*.txt"))]


def read(path: Path) -> str:
    # Bytes, because a case may be about line ends.
    return path.read_bytes().decode()
