"""Members that JavaScript declares by assignment: `exports.x =`, `this.x =`, `Foo.prototype.x =`."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role, Scope, ScopeKind
from nootropic_lsp.index.languages.javascript.functions import bound_value
from nootropic_lsp.index.languages.javascript.walk import Walk

_CHAIN = re.compile(r"[\w$\x80-\xff]+(?:\s*\.\s*#?[\w$\x80-\xff]+)*\Z")
# What `module.exports = ...` and `export = ...` export is found under these names.
WHOLE = ("exports", "export=")


def require(walk: Walk, function: Node, arguments: Node) -> int:
    """The module that `require("x")` or `import("x")` loads; -1 where it is another call."""
    dynamic = function.type == "import"
    if not dynamic and walk.text[function.start_byte : function.end_byte] != "require":
        return -1
    given = arguments.named_children
    if not given or given[0].type != "string":
        return -1
    module = module_use(walk, given[0])
    for other in given[1:]:
        walk.visit(other)
    if not dynamic:
        if not walk.typed:
            walk.exports_scope()
        walk.mark(walk.use(function, Op.NAME, walk.scope), Role.CALL)
        return walk.add(Op.MEMBER, Role.IMPORT, -1, "export=", module)
    if walk.role == Role.TYPE:
        return module
    return walk.add(Op.DISPLAY, "Promise", module)


def module_use(walk: Walk, string: Node) -> int:
    """The use of a module by its quoted name."""
    start, end = string.start_byte + 1, string.end_byte - 1
    return walk.add(Op.MODULE, Role.IMPORT, start, walk.text[start:end], -1)


def assign_member(walk: Walk, node: Node, left: Node, right: Node) -> int:
    """Read an assignment that may declare a member; its value, or -2 if it is another one."""
    chain = walk.text[left.start_byte : left.end_byte]
    if len(chain) > 200 or not _CHAIN.match(chain):
        return -2
    parts = [part.strip() for part in chain.split(".")]
    first, count = parts[0], len(parts)
    if first == "this":
        if walk.typed or count != 2:
            return -2
        return _attribute(walk, node, left, right)
    if not walk.typed and walk.scope == 0:
        if parts == ["module", "exports"]:
            return _export(walk, node, left, right)
        if (first == "exports" and count == 2) or (
            count == 3 and first == "module" and parts[1] == "exports"
        ):
            return _export(walk, node, left, right)
    if count == 2 and parts[1] == "prototype" and right.type == "object" and not walk.typed:
        walk.mark(walk.visit(left), Role.WRITE)
        value = walk.visit(right)
        if value >= 0 and walk.expressions[value][0] == Op.OBJECT:
            walk.prototypes.append((walk.expressions[value][1], first, walk.scope))
        return value
    if count == 2 or (count == 3 and parts[1] == "prototype" and not walk.typed):
        scope = walk.scope
        index, value = _declare(walk, node, left, right, scope, Kind.PROPERTY)
        if index >= 0:
            walk.expandos.append((index, first, count == 2, scope))
        return value
    return -2


def _export(walk: Walk, node: Node, left: Node, right: Node) -> int:
    if right.type == "unary_expression" and right.children[0].type == "void":
        walk.mark(walk.visit(left), Role.WRITE)
        return walk.visit(right)
    index, value = _declare(walk, node, left, right, walk.exports_scope(), Kind.VARIABLE)
    if index >= 0:
        definition = walk.definitions[index]
        definition.flags |= Flag.EXPORTED
        given = walk.expressions[value] if value >= 0 else ()
        if given and definition.kind == Kind.VARIABLE and given[0] <= Op.MODULE:
            # What is exported is declared elsewhere: this is one more name of it.
            definition.kind = Kind.IMPORT
    return value


def _attribute(walk: Walk, node: Node, left: Node, right: Node) -> int:
    scope = walk.class_scope
    if scope < 0 and walk.function < 0:
        return -2
    index, value = _declare(walk, node, left, right, max(scope, 0), Kind.ATTRIBUTE)
    if index >= 0:
        definition = walk.definitions[index]
        if scope >= 0:
            definition.flags |= Flag.STATIC if walk.static else 0
        else:
            walk.attributes.append((index, walk.function))
        if walk.constructs or scope < 0:
            definition.flags |= Flag.DECLARED
    return value


def _declare(
    walk: Walk, node: Node, left: Node, right: Node, scope: int, kind: int
) -> tuple[int, int]:
    """The definition of a member, with the use of its name, and its value."""
    walk.mark(walk.visit(left), Role.WRITE)
    return bound_value(walk, left.children[-1], right, node, scope=scope, kind=kind)


# ---- at the end of the file


def settle(walk: Walk) -> None:
    """Put members that were declared by assignment into the scopes of what they belong to."""
    if not (walk.expandos or walk.attributes or walk.prototypes):
        return
    known = _names(walk)
    for objects, owner, scope in walk.prototypes:
        target = _look_up(walk, known, owner, scope)
        if target >= 0:
            into = _members(walk, target)
            for definition in walk.definitions:
                if definition.scope == objects:
                    definition.scope = into
    for index, owner, static, scope in walk.expandos:
        target = _look_up(walk, known, owner, scope)
        definition = walk.definitions[index]
        into = _members(walk, target) if target >= 0 else -1
        if into < 0:
            definition.name = ""  # a member of something that is declared elsewhere
            if definition.kind != Kind.METHOD:
                definition.kind = Kind.NARROWED
                definition.full_end = definition.full_start
            else:
                definition.kind = Kind.FUNCTION
            continue
        definition.scope = into
        if static and walk.scopes[into].kind == ScopeKind.CLASS:
            definition.flags |= Flag.STATIC
    for index, function in walk.attributes:
        owner_definition = walk.definitions[function]
        definition = walk.definitions[index]
        if (
            owner_definition.kind == Kind.METHOD
            and walk.scopes[owner_definition.scope].kind == ScopeKind.CLASS
        ):
            definition.scope = owner_definition.scope
            definition.flags |= owner_definition.flags & Flag.STATIC
        elif owner_definition.kind == Kind.FUNCTION and owner_definition.name:
            definition.scope = _members(walk, function)
        else:
            definition.name = ""
            definition.kind = Kind.FUNCTION if definition.kind == Kind.METHOD else Kind.NARROWED
            definition.full_end = max(definition.full_start, definition.full_end)


def _names(walk: Walk) -> dict[tuple[int, str], int]:
    known: dict[tuple[int, str], int] = {}
    for index, definition in enumerate(walk.definitions):
        if definition.name and definition.kind in _OWNERS:
            known.setdefault((definition.scope, definition.name), index)
    return known


_OWNERS = frozenset({Kind.CLASS, Kind.FUNCTION, Kind.VARIABLE, Kind.CONSTANT})


def _look_up(walk: Walk, known: dict[tuple[int, str], int], name: str, scope: int) -> int:
    while scope >= 0:
        index = known.get((scope, name))
        if index is not None:
            return index
        scope = walk.scopes[scope].parent
    return -1


def _members(walk: Walk, index: int) -> int:
    """The scope that holds the members of a class, function or object; -1 if it has none."""
    definition = walk.definitions[index]
    if definition.kind == Kind.CLASS:
        return -1 if walk.typed else definition.body
    if definition.kind == Kind.FUNCTION:
        known = walk.instances.get(index)
        if known is None:
            start = definition.start
            walk.scopes.append(Scope(ScopeKind.CLASS, definition.scope, start, start, index))
            known = walk.instances[index] = len(walk.scopes) - 1
        return known
    value = walk.expressions[definition.value] if definition.value >= 0 else ()
    if value and value[0] == Op.OBJECT and not walk.typed:
        return int(value[1])
    if value and value[0] == Op.FUNCTION:
        return _members(walk, value[1])
    return -1
