"""`nootropic list-capabilities`: verbs, editor features and languages, as they are declared."""

from __future__ import annotations

import contextlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from nootropic_lsp import __version__
from nootropic_lsp.app import languages
from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.output import bold
from nootropic_lsp.cli.verbs import VERBS
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.load import load


def list_capabilities(*, workspace: str | None = None, trust: bool = False) -> Answer:
    """What this nootropic can do here; also written where other tools look for it."""
    root = root_for(workspace)
    chosen, _ = load(root, trusted=trust or is_trusted(root))
    data: dict[str, Any] = {
        "version": __version__,
        "verbs": [
            {
                "name": verb.name,
                "summary": verb.summary,
                "arguments": [
                    {"names": list(each.names), "takes": each.takes, "help": each.help}
                    for each in verb.arguments
                ],
            }
            for verb in VERBS
        ],
        "features": {
            each.name: getattr(chosen.features, each.name) for each in fields(chosen.features)
        },
        "languages": [
            {"name": language.name, "suffixes": list(language.suffixes)} for language in languages()
        ],
    }
    _write_registry(root, data)
    return Answer(_text(data), data)


def _write_registry(root: Path, data: dict[str, Any]) -> None:
    folder = root / ".nootropic-cache"
    # A link would lead out of the workspace; a read-only workspace just has no such file.
    if folder.is_symlink():
        return
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        registry = folder / "describe-registry.json"
        unfinished = registry.with_suffix(".new")
        unfinished.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(registry)


def _text(data: dict[str, Any]) -> str:
    verbs = [(verb["name"], verb["summary"]) for verb in data["verbs"]]
    features = [(name, "on" if is_on else "off") for name, is_on in data["features"].items()]
    by_language = [(each["name"], " ".join(each["suffixes"])) for each in data["languages"]]
    parts = (("verbs", verbs), ("editor features", features), ("languages", by_language))
    return "\n\n".join(f"{bold(title)}\n{shown.table(rows)}" for title, rows in parts)
