"""Imports and exports of ES modules."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role
from nootropic_lsp.index.languages.javascript.annotations import import_require
from nootropic_lsp.index.languages.javascript.commonjs import module_use
from nootropic_lsp.index.languages.javascript.declarations import references_in
from nootropic_lsp.index.languages.javascript.functions import (
    class_parts,
    function,
)
from nootropic_lsp.index.languages.javascript.walk import Walk
from nootropic_lsp.index.languages.walking import inner

_FUNCTIONS = frozenset({"function_declaration", "function_expression", "generator_function"})


def references(walk: Walk) -> None:
    """`/// <reference lib="dom" />` and its like, at the head of a file."""
    for name, start, level in references_in(walk.text):
        walk.add(Op.MODULE, Role.IMPORT, start, name, level)


def import_(walk: Walk, node: Node) -> int:
    """`import a, {b as c}, * as d from "e"`."""
    source = node.child_by_field_name("source")
    walk.exports_scope()
    module = -1
    if source is not None and source.type == "string":
        module = module_use(walk, source)
    for child in node.named_children:
        kind = child.type
        if kind == "import_require_clause":
            import_require(walk, child, node)
        elif kind == "import_clause":
            for part in child.named_children:
                _imported(walk, part, module, node)
    return -1


def _imported(walk: Walk, part: Node, module: int, node: Node) -> None:
    kind = part.type
    if kind == "identifier":
        value = walk.add(Op.MEMBER, Role.IMPORT, -1, "default", module)
        walk.define(part, Kind.IMPORT, node, value=value)
    elif kind == "namespace_import":
        for child in part.named_children:
            walk.define(child, Kind.IMPORT, node, value=module)
    elif kind == "named_imports":
        for specifier in part.named_children:
            if specifier.type != "import_specifier":
                continue
            name = specifier.child_by_field_name("name")
            alias = specifier.child_by_field_name("alias")
            if name is None:
                continue
            value = _named(walk, name, module)
            if value >= 0:
                walk.define(alias or name, Kind.IMPORT, node, value=value)


def _named(walk: Walk, name: Node, module: int) -> int:
    """A use of an exported name of a module."""
    start, end = name.start_byte, name.end_byte
    if name.type == "string":
        start, end = start + 1, end - 1
    text = walk.text[start:end]
    return walk.add(Op.MEMBER, Role.IMPORT, start, text, module) if text else -1


def export(walk: Walk, node: Node) -> int:
    """Every form of `export`."""
    source = node.child_by_field_name("source")
    declaration = node.child_by_field_name("declaration")
    if walk.hoisted == 0:
        walk.exports_scope()
    for child in node.named_children:
        if child.type == "decorator":
            walk.visit(child)
    default = None
    whole = False
    for child in node.children:
        kind = child.type
        if kind == "default":
            default = child
        elif kind == "=":
            whole = True
    if source is not None and source.type == "string":
        return _from(walk, node, module_use(walk, source))
    if declaration is not None:
        mark = len(walk.definitions)
        if default is not None:
            return _default_declaration(walk, node, declaration, default)
        walk.visit(declaration)
        scope = walk.scope
        for definition in walk.definitions[mark:]:
            if definition.scope == scope:
                definition.flags |= Flag.EXPORTED
        return -1
    if default is not None or whole:
        return _default_value(walk, node, default)
    for child in node.named_children:
        if child.type == "export_clause":
            _clause(walk, child, node)
        elif child.type == "namespace_export" or child.type == "identifier":
            continue  # `export as namespace Foo` names what scripts see
        elif child.type != "decorator":
            walk.visit(child)
    return -1


def _from(walk: Walk, node: Node, module: int) -> int:
    """`export ... from "x"`."""
    for child in node.named_children:
        kind = child.type
        if kind == "namespace_export":
            for spelled in child.named_children:
                walk.define(spelled, Kind.IMPORT, node, scope=_scope(walk), value=module)
            return -1
        if kind == "export_clause":
            for specifier in child.named_children:
                name = specifier.child_by_field_name("name")
                if specifier.type != "export_specifier" or name is None:
                    continue
                alias = specifier.child_by_field_name("alias")
                value = _named(walk, name, module)
                if value >= 0:
                    walk.define(
                        alias or name,
                        Kind.IMPORT,
                        node,
                        scope=_scope(walk),
                        value=value,
                        flags=Flag.REEXPORT,
                    )
            return -1
    walk.stars.append(module)
    return -1


def _scope(walk: Walk) -> int:
    """Where exported names go: a namespace holds its own."""
    return walk.exports_scope() if walk.hoisted == 0 else walk.scope


def _clause(walk: Walk, clause: Node, node: Node) -> None:
    """`export {a as b}`."""
    for specifier in clause.named_children:
        name = specifier.child_by_field_name("name")
        if specifier.type != "export_specifier" or name is None:
            continue
        alias = specifier.child_by_field_name("alias")
        value = walk.use(name, Op.NAME, walk.scope)
        if value < 0:
            continue
        walk.mark(value, Role.IMPORT)  # a type may be exported as well as a value
        walk.define(alias or name, Kind.IMPORT, node, scope=_scope(walk), value=value)


def _default_declaration(walk: Walk, node: Node, declaration: Node, default: Node) -> int:
    """`export default function foo() {}` and `export default class {}`."""
    name = declaration.child_by_field_name("name")
    if name is not None:
        mark = len(walk.definitions)
        walk.visit(declaration)
        if mark < len(walk.definitions):
            walk.definitions[mark].flags |= Flag.EXPORTED
        value = walk.add(
            Op.NAME, Role.IMPORT, -1, walk.text[name.start_byte : name.end_byte], walk.scope
        )
        _define_default(walk, default, node, Kind.IMPORT, value)
        return -1
    kind = declaration.type
    if kind in _FUNCTIONS or kind.startswith("generator"):
        index = _define_default(walk, default, node, Kind.FUNCTION, -1)
        function(walk, declaration, index)
    elif kind in ("class_declaration", "class", "abstract_class_declaration"):
        index = _define_default(walk, default, node, Kind.CLASS, -1)
        class_parts(walk, declaration, index)
    else:
        walk.visit(declaration)
    return -1


def _default_value(walk: Walk, node: Node, default: Node | None) -> int:
    """`export default <expression>` and `export = <expression>`."""
    value_node = node.child_by_field_name("value")
    if value_node is None:
        named = [child for child in node.named_children if child.type != "comment"]
        value_node = named[-1] if named else None
    if value_node is None:
        return inner(walk, node)
    kind = value_node.type
    if default is not None and kind in ("arrow_function", "function_expression", "class"):
        if kind == "class":
            index = _define_default(walk, default, node, Kind.CLASS, -1)
            class_parts(walk, value_node, index)
        else:
            index = _define_default(walk, default, node, Kind.FUNCTION, -1)
            function(walk, value_node, index)
        return -1
    value = walk.visit(value_node)
    plain = kind in ("identifier", "member_expression")
    if plain:
        walk.mark(value, Role.IMPORT)
    if default is not None:
        index = _define_default(walk, default, node, Kind.IMPORT if plain else Kind.VARIABLE, value)
        walk.hold(index, value)
        return -1
    start = node.start_byte
    walk.definitions.append(
        Definition(
            "export=",
            Kind.IMPORT if plain else Kind.VARIABLE,
            start,
            _scope(walk),
            start,
            node.end_byte,
            value=value,
            flags=Flag.EXPORTED,
        )
    )
    return -1


def _define_default(walk: Walk, default: Node, node: Node, kind: int, value: int) -> int:
    return walk.define(default, kind, node, scope=_scope(walk), value=value, flags=Flag.EXPORTED)
