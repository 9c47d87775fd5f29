"""This file is where we note what the editor at the other end can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nootropic_lsp.core.spans import Encoding
from nootropic_lsp.server.params import Initialize
from nootropic_lsp.server.positions import choose_encoding

# Editors that know Copilot's status message, or pass over a message they do not know. Emacs,
# for one, warns its user instead. Others ask by `"experimental": {"didChangeStatus": true}`.
KNOW_STATUS = ("Visual Studio Code", "Code - OSS", "VSCodium", "Cursor", "Neovim", "Helix")


@dataclass(frozen=True, slots=True)
class Client:
    """What a client said about itself; everything is off for one that said nothing."""

    name: str = ""
    process_id: int | None = None
    encoding: Encoding = Encoding.UTF16
    commands: frozenset[str] = frozenset()
    capabilities: Any = None

    @classmethod
    def of(cls, said: Initialize) -> Client:
        """What the first request says."""
        capabilities = said.capabilities
        return cls(
            name=str(_at(said.client_info, "name") or ""),
            process_id=said.process_id if isinstance(said.process_id, int) else None,
            encoding=choose_encoding(_list(capabilities, "general.positionEncodings")),
            commands=frozenset(map(str, _list(capabilities, "experimental.commands.commands"))),
            capabilities=capabilities,
        )

    def can(self, path: str) -> bool:
        """Whether a capability, named by its path with dots, is there and on."""
        found = _at(self.capabilities, path)
        return found is not None and found is not False

    def list(self, path: str) -> Sequence[Any]:
        """A capability that is a list; empty if it is not there."""
        return _list(self.capabilities, path)

    def number(self, path: str) -> int | None:
        """A capability that is a number."""
        found = _at(self.capabilities, path)
        return found if isinstance(found, int) else None

    def may_register(self, section: str) -> bool:
        """Whether a method may be offered after the start."""
        return self.can(f"{section}.dynamicRegistration")

    @property
    def pulls_diagnostics(self) -> bool:
        """Whether it asks for diagnostics itself. Who does would show pushed ones twice."""
        return self.can("textDocument.diagnostic")

    @property
    def hears_of_more(self) -> bool:
        """Whether diagnostics can be added to when it has them."""
        return not self.pulls_diagnostics or self.can("workspace.diagnostics.refreshSupport")

    @property
    def knows_actions(self) -> bool:
        """Whether the entries of its menus can be more than commands."""
        return self.can("textDocument.codeAction.codeActionLiteralSupport")

    @property
    def knows_status(self) -> bool:
        """Whether it may be sent Copilot's `didChangeStatus`."""
        return self.can("experimental.didChangeStatus") or self.name.startswith(KNOW_STATUS)

    def prefers_markdown(self, path: str) -> bool:
        """Whether the first known format of a list of formats is Markdown."""
        for form in self.list(path):
            if form in ("markdown", "plaintext"):
                return bool(form == "markdown")
        return False


def _list(capabilities: Any, path: str) -> Sequence[Any]:
    found = _at(capabilities, path)
    return found if isinstance(found, list) else ()


def _at(found: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
