"""Which model makes the vectors of a workspace, and which one made those that answer now."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.retrieval.adapting import adapted, outcome_of
from nootropic_lsp.retrieval.embedding import embedder
from nootropic_lsp.retrieval.served import Embed, ServedModel
from nootropic_lsp.retrieval.vectors import Model, OwnModel
from nootropic_lsp.settings.options import VectorSettings

_OWN = "own"


def wanted_model(settings: VectorSettings, database: Path, embed: Embed | None) -> Model:
    """The model that the settings name, adapted to the workspace if that has helped.

    Raises `VectorStoreError`.
    """
    if settings.model == _OWN and settings.adapt:
        outcome = outcome_of(database)
        if outcome is not None and outcome.model:
            return _own(database, outcome.model) or OwnModel(embedder())
    return _model(settings.model, embed)


def earlier_model(database: Path, store: str, embed: Embed | None) -> Model | None:
    """The model whose vectors answered last in a kind of store, if it can still be asked."""
    try:
        said = json.loads(_file(database).read_text(encoding="utf-8"))
        if said["store"] != store:
            return None
        if said["asked"] == _OWN:
            return _own(database, str(said["model"]))
        model = _model(said["asked"], embed)
        return model if model.name == said["model"] else None
    except (OSError, ValueError, KeyError, TypeError, VectorStoreError):
        return None


def remember(database: Path, store: str, model: Model) -> None:
    """Note whose vectors answer now."""
    asked = model.asked if isinstance(model, ServedModel) else _OWN
    with suppress(OSError):
        said = json.dumps({"store": store, "model": model.name, "asked": asked})
        _file(database).write_text(said, encoding="utf-8")


def _own(database: Path, name: str) -> Model | None:
    own = OwnModel(embedder())
    if name == own.name:
        return own
    made = adapted(database, name)
    return None if made is None else OwnModel(made, name)


def _model(asked: str, embed: Embed | None) -> Model:
    if asked == _OWN:
        return OwnModel(embedder())
    if embed is None:
        raise VectorStoreError(
            f"`vectors.model` is {asked}, and nothing here speaks with models; "
            "`pip install 'nootropic-lsp[models]'` brings it"
        )
    return ServedModel(asked, embed)


def _file(database: Path) -> Path:
    return database.with_name("vectors.json")
