"""Asynchronous Python that does not run, or keeps others from running."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.members import ASYNC
from nootropic_lsp.analysis.structure.sight import Change, Hit, Sight, at
from nootropic_lsp.analysis.structure.values import first_token, named

_COROUTINES = frozenset(
    {"asyncio.sleep", "asyncio.wait_for", "asyncio.wait", "asyncio.to_thread", "anyio.sleep",
     "trio.sleep", "asyncio.open_connection", "asyncio.start_server"}
)  # fmt: skip


@check("python", "(expression_statement (call)) @here", mentions="async")
def missing_await(sight: Sight, node: Node) -> Iterator[Hit]:
    """A coroutine is made as a statement, and never runs."""
    call = named(node)
    if call is None or call.type != "call" or node.named_child_count != 1:
        return
    callee = sight.callee(call)
    if callee not in _COROUTINES and callee != ASYNC.name:
        return
    function = sight.function_of(node)
    first = None if function is None else first_token(function)
    if first is None or first.type != "async":
        return
    change = Change(call.start_byte, call.start_byte, "await ")
    yield at(node, changes=(change,), title="Await it")


@check("python", "call", words=("create_task", "ensure_future"))
def lost_task(sight: Sight, node: Node) -> Iterator[Hit]:
    """A task to which nothing refers can be collected before it has ended."""
    owner = next(sight.ancestors(node), None)
    if (
        owner is not None
        and owner.type == "expression_statement"
        and sight.callee(node) in {"asyncio.create_task", "asyncio.ensure_future"}
    ):
        yield at(node)


_BLOCKING = {
    "time.sleep": "asyncio.sleep",
    **dict.fromkeys(
        (
            f"requests.{verb}"
            for verb in ("get", "post", "put", "patch", "delete", "head", "request")
        ),
        "an asynchronous client",
    ),
    "urllib.request.urlopen": "an asynchronous client",
    **dict.fromkeys(
        ("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"),
        "asyncio.create_subprocess_exec",
    ),
    "os.system": "asyncio.create_subprocess_shell",
}


@check("python", "call", words=[name.rpartition(".")[2] for name in _BLOCKING])
def blocking_in_async(sight: Sight, node: Node) -> Iterator[Hit]:
    """A call that holds the event loop until it is done."""
    if not sight.mentions_async:
        return
    instead = _BLOCKING.get(sight.callee(node))
    function = sight.function_of(node)
    first = None if function is None else first_token(function)
    if instead is not None and first is not None and first.type == "async":
        yield at(node, f"this holds the event loop; use {instead}")
