"""`"…".format(…)` as an f-string, where every argument is used once and in its order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.strings import as_fstring, embedded, is_pure, parts, pieces
from nootropic_lsp.analysis.recipes.tree import Change, Rewriter, Source, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(![rsa])?(?::((?:[^{}]|\{[^{}]*\})*))?\}")
_NAME = re.compile(r"(\w*)((?:\.\w+|\[\d+\])*)")
_NESTED = re.compile(r"\{(\w*)\}")


def rewrite(source: Source, around: Around) -> Change:
    """Every such call of a text."""

    def rule(node: Node, rewriter: Rewriter) -> str | None:
        function = node.child_by_field_name("function") if node.type == "call" else None
        if function is None or function.type != "attribute":
            return None
        of, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if of is None or name is None or source.text(name) != "format" or not pieces(of):
            return None
        return _Formatting(source, around, rewriter, node).of(of)

    return Change(Rewriter(source, rule).replacements())


class _Formatting:
    def __init__(self, source: Source, around: Around, rewriter: Rewriter, call: Node) -> None:
        self.source = source
        self.around = around
        self.rewriter = rewriter
        self.call = call
        self.values: dict[str, Node] = {}
        self.used: list[str] = []
        self.numbered = 0

    def of(self, literal: Node) -> str | None:
        if any(each.type == "comment" for each in walk(self.call)) or not self._read():
            return None
        after: dict[int, str] = {}
        for piece in pieces(literal):
            prefix, quotes, content = parts(piece, self.source)
            if set(prefix.lower()) & set("bft") or "\\N{" in content:
                return None
            shown = self._shown(content, quotes)
            if shown is None:
                return None
            is_f = shown != content or "{" in content or "}" in content
            after[piece.id] = as_fstring(prefix, quotes, shown) if is_f else self.source.text(piece)
        if not self._is_same_order():
            return None
        return Rewriter(self.source, lambda node, _: after.get(node.id)).render(literal)

    def _read(self) -> bool:
        arguments = self.call.child_by_field_name("arguments")
        if arguments is None or arguments.type != "argument_list":
            return False
        n = 0
        for each in arguments.named_children:
            if each.type == "keyword_argument":
                name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
                if name is None or value is None:
                    return False
                self.values[self.source.text(name)] = value
            elif each.type in ("list_splat", "dictionary_splat"):
                return False
            else:
                self.values[str(n)] = each
                n += 1
        return bool(self.values)

    def _shown(self, content: str, quotes: str) -> str | None:
        shown = ""
        at = 0
        for found in _FIELD.finditer(content):
            between, at = content[at : found.start()], found.end()
            if "{" in between or "}" in between:
                return None
            field = found[0] if found[0] in ("{{", "}}") else self._field(found, quotes)
            if field is None:
                return None
            shown += between + field
        rest = content[at:]
        return None if "{" in rest or "}" in rest else shown + rest

    def _field(self, found: re.Match[str], quotes: str) -> str | None:
        name = _NAME.fullmatch(found[1])
        if name is None:
            return None
        value = self._value(name[1], quotes, has_tail=bool(name[2]))
        if value is None:
            return None
        spec = found[3] or ""
        for nested in reversed(list(_NESTED.finditer(spec))):
            if nested[1] == "":
                return None  # Numbers go on in an order that is hard to read.
            inner = self._value(nested[1], quotes, has_tail=False)
            if inner is None:
                return None
            spec = f"{spec[: nested.start()]}{{{inner}}}{spec[nested.end() :]}"
        if "\\" in spec or "{" in _NESTED.sub("", found[3] or ""):
            return None
        return f"{{{value}{name[2]}{found[2] or ''}{':' if found[3] is not None else ''}{spec}}}"

    def _value(self, name: str, quotes: str, *, has_tail: bool) -> str | None:
        if name == "":
            name = str(self.numbered)
            self.numbered += 1
        value = self.values.get(name)
        if value is None:
            return None
        self.used.append(name)
        if has_tail and value.type not in ("identifier", "attribute", "call", "subscript"):
            return None
        return embedded(
            value,
            self.rewriter.render(value),
            self.source,
            quotes=quotes,
            python=self.around.python,
        )

    def _is_same_order(self) -> bool:
        """Whether nothing would be evaluated twice, never, or in another order that matters."""
        if set(self.used) != set(self.values):
            return False
        if self.used == list(self.values):
            return True
        return all(is_pure(value) for value in self.values.values())
