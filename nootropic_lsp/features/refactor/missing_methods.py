"""Write the abstract methods that a Python class has still to define."""

from __future__ import annotations

import re

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features import lineage
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import Flag, Kind
from nootropic_lsp.index.nodes import Node
from nootropic_lsp.index.units import Site

_METHODS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.PROPERTY})
_SPACE = re.compile(r"\s+")
_DECORATORS = re.compile(r"@(?:\w+\.)*(property|staticmethod|classmethod|cached_property)\b")
_ANNOTATION = re.compile(r"[A-Za-z_][\w.]*")


def generate_missing_methods(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """Define what the bases of the class at an offset leave abstract."""
    source = source_of(snapshot, path)
    cls = class_at(source, offset)
    if cls is None:
        raise RefusedError("there is no class here")
    missing = missing_methods(snapshot, cls)
    refuse_unless(missing, "nothing is missing: it defines all that its bases leave abstract")
    node = _node(source, cls)
    body = node.child("body")
    assert body is not None
    indent = (
        source.indent_at(body.named[0].start) if body.start > source.line_end(node.start) else ""
    )
    refuse_unless(indent, "the class is written on one line")
    texts = [_method(source, site, indent) for site in missing]
    stub = body.named[0] if len(body.named) == 1 else None
    gap = source.line_break * 2
    if (stub is not None and stub.kind == "pass_statement") or (
        stub is not None and stub.text == "..."
    ):
        assert stub is not None
        edit = Edit(Span(source.line_start(stub.start), stub.end), gap.join(texts))
    else:
        at = source.line_end(body.end)
        edit = Edit(Span(at, at), "".join(f"{gap}{text}" for text in texts))
    return patch_of(snapshot, {path: [edit]}, f"Generate methods of {cls.definition.name}")


def class_at(source: Source, offset: int) -> Site | None:
    """The Python class whose head an offset is in."""
    unit = source.unit
    for at, definition in enumerate(unit.definitions):
        if definition.kind == Kind.CLASS and definition.name and source.is_python:
            head = source.line_end(definition.start)
            if definition.full_start <= offset <= max(head, definition.head_end):
                return Site(unit, at)
    return None


def missing_methods(snapshot: Snapshot, cls: Site) -> list[Site]:
    """What the bases of a class leave abstract and nothing on the way to them defines."""
    defined = set(cls.unit.names[cls.definition.body])
    found: dict[str, Site] = {}
    for base in lineage.ancestors(snapshot, cls):
        unit, body = base.unit, base.definition.body
        for name, entry in unit.names[body].items() if body > 0 else ():
            site = Site(unit, entry[-1])
            if name in defined or name in found or site.definition.kind not in _METHODS:
                continue
            if site.definition.flags & Flag.ABSTRACT or _only_raises(snapshot, site):
                found[name] = site
            else:
                defined.add(name)
    return sorted(found.values(), key=lambda site: (site.unit.path, site.definition.start))


def _only_raises(snapshot: Snapshot, site: Site) -> bool:
    """Whether all that a method does is to say that it is not implemented."""
    definition = site.definition
    text = text_of(snapshot, site.unit.path)[definition.head_end : definition.full_end]
    if definition.doc_end:
        text = text_of(snapshot, site.unit.path)[definition.doc_end : definition.full_end]
    return text.lstrip("\"': \n\t\r").startswith("raise NotImplementedError")


def _node(source: Source, cls: Site) -> Node:
    node: Node | None = source.root.around(cls.definition.start, cls.definition.end)
    while node is not None and node.kind != "class_definition":
        node = node.parent
    assert node is not None
    return node


def _method(source: Source, site: Site, indent: str) -> str:
    """A method with the head of the abstract one."""
    definition = site.definition
    text = text_of(source.snapshot, site.unit.path)
    before = text[definition.full_start : definition.start]
    head = _SPACE.sub(" ", text[definition.start : definition.head_end]).rstrip(" :")
    head = head.replace("( ", "(").replace(", )", ")").replace(" )", ")")
    if site.unit.path != source.path:
        head = _without_unknown(source, head)
    decorator = _DECORATORS.search(before)
    lines = [f"@{decorator[1]}"] if decorator is not None else []
    is_async = "async" in before.split()
    lines.append(f"{'async ' * is_async}def {head}:")
    lines.append(f"{source.indent_unit}raise NotImplementedError")
    return source.line_break.join(f"{indent}{line}" for line in lines)


def _without_unknown(source: Source, head: str) -> str:
    """A head without its types, if one of them has no name in this file."""
    known = set(source.unit.names[0]) | _BUILTIN_TYPES
    types = re.findall(r"(?::|->)\s*([^,()=]+)", head)
    roots = {
        name.partition(".")[0]
        for each in types
        for name in _ANNOTATION.findall(re.sub(r"""["'][^"']*["']""", "", each))
    }
    if roots <= known:
        return head
    name, _, rest = head.partition("(")
    inside = rest.rpartition(")")[0] if "->" not in rest else rest.rpartition("->")[0].rstrip()[:-1]
    shown = []
    for part in _parts(inside):
        bare, equals, default = part.partition("=")
        bare = bare.partition(":")[0].strip()
        shown.append(f"{bare}={default.strip()}" if equals else bare)
    return f"{name}({', '.join(shown)})"


_BUILTIN_TYPES = frozenset(
    {"str", "int", "float", "bool", "bytes", "list", "dict", "set", "tuple", "object", "None",
     "type", "frozenset", "complex", "bytearray", "memoryview"}
)  # fmt: skip


def _parts(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for at, character in enumerate(f"{text},"):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    return [each for each in found if each]
