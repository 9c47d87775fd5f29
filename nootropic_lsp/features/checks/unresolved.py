"""Imports of modules and names that are nowhere."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from nootropic_lsp.core.findings import ERROR, WARNING, Finding
from nootropic_lsp.features.checks.code import Code, code_of, is_inside, named
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Kind, Op, Role
from nootropic_lsp.index.languages.python.modules import typeshed
from nootropic_lsp.index.units import Unit

CODE = "unresolved-import"

# Where a project says what is built or generated.
_BUILD_FILES = [
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "MANIFEST.in",
    ".gitignore",
    "meson.build",
    "CMakeLists.txt",
    "Makefile",
    "noxfile.py",
    "tox.ini",
    "hatch_build.py",
    "build.py",
]
_GENERATED = re.compile(r"_pb2(?:_grpc)?\Z|\A_?version\Z|\A_?build|generated", re.IGNORECASE)
_EXPECTED = re.compile(r"ImportError|ModuleNotFoundError|raises|suppress|warns|Exception")


def unresolved_imports(code: Code) -> list[Finding]:
    """Modules that cannot be found, and names that the modules they are taken from do not have."""
    if code.unit.errors:
        return []
    found = []
    for index, expression in _suspects(code):
        finding = _missing_module(code, expression) if expression[0] == Op.MODULE else None
        if expression[0] == Op.MEMBER:
            finding = _missing_name(code, index, expression)
        if finding is not None and not _is_excused(code, finding):
            found.append(finding)
    return found


def _suspects(code: Code) -> Iterator[tuple[int, tuple[int, int, int, str, int]]]:
    """The imports that lead nowhere."""
    unit = code.unit
    broken: set[tuple[str, int]] = set()
    for index, expression in enumerate(unit.expressions):
        operator = expression[0]
        if operator == Op.MODULE and expression[2] >= 0:
            _, _, _, dotted, level = expression
            parent = dotted.rpartition(".")[0]
            if (parent, level) in broken:
                broken.add((dotted, level))
            elif not code.finds_module(dotted, level):
                broken.add((dotted, level))
                yield index, expression
        elif operator == Op.MEMBER and expression[1] == Role.IMPORT:
            yield index, expression


def _is_excused(code: Code, finding: Finding) -> bool:
    """Whether the import is tried only, or stands under a condition."""
    for each in code.around(finding.span.start):
        if each.kind == "try" or (each.kind == "with" and _EXPECTED.search(each.text)):
            return True
        if each.kind in ("if", "match") and "TYPE_CHECKING" not in each.text:
            return True
    return "importorskip" in code.text


# ---- modules


def _missing_module(code: Code, expression: tuple[int, int, int, str, int]) -> Finding | None:
    _, _, position, dotted, level = expression
    name = dotted.rpartition(".")[2]
    if not code.is_at(position, name):
        return None
    span = named(position, name)
    shown = "." * level + dotted
    if not level and "." not in dotted:
        return _missing_library(code, dotted, position)
    if level:
        folder = _folder_of(code.path, level, dotted.rpartition(".")[0])
    else:
        folder = code.regular_package(dotted.rpartition(".")[0])
    if folder is None or not is_inside(code.snapshot, folder) or _may_be(code, folder, name):
        return None
    return Finding(span, CODE, f"there is no module `{shown}`", ERROR)


def _missing_library(code: Code, name: str, position: int) -> Finding | None:
    """A top-level module that is in no library, where it is known which there are."""
    if name in sys.stdlib_module_names or not code.snapshot.world.knows_environment(code.path):
        return None
    if any(each.kind == "function" for each in code.around(position)):
        return None  # what only one function needs is often optional
    if any(_may_be(code, folder, name) for folder in code.snapshot.folders):
        return None
    message = f"`{name}` is neither in the workspace nor installed in its environment"
    return Finding(named(position, name), CODE, message, WARNING)


def _folder_of(path: str, level: int, dotted: str) -> str | None:
    """The folder that a relative import begins in, if there is one."""
    folder = path.rpartition("/")[0]
    for _ in range(level - 1):
        folder = folder.rpartition("/")[0]
    return f"{folder}/{dotted.replace('.', '/')}" if dotted else folder


def _may_be(code: Code, folder: str, name: str) -> bool:
    """Whether a module is there in another form, or may come to be there."""
    if _GENERATED.search(name) or not Path(folder).is_dir():
        return True
    if any(each.name.partition(".")[0] == name for each in Path(folder).iterdir()):
        return True
    init = code.snapshot.unit(f"{folder}/__init__.py")
    if init is not None:
        package = Code(code.snapshot, init)
        if package.is_dynamic or re.search(r"extend_path|declare_namespace", package.text):
            return True
    return name in build_words(code.snapshot)


def build_words(snapshot: Snapshot) -> set[str]:
    """The words in the files that say how the workspace is built."""
    words: set[str] | None = snapshot.noted.get(CODE)
    if words is None:
        words = snapshot.noted[CODE] = set()
        for folder in snapshot.folders:
            for name in _BUILD_FILES:
                text = snapshot.world.text(f"{folder}/{name}") or ""
                words.update(re.findall(r"\w+", text))
    return words


# ---- names


def _missing_name(
    code: Code, index: int, expression: tuple[int, int, int, str, int]
) -> Finding | None:
    _, _, position, name, receiver = expression
    module = code.unit.expressions[receiver] if receiver >= 0 else ()
    if not module or module[0] != Op.MODULE or name == "*":
        return None
    path = code.module_path(module[3], module[4])
    if path is None or not path.endswith((".py", ".pyi")):
        return None
    had: set[tuple[str, str]] = code.snapshot.noted.setdefault(f"{CODE} names", set())
    if (path, name) in had:
        return None
    shipped = typeshed()
    is_standard = bool(shipped) and path.startswith(shipped)
    if not is_standard and not is_inside(code.snapshot, path):
        return None
    source = code.snapshot.unit(path)
    if source is None:
        return None
    if name in source.names[0]:
        had.add((path, name))
        return None
    if not is_standard and not module[4] and not code.is_on_path(path, module[3]):
        return None
    if not code.is_at(position, name) or _has(code, source, name, is_standard=is_standard):
        return None
    if code.snapshot.definitions(code.unit, index, follow=False):
        return None
    shown = "." * module[4] + module[3]
    severity = WARNING if is_standard else ERROR
    return Finding(named(position, name), CODE, f"there is no `{name}` in `{shown}`", severity)


def _has(code: Code, source: Unit, name: str, *, is_standard: bool) -> bool:
    """Whether a module has a name, or may have it in a way that cannot be read."""
    names = source.names[0]
    if "__getattr__" in names or source.errors or source.path == code.path:
        return True
    if name.startswith("_") and (is_standard or name.startswith("__")):
        return True
    if name in (source.exports or ()):
        return True
    if any(each == name and is_module for _, each, is_module in source.outer):
        return True
    if source.stars and not _stars_are_known(code, source, set()):
        return True
    other = code_of(code.snapshot, source.path)
    if other is None or (not is_standard and other.is_dynamic):
        return True
    if is_standard:
        return _is_in_our_library(source.path, name)
    folder, _, file = source.path.rpartition("/")
    return file.startswith("__init__.") and _may_be(code, folder, name)


def _is_in_our_library(stub: str, name: str) -> bool:
    """Whether the module behind a stub has a name in it that the stub keeps from its readers."""
    relative = stub.removeprefix(typeshed()).removesuffix(".pyi")
    source = Path(sysconfig.get_path("stdlib") + relative + ".py")
    try:
        text = source.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # it is compiled, or not of our version
    return re.search(rf"\b{name}\b", text) is not None or (source.parent / name).exists()


def _stars_are_known(code: Code, unit: Unit, seen: set[str]) -> bool:
    """Whether all that a module takes by stars can be read."""
    seen.add(unit.path)
    for star in unit.stars:
        sites = code.snapshot.definitions(unit, star)
        if not sites or sites[0].definition.kind != Kind.MODULE:
            return False
        source = sites[0].unit
        if source.path not in seen:
            if source.errors or "__getattr__" in source.names[0]:
                return False
            if not _stars_are_known(code, source, seen):
                return False
    return True
