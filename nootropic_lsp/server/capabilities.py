"""This file is where we tell the editor what it may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nootropic_lsp.server import assisting
from nootropic_lsp.server.actions import APPLY
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.convert import SHOW_REFERENCES
from nootropic_lsp.server.inline import ACCEPTED
from nootropic_lsp.server.methods import METHODS
from nootropic_lsp.server.refactorings import CHANGE_SIGNATURE, MOVE
from nootropic_lsp.settings.options import Features

Json = dict[str, Any]

REINDEX, STATUS = "nootropic.reindex", "nootropic.status"
INCREMENTAL = 2


def offered(client: Client, switches: Features) -> Json:
    """The capabilities of the features that are switched on."""
    capabilities: Json = {
        "positionEncoding": str(client.encoding),
        "textDocumentSync": {
            "openClose": True,
            "change": INCREMENTAL,
            "save": {"includeText": False},
        },
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
        "executeCommandProvider": {"commands": commands(client)},
    }
    for method in METHODS.values():
        if getattr(switches, method.switch):
            capabilities |= _for(client, method.offers)
    if "diagnosticProvider" in capabilities and not switches.workspace_diagnostics:
        capabilities["diagnosticProvider"]["workspaceDiagnostics"] = False
    if switches.rename and client.can("workspace.fileOperations.willRename"):
        any_file = [{"scheme": "file", "pattern": {"glob": "**/*"}}]
        capabilities["workspace"]["fileOperations"] = {"willRename": {"filters": any_file}}
    return capabilities


def commands(client: Client) -> list[str]:
    """The commands we run, without those that the client runs itself."""
    # VS Code refuses a second command of one name.
    ours = [REINDEX, STATUS, SHOW_REFERENCES, ACCEPTED, *assisting.ANSWERS]
    if client.can("workspace.applyEdit"):
        ours += [MOVE, CHANGE_SIGNATURE, *assisting.EDITS]
        if not client.knows_actions:
            ours.append(APPLY)
    return [each for each in ours if each not in client.commands]


def registrations(client: Client, before: Features, after: Features) -> list[Json]:
    """What to register for features that were switched on after the start."""
    found = []
    for method in METHODS.values():
        if getattr(before, method.switch) or not getattr(after, method.switch):
            continue
        for provider, options in _for(client, method.offers).items():
            section = _section(provider)
            if client.may_register(section):
                more = options if isinstance(options, dict) else {}
                selector = {} if section.startswith("workspace") else {"documentSelector": None}
                name = method.name
                if provider == "semanticTokensProvider":
                    name = "textDocument/semanticTokens"
                found.append(
                    {"id": provider, "method": name, "registerOptions": {**selector, **more}}
                )
    return found


def watchers(client: Client, patterns: Sequence[str]) -> list[Json]:
    """What to register for hearing of files that change on disk."""
    if not patterns or not client.may_register("workspace.didChangeWatchedFiles"):
        return []
    options = {"watchers": [{"globPattern": pattern} for pattern in patterns]}
    return [
        {"id": "watch", "method": "workspace/didChangeWatchedFiles", "registerOptions": options}
    ]


def refreshes(client: Client, switches: Features) -> list[str]:
    """The requests that have a client ask again for what it shows all the time."""
    return [
        f"workspace/{what}/refresh"
        for what, switch, section in (
            ("diagnostic", "diagnostics", "diagnostics"),
            ("semanticTokens", "semantic_tokens", "semanticTokens"),
            ("inlayHint", "inlay_hint", "inlayHint"),
            ("codeLens", "code_lens", "codeLens"),
        )
        if getattr(switches, switch) and client.can(f"workspace.{section}.refreshSupport")
    ]


def configuration(section: str) -> list[Json]:
    """What to register for hearing of changed settings."""
    method = "workspace/didChangeConfiguration"
    return [{"id": "configuration", "method": method, "registerOptions": {"section": section}}]


def _for(client: Client, offers: Any) -> Json:
    if "renameProvider" in offers and client.can("textDocument.rename.prepareSupport"):
        return {"renameProvider": {"prepareProvider": True}}
    if "codeActionProvider" in offers and not client.knows_actions:
        return {"codeActionProvider": True}
    # A client that does not know pulling gets its diagnostics pushed.
    if "diagnosticProvider" in offers and not client.pulls_diagnostics:
        return {}
    return dict(offers)


def _section(provider: str) -> str:
    if provider == "workspaceSymbolProvider":
        return "workspace.symbol"
    return f"textDocument.{provider.removesuffix('Provider')}"
