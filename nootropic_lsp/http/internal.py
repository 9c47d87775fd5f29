"""What our own doors ask the worker; no promise is made for it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from nootropic_lsp import __version__
from nootropic_lsp.http.asking import Asked
from nootropic_lsp.http.house import House

routes = APIRouter(prefix="/internal", include_in_schema=False)


class Configuration(BaseModel):
    """What the user of an editor has set there."""

    editor: dict[str, Any] | None = None
    trusted: bool = False


class Near(BaseModel):
    """A question to the vectors."""

    question: str


@routes.get("/health")
async def health(house: House = Asked) -> Any:
    """That it is here, and for whom."""
    return {
        "version": __version__,
        "pid": os.getpid(),
        "root": str(house.root),
        "vectors": asdict(house.vectors),
    }


@routes.post("/stop")
async def stop(house: House = Asked) -> Any:
    """End, once what is being done is done."""
    house.end()
    return {}


@routes.put("/settings")
async def configure(asked: Configuration, house: House = Asked) -> Any:
    """Take over what an editor's user has set."""
    await house.configure(asked.editor, trust=asked.trusted)
    return {}


@routes.post("/near")
async def near(asked: Near, house: House = Asked) -> Any:
    """The contents most like a question, with the cosine."""
    return {"near": await asyncio.to_thread(house.near, asked.question)}
