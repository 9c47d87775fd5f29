"""Which file an import names: the workspace first, then typeshed, then the environment."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nootropic_lsp.index.units import World

_SUFFIXES = (".py", "/__init__.py", ".pyi", "/__init__.pyi")
_STUB_FIRST = (".pyi", "/__init__.pyi", ".py", "/__init__.py")


# Endings of files that hold a module, those that are compiled among them.
_FILES = (".py", ".pyi", ".so", ".pyd")


@cache
def typeshed() -> str:
    """The folder of the standard library's stubs, shipped by the `typeshed_client` package."""
    # Found without importing the package: its own imports cost more than our start-up.
    spec = find_spec("typeshed_client")
    if spec is None or spec.origin is None:
        return ""
    return (Path(spec.origin).parent / "typeshed").as_posix()


class Modules:
    """Finds modules for one state of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._found: dict[tuple[str, int, str], str | None] = {}
        self._inside: dict[str, list[str]] = {}
        self._roots: dict[str, tuple[str, ...]] = {}

    def find(self, dotted: str, level: int, importer: str) -> str | None:
        """The file that an import in the file `importer` names, or a namespace package's folder."""
        folder = importer.rpartition("/")[0]
        key = (dotted, level, folder)
        if key in self._found:
            return self._found[key]
        found = self._found[key] = self._find(dotted, level, folder)
        return found

    def _find(self, dotted: str, level: int, folder: str) -> str | None:
        relative = dotted.replace(".", "/")
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            return self._under(folder, relative) or self._namespace((folder,), relative)
        roots = self._roots_of(folder)
        for root in roots:
            found = self._under(root, relative)
            if found is not None:
                return found
        shipped = typeshed()
        if shipped:
            found = self._under(shipped, relative, _STUB_FIRST)
            if found is not None:
                return found
        libraries = self._world.environment(folder)
        for root in libraries:
            found = self._in_library(root, relative)
            if found is not None:
                return found
        return self._namespace((*roots, *libraries), relative) or self._elsewhere(relative)

    def top_level(self, importer: str) -> list[str]:
        """All that can be imported by an absolute name, the workspace's own first."""
        folder = importer.rpartition("/")[0]
        roots = [*self._roots_of(folder), typeshed(), *self._world.environment(folder)]
        return list(dict.fromkeys(name for root in roots if root for name in self._listed(root)))

    def inside(self, path: str) -> list[str]:
        """The modules and packages directly below the package of a file or folder."""
        folder, _, name = path.rpartition("/")
        if name.startswith("__init__."):
            return self._listed(folder)
        return self._listed(path) if not name.endswith(_FILES) else []

    def _listed(self, folder: str) -> list[str]:
        known = self._inside.get(folder)
        if known is None:
            names = (_module_name(entry) for entry in self._world.entries(folder))
            known = self._inside[folder] = sorted({name for name in names if name.isidentifier()})
        return known

    def _under(self, root: str, relative: str, suffixes: tuple[str, ...] = _SUFFIXES) -> str | None:
        base = f"{root}/{relative}" if relative else root
        for suffix in suffixes:
            if relative or suffix[0] == "/":
                path = base + suffix
                if self._world.is_file(path):
                    return path
        return None

    def _in_library(self, root: str, relative: str) -> str | None:
        """A module of an installed package; stubs in a package of their own come first."""
        package, _, rest = relative.partition("/")
        stubs = self._under(root, f"{package}-stubs" + (f"/{rest}" if rest else ""), _STUB_FIRST)
        return stubs or self._under(root, relative, _STUB_FIRST)

    def _namespace(self, roots: tuple[str, ...], relative: str) -> str | None:
        """A folder without `__init__.py` is a package too."""
        for root in roots:
            path = f"{root}/{relative}" if relative else root
            if self._world.is_folder(path):
                return path
        return None

    def _elsewhere(self, relative: str) -> str | None:
        """A folder below the workspace that is put on the path by other means, such as `tests`."""
        for folder in self._world.folders:
            for root in self._world.subfolders(folder):
                found = self._under(root, relative)
                if found is not None:
                    return found
        return None

    def _roots_of(self, folder: str) -> tuple[str, ...]:
        """Where absolute imports of a file in `folder` begin, the workspace's own roots first."""
        roots = self._roots.get(folder)
        if roots is None:
            own = folder
            while self._world.is_file(f"{own}/__init__.py"):
                own = own.rpartition("/")[0]
            folders = self._world.folders
            around = [root for root in folders if folder == root or folder.startswith(f"{root}/")]
            found = [
                *around,
                *(f"{root}/src" for root in around),
                own,
                *(root for root in folders if root not in around),
            ]
            roots = self._roots[folder] = tuple(dict.fromkeys(found))
        return roots


def _module_name(entry: str) -> str:
    """The module that a file or folder is; "" if it is none."""
    if entry.endswith("/"):
        name = entry[:-1].removesuffix("-stubs")
        return "" if name == "__pycache__" else name
    name = entry.partition(".")[0]
    return name if entry.endswith(_FILES) and name not in ("__init__", "__main__") else ""
