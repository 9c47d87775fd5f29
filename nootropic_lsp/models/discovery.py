"""Which servers of models are there, and why the others are not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from pydantic import BaseModel

from nootropic_lsp.core.chat import ModelInfo
from nootropic_lsp.core.errors import ModelError, SafetyError
from nootropic_lsp.models.backend import EXTRA, Backend
from nootropic_lsp.models.failures import KeyRefusedError, Server
from nootropic_lsp.models.transport import Wire
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.settings.options import KEY_VARIABLES, LOCAL_BACKENDS, ModelSettings

USUAL_URLS = {
    "tabby": "http://127.0.0.1:8080",
    "ollama": "http://127.0.0.1:11434",
    "vllm": "http://127.0.0.1:8000",
    "llama.cpp": "http://127.0.0.1:8080",
}
CLOUD_URLS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "huggingface": "https://router.huggingface.co/v1",
    "petals": "https://chat.petals.dev",
}
TITLES = {
    "tabby": "Tabby",
    "ollama": "Ollama",
    "vllm": "vLLM",
    "llama.cpp": "the llama.cpp server",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "huggingface": "Hugging Face",
    "petals": "Petals",
}
_HINTS = {
    "tabby": "is `tabby serve` running?",
    "ollama": "is `ollama serve` running?",
    "vllm": "is `vllm serve MODEL` running?",
    "llama.cpp": "is `llama-server -m FILE` running?",
}
OTHER = "openai-compatible"


@dataclass(frozen=True, slots=True)
class Found:
    """A server that was looked for. Without a backend, `problem` says why and what to try.

    The models of a cloud are not asked for here, and nothing is sent there.
    """

    name: str
    url: str
    backend: Backend | None = None
    models: tuple[ModelInfo, ...] = ()
    problem: str = ""


async def discover(
    settings: ModelSettings, egress: Egress, *, deadline_s: float = 1.0
) -> list[Found]:
    """Everything that may be asked by the settings, in the order in which it is asked.

    Each server is what its own routes say it is, whatever was expected at its address. The
    backends are the caller's to close.
    """
    found: list[Found] = []
    if settings.run != "cloud-only":
        found += await _servers(settings, egress, deadline_s)
        found += await asyncio.to_thread(_embedded, settings, egress)
    if settings.run != "local-only":
        found += [_cloud(name, settings, egress) for name in settings.clouds]
    return found


async def _servers(settings: ModelSettings, egress: Egress, deadline_s: float) -> list[Found]:
    urls = {name: settings.servers.get(name, USUAL_URLS[name]) for name in LOCAL_BACKENDS}
    wanted = {name: url.rstrip("/") for name, url in urls.items() if url}
    expected: dict[str, list[str]] = {}
    for name, url in wanted.items():
        expected.setdefault(url, []).append(name)
    told = await asyncio.gather(
        *(_kind(url, names, egress, deadline_s) for url, names in expected.items())
    )
    kinds = dict(zip(expected, told, strict=True))
    # Where it was expected goes before where another one was.
    chosen: dict[str, str] = {n: url for n, url in wanted.items() if kinds[url] == n}
    for url, kind in kinds.items():
        if isinstance(kind, str):
            chosen.setdefault(kind, url)
    # Importing what they need takes longer than an event loop should be held.
    backends = await asyncio.to_thread(
        lambda: {name: _backend(name, url, settings, egress) for name, url in chosen.items()}
    )
    asked = await asyncio.gather(
        *(_ask(name, chosen[name], each, deadline_s) for name, each in backends.items())
    )
    missing = [
        Found(name, url, problem=_why_not(name, url, kinds[url]))
        for name, url in wanted.items()
        if name not in chosen
    ]
    order = (*LOCAL_BACKENDS, OTHER)
    return sorted([*asked, *missing], key=lambda each: order.index(each.name))


async def _kind(
    url: str, expected: Sequence[str], egress: Egress, deadline_s: float
) -> str | ModelError:
    """What answers at an address, told from its own routes; no key is sent.

    Where all of them want a key it counts as what is `expected` there.
    """
    wire = Wire(Server("the server", url), egress)
    try:
        answers = await asyncio.gather(
            *(_probe(wire, path, shape, deadline_s) for path, shape, _ in _ROUTES)
        )
    finally:
        await wire.close()
    kinds = [kind for _, _, kind in _ROUTES]
    known = [kind for kind, said in zip(kinds, answers, strict=True) if said is None]
    if known:
        return known[0]
    locked = [
        k for k, said in zip(kinds, answers, strict=True) if isinstance(said, KeyRefusedError)
    ]
    if locked:
        return next((kind for kind in expected if kind in locked), locked[0])
    return next(said for said in answers if said is not None)


async def _probe(
    wire: Wire, path: str, shape: type[BaseModel], deadline_s: float
) -> ModelError | None:
    try:
        await wire.get(path, shape, deadline_s=deadline_s)
    except ModelError as error:
        return error
    return None


async def _ask(name: str, url: str, backend: Backend, deadline_s: float) -> Found:
    try:
        models = await backend.models(deadline_s=deadline_s)
    except ModelError as error:
        await backend.close()
        return Found(name, url, problem=str(error))
    except BaseException:
        await backend.close()
        raise
    return Found(name, url, backend, tuple(models))


def _why_not(name: str, url: str, kind: str | ModelError) -> str:
    title = TITLES[name]
    if isinstance(kind, SafetyError):
        return str(kind)
    if isinstance(kind, str):
        return f"{title} is not at {url}: {TITLES.get(kind, 'another server of models')} is"
    said = str(kind).removeprefix(f"the server ({url}) ")
    return f"{title} is not at {url}, which {said}; {_HINTS[name]}"


def _backend(name: str, url: str, settings: ModelSettings, egress: Egress) -> Backend:
    """The classes are imported here: each brings a library that may be missing or slow to load."""
    # ruff: noqa: PLC0415
    server = Server(
        TITLES.get(name, "the server"), url, _HINTS.get(name, ""), settings.keys.get(name, "")
    )
    if name == "ollama":
        from nootropic_lsp.models.ollama import Ollama

        return Ollama(
            server, egress, context_tokens=settings.context_tokens, use_gpu=settings.use_gpu
        )
    if name == "llama.cpp":
        from nootropic_lsp.models.llamacpp import LlamaCpp

        return LlamaCpp(server, egress)
    if name == "tabby":
        from nootropic_lsp.models.tabby import Tabby

        return Tabby(server, egress)
    if name == "anthropic":
        from nootropic_lsp.models.anthropic import Anthropic

        return Anthropic(server, egress)
    if name == "petals":
        from nootropic_lsp.models.petals import Petals

        return Petals(server, egress)
    from nootropic_lsp.models.openai_api import OpenAi

    return OpenAi(name, server, egress)


def _cloud(name: str, settings: ModelSettings, egress: Egress) -> Found:
    url = settings.cloud_urls.get(name, CLOUD_URLS[name])
    variable = KEY_VARIABLES.get(name)
    if variable and not settings.keys.get(name):
        problem = f"{TITLES[name]} is turned on, but its key is missing: set {variable}"
        return Found(name, url, problem=problem)
    try:
        egress.check(url)
        return Found(name, url, _backend(name, url, settings, egress))
    except ModelError as error:
        return Found(name, url, problem=str(error))


def _embedded(settings: ModelSettings, egress: Egress) -> list[Found]:
    from nootropic_lsp.models.embedded import NAME, Embedded, what_is_wrong

    wrong = {file: what_is_wrong(file) for file in settings.gguf}
    # By its own name: the others are served all the same.
    found = [Found(file, file, problem=problem) for file, problem in wrong.items() if problem]
    files = [file for file, problem in wrong.items() if not problem]
    if not files:
        return found
    if find_spec("xllamacpp") is None:
        problem = f"the engine for model files is not installed: {EXTRA}"
        return [*found, Found(NAME, files[0], problem=problem)]
    backend = Embedded(
        files, egress, context_tokens=settings.context_tokens, use_gpu=settings.use_gpu
    )
    return [*found, Found(NAME, files[0], backend, tuple(backend.listed()))]


class _OllamaSays(BaseModel):
    version: str


class _LlamaSays(BaseModel):
    default_generation_settings: dict[str, Any]


class _TabbySays(BaseModel):
    device: str
    version: dict[str, Any]


class _VllmSays(BaseModel):
    version: str


class _OtherSays(BaseModel):
    data: list[dict[str, Any]]


class _LlamaLives(BaseModel):
    """All that llama.cpp tells who has no key."""

    status: Literal["ok"]


# The first that answers decides, if none does the first that wants a key.
_ROUTES: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("/api/version", _OllamaSays, "ollama"),
    ("/props", _LlamaSays, "llama.cpp"),
    ("/v1/health", _TabbySays, "tabby"),
    ("/version", _VllmSays, "vllm"),
    ("/v1/models", _OtherSays, OTHER),
    ("/v1/health", _LlamaLives, "llama.cpp"),
)
