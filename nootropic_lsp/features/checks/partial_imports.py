"""Imports in a circle that fail: a name is taken from a module before it is there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from nootropic_lsp.core.findings import WARNING, Finding, Related
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features.checks.code import Code, is_inside, modules_of, named
from nootropic_lsp.features.snapshot import Snapshot, module_name
from nootropic_lsp.index.facts import Op, Role
from nootropic_lsp.index.languages.python.modules import Modules
from nootropic_lsp.index.units import Unit

CODE = "import-cycle"

_DEEPEST = 300


class Step(NamedTuple):
    """An import that runs when a module is imported; `name` is what it takes, "" for nothing."""

    position: int
    length: int
    target: str
    name: str


class _Failure(NamedTuple):
    """A name is taken from a module that is still being imported."""

    path: str
    step: Step


def import_cycles(code: Code) -> list[Finding]:
    """The import by which this module comes to be imported again, before it is ready."""
    path = code.path
    if code.unit.errors or not is_inside(code.snapshot, path):
        return []
    noted: dict[str, Any] = code.snapshot.noted
    steps, after = noted.setdefault(CODE, (Steps(), {}))
    steps.look_through(code.snapshot)
    if not steps.is_in_cycle(path):
        return []
    running = _after_packages(steps, path, after)
    if running.failure is None:
        running = running.copy()
        running.run(path)
    failed = running.failure
    if failed is None or failed.step.target != path or failed.path == path:
        return []
    return [_finding(running, path, failed)]


def _after_packages(steps: Steps, path: str, after: dict[str, _Import]) -> _Import:
    """How far things are when the packages around a module have been imported."""
    packages = steps.packages(path)
    if not packages:
        return _Import(steps)
    known = after.get(packages[-1])
    if known is None:
        known = after[packages[-1]] = _Import(steps)
        for package in packages:
            known.run(package)
    return known


def _finding(running: _Import, path: str, failure: _Failure) -> Finding:
    chain = running.chain[running.chain.index(path) :]
    steps = [running.at[each] for each in chain]
    step, taken = steps[0], failure.step
    related = [
        Related(
            Place(each, Span(at.position, at.position + at.length)),
            f"which imports `{module_name(at.target)}`",
        )
        for each, at in zip(chain[1:-1], steps[1:], strict=False)
    ]
    span = Span(taken.position, taken.position + taken.length)
    related.append(Related(Place(failure.path, span), f"`{taken.name}` is taken here"))
    message = (
        f"`{module_name(step.target)}` leads back to this module and takes `{taken.name}` from it,"
        " which is not there yet: it fails when this module is imported first"
    )
    return Finding(named(step.position, "x" * step.length), CODE, message, WARNING, tuple(related))


class _Import:
    """What happens when modules are imported into a fresh interpreter, until one fails."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.at: dict[str, Step] = {}
        self.done: set[str] = set()
        self.chain: list[str] = []
        self.failure: _Failure | None = None
        self.is_lost = False

    def copy(self) -> _Import:
        """The same state, to go on from."""
        other = _Import(self.steps)
        other.done = set(self.done)
        other.is_lost = self.is_lost
        return other

    def run(self, path: str) -> None:
        """Import a module whose packages have been imported."""
        if path in self.done or path in self.at or self.failure is not None or self.is_lost:
            return
        if len(self.chain) > _DEEPEST:
            self.is_lost = True
            return
        self.chain.append(path)
        for step in self.steps.of(path):
            self.at[path] = step
            self._load(step.target)
            if step.name and self.failure is None:
                self._take(path, step)
            if self.failure is not None or self.is_lost:
                return
        self.at.pop(path, None)
        self.done.add(path)
        self.chain.pop()

    def _load(self, path: str) -> None:
        if path not in self.done:
            for package in self.steps.packages(path):
                self.run(package)
            self.run(path)

    def _take(self, path: str, step: Step) -> None:
        """`from target import name`."""
        target = step.target
        if target in self.done and not target.endswith("/__init__.py"):
            return
        start = self.steps.bound(target, step.name)
        at = self.at.get(target)
        is_missing = start is None or (at is not None and start >= at.position)
        submodule = self.steps.submodule(target, step.name) if is_missing else None
        if submodule is not None:
            self._load(submodule)
        elif at is not None and start is not None and is_missing:
            self.failure = _Failure(path, step)


class Steps:
    """The imports that modules of the workspace surely run, read once for each."""

    _snapshot: Snapshot
    _modules: Modules

    def __init__(self) -> None:
        self._known: dict[str, tuple[Step, ...]] = {}
        self._bound: dict[str, dict[str, int]] = {}
        self._packages: dict[str, list[str]] = {}
        self._cyclic: dict[str, bool] = {}

    def look_through(self, snapshot: Snapshot) -> None:
        """Read from this snapshot what is not known yet."""
        self._snapshot = snapshot
        self._modules = modules_of(snapshot)

    def of(self, path: str) -> tuple[Step, ...]:
        """The imports of a module, in order."""
        if path not in self._known:
            self._read(path)
        return self._known[path]

    def bound(self, path: str, name: str) -> int | None:
        """Where a module first binds a name; None if it does not, or not in a way that is read."""
        if path not in self._bound:
            self._read(path)
        return self._bound[path].get(name)

    def _read(self, path: str) -> None:
        unit = self._snapshot.unit(path)
        if unit is not None:
            unit.widen()
        self._known[path] = () if unit is None else tuple(sorted(set(self._imports(unit))))
        if unit is None or unit.stars or "__getattr__" in unit.names[0]:
            self._bound[path] = {}
            return
        definitions = unit.definitions
        self._bound[path] = {
            name: min(definitions[index].start for index in entry)
            for name, entry in unit.names[0].items()
        }

    def _imports(self, unit: Unit) -> Iterator[Step]:
        expressions = unit.expressions
        starts, ends = _indented(unit)
        for expression in expressions:
            operator = expression[0]
            if operator not in (Op.MODULE, Op.MEMBER) or expression[1] != Role.IMPORT:
                continue
            position = expression[2]
            name = expression[3] if operator == Op.MEMBER else ""
            module = expressions[expression[4]] if name else expression
            if position < 0 or module[0] != Op.MODULE:
                continue
            around = bisect_right(starts, position) - 1
            if around >= 0 and position < ends[around]:
                continue
            path = self._modules.find(module[3], module[4], unit.path)
            if path is not None and path.endswith(".py") and is_inside(self._snapshot, path):
                written = name or module[3].rpartition(".")[2]
                yield Step(position, len(written), path, name)

    def _next(self, path: str) -> list[str]:
        """The modules that a module imports, with the packages that they are in."""
        targets = dict.fromkeys(step.target for step in self.of(path))
        packages = (each for target in targets for each in self.packages(target))
        return list(dict.fromkeys((*targets, *packages)))

    def is_in_cycle(self, path: str) -> bool:
        """Whether a module imports itself by way of others (Tarjan's components)."""
        if path not in self._cyclic:
            self._find_components(path)
        return self._cyclic[path]

    def _find_components(self, first: str) -> None:
        number: dict[str, int] = {}
        lowest: dict[str, int] = {}
        stack: list[str] = []
        waiting: list[tuple[str, Iterator[str]]] = []

        def enter(path: str) -> None:
            number[path] = lowest[path] = len(number)
            stack.append(path)
            waiting.append((path, iter(self._next(path))))

        enter(first)
        while waiting:
            path, following = waiting[-1]
            for target in following:
                if target in self._cyclic:
                    continue
                if target not in number:
                    enter(target)
                    break
                lowest[path] = min(lowest[path], number[target])
            else:
                waiting.pop()
                if waiting:
                    before = waiting[-1][0]
                    lowest[before] = min(lowest[before], lowest[path])
                if lowest[path] == number[path]:
                    at = stack.index(path)
                    is_cyclic = len(stack) - at > 1
                    self._cyclic.update(dict.fromkeys(stack[at:], is_cyclic))
                    del stack[at:]

    def packages(self, path: str) -> list[str]:
        """The `__init__` files of the packages around a module, the outermost first."""
        known = self._packages.get(path)
        if known is None:
            known = []
            folder = path.rpartition("/")[0]
            # A folder without `__init__` may lie in a package as well.
            while is_inside(self._snapshot, folder):
                if self._snapshot.world.is_file(init := f"{folder}/__init__.py"):
                    known.append(init)
                folder = folder.rpartition("/")[0]
            known = self._packages[path] = [each for each in reversed(known) if each != path]
        return known

    def submodule(self, path: str, name: str) -> str | None:
        """The file of a module inside a package."""
        if not path.endswith("/__init__.py"):
            return None
        found = self._modules.find(name, 1, path)
        return found if found is not None and found.endswith(".py") else None


def _indented(unit: Unit) -> tuple[list[int], list[int]]:
    """Where the code begins and ends that stands below another statement."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted((block.start, block.end) for block in unit.blocks[1:]):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends
