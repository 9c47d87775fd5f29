"""Where the libraries of a Python workspace lie, found without running its interpreter."""

# Names are compared as strings, and folders may be missing.
# ruff: noqa: PTH208
from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

_NAMES = (".venv", "venv", "env", ".env")
# To look whether such a path exists would be a connection to another machine.
_ELSEWHERE = ("\\\\", "//")
_PYTHON = re.compile(r"python3\.\d+t?\Z")


def library_folders(workspace: str, chosen: str | None = None) -> tuple[str, ...]:
    """The folders to import from, in order: those of the environment, then `.pth` additions.

    `chosen` is an environment or an interpreter that the user named. Otherwise
    VIRTUAL_ENV or CONDA_PREFIX is taken as given by the caller through `chosen`, then an
    environment inside the workspace, then the one that nootropic itself runs in.
    """
    for root in _candidates(workspace, chosen):
        folders = _site_packages(root)
        if folders:
            return tuple(dict.fromkeys([*folders, *_added(folders)]))
    return ()


def _candidates(workspace: str, chosen: str | None) -> Iterable[Path]:
    if chosen:
        path = Path(chosen)
        # An interpreter lies in `bin` or `Scripts` of its environment.
        yield path.parent.parent if path.is_file() else path
    if workspace:
        for name in _NAMES:
            root = Path(workspace, name)
            if (root / "pyvenv.cfg").is_file():
                yield root
    yield Path(sys.prefix)


def _site_packages(root: Path) -> list[str]:
    """The library folders of an environment, and of the interpreter below it where it says so."""
    found = [root / "Lib" / "site-packages"]
    for library in ("lib", "lib64"):
        try:
            names = sorted(os.listdir(root / library))
        except OSError:
            continue
        for name in names:
            if _PYTHON.match(name):
                found.append(root / library / name / "site-packages")
                found.append(root / library / name / "dist-packages")
        if library == "lib" and "python3" in names:
            found.append(root / library / "python3" / "dist-packages")
    folders = [path.as_posix() for path in found if path.is_dir()]
    configuration = _read_configuration(root / "pyvenv.cfg")
    if configuration.get("include-system-site-packages", "").lower() == "true":
        home = configuration.get("home")
        if home and not home.startswith(_ELSEWHERE):
            folders += _site_packages(Path(home).parent)
    return folders


def _read_configuration(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _added(folders: Iterable[str]) -> Iterable[str]:
    """The path lines of `.pth` files; lines that would run code are left alone."""
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if not name.endswith(".pth"):
                continue
            try:
                text = Path(folder, name).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            for line in text.splitlines():
                line = line.strip()
                if line and not line.startswith(("#", "import ", "import\t", *_ELSEWHERE)):
                    path = Path(folder, line)
                    if path.is_dir():
                        yield path.as_posix()
