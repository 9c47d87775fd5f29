"""This file is where commands of the editor are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nootropic_lsp.server.capabilities import REINDEX, STATUS
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.convert import SHOW_REFERENCES
from nootropic_lsp.server.house import App
from nootropic_lsp.server.inline import ACCEPTED, accepted
from nootropic_lsp.server.notices import Notices
from nootropic_lsp.server.offers import Offers
from nootropic_lsp.server.params import Command
from nootropic_lsp.server.protocol import INVALID_PARAMS, Failure

Ask = Callable[[str, Any], None]


def execute(
    asked: Command, *, app: App, client: Client, notices: Notices, offers: Offers, ask: Ask
) -> Any:
    """Run a command and return what it says."""
    if asked.command == REINDEX:
        app.reindex()
        return None
    if asked.command == STATUS:
        more = {"token_model": app.token_model, "ghost_text": offers.last}
        status = {**app.status(), **more}
        notices.show(str(status.get("message", "no more is known")))
        return status
    if asked.command == ACCEPTED:
        accepted(offers, asked.arguments or [])
        return None
    if asked.command == SHOW_REFERENCES:
        return _show_references(asked.arguments or [], client, ask)
    raise Failure(INVALID_PARAMS, f"there is no command {asked.command}")


def _show_references(arguments: list[Any], client: Client, ask: Ask) -> Any:
    """For editors without a command of that name: go to the first one, answer them all."""
    places = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], list) else []
    first = places[0] if places else None
    if isinstance(first, Mapping) and client.can("window.showDocument.support"):
        shown = {"uri": first.get("uri"), "takeFocus": True, "selection": first.get("range")}
        ask("window/showDocument", shown)
    return places
