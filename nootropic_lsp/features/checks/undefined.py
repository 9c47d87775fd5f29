"""Names that no scope binds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from nootropic_lsp.core.findings import ERROR, WARNING, Finding
from nootropic_lsp.features.checks.code import Code, named
from nootropic_lsp.index.facts import Op, Role
from nootropic_lsp.index.languages.python.modules import typeshed
from nootropic_lsp.index.surroundings import surroundings

CODE = "undefined-name"

# What a module has without saying so, a class body and a function likewise; and what type
# checkers, notebooks and installers of translations put among the builtins.
_ALWAYS = frozenset(
    [
        "None",
        "True",
        "False",
        "__annotations__",
        "__builtins__",
        "__cached__",
        "__class__",
        "__classdict__",
        "__debug__",
        "__dict__",
        "__doc__",
        "__file__",
        "__firstlineno__",
        "__loader__",
        "__module__",
        "__name__",
        "__package__",
        "__path__",
        "__qualname__",
        "__spec__",
        "__static_attributes__",
        "WindowsError",
        "_",
        "get_ipython",
        "reveal_locals",
        "reveal_type",
    ]
)
# Conditions under which code of other versions and platforms stands.
_CONDITIONS = re.compile(
    r"version|platform|PY2|PY3|py3k|os\.name|TYPE_CHECKING|PYPY|HAS_|_available"
)
_CAUGHT = re.compile(r"except\s*:|NameError|Exception\b")


def undefined_names(code: Code) -> list[Finding]:
    """Uses of names that are bound nowhere: the first of each name in a scope."""
    if code.unit.stars:
        return []
    return [
        finding
        for position, role, name in _unbound(code)
        if (finding := _finding(code, position, role, name)) is not None
    ]


def _unbound(code: Code) -> Iterator[tuple[int, int, str]]:
    """The names that this file does not bind where they are used, and that are no builtins."""
    unit = code.unit
    builtins = _builtins(code)
    if not builtins:
        return
    outer = {name for _, name, _ in unit.outer}
    seen: set[tuple[int, str]] = set()
    names = unit.names
    everywhere = names[0]
    for expression in unit.expressions:
        if expression[0] != Op.NAME:
            continue
        name, scope = expression[3], expression[4]
        if name in everywhere or name in builtins or (scope, name) in seen:
            continue
        seen.add((scope, name))
        if name in names[scope] or name in _ALWAYS or name in outer:
            continue
        if not code.is_bound(scope, name):
            yield expression[2], expression[1], name


def _builtins(code: Code) -> Collection[str]:
    """The builtin names; none if they cannot be read."""
    unit = code.snapshot.world.unit(f"{typeshed()}/builtins.pyi")
    return () if unit is None else unit.names[0].keys()


def _finding(code: Code, position: int, role: int, name: str) -> Finding | None:
    if not code.is_at(position, name) or code.is_dynamic or code.tree is None:
        return None
    if code.unit.errors and (name in code.unreadable or not name.isidentifier()):
        return None
    around = code.around(position)
    for each in around:
        if each.kind == "if" and _CONDITIONS.search(each.text):
            return None
        if each.kind == "try" and _CAUGHT.search(each.text):
            return None
    span = named(position, name)
    is_type = role in (Role.TYPE, Role.BASE)
    if isinstance(surroundings(code.tree, position), str):
        is_lazy = is_type and "from __future__ import annotations" in code.text
        return Finding(span, CODE, f"`{name}` is not defined", WARNING if is_lazy else ERROR)
    if is_type and any(each.kind == "type" for each in around):
        return Finding(span, CODE, f"`{name}` is not defined", WARNING)
    if _is_missing_export(code, name):
        return Finding(span, CODE, f"`{name}` is in `__all__`, but not defined", WARNING)
    return None


def _is_missing_export(code: Code, name: str) -> bool:
    """Whether a name in `__all__` is none that the module has, or a module in its package."""
    unit = code.unit
    if unit.exports is None or name not in unit.exports or "__getattr__" in unit.names[0]:
        return False
    folder = code.path.rpartition("/")[0]
    world = code.snapshot.world
    return not any(entry.partition(".")[0].strip("/") == name for entry in world.entries(folder))
