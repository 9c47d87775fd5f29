"""Which models suit a machine, for who has none yet. Nothing is downloaded here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from nootropic_lsp.core.chat import ModelInfo
from nootropic_lsp.models.backend import CHAT, FILL
from nootropic_lsp.models.fim import fill_format
from nootropic_lsp.models.hardware import Hardware
from nootropic_lsp.models.matcher import Candidate, Needs, Offer, rank
from nootropic_lsp.models.metadata import catalogue
from nootropic_lsp.settings.options import ModelSettings

# Small, and good enough anywhere.
EMBEDDING = "nomic-embed-text"
_OLLAMA = "http://localhost:11434"


@dataclass(frozen=True, slots=True)
class Preset:
    """The models to begin with, as Ollama names them; "" where none fits."""

    chat: str
    fill: str
    has_gpu: bool
    why: tuple[str, ...] = ()
    embed: str = EMBEDDING

    @property
    def commands(self) -> list[str]:
        """What gets them."""
        names = dict.fromkeys(filter(None, (self.chat, self.fill, self.embed)))
        return [f"nootropic models pull {name}" for name in names]


def suggest(hardware: Hardware, settings: ModelSettings) -> Preset:
    """The best of the common models for a machine, by the score of the matcher."""
    offers = [
        Offer("ollama", True, frozenset((CHAT, FILL)), ModelInfo(name, "ollama"))
        for name, size_gb in _common()
        if size_gb * 1e9 < hardware.disk_free_bytes
    ]
    found = {
        kind: rank(offers, Needs(frozenset((kind,))), hardware=hardware, settings=settings)
        for kind in (CHAT, FILL)
    }
    best = {kind: each[0] for kind, each in found.items() if each and not each[0].refused}
    return Preset(
        _name(best.get(CHAT)),
        _name(best.get(FILL)),
        settings.use_gpu and hardware.gpu_bytes > 0,
        tuple(f"{kind}: {each.offer.model.name}, {each.why}" for kind, each in best.items()),
    )


def tabby_json(preset: Preset) -> str:
    """The preset as a `tabby.config.json`: servers in their order, and the models of each."""
    models = [name for name in dict.fromkeys((preset.fill, preset.chat)) if name]
    kinds = ["ollama", *(["vllm"] if preset.has_gpu else []), "llama-cpp"]
    return json.dumps({"backends": [{"type": kind, "models": models} for kind in kinds]}, indent=2)


def tabby_toml(preset: Preset) -> str:
    """The preset as a `~/.tabby/config.toml`, which has Tabby use the models of Ollama."""
    marks = fill_format(preset.fill)
    tables = {
        "chat": (preset.chat, "openai/chat", f"{_OLLAMA}/v1", ""),
        "completion": (
            *(preset.fill, "ollama/completion", _OLLAMA),
            "" if marks is None else marks.prompt("{prefix}", "{suffix}"),
        ),
        "embedding": (preset.embed, "ollama/embedding", _OLLAMA, ""),
    }
    return "\n".join(
        f"[model.{name}.http]\nkind = {_quoted(kind)}\nmodel_name = {_quoted(model)}\n"
        f"api_endpoint = {_quoted(url)}\n"
        + (f"prompt_template = {_quoted(template)}\n" if template else "")
        for name, (model, kind, url, template) in tables.items()
        if model
    )


def _common() -> list[tuple[str, float]]:
    return [(f"{key.family}:{key.billions:g}b", each.size_gb) for key, each in catalogue().items()]


def _name(candidate: Candidate | None) -> str:
    return "" if candidate is None else candidate.offer.model.name


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
