"""Statements: declarations of variables, blocks, loops, branches and comments."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.languages.javascript import jsdoc
from nootropic_lsp.index.languages.javascript.functions import bound_value
from nootropic_lsp.index.languages.javascript.narrowing import leaves, narrow, narrow_otherwise
from nootropic_lsp.index.languages.javascript.patterns import bind
from nootropic_lsp.index.languages.javascript.walk import DEEPEST, Walk, only
from nootropic_lsp.index.languages.walking import inner


def variables(walk: Walk, node: Node) -> int:
    """`const`, `let` and `var`."""
    declarators = [child for child in node.named_children if child.type == "variable_declarator"]
    scope = walk.hoisted if node.type == "variable_declaration" else walk.scope
    constant = node.type == "lexical_declaration" and node.children[0].type == "const"
    kind = Kind.CONSTANT if constant and walk.hoisted == scope == 0 else Kind.VARIABLE
    for declarator in declarators:
        _declarator(walk, declarator, node if len(declarators) == 1 else declarator, scope, kind)
    return -1


def _declarator(walk: Walk, node: Node, whole: Node, scope: int, kind: int) -> None:
    name = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if name is None:
        inner(walk, node)
        return
    declared = node.child_by_field_name("type")
    annotation = walk.annotation(declared)
    if name.type != "identifier":
        context, walk.context = walk.context, -1
        result = walk.visit(value) if value is not None else -1
        walk.context = context
        imported = _imports(walk, result)
        bind(
            walk,
            name,
            result,
            whole,
            kind=Kind.IMPORT if imported and name.type == "object_pattern" else kind,
            scope=scope,
            annotation=annotation,
        )
        return
    if value is not None:
        index, result = bound_value(
            walk, name, value, whole, kind=kind, scope=scope, annotation=annotation
        )
        if index >= 0 and annotation < 0 and _imports(walk, result):
            walk.definitions[index].kind = Kind.IMPORT
        return
    index = walk.define(name, kind, whole, scope=scope)
    if index >= 0:
        definition = walk.definitions[index]
        if annotation < 0 and not walk.typed:
            annotation = jsdoc.declared_type(walk, definition)
        definition.annotation = annotation


def _imports(walk: Walk, value: int) -> bool:
    """Whether a value is a module, or a member of one, that `require` loads."""
    for _ in range(4):
        if value < 0:
            return False
        expression = walk.expressions[value]
        if expression[0] != Op.MEMBER:
            return False
        if expression[3] == "export=" and expression[2] < 0:
            return True
        value = expression[4]
    return False


def block(walk: Walk, node: Node) -> int:
    """`{ ... }`: a scope only where something is declared in it."""
    walk.depth += 1
    if walk.depth < DEEPEST:
        outside, end = walk.scope, walk.block_end
        walk.block_end = node.end_byte
        children = node.named_children
        # Where the parser lost its way, the rest of a module can look like a block of it.
        lost = walk.broken and outside == 0 and node.parent and node.parent.type == "program"
        if not lost and any(child.type in _DECLARING for child in children):
            walk.open(ScopeKind.BLOCK, node, -1)
        handlers = walk.handlers
        for child in children:
            handlers[child.kind_id](walk, child)
        walk.scope, walk.block_end = outside, end
    walk.depth -= 1
    return -1


_DECLARING = frozenset(
    {
        "lexical_declaration",
        "class_declaration",
        "function_declaration",
        "generator_function_declaration",
        "abstract_class_declaration",
        "interface_declaration",
        "type_alias_declaration",
        "enum_declaration",
        "export_statement",
        "ambient_declaration",
    }
)


def switch_body(walk: Walk, node: Node) -> int:
    """The cases of a `switch` share one scope."""
    outside = walk.scope
    walk.open(ScopeKind.BLOCK, node, -1)
    inner(walk, node)
    walk.scope = outside
    return -1


def for_(walk: Walk, node: Node) -> int:
    """`for (let i = 0; ...)`."""
    outside = walk.scope
    initializer = node.child_by_field_name("initializer")
    if initializer is not None and initializer.type == "lexical_declaration":
        walk.open(ScopeKind.BLOCK, node, -1)
    inner(walk, node)
    walk.scope = outside
    return -1


def for_in(walk: Walk, node: Node) -> int:
    """`for (const x of xs)` and `for (const key in x)`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return inner(walk, node)
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    iterable = walk.visit(right)
    outside = walk.scope
    declaring = over = ""
    for child in node.children:
        kind = child.type
        if kind in ("var", "let", "const"):
            declaring = kind
        elif kind in ("of", "in"):
            over = kind
    if over == "in":
        value = walk.literal("String")
    else:
        value = walk.element(iterable)
    if declaring in ("let", "const"):
        walk.open(ScopeKind.BLOCK, node, -1)
    scope = walk.hoisted if declaring == "var" else None
    bind(walk, left, value, node, kind=Kind.VARIABLE if declaring else -1, scope=scope)
    body = node.child_by_field_name("body")
    if body is not None:
        walk.visit(body)
    walk.scope = outside
    walk.depth -= 1
    return -1


def catch(walk: Walk, node: Node) -> int:
    """`catch (error) { ... }`."""
    parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
    outside = walk.scope
    walk.open(ScopeKind.BLOCK, node, -1)
    if parameter is not None:
        bind(
            walk, parameter, -1, node, annotation=walk.annotation(node.child_by_field_name("type"))
        )
    if body is not None:
        walk.visit(body)
    walk.scope = outside
    return -1


def if_(walk: Walk, node: Node) -> int:
    """`if`, which may narrow what a name stands for."""
    condition = node.child_by_field_name("condition")
    consequence = node.child_by_field_name("consequence")
    if condition is not None and consequence is not None:
        narrow(walk, condition, consequence.start_byte, consequence.end_byte)
        alternative = node.child_by_field_name("alternative")
        if alternative is not None:
            narrow_otherwise(walk, condition, alternative.start_byte, alternative.end_byte)
        elif leaves(consequence):
            narrow_otherwise(walk, condition, node.end_byte, walk.block_end)
    return inner(walk, node)


def parenthesized(walk: Walk, node: Node) -> int:
    """`(x)`, which a comment before it may cast."""
    cast = -1 if walk.typed else jsdoc.cast(walk, node)
    value = only(walk, node)
    return walk.add(Op.INSTANCE, cast) if cast >= 0 else value


def sequence(walk: Walk, node: Node) -> int:
    """`a, b` is b."""
    return only(walk, node)


def labeled(walk: Walk, node: Node) -> int:
    """`label: statement`."""
    body = node.child_by_field_name("body")
    return walk.visit(body) if body is not None else -1


def comment(walk: Walk, node: Node) -> int:
    """Keep a `/** */` for what follows it, also past other comments."""
    start, end = node.start_byte, node.end_byte
    text = walk.text
    if text.startswith("/**", start) and end - start > 5:
        walk.doc = (start, end)
        walk.doc_until = end
        if not walk.typed and (
            text.find("@typedef", start, end) >= 0 or text.find("@callback", start, end) >= 0
        ):
            jsdoc.declarations(walk, start, end)
    elif walk.doc_until and not text[walk.doc_until : start].strip():
        walk.doc_until = end
    return -1
