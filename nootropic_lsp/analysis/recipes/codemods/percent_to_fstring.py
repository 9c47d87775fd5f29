"""`"…" % …` as an f-string, where it means exactly the same.

A right side that is no literal tuple or mapping may be a tuple of any length, and is left unless
it surely is none. `%s` asks for `str()`, an f-string for `format()`: where these may differ, it
becomes `!s`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.strings import (
    as_fstring,
    embedded,
    is_no_tuple,
    is_text,
    is_whole,
    parts,
    pieces,
)
from nootropic_lsp.analysis.recipes.tree import Change, Rewriter, Source, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_FIELD = re.compile(r"%(?:\((\w+)\))?([-#0 +]*)(\d+|\*)?(?:\.(\d+|\*))?[hlL]?(.)", re.DOTALL)


def rewrite(source: Source, around: Around) -> Change:
    """Every such expression of a text."""

    def rule(node: Node, rewriter: Rewriter) -> str | None:
        if node.type != "binary_operator" or source.text(node.children[1]) != "%":
            return None
        return _Formatting(source, around, rewriter).of(node)

    return Change(Rewriter(source, rule).replacements())


class _Formatting:
    def __init__(self, source: Source, around: Around, rewriter: Rewriter) -> None:
        self.source = source
        self.around = around
        self.rewriter = rewriter

    def of(self, node: Node) -> str | None:
        left, right = node.children[0], node.children[-1]
        literals = pieces(left)
        if not literals or any(each.type == "comment" for each in walk(node)):
            return None
        written = [parts(each, self.source) for each in literals]
        if any(
            set(prefix.lower()) & set("bft") or "\\N{" in content for prefix, _, content in written
        ):
            return None
        values = self._values(right)
        if values is None:
            return None
        fields = [found for _, _, content in written for found in _FIELD.finditer(content)]
        if any("%" in _FIELD.sub("", content) for _, _, content in written):
            return None
        chosen = self._chosen(fields, values)
        if chosen is None:
            return None
        return self._shown(left, literals, written, chosen)

    def _values(self, right: Node) -> Sequence[Node] | dict[str, Node] | None:
        """The values in their order or by name, None if that cannot be told."""
        if right.type == "tuple":
            values = right.named_children
            return None if any(each.type == "list_splat" for each in values) else values
        if right.type == "dictionary":
            return self._named(right)
        if right.type == "parenthesized_expression" and right.named_child_count == 1:
            inside = right.named_children[0]
            return [inside] if is_no_tuple(inside, self.source) else None
        return [right] if is_no_tuple(right, self.source) else None

    def _named(self, right: Node) -> dict[str, Node] | None:
        named: dict[str, Node] = {}
        for each in right.named_children:
            key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
            if key is None or value is None or key.type != "string":
                return None
            prefix, _, content = parts(key, self.source)
            if prefix or content in named:
                return None
            named[content] = value
        return named

    def _chosen(
        self, fields: Sequence[re.Match[str]], values: Sequence[Node] | dict[str, Node]
    ) -> list[Node] | None:
        """The value of each field, if every value is used once and in its order."""
        real = [each for each in fields if each[5] != "%"]
        if any(each[0] != "%%" for each in fields if each[5] == "%"):
            return None
        if isinstance(values, dict):
            if not values or [each[1] for each in real] != list(values):
                return None
            return list(values.values())
        if not real or any(each[1] for each in real) or len(real) != len(values):
            return None
        return list(values)

    def _shown(
        self,
        left: Node,
        literals: Sequence[Node],
        written: Sequence[tuple[str, str, str]],
        values: list[Node],
    ) -> str | None:
        waiting = iter(values)
        after: dict[int, str] = {}
        for literal, (prefix, quotes, content) in zip(literals, written, strict=True):
            has_fields = any(each[5] != "%" for each in _FIELD.finditer(content))
            shown = ""
            at = 0
            for found in _FIELD.finditer(content):
                shown += _braced(content[at : found.start()], is_f=has_fields)
                at = found.end()
                if found[5] == "%":
                    shown += "%"
                    continue
                field = self._field(found, next(waiting), quotes)
                if field is None:
                    return None
                shown += field
            shown += _braced(content[at:], is_f=has_fields)
            after[literal.id] = (
                as_fstring(prefix, quotes, shown)
                if has_fields
                else f"{prefix}{quotes}{shown}{quotes}"
            )
        inner = Rewriter(self.source, lambda node, _: after.get(node.id))
        return inner.render(left)

    def _field(self, found: re.Match[str], value: Node, quotes: str) -> str | None:
        _, flags, width, precision, kind = found.groups()
        if "*" in (width, precision) or set(flags or "") - {"-"}:
            return None
        text = embedded(
            value,
            self.rewriter.render(value),
            self.source,
            quotes=quotes,
            python=self.around.python,
        )
        if text is None:
            return None
        spec = ""
        if kind in "sra":
            plain = kind == "s" and not width and not precision and is_text(value, self.source)
            conversion = "" if plain else f"!{kind}"
            if width:
                spec = width if "-" in flags else f">{width}"
            if precision:
                spec += f".{precision}"
        elif kind in "di" and is_whole(value, self.source) and not precision:
            conversion = ""
            if width:
                spec = f"<{width}" if "-" in flags else width
        else:
            return None  # A number of another type would be rounded, or be an error.
        return f"{{{text}{conversion}{f':{spec}' if spec else ''}}}"


def _braced(text: str, *, is_f: bool) -> str:
    return text.replace("{", "{{").replace("}", "}}") if is_f else text
