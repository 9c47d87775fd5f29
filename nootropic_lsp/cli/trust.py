"""`nootropic trust`: let a workspace use settings that can run code, or no longer."""

from __future__ import annotations

from pathlib import Path

from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.workspace import folder
from nootropic_lsp.safety import trust as trusting


def trust(path: str, *, revoke: bool = False) -> Answer:
    """Write down that the user trusts a folder, or trusts it no longer."""
    if revoke:
        root = Path(path).expanduser().resolve()
        was = trusting.distrust(root)
        text = f"{root} is trusted no longer" if was else f"{root} was not trusted"
        data = {"workspace": str(root), "trusted": False}
        return Answer(text, data, code=FOUND if was else NOTHING_FOUND)
    root = folder(path)
    trusting.trust(root)
    return Answer(f"{root} is trusted", {"workspace": str(root), "trusted": True})
