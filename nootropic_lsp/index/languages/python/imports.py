"""Reads what a file imports, and what it says it exports."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.languages.python.walk import Walk


def import_(walk: Walk, node: Node) -> int:
    """`import a.b, c as d`."""
    for child in node.named_children:
        aliased = child.type == "aliased_import"
        dotted = child.named_children[0] if aliased else child
        if dotted.type != "dotted_name":
            continue
        whole = _module(walk, dotted, 0)
        if aliased:
            alias = child.named_children[-1]
            walk.define(alias, Kind.IMPORT, child, value=whole)
        elif dotted.named_child_count == 1:
            walk.define(dotted, Kind.IMPORT, child, value=whole)
        else:
            # `import a.b` binds `a`; that `a.b` is loaded is what the submodule is found by.
            first = dotted.named_children[0]
            package = walk.add(Op.MODULE, Role.IMPORT, -1, walk.written(first), 0)
            walk.define(first, Kind.IMPORT, child, value=package)
    return -1


def import_from(walk: Walk, node: Node) -> int:
    """`from a import b as c`, relative ones and `from __future__` too."""
    children = node.named_children
    module = -1
    if node.type == "future_import_statement":
        module = walk.add(Op.MODULE, Role.IMPORT, -1, "__future__", 0)
    elif children:
        module = _source(walk, children[0])
        children = children[1:]
    for child in children:
        kind = child.type
        if kind == "wildcard_import":
            walk.stars.append(module)
            continue
        if kind not in ("aliased_import", "dotted_name"):
            continue
        dotted = child.named_children[0] if kind == "aliased_import" else child
        name = walk.written(dotted)
        value = walk.add(Op.MEMBER, Role.IMPORT, dotted.start_byte, name, module)
        alias = child.named_children[-1] if kind == "aliased_import" else dotted
        definition = walk.define(alias, Kind.IMPORT, node, value=value)
        if definition is not None and kind == "aliased_import" and definition.name == name:
            definition.flags |= Flag.REEXPORT
    return -1


def _source(walk: Walk, node: Node) -> int:
    """The module that is imported from."""
    if node.type != "relative_import":
        return _module(walk, node, 0)
    level = walk.written(node.children[0]).count(".")
    dotted = node.named_children[-1]
    if dotted.type == "dotted_name":
        return _module(walk, dotted, level)
    return walk.add(Op.MODULE, Role.IMPORT, -1, "", level)


def _module(walk: Walk, node: Node, level: int) -> int:
    """Uses for every part of a dotted module name; the index of the whole."""
    value = -1
    start = node.start_byte
    for part in node.named_children:
        dotted = walk.text[start : part.end_byte].replace(" ", "")
        value = walk.add(Op.MODULE, Role.IMPORT, part.start_byte, dotted, level)
    return value


def strings_in(walk: Walk, node: Node) -> list[str]:
    """The strings directly inside a list or tuple: the names that `__all__` is given."""
    names: list[str] = []
    for string in node.named_children:
        for child in string.named_children if string.type == "string" else ():
            if child.type == "string_content":
                name = walk.written(child)
                names.append(name)
                if name.isidentifier():
                    walk.add(Op.NAME, Role.READ, child.start_byte, name, 0)
    return names


def note_exports_call(walk: Walk, function: int, arguments: Node) -> None:
    """`__all__.extend([...])` and `__all__.append("x")`, in a file that has an `__all__`."""
    if walk.exports is None:
        return
    expression = walk.expressions[function]
    if expression[0] != Op.MEMBER or expression[3] not in ("extend", "append"):
        return
    receiver = walk.expressions[expression[4]] if expression[4] >= 0 else ()
    if receiver and receiver[0] == Op.NAME and receiver[3] == "__all__":
        inside = [arguments, *arguments.named_children]
        walk.exports += [name for node in inside for name in strings_in(walk, node)]
