"""The parameters of a Python function as written, and the arguments of its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.refactor.effects import ACTING, STILL, level
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.index.nodes import Node


@dataclass(frozen=True)
class Parameter:
    """A parameter of a new signature.

    `was` is its name so far, "" for a new one, whose `default` is written into the signature, or
    whose `value` is passed by every call. The signs `*` and `/`, `*args` and `**kwargs` are named
    as they are written.
    """

    name: str
    was: str = ""
    default: str = ""
    value: str = ""


@dataclass(frozen=True)
class Written:
    """A parameter as it stands in a signature."""

    name: str  # with its stars
    node: Node
    text: str
    has_default: bool
    is_keyword_only: bool
    is_positional_only: bool

    @property
    def is_plain(self) -> bool:
        """Whether it takes one argument."""
        return self.name[0] not in "*/"


@dataclass(frozen=True)
class Piece:
    """Text that is written, and a node behind it as it is after all changes."""

    text: str
    node: Node | None = None

    @property
    def shown(self) -> str:
        """What it would be without other changes."""
        return self.text + (self.node.text if self.node is not None else "")


@dataclass(frozen=True)
class Change:
    """A piece for a stretch of the text. What is moved may hold further changes."""

    span: Span
    piece: Piece
    is_slot: bool = False


def settled(text: str, changes: Sequence[Change]) -> list[Edit]:
    """Changes within changes as edits that do not overlap."""
    ordered = sorted(
        dict.fromkeys(changes), key=lambda each: (each.span.start, -each.span.end, not each.is_slot)
    )

    def outermost(start: int, end: int, *, moved: bool) -> list[Change]:
        found: list[Change] = []
        for each in ordered:
            if each.span.start < start or each.span.end > end:
                continue
            is_added = each.span.start == each.span.end and each.span.start in (start, end)
            if moved and (is_added or (each.is_slot and each.span == Span(start, end))):
                continue
            if not found or each.span.start >= found[-1].span.end:
                found.append(each)
        return found

    def rendered(piece: Piece) -> str:
        node = piece.node
        if node is None:
            return piece.text
        parts, at = [piece.text], node.start
        for each in outermost(node.start, node.end, moved=True):
            parts += text[at : each.span.start], rendered(each.piece)
            at = each.span.end
        return "".join((*parts, text[at : node.end]))

    return [Edit(each.span, rendered(each.piece)) for each in outermost(0, len(text), moved=False)]


def parameters_of(function: Node) -> list[Written]:
    """The parameters of a function, in order."""
    holder = function.child("parameters")
    nodes = list(holder.named) if holder is not None else []
    slash = next((at for at, each in enumerate(nodes) if each.kind == "positional_separator"), -1)
    found: list[Written] = []
    only = False
    for at, node in enumerate(nodes):
        name = _name(node)
        found.append(
            Written(
                name,
                node,
                node.text,
                node.kind in ("default_parameter", "typed_default_parameter"),
                only and not name.startswith("**"),
                at < slash,
            )
        )
        only = only or (name.startswith("*") and not name.startswith("**"))
    return found


def _name(node: Node) -> str:
    if node.kind == "positional_separator":
        return "/"
    if node.kind == "keyword_separator":
        return "*"
    if node.kind in ("default_parameter", "typed_default_parameter"):
        return node.named[0].text
    if node.kind == "typed_parameter":
        return node.named[0].text
    return node.text


def signature_edits(old: Sequence[Written], new: Sequence[Parameter], holder: Node) -> list[Change]:
    """The edits of a signature; `old` is without what the receiver is called."""
    by_name = {each.name: each for each in old}
    texts = []
    had_default = is_open = False
    for parameter in new[:-1]:
        refuse_unless(not parameter.name.startswith("**"), f"`{parameter.name}` has to come last")
    for parameter in new:
        if parameter.was:
            written = by_name[parameter.was]
            text = written.text
            if parameter.name != parameter.was:
                stars = len(parameter.was) - len(parameter.was.lstrip("*"))
                at = text.index(parameter.was) + stars
                text = text[:at] + parameter.name[stars:] + text[at + len(parameter.was) - stars :]
            has_default = written.has_default
        elif parameter.default:
            text, has_default = f"{parameter.name}={parameter.default}", True
        else:
            text, has_default = parameter.name, False
        is_open = is_open or (parameter.name.startswith("*") and parameter.name[:2] != "**")
        if parameter.name[0] not in "*/" and not is_open:
            refuse_unless(
                has_default or not had_default,
                f"`{parameter.name}` has no default and would follow one that has",
            )
            had_default = had_default or has_default
        texts.append(Piece(text))
    return slot_edits([each.node for each in old], texts, holder)


def slot_edits(nodes: Sequence[Node], texts: Sequence[Piece], holder: Node) -> list[Change]:
    """Put pieces into the places of a list in parentheses; what stands between them stays."""
    edits = [
        Change(Span(node.start, node.end), piece, is_slot=True)
        for node, piece in zip(nodes, texts, strict=False)
        if node.text != piece.shown
    ]
    if len(texts) < len(nodes):
        children = list(holder.children)
        first = nodes[len(texts)]
        if texts:
            start = nodes[len(texts) - 1].end
        else:
            at = next(number for number, each in enumerate(children) if each is first)
            start = children[at - 1].end if children[at - 1].kind == "(" else first.start
            if children[at - 1].kind == ",":  # behind the receiver
                start = children[at - 2].end
        end = nodes[-1].end
        if not texts:
            after = next((each for each in children if each.start >= end), None)
            if after is not None and after.kind == "," and holder.source[start - 1] == "(":
                end = after.end
        refuse_unless(
            not any(each.is_comment and start <= each.start < end for each in children),
            "a comment would be lost",
        )
        edits.append(Change(Span(start, end), Piece("")))
    elif len(texts) > len(nodes):
        before = nodes or [each for each in holder.named if not each.is_comment]
        at = before[-1].end if before else holder.start + 1
        sign = ", " if before else ""
        for piece in texts[len(nodes) :]:
            more = Piece(sign + piece.text, piece.node)
            edits.append(Change(Span(at, at), more))
            sign = ", "
    return edits


def call_edits(
    source: Source, call: Node, old: Sequence[Written], new: Sequence[Parameter], *, skipped: int
) -> list[Change]:
    """The edits of a call; `skipped` arguments before the others are for the receiver."""
    holder = call.child("arguments")
    assert holder is not None
    here = source.where(call.start)
    if holder.kind == "generator_expression":
        is_same = (
            bool(new)
            and bool(old)
            and new[0].was == old[0].name
            and not any(each.value for each in new)
        )
        refuse_unless(is_same, f"{here} passes a generator without parentheses")
        return []
    nodes = list(holder.named)[skipped:]
    refuse_unless(len(holder.named) >= skipped, f"{here} does not pass the object")
    supplied, extra, loose = _matched(source, nodes, old, here)
    has_stars = [each for each in nodes if each.kind in ("list_splat", "dictionary_splat")]
    renamed = {each.was: each.name for each in new if each.was}
    if has_stars:
        _refuse_undecided(has_stars, old, new, here)
        texts = [_renamed_keyword(each, renamed) for each in nodes]
        return slot_edits(nodes, texts, holder)
    for name, node in supplied.items():
        if name not in renamed:
            value = _value(node)
            refuse_unless(
                level(source, value) < ACTING, f"{here} passes `{name}` something that acts"
            )
    fresh = {each.name for each in new if each.was != each.name}
    for node in loose:
        refuse_unless(node.named[0].text not in fresh, f"{here} passes a keyword of that name")
    texts = _ordered(source, nodes, supplied, extra, loose, old, new, here)
    return slot_edits(nodes, texts, holder)


def _matched(
    source: Source, nodes: Sequence[Node], old: Sequence[Written], here: str
) -> tuple[dict[str, Node], list[Node], list[Node]]:
    """Arguments by parameter, those for `*args` and those for `**kwargs`."""
    positional = [each for each in old if each.is_plain and not each.is_keyword_only]
    names = {each.name for each in old if each.is_plain and not each.is_positional_only}
    supplied: dict[str, Node] = {}
    extra: list[Node] = []
    loose: list[Node] = []
    count = 0
    for node in nodes:
        if node.kind == "keyword_argument":
            name = node.named[0].text
            if name in names:
                supplied[name] = node
            else:
                loose.append(node)
        elif node.kind in ("list_splat", "dictionary_splat"):
            continue
        else:
            if count < len(positional):
                supplied[positional[count].name] = node
            else:
                extra.append(node)
            count += 1
    takes_more = any(each.name.startswith("*") and each.name != "*" for each in old)
    if (extra or loose) and not takes_more:
        raise RefusedError(f"{here} passes something that it does not take")
    return supplied, extra, loose


def _refuse_undecided(
    stars: Sequence[Node], old: Sequence[Written], new: Sequence[Parameter], here: str
) -> None:
    """Refuse a call with `*` or `**` unless it goes on to pass the same."""
    shown = f"{here} passes `{stars[0].text}`, of which it is not known what is in it"
    kept = [each.was for each in new if each.was]
    has_same_names = all(not each.was or each.was == each.name for each in new)
    plain = [each.name for each in old]
    is_behind = kept == plain and all(each.was or each.default or each.value for each in new)
    at = next((number for number, each in enumerate(new) if not each.was), len(new))
    first_only = next((n for n, each in enumerate(new) if each.name.startswith("*")), len(new))
    is_behind = is_behind and (at >= first_only or all(not each.was for each in new[at:first_only]))
    refuse_unless(is_behind and not any(each.value for each in new if not each.was), shown)
    if any(each.kind == "list_splat" for each in stars):
        refuse_unless(at >= first_only or at == len(new), shown)
    if any(each.kind == "dictionary_splat" for each in stars):
        refuse_unless(has_same_names, shown)


def _renamed_keyword(node: Node, renamed: dict[str, str]) -> Piece:
    if node.kind != "keyword_argument":
        return Piece("", node)
    name = node.named[0].text
    return Piece(f"{renamed.get(name, name)}=", node.named[1])


def _value(node: Node) -> Node:
    return node.named[1] if node.kind == "keyword_argument" else node


def _ordered(
    source: Source,
    nodes: Sequence[Node],
    supplied: dict[str, Node],
    extra: Sequence[Node],
    loose: Sequence[Node],
    old: Sequence[Written],
    new: Sequence[Parameter],
    here: str,
) -> list[Piece]:
    """The arguments of a call in the order of a new signature."""
    only = {each.name for each in old if each.is_positional_only}
    first: list[tuple[Node | None, Piece]] = []
    keywords: list[tuple[Node | None, Piece]] = []
    is_open, is_keyword_only = True, False
    for parameter in new:
        if parameter.name[0] in "*/":
            if parameter.name.startswith("*") and parameter.name[:2] != "**":
                refuse_unless(is_open or not extra, f"{here} passes more than its parameters")
                first += ((each, Piece("", each)) for each in extra)
                is_keyword_only = True
            continue
        node = supplied.get(parameter.was) if parameter.was else None
        if node is None and not parameter.value:
            is_open = False
            continue
        text = parameter.value if node is None else ""
        value = None if node is None else _value(node)
        was_positional = node is None or node.kind != "keyword_argument"
        if is_open and was_positional and not is_keyword_only:
            first.append((node, Piece(text, value)))
        else:
            refuse_unless(parameter.was not in only, f"{here} cannot name `{parameter.name}`")
            keywords.append((node, Piece(f"{parameter.name}={text}", value)))
            # A keyword lets nothing stand behind it without one.
            is_open = False
    # Keywords stay in the order in which they are evaluated now.
    known = {id(node): number for number, node in enumerate(nodes)}
    keywords += ((each, Piece("", each)) for each in loose)
    keywords.sort(key=lambda each: known.get(id(each[0]), len(nodes)))
    order = [*first, *keywords]
    places = [known[id(node)] for node, _ in order if node is not None]
    acting = [node for node, _ in order if node is not None and level(source, _value(node)) > STILL]
    moved = [known[id(node)] for node in acting]
    if places != sorted(places) and moved != sorted(moved):
        raise RefusedError(f"{here} would evaluate its arguments in another order")
    return [piece for _, piece in order]
