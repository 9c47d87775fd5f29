"""The options by the names that users write, with what each takes and who may set it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, NamedTuple

from nootropic_lsp.core.findings import SEVERITIES
from nootropic_lsp.settings.options import (
    CLOUD_BACKENDS,
    LOCAL_BACKENDS,
    PASSED_OVER,
    CodeLensSettings,
    CompletionSettings,
    ContextSettings,
    DiagnosticsSettings,
    Features,
    GhostTextSettings,
    IndexSettings,
    InlayHintSettings,
    LintSettings,
    ModelSettings,
    PythonSettings,
    SafetySettings,
    TelemetrySettings,
    VectorSettings,
    WorkerSettings,
)


class Reach(Enum):
    """What an option may be set by a workspace that nobody has trusted."""

    HARMLESS = "harmless"
    ONLY_LOWER = "only lower"
    TRUSTED = "trusted"


class Option(NamedTuple):
    wanted: str
    accepts: Callable[[Any], bool]
    reach: Reach


def _switch(reach: Reach = Reach.HARMLESS) -> Option:
    return Option("true or false", lambda value: isinstance(value, bool), reach)


def _whole_number(low: int, high: int, reach: Reach) -> Option:
    return Option(
        f"a whole number from {low:_} to {high:_}".replace("_", " "),
        lambda value: type(value) is int and low <= value <= high,
        reach,
    )


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= 1


def _is_seconds(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= 86_400


def _is_names(value: Any) -> bool:
    return _is_patterns(value) and len(value) <= 100


def _is_patterns(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) <= 1000
        and all(isinstance(item, str) and item and "\0" not in item for item in value)
    )


def _is_severities(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) <= 1000
        and all(isinstance(code, str) for code in value)
        and all(severity in (*SEVERITIES, "off") for severity in value.values())
    )


def _is_path_inside(value: Any) -> bool:
    """Whether a path can only lead to something in the workspace."""
    if not isinstance(value, str) or "\0" in value or "\\" in value or ":" in value:
        return False
    return not value.startswith(("/", "~")) and ".." not in value.split("/")


def _is_paths_inside(value: Any) -> bool:
    return _is_patterns(value) and all(map(_is_path_inside, value))


def _is_amount(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 1e12


def _is_address(value: Any) -> bool:
    return value == "" or (
        isinstance(value, str) and bool(re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", value))
    )


def _is_addresses(value: Any, names: Collection[str]) -> bool:
    return isinstance(value, Mapping) and all(
        name in names and _is_address(address) for name, address in value.items()
    )


def _is_hosts(value: Any) -> bool:
    return _is_names(value) and all(re.fullmatch(r"[\w.:\[\]-]+", each) for each in value)


def _one_of(*names: str, reach: Reach = Reach.TRUSTED) -> Option:
    wanted = ", ".join(f'"{name}"' for name in names[:-1])
    return Option(f'{wanted} or "{names[-1]}"', lambda value: value in names, reach)


def _camel(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name)


_PATTERNS = Option("a list of patterns as in a .gitignore", _is_patterns, Reach.HARMLESS)
_CODES = Option("a list of codes or packs", _is_patterns, Reach.HARMLESS)
OPTIONS: Mapping[str, Option] = {
    "preset": Option(
        '"full" or "alongside"', lambda value: value in ("full", "alongside"), Reach.HARMLESS
    ),
    **{f"features.{_camel(each.name)}": _switch() for each in fields(Features)},
    "index.maxFileBytes": _whole_number(1, 1_000_000_000, Reach.ONLY_LOWER),
    "index.maxDiskBytes": _whole_number(1_000_000, 1_000_000_000_000, Reach.ONLY_LOWER),
    "index.include": _PATTERNS,
    "index.exclude": _PATTERNS,
    "index.useGitignore": _switch(Reach.TRUSTED),
    "index.workers": _whole_number(0, 64, Reach.TRUSTED),
    "python.environment": Option(
        '"auto" or the path of an interpreter or environment',
        lambda value: isinstance(value, str) and bool(value.strip()) and "\0" not in value,
        Reach.TRUSTED,
    ),
    "diagnostics.debounceMs": _whole_number(0, 10_000, Reach.HARMLESS),
    "inlayHint.parameterNames": _switch(),
    "inlayHint.types": _switch(),
    "completion.autoImport": _switch(),
    "completion.callSnippets": _switch(),
    "codeLens.references": _switch(),
    "ghostText.threshold": Option("a number above 0, at most 1", _is_share, Reach.HARMLESS),
    "ghostText.model": _switch(),
    "ghostText.modelBudgetMs": _whole_number(10, 10_000, Reach.HARMLESS),
    "ghostText.maxLines": _whole_number(1, 100, Reach.HARMLESS),
    "ghostText.asMenuItem": _switch(),
    "ghostText.disabledLanguages": Option("a list of languages", _is_names, Reach.HARMLESS),
    "lint.select": _CODES,
    "lint.ignore": _CODES,
    "lint.severities": Option(
        'a table of codes, each with "error", "warning", "information", "hint" or "off"',
        _is_severities,
        Reach.HARMLESS,
    ),
    "lint.packs": _CODES,
    "lint.rules": Option("a list of paths inside the workspace", _is_paths_inside, Reach.HARMLESS),
    "lint.exclude": _PATTERNS,
    "lint.passOver": Option(
        f"a list with some of {', '.join(PASSED_OVER)}",
        lambda value: _is_patterns(value) and set(value) <= set(PASSED_OVER),
        Reach.HARMLESS,
    ),
    "lint.semgrep": _switch(),
    "lint.deadlineS": Option("a number of seconds above 0", _is_seconds, Reach.ONLY_LOWER),
    "lint.honourNosemgrep": _switch(),
    "lint.honourNoqa": _switch(),
    "lint.baseline": Option("a path inside the workspace", _is_path_inside, Reach.HARMLESS),
    "modelPreference": Option("a list of models, best first", _is_names, Reach.TRUSTED),
    "useGPU": _switch(),
    "maxModelSizeGB": Option("a number of gigabytes, 0 for any", _is_amount, Reach.TRUSTED),
    "allowCloudFallback": _switch(Reach.TRUSTED),
    "models.run": _one_of("auto", "local-only", "cloud-only"),
    "models.servers": Option(
        f"a table of addresses, by {', '.join(LOCAL_BACKENDS)}",
        lambda value: _is_addresses(value, LOCAL_BACKENDS),
        Reach.TRUSTED,
    ),
    "models.gguf": Option("a list of paths of GGUF files", _is_patterns, Reach.TRUSTED),
    "models.clouds": Option(
        f"a list with some of {', '.join(CLOUD_BACKENDS)}",
        lambda value: _is_patterns(value) and set(value) <= set(CLOUD_BACKENDS),
        Reach.TRUSTED,
    ),
    "models.cloudUrls": Option(
        f"a table of addresses, by {', '.join(CLOUD_BACKENDS)}",
        lambda value: _is_addresses(value, CLOUD_BACKENDS),
        Reach.TRUSTED,
    ),
    "models.deadlineS": Option("a number of seconds above 0", _is_seconds, Reach.ONLY_LOWER),
    "models.firstTokenS": Option("a number of seconds above 0", _is_seconds, Reach.ONLY_LOWER),
    "models.contextTokens": _whole_number(256, 10_000_000, Reach.ONLY_LOWER),
    "models.maxOutputTokens": _whole_number(1, 1_000_000, Reach.ONLY_LOWER),
    "models.temperature": Option(
        "a number from 0 to 2",
        lambda value: type(value) in (int, float) and 0 <= value <= 2,
        Reach.HARMLESS,
    ),
    "models.cacheAnswers": _whole_number(0, 1_000_000, Reach.ONLY_LOWER),
    "safety.allowHosts": Option("a list of hosts", _is_hosts, Reach.TRUSTED),
    "safety.redactSecrets": _switch(Reach.TRUSTED),
    "safety.maxPromptChars": _whole_number(1_000, 100_000_000, Reach.ONLY_LOWER),
    "safety.requestsPerMinute": _whole_number(1, 1_000_000, Reach.ONLY_LOWER),
    "vectors.store": _one_of("auto", "own", "chroma", "lancedb", "weaviate", "off"),
    "vectors.url": Option('an address, or ""', _is_address, Reach.TRUSTED),
    "vectors.model": Option(
        '"own", or a backend and its model as in "ollama:nomic-embed-text"',
        lambda value: isinstance(value, str) and bool(re.fullmatch(r"own|[a-z.]+:\S+", value)),
        Reach.TRUSTED,
    ),
    "vectors.adapt": _switch(),
    "vectors.maxBytes": _whole_number(1_000_000, 1_000_000_000_000, Reach.ONLY_LOWER),
    "context.chunks": _one_of("syntax", "fixed", "hybrid", reach=Reach.HARMLESS),
    "context.chunkTokens": _whole_number(32, 8_192, Reach.HARMLESS),
    "context.chunkOverlap": _whole_number(0, 4_096, Reach.HARMLESS),
    "context.strategy": _one_of("sliding", "priority", "hybrid", reach=Reach.HARMLESS),
    "worker.enabled": _switch(),
    "worker.idleMinutes": _whole_number(1, 1_440, Reach.ONLY_LOWER),
    "telemetry.traces": _switch(),
    "telemetry.keepDays": _whole_number(0, 3_650, Reach.ONLY_LOWER),
    "telemetry.otlpUrl": Option('an address, or ""', _is_address, Reach.TRUSTED),
    "telemetry.prometheus": _switch(Reach.TRUSTED),
    "telemetry.usdPerHour": Option("a number, 0 or more", _is_amount, Reach.HARMLESS),
}
GROUPS: Mapping[str, type[Any]] = {
    "features": Features,
    "index": IndexSettings,
    "python": PythonSettings,
    "diagnostics": DiagnosticsSettings,
    "inlay_hint": InlayHintSettings,
    "completion": CompletionSettings,
    "code_lens": CodeLensSettings,
    "ghost_text": GhostTextSettings,
    "lint": LintSettings,
    "models": ModelSettings,
    "safety": SafetySettings,
    "vectors": VectorSettings,
    "context": ContextSettings,
    "worker": WorkerSettings,
    "telemetry": TelemetrySettings,
}
# Options with names of their own, each with its group and field.
_AT_TOP = {
    "modelPreference": ("models", "preference"),
    "useGPU": ("models", "use_gpu"),
    "maxModelSizeGB": ("models", "max_size_gb"),
    "allowCloudFallback": ("models", "allow_cloud_fallback"),
}


def place_of(key: str) -> tuple[str, str]:
    """The group of an option, and the field in it."""
    if key in _AT_TOP:
        return _AT_TOP[key]
    group, _, name = key.partition(".")
    return snake(group), snake(name)
