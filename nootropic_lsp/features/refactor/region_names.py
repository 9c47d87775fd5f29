"""What a region needs of the names around it, and what it gives them."""

from __future__ import annotations

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.features.refactor.flow import (
    are_exclusive,
    binds_surely,
    is_bound_before,
    leaves,
    loops_around,
    may_swallow,
)
from nootropic_lsp.features.refactor.region import Region
from nootropic_lsp.features.refactor.selected import (
    refuse_unless,
)
from nootropic_lsp.features.refactor.variables import Occurrence, Variable
from nootropic_lsp.index.facts import Kind, ScopeKind


def find_names(region: Region) -> None:
    source, variables = region.source, region.source.variables
    unit = source.unit
    entries: dict[Variable, list[Occurrence]] = {}
    for each in variables.between(region.start, region.end):
        entries.setdefault(each.variable, []).append(each)
    for variable, found in entries.items():
        scope, name = variable
        bound = [each for each in found if each.is_bound]
        if scope == 0 or scope < 0:
            _note_outermost(region, name, bound)
            continue
        if region.holds(unit.scopes[scope].start) and scope != region.function:
            continue
        _refuse_if_special(region, variable, found)
        if bound:
            refuse_unless(
                variables.function_of(scope) == region.function
                and all(variables.function_of(each.scope) == region.function for each in bound),
                f"`{name}` belongs to a function further out and is changed here",
            )
        if _needs(region, variable, found):
            refuse_unless(
                _has_value(region, variable), f"`{name}` may have no value where this begins"
            )
            region.parameters.append(name)
        if bound and _is_used_after(region, variable):
            _refuse_if_lost(region, variable)
            region.results.append(name)
    if region.is_expression or region.returns or leaves(region.nodes[-1]):
        refuse_unless(region.is_expression is False or not region.results, "it binds names")
        region.results = []


def _note_outermost(region: Region, name: str, bound: list[Occurrence]) -> None:
    if not bound:
        return
    if region.function == 0:
        raise RefusedError(f"`{name}` would not be seen by the rest of the file any more")
    if name not in region.outermost:
        region.outermost.append(name)


def _refuse_if_special(region: Region, variable: Variable, found: list[Occurrence]) -> None:
    """Refuse names whose value others see change, or that are no values."""
    source, variables, name = region.source, region.source.variables, variable[1]
    unit = source.unit
    entries = variables.of(variable)
    for index in unit.names[variable[0]].get(name, ()):
        refuse_unless(
            unit.definitions[index].kind != Kind.TYPE_PARAMETER, f"`{name}` is a type parameter"
        )
    home = variables.function_of(variable[0])
    everywhere_bound = [each for each in entries if each.is_bound]
    bound_inside = [each for each in everywhere_bound if region.holds(each.position)]
    for each in entries:
        if variables.function_of(each.scope) == home:
            continue
        if region.holds(each.position) and variables.function_of(each.scope) != region.function:
            # A function inside of the selection keeps the variable, not its value.
            is_settled = all(
                one.position < region.start and not _shares_loop(region, one.position)
                for one in everywhere_bound
            )
            refuse_unless(
                is_settled or len(bound_inside) == len(everywhere_bound),
                f"`{name}` is kept by a function in the selection and changes outside of it",
            )
        elif not region.holds(each.position) and bound_inside:
            raise RefusedError(f"`{name}` is changed here and used by a function further in")
    for node in (source.root.around(each.position, each.position + 1) for each in entries):
        if node.parent is not None and (
            node.parent.kind == "delete_statement"
            or (node.parent.parent is not None and node.parent.kind == "expression_list"
                and node.parent.parent.kind == "delete_statement")
        ):  # fmt: skip
            raise RefusedError(f"`{name}` is deleted somewhere")


def _shares_loop(region: Region, position: int) -> bool:
    return any(
        each.start <= position < each.end for each in loops_around(region.nodes[0], region.owner)
    )


def _needs(region: Region, variable: Variable, found: list[Occurrence]) -> bool:
    """Whether a region reads a value that a name had before it."""
    source = region.source
    for each in found:
        if each.is_read:
            node = source.root.around(each.position, each.position + 1)
            if not any(one.is_bound for one in found):
                return True
            if not is_bound_before(source, variable, node, region.start):
                return True
    # What is bound on some ways only keeps its value on the others.
    if any(each.is_bound for each in found) and _is_used_after(region, variable):
        return not _is_bound_within(region, variable)
    return False


def _is_bound_within(region: Region, variable: Variable) -> bool:
    return any(binds_surely(region.source, node, variable) for node in region.nodes)


def _has_value(region: Region, variable: Variable) -> bool:
    """Whether a name surely has a value where a region begins."""
    source, unit = region.source, region.source.unit
    scope, name = variable
    for index in unit.names[scope].get(name, ()):
        definition = unit.definitions[index]
        if definition.kind == Kind.PARAMETER:
            return True
        if unit.scopes[scope].kind == ScopeKind.COMPREHENSION:
            return True
    node = region.nodes[0]
    if scope != region.function:
        for each in node.ancestors():
            if is_bound_before(source, variable, each, unit.scopes[scope].start):
                return True
            if each.start <= unit.scopes[scope].start:
                break
        return False
    return is_bound_before(source, variable, node, unit.scopes[scope].start)


def _is_used_after(region: Region, variable: Variable) -> bool:
    """Whether what a region gives a name may be read behind it."""
    source = region.source
    first = region.nodes[0]
    loops = loops_around(first, region.owner)
    for each in source.variables.of(variable):
        if region.holds(each.position) or not each.is_read:
            continue
        node = source.root.around(each.position, each.position + 1)
        if (
            each.position >= region.end
            and not are_exclusive(first, node)
            and not is_bound_before(source, variable, node, region.end)
        ):
            return True
        for loop in loops:
            body = loop.child("body") or loop
            if loop.start <= each.position < loop.end and not (
                each.position >= body.start and is_bound_before(source, variable, node, body.start)
            ):
                # Inside of the region itself it may be read in the next round.
                return True
    if not loops:
        return False
    for each in source.variables.of(variable):
        if region.holds(each.position) and each.is_read:
            node = source.root.around(each.position, each.position + 1)
            body = loops[0].child("body") or loops[0]
            if not is_bound_before(source, variable, node, body.start):
                return True
    return False


def _refuse_if_lost(region: Region, variable: Variable) -> None:
    """Refuse what an error in the middle would leave behind, and somebody looks at."""
    source = region.source
    last = region.nodes[-1]
    for each in region.nodes[0].ancestors():
        if each is region.owner:
            return
        is_guard = each.kind == "try_statement" or (
            each.kind == "with_statement" and may_swallow(each)
        )
        if not is_guard:
            continue
        body = each.child("body")
        bound = [
            one for one in source.variables.of(variable)
            if one.is_bound and region.holds(one.position)
        ]  # fmt: skip
        is_last = last.kind == "expression_statement" and all(
            one.position >= last.start for one in bound
        )
        if is_last or body is None or not body.start <= region.start < body.end:
            continue
        for one in source.variables.of(variable):
            if one.is_read and one.position >= body.end:
                raise RefusedError(
                    f"if it fails half-way, `{variable[1]}` is looked at where the error is handled"
                )
