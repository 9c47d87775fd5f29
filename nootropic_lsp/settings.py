"""The user's options, read from files, the editor and the environment."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.findings import SEVERITIES

# A settings file is written by hand; a larger one is a mistake or an attack.
MAX_SETTINGS_BYTES = 1_000_000
# Looking for the name that was meant takes time, and nobody reads more.
MAX_UNKNOWN_NAMED = 10


@dataclass(frozen=True, slots=True)
class Features:
    """Which features the server offers; one switch each."""

    definition: bool = True
    declaration: bool = True
    type_definition: bool = True
    implementation: bool = True
    hover: bool = True
    references: bool = True
    document_symbol: bool = True
    workspace_symbol: bool = True
    document_highlight: bool = True
    rename: bool = True
    call_hierarchy: bool = True
    type_hierarchy: bool = True
    signature_help: bool = True
    completion: bool = True
    folding_range: bool = True
    selection_range: bool = True
    semantic_tokens: bool = True
    inlay_hint: bool = True
    code_lens: bool = True
    document_link: bool = True
    inline_completion: bool = True
    diagnostics: bool = True
    workspace_diagnostics: bool = True
    code_action: bool = True


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What is indexed, and at what cost.

    `include` and `exclude` are patterns as in a `.gitignore`. With a non-empty
    `include` nothing else is indexed; neither brings an ignored file back (a line
    `!pattern` in a `.nootropicignore` does). `workers` 0 means: as many as suit the machine.
    """

    max_file_bytes: int = 2_000_000
    max_disk_bytes: int = 2_000_000_000
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    use_gitignore: bool = True
    workers: int = 0


@dataclass(frozen=True, slots=True)
class PythonSettings:
    """`environment` is "auto", or the absolute path of an interpreter or an environment."""

    environment: str = "auto"


@dataclass(frozen=True, slots=True)
class DiagnosticsSettings:
    """When findings are shown."""

    debounce_ms: int = 150


@dataclass(frozen=True, slots=True)
class InlayHintSettings:
    """Which inlay hints are shown."""

    parameter_names: bool = True
    types: bool = True


@dataclass(frozen=True, slots=True)
class CompletionSettings:
    """What the completion menu offers besides what can be used as it stands.

    With `call_snippets` a function is written with its brackets, the cursor between them.
    """

    auto_import: bool = True
    call_snippets: bool = False


@dataclass(frozen=True, slots=True)
class CodeLensSettings:
    """Which code lenses are shown."""

    references: bool = True


@dataclass(frozen=True, slots=True)
class GhostTextSettings:
    """When ghost text is shown, and how much of it.

    `threshold` is how sure of it one has to be before anything was learned from what was
    accepted. `as_menu_item` is for editors that cannot show ghost text: there it is an entry of
    the completion menu.
    """

    threshold: float = 0.65
    max_lines: int = 10
    as_menu_item: bool = False
    disabled_languages: tuple[str, ...] = ()


# What may be passed over: files that nobody edits, and what examples do on the reader's own machine.
PASSED_OVER = ("generated", "bundled", "test-input", "examples")
# Where code of others is usually kept.
VENDORED = ("vendor/", "vendored/", "_vendor/", "_vendored/", "third_party/", "third-party/")


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Which findings are shown, in the editor and by `nootropic lint`.

    `select`, `ignore` and `severities` name rules by their codes or whole packs; `packs` are
    those in use, all if it is empty. `rules` are further files or folders of Semgrep and
    ast-grep rules, `exclude` patterns as in a `.gitignore`, `baseline` the file of findings
    that are known. A severity of "off" is as good as `ignore`. `pass_over` are kinds of files
    that nobody edits, and of code that only shows something.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    exclude: tuple[str, ...] = VENDORED
    pass_over: tuple[str, ...] = PASSED_OVER
    semgrep: bool = True
    deadline_s: float = 300.0
    honour_nosemgrep: bool = False
    honour_noqa: bool = False
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every option, with defaults that work offline."""

    preset: Literal["full", "alongside"] = "full"
    features: Features = field(default_factory=Features)
    index: IndexSettings = field(default_factory=IndexSettings)
    python: PythonSettings = field(default_factory=PythonSettings)
    diagnostics: DiagnosticsSettings = field(default_factory=DiagnosticsSettings)
    inlay_hint: InlayHintSettings = field(default_factory=InlayHintSettings)
    completion: CompletionSettings = field(default_factory=CompletionSettings)
    code_lens: CodeLensSettings = field(default_factory=CodeLensSettings)
    ghost_text: GhostTextSettings = field(default_factory=GhostTextSettings)
    lint: LintSettings = field(default_factory=LintSettings)
    trusted: bool = False


def load(
    folder: Path | None,
    *,
    editor: Mapping[str, Any] | None = None,
    trusted: bool = False,
    home: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Settings, list[str]]:
    """The settings for a workspace folder, and a sentence on everything that was not taken over.

    In rising order: defaults, `config.json` in `home` (the folder that `user_folder`
    names), the workspace's `pyproject.toml` and then `.nootropic.json`, the editor.
    A bad value costs that value only. A workspace that is not `trusted` (and
    NOOTROPIC_TRUST is not "1") may set only what `_OPTIONS` marks as harmless.
    """
    environ = os.environ if environ is None else environ
    home = user_folder(environ) if home is None else home
    trusted = trusted or environ.get("NOOTROPIC_TRUST") == "1"
    problems: list[str] = []
    values: dict[str, Any] = {}
    user_file = home / "config.json"
    values |= _accepted(_read_json(user_file, problems), str(user_file), problems)
    if folder is not None:
        for name, read in (("pyproject.toml", _read_pyproject), (".nootropic.json", _read_json)):
            path = folder / name
            if not _leaves(path, folder, problems):
                found = _accepted(read(path, problems), str(path), problems)
                values |= found if trusted else _harmless(found, values, folder, path, problems)
    values |= _accepted(_from_editor(editor, problems), "editor settings", problems)
    return _build(values, folder, trusted=trusted, problems=problems), list(dict.fromkeys(problems))


def user_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where the user's own settings and trusted workspaces are kept; it may not exist yet."""
    environ = os.environ if environ is None else environ
    own = environ.get("NOOTROPIC_HOME")
    return Path(own).absolute() if own else _home(environ) / ".nootropic"


def cache_folder(environ: Mapping[str, str] | None = None, *, platform: str = sys.platform) -> Path:
    """Where what can be rebuilt is kept, as the platform has it; it may not exist yet."""
    environ = os.environ if environ is None else environ
    own = environ.get("NOOTROPIC_HOME")
    if own:
        return Path(own).absolute() / "cache"
    named = environ.get("LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    if Path(named).is_absolute():
        return Path(named) / "nootropic"
    if platform == "win32":
        return _home(environ) / "AppData" / "Local" / "nootropic"
    if platform == "darwin":
        return _home(environ) / "Library" / "Caches" / "nootropic"
    return _home(environ) / ".cache" / "nootropic"


def _home(environ: Mapping[str, str]) -> Path:
    named = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME", "")
    if Path(named).is_absolute():
        return Path(named)
    try:
        return Path.home()
    except RuntimeError as error:
        raise NootropicError(
            "this user has no home folder; set NOOTROPIC_HOME to a folder for settings and caches"
        ) from error


class _Reach(Enum):
    """What an option may be set by a workspace that nobody has trusted."""

    HARMLESS = "harmless"
    ONLY_LOWER = "only lower"
    TRUSTED = "trusted"


class _Option(NamedTuple):
    wanted: str
    accepts: Callable[[Any], bool]
    reach: _Reach


def _switch(reach: _Reach = _Reach.HARMLESS) -> _Option:
    return _Option("true or false", lambda value: isinstance(value, bool), reach)


def _whole_number(low: int, high: int, reach: _Reach) -> _Option:
    return _Option(
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


def _camel(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name)


_PATTERNS = _Option("a list of patterns as in a .gitignore", _is_patterns, _Reach.HARMLESS)
_CODES = _Option("a list of codes or packs", _is_patterns, _Reach.HARMLESS)
_OPTIONS: Mapping[str, _Option] = {
    "preset": _Option(
        '"full" or "alongside"', lambda value: value in ("full", "alongside"), _Reach.HARMLESS
    ),
    **{f"features.{_camel(each.name)}": _switch() for each in fields(Features)},
    "index.maxFileBytes": _whole_number(1, 1_000_000_000, _Reach.ONLY_LOWER),
    "index.maxDiskBytes": _whole_number(1_000_000, 1_000_000_000_000, _Reach.ONLY_LOWER),
    "index.include": _PATTERNS,
    "index.exclude": _PATTERNS,
    "index.useGitignore": _switch(_Reach.TRUSTED),
    "index.workers": _whole_number(0, 64, _Reach.TRUSTED),
    "python.environment": _Option(
        '"auto" or the path of an interpreter or environment',
        lambda value: isinstance(value, str) and bool(value.strip()) and "\0" not in value,
        _Reach.TRUSTED,
    ),
    "diagnostics.debounceMs": _whole_number(0, 10_000, _Reach.HARMLESS),
    "inlayHint.parameterNames": _switch(),
    "inlayHint.types": _switch(),
    "completion.autoImport": _switch(),
    "completion.callSnippets": _switch(),
    "codeLens.references": _switch(),
    "ghostText.threshold": _Option("a number above 0, at most 1", _is_share, _Reach.HARMLESS),
    "ghostText.maxLines": _whole_number(1, 100, _Reach.HARMLESS),
    "ghostText.asMenuItem": _switch(),
    "ghostText.disabledLanguages": _Option("a list of languages", _is_names, _Reach.HARMLESS),
    "lint.select": _CODES,
    "lint.ignore": _CODES,
    "lint.severities": _Option(
        'a table of codes, each with "error", "warning", "information", "hint" or "off"',
        _is_severities,
        _Reach.HARMLESS,
    ),
    "lint.packs": _CODES,
    "lint.rules": _Option(
        "a list of paths inside the workspace", _is_paths_inside, _Reach.HARMLESS
    ),
    "lint.exclude": _PATTERNS,
    "lint.passOver": _Option(
        f"a list with some of {', '.join(PASSED_OVER)}",
        lambda value: _is_patterns(value) and set(value) <= set(PASSED_OVER),
        _Reach.HARMLESS,
    ),
    "lint.semgrep": _switch(),
    "lint.deadlineS": _Option("a number of seconds above 0", _is_seconds, _Reach.ONLY_LOWER),
    "lint.honourNosemgrep": _switch(),
    "lint.honourNoqa": _switch(),
    "lint.baseline": _Option("a path inside the workspace", _is_path_inside, _Reach.HARMLESS),
}
_GROUPS: Mapping[str, type[Any]] = {
    "features": Features,
    "index": IndexSettings,
    "python": PythonSettings,
    "diagnostics": DiagnosticsSettings,
    "inlay_hint": InlayHintSettings,
    "completion": CompletionSettings,
    "code_lens": CodeLensSettings,
    "ghost_text": GhostTextSettings,
    "lint": LintSettings,
}
# What another server beside this one does not offer.
_ALONGSIDE_KEEPS = frozenset({"code_lens", "inline_completion"})
# Options of editor extensions, which send their whole section to the server.
_EXTENSION_KEYS = frozenset({"trace", "server"})


def _accepted(table: Mapping[str, Any], source: str, problems: list[str]) -> dict[str, Any]:
    """The options of a table whose names and values are right, by their full names."""
    accepted: dict[str, Any] = {}
    n_unknown = 0
    for key, value in _flat(table, ""):
        option = _OPTIONS.get(key)
        if option is None:
            n_unknown += 1
            if n_unknown <= MAX_UNKNOWN_NAMED:
                problems.append(f"{source}: {_unknown(key)}")
        elif value is None:
            continue  # Editors send null for what is not set.
        elif option.accepts(value):
            accepted[key] = tuple(value) if isinstance(value, list) else value
        else:
            problems.append(f'{source}: "{key}" must be {option.wanted}, not {_shown(value)}')
    if n_unknown > MAX_UNKNOWN_NAMED:
        problems.append(f"{source}: {n_unknown - MAX_UNKNOWN_NAMED} more names are no options")
    return accepted


def _flat(table: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and any(known.startswith(key + ".") for known in _OPTIONS):
            yield from _flat(value, key + ".")
        else:
            yield key, value


def _unknown(key: str) -> str:
    key = key[:80]
    group = key.split(".", 1)[0]
    inside = [known for known in _OPTIONS if known.startswith(group + ".")]
    if key == group and inside:
        return f'"{key}" must be a table of options, for example {{"{inside[0][len(group) + 1 :]}": …}}'
    from difflib import get_close_matches  # noqa: PLC0415 -- only after a mistake

    by_lower = {known.lower(): known for known in _OPTIONS}
    near = get_close_matches(key.lower(), by_lower, n=1, cutoff=0.7)
    if near:
        return f'"{key}" is not an option; did you mean "{by_lower[near[0]]}"?'
    names = inside or sorted({known.split(".", 1)[0] for known in _OPTIONS})
    return f'"{key}" is not an option; there are {", ".join(names)}'


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 40 else text[:39] + "…"


def _harmless(
    found: dict[str, Any], so_far: dict[str, Any], folder: Path, path: Path, problems: list[str]
) -> dict[str, Any]:
    """What a workspace may set although it is not trusted."""
    kept: dict[str, Any] = {}
    for key, value in found.items():
        reach = _OPTIONS[key].reach
        if reach is _Reach.HARMLESS or (
            reach is _Reach.ONLY_LOWER and value <= so_far.get(key, _default(key))
        ):
            kept[key] = value
        else:
            what = "is" if reach is _Reach.TRUSTED else "may only be lowered and is"
            problems.append(
                f'{path}: "{key}" {what} ignored because this workspace is not trusted; '
                f"`nootropic trust {folder}` would allow it"
            )
    return kept


def _default(key: str) -> Any:
    group, name = key.split(".")
    return getattr(_GROUPS[_snake(group)](), _snake(name))


def _build(
    values: Mapping[str, Any], folder: Path | None, *, trusted: bool, problems: list[str]
) -> Settings:
    groups: dict[str, dict[str, Any]] = {name: {} for name in _GROUPS}
    preset = values.get("preset", "full")
    if preset == "alongside":
        groups["features"] = {each.name: each.name in _ALONGSIDE_KEEPS for each in fields(Features)}
    for key, value in values.items():
        group, _, name = key.partition(".")
        if name:
            groups[_snake(group)][_snake(name)] = value
    environment = groups["python"].get("environment", "auto")
    if environment != "auto":
        environment = os.path.expanduser(environment)  # noqa: PTH111 -- Path's may raise
        if folder is not None:
            environment = str(folder / environment)
        if not Path(environment).is_absolute():
            problems.append(
                f'"python.environment" is {_shown(environment)}, which needs an open folder; '
                "give an absolute path"
            )
            environment = "auto"
        groups["python"]["environment"] = environment
    made = {name: _GROUPS[name](**chosen) for name, chosen in groups.items()}
    return Settings(preset=preset, trusted=trusted, **made)


def _from_editor(editor: object, problems: list[str]) -> Mapping[str, Any]:
    if editor is None:
        return {}
    if not isinstance(editor, Mapping):
        problems.append(f"editor settings: a table of options was expected, not {_shown(editor)}")
        return {}
    section = editor.get("nootropic", editor)
    if not isinstance(section, Mapping):
        section = {}
    plain = {str(key).removeprefix("nootropic."): value for key, value in section.items()}
    return {k: v for k, v in plain.items() if k.split(".", 1)[0] not in _EXTENSION_KEYS}


def _leaves(path: Path, folder: Path, problems: list[str]) -> bool:
    """Whether a file of the workspace is a link to something outside."""
    real, root = os.path.realpath(path), os.path.realpath(folder)
    inside = real == root or real.startswith(root.rstrip(os.sep) + os.sep)
    if not inside:
        problems.append(f"{path}: ignored, because it is a link out of the workspace")
    return not inside


def _read_json(path: Path, problems: list[str]) -> Mapping[str, Any]:
    text = _read_text(path, problems)
    if not text.strip():
        return {}
    try:
        table = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(
            f"{path}, line {error.lineno}: not valid JSON ({error.msg}); nothing in this file "
            "counts until the line is repaired (JSON has no comments and no trailing commas)"
        )
        return {}
    except (ValueError, RecursionError) as error:
        problems.append(f"{path}: not usable JSON ({type(error).__name__}); please repair it")
        return {}
    if not isinstance(table, dict):
        problems.append(f"{path}, line 1: a JSON object {{…}} was expected, not {_shown(table)}")
        return {}
    table.pop("$schema", None)
    return table


def _read_pyproject(path: Path, problems: list[str]) -> Mapping[str, Any]:
    text = _read_text(path, problems)
    if "nootropic" not in text:
        return {}
    import tomllib  # noqa: PLC0415 -- few workspaces have a word of ours in pyproject.toml

    try:
        table = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"line {line[1]}" if line else f"line {text.count(chr(10)) + 1}"
        problems.append(
            f"{path}, {where}: not valid TOML ({str(error).split(' (at')[0]}); "
            "[tool.nootropic] counts again when the line is repaired"
        )
        return {}
    except (ValueError, RecursionError) as error:
        problems.append(f"{path}: not usable TOML ({type(error).__name__}); please repair it")
        return {}
    section = table.get("nootropic", {}) if isinstance(table, dict) else {}
    if not isinstance(section, dict):
        problems.append(f"{path}: [tool.nootropic] must be a table of options")
        return {}
    return section


def _read_text(path: Path, problems: list[str]) -> str:
    """The text of a settings file, or "" where there is none."""
    try:
        # Opening a pipe or a device, which a link may lead to, could wait for ever.
        if not path.is_file():
            return ""
        if path.stat().st_size > MAX_SETTINGS_BYTES:
            problems.append(f"{path}: ignored, because it is larger than a settings file can be")
            return ""
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        problems.append(f"{path}: not UTF-8 text; save it in that encoding")
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}); check its permissions")
    return ""
