"""What a piece of a Python file uses of its file, and how another file would get it."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.features.family import in_workspace
from nootropic_lsp.features.module_names import dotted_below, relative_name
from nootropic_lsp.features.refactor.import_graph import import_root, unrun_spans
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.index.facts import Definition, Expression, Kind, Op
from nootropic_lsp.index.nodes import Node

_BUILTINS = frozenset(dir(builtins))
_OF_MODULE = frozenset({"__name__", "__file__", "__package__", "__spec__", "__path__", "globals"})


@dataclass
class Needed:
    """`wanted` are (module, name) pairs, `lines` other import statements, `unrun` those for type
    checkers; `only_here` are names that nothing else in the file uses."""

    wanted: set[tuple[str, str]] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    unrun: list[str] = field(default_factory=list)
    from_source: set[str] = field(default_factory=set)
    from_target: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    only_here: set[str] = field(default_factory=set)
    imports: dict[str, tuple[Node, Node]] = field(default_factory=dict)


def needed_by(source: Source, node: Node, own: str, target: Source) -> Needed:
    """What a definition needs in a target. Raises `RefusedError` for what cannot be had there."""
    needed = Needed()
    unit = source.unit
    names: dict[str, None] = {}
    for each in source.variables.between(node.start, node.end):
        if each.name in _OF_MODULE:
            raise RefusedError(f"`{each.name}` would mean another module")
        scope = each.variable[0]
        if scope == 0 and each.name != own:
            refuse_unless(not each.is_bound, f"it changes `{each.name}` of its module")
            names[each.name] = None
        elif scope < 0:
            refuse_unless(
                each.name in _BUILTINS and each.name not in target.unit.names[0],
                f"it is not known what `{each.name}` is",
            )
    for name in names:
        entry = [unit.definitions[index] for index in unit.names[0].get(name, ())]
        refuse_unless(len(entry) == 1, f"`{name}` has several definitions")
        if entry[0].kind == Kind.IMPORT:
            _import(source, entry[0], target, needed)
        else:
            refuse_unless(
                name not in target.unit.names[0] or _comes_from(target, name, source.path),
                f"there is another `{name}` in the target",
            )
            if name not in target.unit.names[0]:
                bound = [each for each in source.variables.of((0, name)) if each.is_bound]
                refuse_unless(len(bound) == 1, f"`{name}` is changed in its module")
                needed.from_source.add(name)
        rest = [
            each
            for each in source.variables.of((0, name))
            if not each.is_bound and not node.start <= each.position < node.end
        ]
        if not rest and entry[0].kind == Kind.IMPORT:
            needed.only_here.add(name)
    return needed


def _comes_from(target: Source, name: str, path: str) -> bool:
    entry = target.unit.names[0][name]
    definition = target.unit.definitions[entry[0]]
    if len(entry) != 1 or definition.kind != Kind.IMPORT or definition.value < 0:
        return False
    if _is_unrun(target, definition):
        return False
    sites = target.snapshot.definitions(target.unit, definition.value)
    return bool(sites) and sites[0].unit.path == path and sites[0].definition.name == name


def _import(source: Source, definition: Definition, target: Source, needed: Needed) -> None:
    """An import of the source that the target needs, too."""
    unit = source.unit
    name = definition.name
    node = source.root.around(definition.start, definition.start + len(name))
    statement: Node | None = node
    while (
        statement is not None
        and not statement.kind.endswith("import_statement")
        and (statement.kind != "import_from_statement")
    ):
        statement = statement.parent
    if statement is None or statement.kind == "future_import_statement" or definition.value < 0:
        raise RefusedError(f"`{name}` is imported in a way of its own")
    entry = node
    while entry.parent is not statement:
        assert entry.parent is not None
        entry = entry.parent
    is_unrun = _is_unrun(source, definition)
    refuse_unless(
        statement.parent is source.root or is_unrun, f"`{name}` is imported under a condition"
    )
    expression = unit.expressions[definition.value]
    sites = source.snapshot.definitions(unit, definition.value)
    needed.imports[name] = (statement, entry)
    if sites and sites[0].unit.path == target.path:
        if sites[0].definition.kind == Kind.MODULE:
            raise RefusedError("it uses the target as a module")
        refuse_unless(sites[0].definition.name == name, f"`{name}` has another name in the target")
        needed.from_target.add(name)
        return
    module = _module(source, expression, target, needed)
    if name in target.unit.names[0]:
        refuse_unless(
            _is_imported_alike(target, name, module, expression, is_unrun=is_unrun),
            f"`{name}` means something else in the target",
        )
        return
    if not (is_unrun or statement.parent is not source.root) and sites:
        path = sites[0].unit.path
        if in_workspace(source.snapshot, path):
            needed.modules.add(path)
    head = f"from {module} " if expression[0] == Op.MEMBER else ""
    if is_unrun:
        needed.unrun.append(f"{head}import {entry.text}")
    elif entry.kind == "dotted_name":
        needed.wanted.add((module, name) if head else (entry.text, ""))
    else:
        needed.lines.append(f"{head}import {entry.text}")


def _module(source: Source, expression: Expression, target: Source, needed: Needed) -> str:
    """What an import takes from, as the target names it."""
    if expression[0] == Op.MODULE:
        return str(expression[3])
    holder = source.unit.expressions[expression[4]]
    if holder[0] != Op.MODULE:
        raise RefusedError(f"`{expression[3]}` is imported in a way of its own")
    if not holder[4]:
        return str(holder[3])
    if source.path.rpartition("/")[0] == target.path.rpartition("/")[0]:
        return f"{'.' * holder[4]}{holder[3]}"
    sites = source.snapshot.definitions(source.unit, expression[4])
    if not sites:
        raise RefusedError(f"it is not known where `{expression[3]}` comes from")
    path = sites[0].unit.path
    top = import_root(source.snapshot, path)
    dotted = dotted_below(top, path)
    if dotted is not None and target.path.startswith(f"{top}/{dotted.partition('.')[0]}/"):
        return relative_name(target.path, path)
    if dotted is None:
        raise RefusedError("a module cannot be imported by a name")
    return dotted


def _is_unrun(source: Source, definition: Definition) -> bool:
    """Whether only type checkers read an import."""
    return any(definition.start in span for span in unrun_spans(source.text))


def _is_imported_alike(
    target: Source, name: str, module: str, expression: Expression, *, is_unrun: bool
) -> bool:
    """Whether the target has the same import."""
    unit = target.unit
    entry = unit.names[0][name]
    definition = unit.definitions[entry[0]]
    if len(entry) != 1 or definition.kind != Kind.IMPORT or definition.value < 0:
        return False
    if _is_unrun(target, definition) and not is_unrun:
        return False
    own = unit.expressions[definition.value]
    if own[0] != expression[0] or own[3] != expression[3]:
        return False
    if own[0] == Op.MODULE:
        return bool(own[4] == expression[4])
    holder = unit.expressions[own[4]]
    return bool(holder[0] == Op.MODULE) and "." * holder[4] + str(holder[3]) == module
