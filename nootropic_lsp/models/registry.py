"""The models that were measured on this machine, in versions: `models/registry.yaml` in the user's
folder."""

from __future__ import annotations

import importlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.models.matcher import Key, Measured

Stage = Literal["dev", "test", "prod"]
STAGES: tuple[Stage, ...] = ("dev", "test", "prod")
API_VERSION, KIND = "models.nootropic.ai/v1", "ModelRegistry"
# One that is larger was not written by us.
MAX_BYTES = 1_000_000

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})-(dev|test|prod)")
_HEAD: Mapping[str, Any] = {
    "versioning": {
        "scheme": "semantic",
        "format": "{major}.{minor}.{patch}-{stage}",
        "stages": list(STAGES),
    },
    "tracking": {
        "metrics": ["accuracy", "latency", "memory_usage", "cost"],
        "benchmarks": [
            f"{kind}_{what}"
            for kind in ("chat", "fill")
            for what in ("first_token_s", "tokens_per_s")
        ],
    },
}


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """`{major}.{minor}.{patch}-{stage}`."""

    major: int = 0
    minor: int = 1
    patch: int = 0
    stage: Stage = "dev"

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}-{self.stage}"


@dataclass(frozen=True, slots=True)
class Performance:
    """What was measured: `latency` in seconds to the first token, `memory` in gigabytes,
    `throughput` in tokens per second, `cost` in dollars per million tokens."""

    accuracy: float = 0.0
    latency: float = 0.0
    memory: float = 0.0
    throughput: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a model. `id` is "backend:model"."""

    id: str
    version: Version = field(default_factory=Version)
    architecture: str = ""
    parameters: int = 0
    quantization: str = ""
    performance: Performance = field(default_factory=Performance)
    benchmarks: Mapping[str, float] = field(default_factory=dict)
    safety: Mapping[str, float] = field(default_factory=dict)


def registry_file(home: Path) -> Path:
    """Where the registry of a user is."""
    return home / "models" / "registry.yaml"


def read_registry(file: Path) -> list[Entry]:
    """All versions of all models, in the order of the file; none if there is no file.

    Raises `NootropicError` with what is wrong in it.
    """
    try:
        text = file.read_text(encoding="utf-8") if file.stat().st_size <= MAX_BYTES else None
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise NootropicError(f"{file} cannot be read ({error}); repair or remove it") from error
    if text is None:
        raise NootropicError(f"{file} is larger than a registry can be; remove it")
    yaml = importlib.import_module("yaml")
    try:
        table = yaml.safe_load(text)
        return parsed(table)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise NootropicError(f"{file} is damaged ({error}); repair or remove it") from error


def parsed(table: Any) -> list[Entry]:
    """The entries of a registry. Raises `TypeError` and `ValueError`."""
    if not isinstance(table, dict) or table.get("kind") != KIND:
        raise ValueError(f"a {KIND} was expected")
    if table.get("apiVersion") != API_VERSION:
        raise ValueError(f"its version is {table.get('apiVersion')}, not {API_VERSION}")
    spec = table.get("spec")
    models = spec.get("models", []) if isinstance(spec, dict) else None
    if not isinstance(models, list):
        raise TypeError("spec.models must be a list")
    return [_entry(each) for each in models]


def write_registry(file: Path, entries: Iterable[Entry]) -> None:
    """Replace the registry in one step."""
    table = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": "nootropic-models"},
        "spec": {**_HEAD, "models": [_plain(each) for each in entries]},
    }
    text = importlib.import_module("yaml").safe_dump(table, sort_keys=False, allow_unicode=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".registry-", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink()
            raise
    except OSError as error:
        raise NootropicError(f"{file} cannot be written ({error})") from error


def noted(entries: Sequence[Entry], new: Entry) -> list[Entry]:
    """The entries with a new measurement, as the next version of its model.

    The same weights measured again are a patch, others under the same name a minor version.
    One that was in use ("prod") stays so.
    """
    before = latest(entries, new.id)
    if before is None:
        return [*entries, new]
    version = before.version
    is_same = (before.parameters, before.quantization) == (new.parameters, new.quantization)
    stays = version.stage == "prod" and is_same
    made = replace(
        new,
        version=Version(
            version.major,
            version.minor if is_same else version.minor + 1,
            version.patch + 1 if is_same else 0,
            "prod" if stays else new.version.stage,
        ),
    )
    # Of versions that nobody uses, the newest says all.
    return [*(each for each in entries if each.id != new.id or _is_used(each, stays)), made]


def _is_used(entry: Entry, is_replaced: bool) -> bool:
    return entry.version.stage == "prod" and not is_replaced


def promoted(entries: Sequence[Entry], id: str) -> list[Entry]:
    """The entries with the newest version of a model in use; the first use makes it 1.0.0."""
    newest = latest(entries, id)
    if newest is None:
        return list(entries)
    version = newest.version
    used = replace(version, stage="prod") if version.major else Version(1, 0, 0, "prod")
    return [*(each for each in entries if each.id != id), replace(newest, version=used)]


def latest(entries: Iterable[Entry], id: str) -> Entry | None:
    """The newest version of a model, or None."""
    return max((each for each in entries if each.id == id), key=_number, default=None)


def measured(entries: Sequence[Entry]) -> dict[Key, Measured]:
    """What was measured last of each model."""
    found = (latest(entries, id) for id in {each.id for each in entries})
    return {
        _key(each.id): Measured(
            each.performance.throughput,
            each.performance.latency,
            each.performance.accuracy or None,
        )
        for each in found
        if each is not None
    }


def _key(id: str) -> Key:
    backend, _, model = id.partition(":")
    return backend, model


def _number(entry: Entry) -> tuple[int, int, int]:
    return entry.version.major, entry.version.minor, entry.version.patch


def _entry(table: Any) -> Entry:
    if not isinstance(table, dict):
        raise TypeError("each model must be a table")
    id = table.get("id")
    if not isinstance(id, str) or not all(_key(id)):
        raise ValueError('each model needs an id such as "ollama:qwen2.5-coder:7b"')
    version = _VERSION.fullmatch(str(table.get("version")))
    if version is None:
        raise ValueError(f"{id}: {table.get('version')} is no version such as 1.0.0-dev")
    major, minor, patch, stage = version.groups()
    return Entry(
        id,
        Version(int(major), int(minor), int(patch), _stage(stage)),
        str(table.get("architecture", "")),
        int(_amount(id, "parameters", table.get("parameters", 0))),
        str(table.get("quantization", "")),
        Performance(**_numbers(id, "performance", table, Performance.__slots__)),
        _numbers(id, "benchmarks", table),
        _numbers(id, "safety", table),
    )


def _stage(name: str) -> Stage:
    return next(stage for stage in STAGES if stage == name)


def _numbers(
    id: str, group: str, table: Mapping[str, Any], known: Sequence[str] = ()
) -> dict[str, float]:
    found = table.get(group, {})
    if not isinstance(found, dict):
        raise TypeError(f"{id}: {group} must be a table of numbers")
    return {
        str(name): _amount(id, f"{group}.{name}", value)
        for name, value in found.items()
        if not known or name in known
    }


def _amount(id: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e15:
        raise ValueError(f"{id}: {name} must be a number, 0 or more")
    return float(value)


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "version": str(entry.version),
        "architecture": entry.architecture,
        "parameters": entry.parameters,
        "quantization": entry.quantization,
        "performance": {name: getattr(entry.performance, name) for name in Performance.__slots__},
        "benchmarks": dict(entry.benchmarks),
        "safety": dict(entry.safety),
    }
