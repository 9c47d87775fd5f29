"""This file is where we speak the protocol: tools are listed, called on threads, and answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TextIO

import anyio
import anyio.from_thread
import anyio.to_thread
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from nootropic_lsp import __version__
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.mcp.call import Call, Gone
from nootropic_lsp.mcp.text import written
from nootropic_lsp.mcp.tools import TOOLS, Tool
from nootropic_lsp.mcp.workspace import Workspace
from nootropic_lsp.safety.redaction import redact_log

log = logging.getLogger(__name__)

# So many calls are worked on at once; others wait.
_MOST_CALLS = 4
_INSTRUCTIONS = (
    "Answers about the code in {root}, from a symbol graph that follows the files. Symbols are"
    " given by name, paths are those from there, lines count from 1. Secrets are masked, and what"
    " ignore files name is left out."
)


def run(workspace: Workspace, source: TextIO, target: TextIO) -> None:
    """Answer a client until it closes our input."""
    anyio.run(_talk, workspace, source, target)


async def _talk(workspace: Workspace, source: TextIO, target: TextIO) -> None:
    server = _server(workspace)
    async with stdio_server(anyio.wrap_file(source), anyio.wrap_file(target)) as (read, write):
        await server.run(read, write, server.create_initialization_options())


def _server(workspace: Workspace) -> Server[Any, Any]:
    server: Server[Any, Any] = Server(
        "nootropic", __version__, instructions=_INSTRUCTIONS.format(root=workspace.root)
    )
    tools = {tool.name: tool for tool in TOOLS}
    limiter = anyio.CapacityLimiter(_MOST_CALLS)

    @server.list_tools()  # type: ignore[no-untyped-call, untyped-decorator]
    async def list_tools() -> list[types.Tool]:
        return [_declared(tool, may_edit=workspace.may_edit) for tool in TOOLS]

    @server.call_tool()  # type: ignore[untyped-decorator]
    async def call_tool(name: str, given: dict[str, Any]) -> types.CallToolResult | _Both:
        tool = tools.get(name)
        if tool is None:
            return _failure(f"there is no tool {name}; there are {', '.join(tools)}")
        call = Call(_teller(server))
        work = partial(_answer, workspace, tool, call, given)
        try:
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)
        finally:
            call.cancel()

    return server


_Both = tuple[Sequence[types.ContentBlock], dict[str, Any]]


def _answer(
    workspace: Workspace, tool: Tool, call: Call, given: Mapping[str, Any]
) -> types.CallToolResult | _Both:
    """Run a tool on a thread; what it cannot do is said in a sentence."""
    try:
        call.check()
        data = _clean(tool.function(workspace, call, **_arguments(workspace, tool, given)))
    except NootropicError as error:
        return _failure(str(error))
    except OSError as error:
        # Files come and go while we read.
        return _failure(f"{error.filename or 'a file'} cannot be read ({error.strerror})")
    except Gone:
        return _failure("the call was cancelled")
    except Exception:
        if call.is_gone:  # The loop that would hear of progress may be gone as well.
            return _failure("the call was cancelled")
        log.exception("%s failed", tool.name)
        return _failure("that is a bug in nootropic; what the server says on standard error helps")
    return [types.TextContent(type="text", text=written(tool.render, data))], data


def _arguments(workspace: Workspace, tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given and the defaults of what is not. Raises `NootropicError`."""
    takes = tool.taken(may_edit=workspace.may_edit)
    unknown = [name for name in given if name not in takes]
    if unknown and tool.edits and not workspace.may_edit and given.get("apply"):
        raise NootropicError(
            "nothing was written: this server only shows changes; `nootropic mcp --allow-edits`"
            " starts one that makes them"
        )
    if unknown:
        raise NootropicError(f"{tool.name} takes {', '.join(takes)}, not {', '.join(unknown)}")
    return {name: each["default"] for name, each in takes.items() if "default" in each} | dict(
        given
    )


def _clean(value: Any) -> Any:
    """An answer without the secrets that only show outside of their file."""
    match value:
        case str():
            return redact_log(value)
        case dict():
            return {key: _clean(each) for key, each in value.items()}
        case list():
            return [_clean(each) for each in value]
    return value


def _failure(sentence: str) -> types.CallToolResult:
    content = types.TextContent(type="text", text=redact_log(sentence))
    return types.CallToolResult(content=[content], isError=True)


def _teller(server: Server[Any, Any]) -> Any:
    """What tells the client how far its call is, from any thread; None if it did not ask."""
    context = server.request_context
    token = None if context.meta is None else context.meta.progressToken
    if token is None:
        return None

    def tell(progress: float, message: str) -> None:
        anyio.from_thread.run(
            partial(
                context.session.send_progress_notification,
                token,
                progress,
                message=message,
                related_request_id=str(context.request_id),
            )
        )

    return tell


def _declared(tool: Tool, *, may_edit: bool) -> types.Tool:
    edits = tool.edits and may_edit
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        inputSchema=tool.input_schema(may_edit=may_edit),
        outputSchema=tool.output_schema(),
        annotations=types.ToolAnnotations(
            title=tool.title,
            readOnlyHint=not edits,
            destructiveHint=edits,
            idempotentHint=True,
            openWorldHint=False,
        ),
    )
