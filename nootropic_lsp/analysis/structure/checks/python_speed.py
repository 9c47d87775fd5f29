"""Python that takes longer than it has to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Change, Hit, Sight, at


@check("python", "call", words=("any", "all"))
def list_built_to_be_tested(sight: Sight, node: Node) -> Iterator[Hit]:
    """`any([...])` and `all([...])` make the whole list before they look at the first element."""
    arguments = sight.arguments(node)
    if len(arguments.positional) == 1 and sight.callee(node) in {"any", "all"}:
        (made,) = arguments.positional
        body = made.child_by_field_name("body")
        # A call may be there for what it does, and then for every element.
        if made.type == "list_comprehension" and not re.search(r"\(|\bawait\b", sight.text(body)):
            changes = (
                Change(made.start_byte, made.start_byte + 1, ""),
                Change(made.end_byte - 1, made.end_byte, ""),
            )
            yield at(made, changes=changes, title="Use a generator")


@check("python", "call", words=("sum",))
def sum_of_lists(sight: Sight, node: Node) -> Iterator[Hit]:
    """`sum(lists, [])`, which copies all that came before in each step."""
    arguments = sight.arguments(node)
    start = arguments.node("1|start")
    if start is not None and sight.text(start) == "[]" and sight.callee(node) == "sum":
        yield at(node)


@check("python", "for_statement")
def membership_in_list(sight: Sight, node: Node) -> Iterator[Hit]:
    """A list that grows in a loop and is searched in each round."""
    body = node.child_by_field_name("body")
    text = sight.text(body)
    if ".append(" not in text:
        return
    for name in dict.fromkeys(re.findall(r"(?<![\w.])(\w+)\.append\(", text)):
        found = re.search(rf"\bif [\w.]+ (?:not )?in {name}\b(?!\.|\[|\()", text)
        if found is None or body is None:
            continue
        values = sight.assigned(name, node.start_byte)
        if len(values) == 1 and sight.text(values[0]) in {"[]", "list()"}:
            start = body.start_byte + len(text[: found.start()].encode())
            yield Hit(start + 3, start + len(found[0].encode()))
