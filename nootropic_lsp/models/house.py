"""The models of one workspace, from its settings: a router, and having models downloaded.

Nothing that speaks with a server is imported before somebody asks which servers are there.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nootropic_lsp.core.errors import Failure, ModelError, NootropicError
from nootropic_lsp.models import hardware, registry
from nootropic_lsp.models.backend import EXTRA, Downloading, Progress
from nootropic_lsp.models.matcher import Key, Measured
from nootropic_lsp.models.router import Router
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.safety.gate import Gate
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.telemetry.spans import Tracer

if TYPE_CHECKING:
    from nootropic_lsp.models.discovery import Found

log = logging.getLogger(__name__)

# A download that says nothing for so long has come to a stop.
SILENCE_S = 120.0
_LIBRARIES = ("httpx", "ollama", "pydantic")


async def open_router(settings: Settings, *, root: Path, home: Path, tracer: Tracer) -> Router:
    """The router for the workspace in `root`; `home` is the user's folder. The caller closes it.

    Servers are looked for when it is first asked. Raises `ModelError` if the extra is missing.
    """
    if any(find_spec(name) is None for name in _LIBRARIES):
        raise ModelError(
            Failure.MODEL_LOAD_FAILED,
            f"what speaks with language models is not installed: `{EXTRA}`",
        )
    egress = Egress(settings.safety.allow_hosts)

    async def find() -> Sequence[Found]:
        discovery = await asyncio.to_thread(
            importlib.import_module, "nootropic_lsp.models.discovery"
        )
        found: Sequence[Found] = await discovery.discover(settings.models, egress)
        return found

    return Router(
        (),
        settings.models,
        gate=Gate(settings.safety, roots=(root,), index=settings.index),
        tracer=tracer,
        hardware=await asyncio.to_thread(hardware.look, workspace=root),
        measured=await asyncio.to_thread(_measured, home),
        find=find,
        usd_per_hour=settings.telemetry.usd_per_hour,
    )


async def pull(
    router: Router, name: str, *, silence_s: float = SILENCE_S
) -> AsyncGenerator[Progress, None]:
    """Have a model downloaded, by Ollama, which alone can; then it is among those of the router.

    `name` is as Ollama has it, with or without "ollama:". Closing it stops the download.
    """
    servers = (await router.describe(anew=False)).servers
    backend = router.backend("ollama")
    problem = next((each.problem for each in servers if each.name == "ollama"), "")
    if problem or not isinstance(backend, Downloading):
        raise ModelError(
            Failure.MODEL_LOAD_FAILED,
            f"models are downloaded by Ollama, which cannot be asked ({problem or 'not there'}); "
            "a GGUF file from elsewhere can be named in `models.gguf`",
        )
    async with aclosing(backend.pull(name.removeprefix("ollama:"), silence_s=silence_s)) as parts:
        async for part in parts:
            yield part
    await router.describe()


def _measured(home: Path) -> Mapping[Key, Measured]:
    try:
        return registry.measured(registry.read_registry(registry.registry_file(home)))
    except NootropicError as error:
        log.warning("what was measured of models is not used: %s", error)
        return {}
