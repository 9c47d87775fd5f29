"""Write a new function: its head, its body moved to another indentation, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.refactor.region import Region
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.index.nodes import Node

_TEXTS = frozenset({"string", "template_string", "concatenated_string"})


@dataclass(frozen=True)
class Call:
    """A new function and how it is called; `kind` is "", "static" or "class"."""

    name: str
    target: str
    parameters: list[str]
    receiver: str = ""
    kind: str = ""


def written_function(region: Region, call: Call) -> list[str]:
    """The lines of a new function, not indented."""
    return (_python if region.source.is_python else _script)(region, call)


def insertion(region: Region, lines: list[str], holder: int | None) -> Edit:
    """Where a new function goes: behind the one it is taken from, or before where it is needed."""
    source = region.source
    if holder is not None:
        return _in_class(region, lines)
    top = region.nodes[0]
    while top.parent is not None and top.parent.parent is not None:
        top = top.parent
    text = source.line_break.join(lines)
    gap = source.line_break * (3 if source.is_python else 2)
    is_function = top.kind in ("function_definition", "function_declaration") and (
        region.function != 0
    )
    if is_function or (top.kind == "export_statement" and region.function != 0):
        at = source.line_end(top.end)
        return Edit(Span(at, at), f"{gap}{text}")
    at = above(source, top)
    return Edit(Span(at, at), f"{text}{gap}")


def above(source: Source, node: Node) -> int:
    """Where a statement begins with the comments that belong to it."""
    at = source.line_start(node.start)
    while at:
        before = source.line_start(at - 1)
        line = source.text[before:at].strip()
        if not line.startswith(("#", "//")) or line.startswith("#!"):
            break
        at = before
    return at


def _in_class(region: Region, lines: list[str]) -> Edit:
    source = region.source
    node = region.nodes[0]
    method = node
    for each in node.ancestors():
        if each.kind in ("class_definition", "class_body"):
            break
        if each.kind in ("function_definition", "decorated_definition", "method_definition"):
            method = each
    indent = source.indent_at(method.start)
    at = source.line_end(method.end)
    text = source.line_break.join(f"{indent}{line}" if line else "" for line in lines)
    text = text.replace(f"{indent}{_KEPT}", "")
    return Edit(Span(at, at), f"{source.line_break * 2}{text}")


# Marks lines inside of a string, which begin where they begin.
_KEPT = "\0"


def _python(region: Region, call: Call) -> list[str]:
    source = region.source
    indent = source.indent_unit
    parameters = [call.receiver] * bool(call.receiver) + call.parameters
    lines = [f"@{call.kind}method"] if call.kind else []
    lines.append(f"{'async ' * region.awaits}def {call.name}({', '.join(parameters)}):")
    if region.outermost:
        lines.append(f"{indent}global {', '.join(region.outermost)}")
    lines += _body(region, indent)
    if region.results:
        lines.append(f"{indent}return {', '.join(region.results)}")
    return _marked(lines, has_class=call.target != call.name)


def _script(region: Region, call: Call) -> list[str]:
    indent = region.source.indent_unit
    is_method = call.target != call.name
    parameters = [f"{name}{_declared_type(region, name)}" for name in call.parameters]
    head = f"{call.name}({', '.join(parameters)}) {{"
    head = head if is_method else f"function {head}"
    head = f"async {head}" if region.awaits else head
    head = f"static {head}" if call.kind == "static" else head
    lines = [head, *_body(region, indent)]
    if region.results:
        taken = ", ".join(region.results)
        lines.append(f"{indent}return {f'{{ {taken} }}' if len(region.results) > 1 else taken};")
    return _marked([*lines, "}"], has_class=is_method)


def _declared_type(region: Region, name: str) -> str:
    """The type of a variable, if it is written where the variable is bound."""
    source = region.source
    scope = source.variables.binder(source.variables.scope_at(region.start), name)
    for each in source.variables.of((scope, name)):
        holder = source.root.around(each.position, each.position + 1).parent
        written = holder.child("type") if holder is not None and each.is_bound else None
        if written is not None:
            return written.text
    return ""


def _marked(lines: list[str], *, has_class: bool) -> list[str]:
    return lines if has_class else [line.removeprefix(_KEPT) for line in lines]


def _body(region: Region, indent: str) -> list[str]:
    source = region.source
    shown = _shifted(source, region.start, region.end, indent)
    if not region.is_expression:
        return shown
    node = region.nodes[0]
    is_closed = len(shown) == 1 or node.kind in ("parenthesized_expression", "list", "dictionary",
                                                 "tuple", "set", "object", "array", "string",
                                                 "list_comprehension")  # fmt: skip
    first = shown[0].removeprefix(indent)
    end = "" if source.is_python else ";"
    shown[0] = f"{indent}return {'' if is_closed else '('}{first}"
    shown[-1] += f"{'' if is_closed else ')'}{end}"
    return shown


def _shifted(source: Source, start: int, end: int, indent: str) -> list[str]:
    """The lines of a stretch with another indentation, apart from those inside of strings."""
    old = source.indent_at(start)
    found = [f"{indent}{source.text[start : _end_of_line(source, start, end)]}"]
    at = source.next_line(start)
    while at < end:
        line = source.text[at : _end_of_line(source, at, end)]
        if _is_in_string(source, at):
            found.append(f"{_KEPT}{line}")
        elif not line.strip():
            found.append("")
        elif line.startswith(old):
            found.append(f"{indent}{line[len(old) :]}")
        else:
            found.append(f"{indent}{line.lstrip()}")
        at = source.next_line(at)
    return found


def _end_of_line(source: Source, at: int, end: int) -> int:
    return min(source.line_end(at), end)


def _is_in_string(source: Source, at: int) -> bool:
    node: Node | None = source.root.around(at, at)
    while node is not None:
        if node.kind in ("string", "template_string") and node.start < at < node.end:
            return True
        node = node.parent
    return False
