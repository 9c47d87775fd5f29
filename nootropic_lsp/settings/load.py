"""Reading the options, and saying in a sentence what was not taken over."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from nootropic_lsp.settings.folders import user_folder
from nootropic_lsp.settings.options import KEY_VARIABLES, Features, Settings
from nootropic_lsp.settings.schema import GROUPS, OPTIONS, Reach, place_of

# A settings file is written by hand; a larger one is a mistake or an attack.
MAX_SETTINGS_BYTES = 1_000_000
# Looking for the name that was meant takes time, and nobody reads more.
MAX_UNKNOWN_NAMED = 10
# What another server beside this one does not offer.
_ALONGSIDE_KEEPS = frozenset({"code_lens", "inline_completion"})
# Options of editor extensions, which send their whole section to the server.
_EXTENSION_KEYS = frozenset({"trace", "server"})


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
    return _build(values, folder, environ, trusted=trusted, problems=problems), list(
        dict.fromkeys(problems)
    )


def _accepted(table: Mapping[str, Any], source: str, problems: list[str]) -> dict[str, Any]:
    """The options of a table whose names and values are right, by their full names."""
    accepted: dict[str, Any] = {}
    n_unknown = 0
    for key, value in _flat(table, ""):
        option = OPTIONS.get(key)
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
        if isinstance(value, Mapping) and any(known.startswith(key + ".") for known in OPTIONS):
            yield from _flat(value, key + ".")
        else:
            yield key, value


def _unknown(key: str) -> str:
    key = key[:80]
    group = key.split(".", 1)[0]
    inside = [known for known in OPTIONS if known.startswith(group + ".")]
    if key == group and inside:
        return f'"{key}" must be a table of options, for example {{"{inside[0][len(group) + 1 :]}": …}}'
    from difflib import get_close_matches  # noqa: PLC0415 -- only after a mistake

    by_lower = {known.lower(): known for known in OPTIONS}
    near = get_close_matches(key.lower(), by_lower, n=1, cutoff=0.7)
    if near:
        return f'"{key}" is not an option; did you mean "{by_lower[near[0]]}"?'
    names = inside or sorted({known.split(".", 1)[0] for known in OPTIONS})
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
        reach = OPTIONS[key].reach
        if reach is Reach.HARMLESS or (
            reach is Reach.ONLY_LOWER and value <= so_far.get(key, _default(key))
        ):
            kept[key] = value
        else:
            what = "is" if reach is Reach.TRUSTED else "may only be lowered and is"
            problems.append(
                f'{path}: "{key}" {what} ignored because this workspace is not trusted; '
                f"`nootropic trust {folder}` would allow it"
            )
    return kept


def _default(key: str) -> Any:
    group, name = place_of(key)
    return getattr(GROUPS[group](), name)


def _build(
    values: Mapping[str, Any],
    folder: Path | None,
    environ: Mapping[str, str],
    *,
    trusted: bool,
    problems: list[str],
) -> Settings:
    groups: dict[str, dict[str, Any]] = {name: {} for name in GROUPS}
    preset = values.get("preset", "full")
    if preset == "alongside":
        groups["features"] = {each.name: each.name in _ALONGSIDE_KEEPS for each in fields(Features)}
    for key, value in values.items():
        if key != "preset":
            group, name = place_of(key)
            groups[group][name] = value
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
    groups["models"]["keys"] = {
        name: environ[variable] for name, variable in KEY_VARIABLES.items() if environ.get(variable)
    }
    made = {name: GROUPS[name](**chosen) for name, chosen in groups.items()}
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
