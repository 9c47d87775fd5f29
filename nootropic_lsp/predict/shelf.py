"""The segments of one folder on disk: which there are, and which of their files still count.

A file's tokens are those of the newest segment that has it, if its text is still the same. The
number in a segment's name says which is newer. Nothing else is written down, so nothing can
disagree: a segment is there as a whole or not at all.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from nootropic_lsp.predict.segment import FORMAT, DamagedSegmentError, Segment, open_segment

log = logging.getLogger(__name__)

_NAME = re.compile(r"([a-z]+)-(\d{6,})\.segment")
# The number in the name, and what tells a file from another one that had its name before.
_Identity: TypeAlias = tuple[int, int, int]


def shelf_of(database: Path) -> Path:
    """The folder with the segments that belong to an index."""
    return database.with_name(f"tokens-{FORMAT}")


class Shelf:
    """Segments by their paths, the newest first. Damaged ones are left out and named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.segments: dict[Path, Segment] = {}
        self.damaged: list[Path] = []
        self._files: dict[Path, _Identity] = {}

    def look(self, *, check: bool = False) -> None:
        """See which segments there are now; with `check`, read them as a whole."""
        known, segments, damaged = self._files, self.segments, self.damaged
        self._files, self.segments, self.damaged = self._found(), {}, []
        for path, identity in self._files.items():
            is_known = known.get(path) == identity
            if is_known and path in segments:
                self.segments[path] = segments[path]
                continue
            if is_known and path in damaged:
                self.damaged.append(path)
                continue
            try:
                self.segments[path] = open_segment(path, check=check)
            except DamagedSegmentError as error:
                log.warning("%s", error)
                self.damaged.append(path)

    def leave_out_damaged(self) -> bool:
        """Read all segments as a whole and leave out the damaged ones; whether there were some."""
        found = [path for path, segment in self.segments.items() if not segment.is_intact()]
        for path in found:
            log.warning("%s is damaged", path.name)
            del self.segments[path]
        self.damaged += found
        # What has damaged them may have changed what they are known by.
        now = self._found() if found else {}
        self._files.update((path, now[path]) for path in found if path in now)
        return bool(found)

    def _found(self) -> dict[Path, _Identity]:
        """The segments' files, the newest first."""
        found: dict[Path, _Identity] = {}
        paths: list[Path] = []
        with contextlib.suppress(OSError):
            paths = list(self.folder.iterdir())
        for path in paths:
            name = _NAME.fullmatch(path.name)
            if name is not None:
                # Another process may just have removed it.
                with contextlib.suppress(OSError):
                    status = path.lstat()
                    found[path] = int(name[2]), status.st_ino, status.st_mtime_ns
        return dict(sorted(found.items(), key=lambda item: item[1], reverse=True))

    def mask(self, digests: Mapping[str, bytes]) -> None:
        """Leave out what is not the text of a file any more. `digests` are those of all files."""
        seen: set[str] = set()
        for segment in self.segments.values():
            for at, file in enumerate(segment.files):
                counts = file.path not in seen and digests.get(file.path) == file.digest
                segment.masked[at] = not counts
                if counts:
                    seen.add(file.path)

    def covered(self) -> set[str]:
        """The files whose tokens count."""
        return {
            file.path
            for segment in self.segments.values()
            for at, file in enumerate(segment.files)
            if not segment.masked[at]
        }

    def of_family(self, family: str) -> Iterator[Segment]:
        """The segments of a family of languages."""
        for path, segment in self.segments.items():
            if path.name.startswith(f"{family}-"):
                yield segment

    def next_path(self, family: str) -> Path:
        """What a new segment is to be called."""
        last = max((number for number, _, _ in self._found().values()), default=0)
        return self.folder / f"{family}-{last + 1:06d}.segment"
