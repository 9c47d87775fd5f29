"""The models of this machine: which there are, getting one, measuring them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel

from nootropic_lsp.http.asking import Asked, needs_of
from nootropic_lsp.http.house import House
from nootropic_lsp.http.streams import event_stream
from nootropic_lsp.models.backend import FILL
from nootropic_lsp.models.benchmark import bench
from nootropic_lsp.models.house import pull
from nootropic_lsp.models.matcher import Candidate
from nootropic_lsp.models.presets import suggest, tabby_json
from nootropic_lsp.settings.folders import user_folder

routes = APIRouter(prefix="/internal/models", include_in_schema=False)


class Named(BaseModel):
    """A model by its name."""

    name: str = ""


@routes.get("")
async def describe(house: House = Asked) -> Any:
    """All that could be asked, best first, and why."""
    router = await house.router()
    described = await router.describe()
    filling = await router.candidates(needs_of("", fills=True))
    fills = {each.name for each in filling if not each.refused}
    preset = suggest(described.hardware, house.settings.models)
    return {
        "hardware": asdict(described.hardware),
        "servers": [asdict(each) for each in described.servers],
        "models": [_shown(each, fills) for each in described.candidates],
        "missing": list(described.missing),
        "events": list(described.events),
        "suggested": {**asdict(preset), "commands": preset.commands, "tabby": tabby_json(preset)},
    }


@routes.post("/pull")
async def pull_model(asked: Named, house: House = Asked) -> Any:
    """Have a model downloaded; its progress as it goes on."""
    return await event_stream(_plain(pull(await house.router(), asked.name)))


@routes.post("/bench")
async def bench_models(asked: Named, house: House = Asked) -> Any:
    """Measure a model, or all of this machine; each as it is done."""
    return await event_stream(_plain(bench(await house.router(), asked.name, home=user_folder())))


def _shown(candidate: Candidate, fills: set[str]) -> dict[str, Any]:
    info = candidate.offer.model
    return {
        "name": candidate.name,
        "backend": candidate.offer.backend,
        "is_local": candidate.offer.is_local,
        "size_bytes": info.size_bytes,
        "context_tokens": candidate.context_tokens,
        "quantization": info.quantization,
        "can": sorted({*info.can, *({FILL} if candidate.name in fills else ())}),
        "score": candidate.score,
        "why": candidate.why,
        "refused": candidate.refused,
    }


async def _plain(events: AsyncIterator[Any]) -> AsyncIterator[dict[str, Any]]:
    async with aclosing(events) as some:  # type: ignore[type-var]
        async for event in some:
            yield msgspec.to_builtins(event)
