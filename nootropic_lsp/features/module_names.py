"""What Python modules are called: in imports, in `__all__`, and by the paths of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.index.facts import Op
from nootropic_lsp.index.units import Unit

PACKAGE = "__init__"


def module_stem(path: str) -> str:
    """What a Python file is called where it is imported: a package by its folder."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem == PACKAGE else stem


def exported(unit: Unit, text: str, name: str) -> Iterator[int]:
    """Where `__all__` has a name as a string."""
    pattern = re.compile(rf"([\"']){re.escape(name)}\1")
    for start, end in _export_statements(unit, text):
        for match in pattern.finditer(text, start, end):
            yield match.start() + 1


def _export_statements(unit: Unit, text: str) -> Iterator[tuple[int, int]]:
    for index in unit.names[0].get("__all__", ()):
        definition = unit.definitions[index]
        yield definition.full_start, definition.full_end
    for position, index in unit.uses:
        expression = unit.expressions[index]
        if expression[0] == Op.NAME and expression[3] == "__all__" and expression[4] == 0:
            end = text.find(")", position)
            if text.startswith((".append", ".extend"), position + len("__all__")) and end > 0:
                yield position, end


def is_package(path: str) -> bool:
    """Whether a file is the `__init__` of a package."""
    return path.rpartition("/")[2].startswith(f"{PACKAGE}.")


def parent_of(path: str) -> str:
    """The folder that holds a module, or that holds the folder of a package."""
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0] if is_package(path) else folder


def folder_of_package(path: str) -> str:
    """The folder of a package by its `__init__`; "" for another file."""
    return path.rpartition("/")[0] if is_package(path) else ""


def dotted_below(root: str, path: str) -> str | None:
    """The dotted name of a file that is imported from `root`, or None if it lies elsewhere."""
    prefix = root.rstrip("/") + "/"
    if not path.startswith(prefix):
        return None
    place = path.rpartition("/")[0] if is_package(path) else path.partition(".py")[0]
    parts = place[len(prefix) :].split("/")
    return ".".join(parts) if all(part.isidentifier() for part in parts) else None


def relative_name(importer: str, path: str) -> str:
    """The relative name of a module or package, as it is written in the file `importer`."""
    folder = importer.rpartition("/")[0]
    place = path.rpartition("/")[0] if is_package(path) else path.partition(".py")[0]
    dots = "."
    while folder and not (place == folder or place.startswith(f"{folder}/")):
        folder = folder.rpartition("/")[0]
        dots += "."
    return dots + place[len(folder) + 1 :].replace("/", ".")
