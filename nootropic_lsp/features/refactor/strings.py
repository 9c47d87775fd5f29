"""Write a Python string in another style that means exactly the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.refactor.effects import ACTING, STILL, level
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.nodes import Node

_PERCENT = re.compile(r"%(?:\((\w+)\))?([-0 +#]*)(\d+|\*)?(?:\.(\d+|\*))?([a-zA-Z%])")
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PLACE = re.compile(r"(\w*)((?:\.\w+)*)(?:!([rsa]))?(?::([^{}]*))?\Z")
_PREFIX = re.compile(r"[A-Za-z]*")
_SAFE_TYPES = frozenset({"str", "int", "float", "bool", "bytes", "list", "dict", "set", "Path"})
_NEVER_INSIDE = frozenset("\\\n#")


def to_f_string(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """`"%s" % x` or `"{}".format(x)` as an f-string."""
    source = source_of(snapshot, path)
    node = formatting_at(source, offset)
    if node is None:
        raise RefusedError("there is no formatted string here")
    new = (
        _from_percent(source, node)
        if node.kind == "binary_operator"
        else _from_format(source, node)
    )
    return patch_of(snapshot, {path: [Edit(Span(node.start, node.end), new)]}, "Use an f-string")


def to_format(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """An f-string as `"{}".format(x)`."""
    source = source_of(snapshot, path)
    node = string_at(source, offset)
    if node is None or "f" not in _prefix(node).lower():
        raise RefusedError("there is no f-string here")
    refuse_unless(_is_alone(node), "strings that stand next to each other are one string")
    new = _to_format(source, node)
    return patch_of(snapshot, {path: [Edit(Span(node.start, node.end), new)]}, "Use str.format")


def switch_quotes(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """`'text'` as `"text"` and back."""
    source = source_of(snapshot, path)
    node = string_at(source, offset)
    if node is None:
        raise RefusedError("there is no string here")
    opening, body, _ = _parts(node)
    old = opening[-1]
    new = '"' if old == "'" else "'"
    refuse_unless(new not in body and f"\\{old}" not in body, "it holds a quote of the other kind")
    refuse_unless(not any(each.kind == "interpolation" for each in node.named) or old not in body,
                  "a value in it holds a quote")  # fmt: skip
    for each in node.ancestors():
        refuse_unless(each.kind != "interpolation", "it is inside of an f-string")
    quotes = new * (3 if len(opening) - len(_prefix(node)) == 3 else 1)
    edits = [
        Edit(Span(node.start, node.start + len(opening)), _prefix(node) + quotes),
        Edit(Span(node.end - len(quotes), node.end), quotes),
    ]
    return patch_of(snapshot, {path: edits}, f"Use {new} around the string")


def string_at(source: Source, offset: int) -> Node | None:
    """The string literal at an offset."""
    node: Node | None = source.root.around(offset, offset)
    if node is not None and node.kind not in ("string", "string_start", "string_content",
                                              "string_end", "escape_sequence"):  # fmt: skip
        node = source.root.around(offset, min(offset + 1, source.root.end))
    while node is not None and node.kind != "string":
        if node.kind in ("block", "module", "interpolation"):
            return None
        node = node.parent
    return node if source.is_python else None


def formatting_at(source: Source, offset: int) -> Node | None:
    """The `%` or `.format` around the string at an offset."""
    node = string_at(source, offset)
    parent = node.parent if node is not None else None
    if node is None or parent is None or "f" in _prefix(node).lower():
        return None
    if parent.kind == "binary_operator" and node.field == "left":
        sign = parent.child("operator")
        return parent if sign is not None and sign.kind == "%" else None
    if parent.kind == "attribute" and parent.named[-1].text == "format" and parent.named[0] is node:
        call = parent.parent
        if call is not None and call.kind == "call" and parent.field == "function":
            return call
    return None


def _prefix(node: Node) -> str:
    match = _PREFIX.match(node.text)
    return match[0] if match is not None else ""


def _parts(node: Node) -> tuple[str, str, str]:
    opening = next(each for each in node.children if each.kind == "string_start").text
    n_quotes = len(opening) - len(_prefix(node))
    text = node.text
    return opening, text[len(opening) : len(text) - n_quotes], text[len(text) - n_quotes :]


def _is_alone(node: Node) -> bool:
    return node.parent is not None and node.parent.kind != "concatenated_string"


def _plain(node: Node) -> tuple[str, str, str]:
    """The parts of a string that an f-string can be made of."""
    refuse_unless(_prefix(node).lower() in ("", "u", "r"), "bytes cannot be an f-string")
    opening, body, closing = _parts(node)
    prefix = "f" + _prefix(node).lower().replace("u", "")
    refuse_unless("\\N{" not in body, "it holds a character by its name")
    return prefix + opening[len(_prefix(node)) :], body, closing


def _inside(node: Node, closing: str) -> str:
    """An expression as it can stand between braces."""
    text = node.text
    while node.kind == "parenthesized_expression" and len(node.named) == 1:
        node = node.named[0]
        text = node.text
    refuse_unless(not set(text) & _NEVER_INSIDE, "a value cannot be written inside of a string")
    refuse_unless(closing[0] not in text, "a value holds a quote like those of the string")
    for each in node.walk():
        refuse_unless(
            each.kind not in ("yield", "named_expression", "list_splat", "dictionary_splat"),
            "a value cannot be written inside of a string",
        )
    if any(each.kind == "lambda" for each in node.walk()) or (
        node.kind == "tuple" and text[0] != "("
    ):
        text = f"({text})"
    return f" {text}" if text.startswith("{") else text


# ---- from `%`


def _from_percent(source: Source, node: Node) -> str:
    left, right = node.named
    opening, body, closing = _plain(left)
    refuse_unless("r" not in opening or "%" not in body.replace("%s", ""), "it is a raw string")
    values, by_name = _percent_values(source, right)
    parts: list[str] = []
    at = used = 0
    for match in _PERCENT.finditer(body):
        parts.append(_doubled(body[at : match.start()]))
        at = match.end()
        if match[5] == "%":
            refuse_unless(match[0] == "%%", "its `%` is unusual")
            parts.append("%")
            continue
        if by_name is not None:
            refuse_unless(match[1] in by_name, f"there is no value for `{match[0]}`")
            value = by_name[match[1]]
        else:
            refuse_unless(match[1] is None and used < len(values), "there are too few values")
            value = values[used]
        used += 1
        parts.append(_percent_field(match, _inside(value, closing)))
    rest = body[at:]
    refuse_unless("%" not in rest and "%" not in "".join(parts).replace("%", "", body.count("%%")),
                  "its `%` is unusual")  # fmt: skip
    parts.append(_doubled(rest))
    refuse_unless(used == (len(by_name) if by_name is not None else len(values)), "values are left")
    if by_name is not None:
        named = [match[1] for match in _PERCENT.finditer(body) if match[1]]
        refuse_unless(named == list(by_name), "the values would be evaluated in another order")
    return f"{opening}{''.join(parts)}{closing}"


def _percent_values(source: Source, right: Node) -> tuple[Sequence[Node], dict[str, Node] | None]:
    if right.kind == "tuple":
        refuse_unless(
            all(each.kind != "list_splat" for each in right.named), "it is not known what is passed"
        )
        return right.named, None
    if right.kind == "dictionary":
        found: dict[str, Node] = {}
        for pair in right.named:
            key = pair.child("key")
            value = pair.child("value")
            if pair.kind != "pair" or key is None or value is None or key.kind != "string":
                raise RefusedError("it is not known what is passed")
            found[_parts(key)[1]] = value
        refuse_unless(len(found) == len(right.named), "a key is there twice")
        return (), found
    refuse_unless(_is_single(source, right), "the value may be a tuple of several")
    return [right], None


def _is_single(source: Source, node: Node) -> bool:
    """Whether an expression is surely no tuple and no mapping."""
    if node.kind in ("string", "integer", "float", "true", "false", "concatenated_string"):
        return True
    if node.kind == "call" and node.named[0].text in ("str", "repr", "len", "int", "float", "type"):
        return True
    if node.kind not in ("identifier", "attribute"):
        return False
    unit = source.unit
    use = unit.use_at(node.end)
    if use < 0:
        return False
    types = source.snapshot.ask(unit, lambda resolver: resolver.types(unit, use))
    return bool(types) and all(
        each.definition.name in ("str", "int", "float", "bool") for each in types
    )


def _percent_field(match: re.Match[str], value: str) -> str:
    flags, width, precision, kind = match[2], match[3] or "", match[4], match[5]
    refuse_unless(kind in "sra", f"`{match[0]}` may treat its value in a way of its own")
    refuse_unless("*" not in (width, precision or ""), "its width is a value")
    refuse_unless(set(flags) <= {"-"}, f"`{match[0]}` has unusual flags")
    spec = width and ("<" if "-" in flags else ">") + width
    spec += f".{precision}" if precision is not None else ""
    return f"{{{value}!{kind}{f':{spec}' if spec else ''}}}"


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


# ---- from `.format`


def _from_format(source: Source, call: Node) -> str:
    function, holder = call.named
    refuse_unless(holder.kind == "argument_list", "it is not known what is passed")
    opening, body, closing = _plain(function.named[0])
    given = _given(holder)
    order: list[Node] = []
    parts: list[str] = []
    at = count = 0
    styles = set()
    for match in _FIELD.finditer(body):
        parts.append(body[at : match.start()])
        at = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0])
            continue
        place = _PLACE.match(match[1]) if match[1] is not None else None
        if place is None:
            raise RefusedError(f"`{match[0]}` is unusual")
        key = place[1]
        if not key:
            styles.add("automatic")
            key, count = str(count), count + 1
        elif key.isdigit():
            styles.add("numbered")
        refuse_unless(key in given, f"there is no value for `{match[0]}`")
        order.append(given[key])
        parts.append(_format_field(place, given[key], closing))
    parts.append(body[at:])
    refuse_unless(len(styles) < 2, "numbers and no numbers cannot be mixed")
    _refuse_reordered(source, list(given.values()), order)
    return f"{opening}{''.join(parts)}{closing}"


def _given(holder: Node) -> dict[str, Node]:
    """The arguments of `.format` by their names or numbers."""
    found: dict[str, Node] = {}
    for number, each in enumerate(holder.named):
        refuse_unless(
            each.kind not in ("list_splat", "dictionary_splat"), "it is not known what is passed"
        )
        if each.kind == "keyword_argument":
            found[each.named[0].text] = each.named[1]
        else:
            found[str(number)] = each
    return found


def _format_field(place: re.Match[str], value: Node, closing: str) -> str:
    shown = _inside(value, closing)
    if place[2]:
        refuse_unless(
            value.kind in ("identifier", "attribute", "call", "subscript"),
            "a value would need parentheses",
        )
        shown += place[2]
    conversion = f"!{place[3]}" if place[3] else ""
    spec = f":{place[4]}" if place[4] else ""
    return f"{{{shown}{conversion}{spec}}}"


def _refuse_reordered(source: Source, given: Sequence[Node], used: Sequence[Node]) -> None:
    """Refuse if values would be evaluated in another order, more than once or not at all."""
    for each in given:
        count = sum(other is each for other in used)
        if count != 1:
            refuse_unless(
                level(source, each) < ACTING if count else level(source, each) == STILL,
                "a value would not be evaluated exactly once",
            )
    acting = [each for each in given if level(source, each) > STILL]
    again = [each for each in dict.fromkeys(used) if level(source, each) > STILL]
    refuse_unless(
        len(acting) < 2 or acting == again, "the values would be evaluated in another order"
    )


# ---- to `.format`


def _to_format(source: Source, node: Node) -> str:
    opening, _, closing = _parts(node)
    prefix = re.sub("[fF]", "", _prefix(node))
    parts: list[str] = []
    values: list[str] = []
    at = node.start + len(opening)
    for each in _interpolations(node):
        parts.append(source.text[at : each.start])
        at = each.end
        value = each.child("expression")
        refuse_unless(
            value is not None and not any(one.kind == "=" for one in each.children),
            "it shows the text of a value",
        )
        assert value is not None
        spec = each.child("format_specifier") or next(
            (one for one in each.named if one.kind == "format_specifier"), None
        )
        conversion = next((one.text for one in each.named if one.kind == "type_conversion"), "")
        refuse_unless(
            spec is None or not any(one.kind == "interpolation" or one.kind == "format_expression"
                                    for one in spec.walk()),
            "a width is a value",
        )  # fmt: skip
        parts.append(f"{{{conversion}{spec.text if spec is not None else ''}}}")
        text = value.text
        values.append(
            f"({text})"
            if value.kind in ("tuple", "expression_list", "yield") and text[0] != "("
            else text
        )
    parts.append(source.text[at : node.end - len(closing)])
    refuse_unless(values, "it holds no value")
    return f"{prefix}{opening[len(_prefix(node)) :]}{''.join(parts)}{closing}.format({', '.join(values)})"


def _interpolations(node: Node) -> Iterator[Node]:
    return (each for each in node.children if each.kind == "interpolation")
