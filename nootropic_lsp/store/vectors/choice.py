"""Which store of vectors is used, and opening it."""

from __future__ import annotations

from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.settings.options import VectorSettings

if TYPE_CHECKING:
    from nootropic_lsp.store.vectors.protocol import VectorStore

# What a database needs that lives in the worker.
_FOR_CHROMA = ("chromadb", "fastapi", "uvicorn")
# The module and the extra that brings it.
_NEEDS = {"chroma": ("chromadb", "vectors"), "lancedb": ("lancedb", "lancedb")}


def chosen(settings: VectorSettings) -> str:
    """ "own", "chroma", "lancedb", "weaviate" or "off". Raises `VectorStoreError`."""
    if settings.store == "auto":
        is_there = all(find_spec(name) is not None for name in _FOR_CHROMA)
        return "chroma" if is_there else "own"
    needed = _NEEDS.get(settings.store)
    if needed is not None and find_spec(needed[0]) is None:
        raise VectorStoreError(
            f"`vectors.store` is {settings.store}, which is not installed; "
            f"`pip install 'nootropic-lsp[{needed[1]}]'` brings it"
        )
    if settings.store == "weaviate" and not settings.url:
        raise VectorStoreError(
            "`vectors.store` is weaviate; `vectors.url` has to say where the server is, "
            'for example "http://127.0.0.1:8080"'
        )
    return settings.store


def own_file(database: Path, model: str) -> Path:
    """Where our own table lies, beside the index."""
    return database.with_name(f"vectors-{model}.db")


def open_store(
    settings: VectorSettings,
    *,
    database: Path,
    folder: Path,
    model: str,
    n_dimensions: int,
    egress: Egress,
    key: str = "",
) -> VectorStore:
    """Open the chosen store for the vectors of a model. Raises `VectorStoreError`.

    `folder` is the one of the vector database, `database` the index. All but our own table may
    be opened by the owner of the workspace only.
    """
    match chosen(settings):
        case "chroma":
            from nootropic_lsp.store.vectors.chroma import ChromaStore  # noqa: PLC0415

            return ChromaStore(folder, model)
        case "lancedb":
            from nootropic_lsp.store.vectors.lance import LanceStore  # noqa: PLC0415

            return LanceStore(folder, model, n_dimensions)
        case "weaviate":
            from nootropic_lsp.store.vectors.weaviate import WeaviateStore  # noqa: PLC0415

            name = blake2b(str(folder).encode(), digest_size=6).hexdigest()
            return WeaviateStore(settings.url, key, egress, workspace=name, model=model)
        case "own":
            from nootropic_lsp.store.vectors.own import OwnStore  # noqa: PLC0415

            return OwnStore(own_file(database, model), n_dimensions)
        case _:
            raise VectorStoreError("vectors are off; `vectors.store` is the setting")
