"""`nootropic doctor`: what works here, what is missing, and how to get it."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nootropic_lsp import __version__
from nootropic_lsp.app import languages
from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.asked import worker_of
from nootropic_lsp.cli.output import bold, count
from nootropic_lsp.cli.workspace import opened, root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.folders import cache_folder, user_folder

# Looking for servers takes a second or two where nobody answers.
_DEADLINE_S = 30.0
_DISTRIBUTION = "nootropic-lsp"
# What the extra `lint` brings, by the names of the modules.
_OPTIONAL = {"Semgrep": "semgrep", "ast-grep": "ast_grep_py"}
# A module of each of the others.
_EXTRAS = {
    "models": "xllamacpp",
    "vectors": "chromadb",
    "lancedb": "lancedb",
    "mcp": "mcp",
    "secrets": "detect_secrets",
}


def doctor(*, workspace: str | None = None, trust: bool = False) -> Answer:
    """Look at the installation and at the index of a workspace, without changing either."""
    root = root_for(workspace)
    ignored: list[str] = []
    packages = installed()
    known = languages()
    with opened(root, trust=trust, say=ignored.append) as app:
        status = app.status()
        store = app.vector_store
        is_off = not app.settings.worker.enabled
    models, no_models = _models(root, trust=trust, is_off=is_off)
    problems = [
        *(f"{name} is missing: pip install {_DISTRIBUTION}" for name, has in packages if not has),
        *(f"{each.name}: {each.problem}" for each in known if each.problem),
        *(f"left out of the index: {path}: {why}" for path, why in status["quarantined"].items()),
        *ignored,
    ]
    data: dict[str, Any] = {
        "nootropic": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "packages": dict(packages),
        "extras": {
            name: find_spec(module) is not None for name, module in (_OPTIONAL | _EXTRAS).items()
        },
        "languages": [each.name for each in known if not each.problem],
        "workspace": str(root),
        "trusted": trust or is_trusted(root),
        "settings": str(user_folder() / "config.json"),
        "cache": str(cache_folder()),
        "index": status,
        "vectors": store,
        "models": models,
        "no_models": no_models,
        "problems": problems,
    }
    return Answer(_text(data), data, code=NOTHING_FOUND if problems else FOUND)


def installed() -> list[tuple[str, str | None]]:
    """The packages that the plain installation needs, each with its version or None."""
    try:
        required = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # run from its sources
        return []
    names = [re.match(r"[\w.-]+", each) for each in required if "extra ==" not in each]
    return [(name[0], _version(name[0])) for name in names if name]


def _models(root: Path, *, trust: bool, is_off: bool) -> tuple[dict[str, Any], str]:
    """The servers and models that the worker finds, or why nobody looks."""
    if is_off:
        return {}, "the worker is off; `worker.enabled` is the setting"
    try:
        wire = worker_of(root, trust=trust)
        known = wire.ask("GET", "/internal/models", deadline_s=_DEADLINE_S)
    except NootropicError as error:
        return {}, str(error)
    return {name: known[name] for name in ("servers", "models", "suggested")}, ""


def _model_rows(data: dict[str, Any]) -> list[tuple[str, str]]:
    if data["no_models"]:
        return [("models", data["no_models"])]
    known = data["models"]
    names = [each["name"] for each in known["models"] if not each["refused"]]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    rows = [("models", f"{', '.join(names[:3])}{more}" if names else "none is here")]
    rows += [("", each["problem"] or f"{each['name']} answers") for each in known["servers"]]
    if not names:
        rows += [("", f"for this machine: {each}") for each in known["suggested"]["commands"]]
    return rows


def _extras(has: dict[str, bool]) -> str:
    missing = [name for name, is_here in has.items() if not is_here and name in _OPTIONAL]
    if not missing:
        return "Semgrep and ast-grep are here"
    return (
        f"those of {' and '.join(missing)} do not run; "
        f"`pip install '{_DISTRIBUTION}[lint]'` brings {'them' if len(missing) > 1 else 'it'}"
    )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _text(data: dict[str, Any]) -> str:
    index = data["index"]
    home = Path(index["path"]).parent if index["path"] else "memory"
    rows = [
        ("nootropic", f"{data['nootropic']} on Python {data['python']}, {data['platform']}"),
        (
            "packages",
            ", ".join(f"{name} {has or 'missing'}" for name, has in data["packages"].items()),
        ),
        ("extra rules", _extras(data["extras"])),
        (
            "extras",
            ", ".join(
                f"{name} {'is here' if data['extras'][name] else 'is missing'}" for name in _EXTRAS
            ),
        ),
        ("languages", ", ".join(data["languages"])),
        ("workspace", f"{data['workspace']} ({'trusted' if data['trusted'] else 'not trusted'})"),
        (
            "index",
            f"{count(index['files'], 'file')}, {count(index['symbols'], 'symbol')}, "
            f"{count(index['references'], 'reference')}, {index['bytes'] / 1e6:.1f} MB in {home}",
        ),
        ("vectors", f"in {data['vectors']}"),
        *_model_rows(data),
        ("settings", data["settings"]),
        ("cache", data["cache"]),
    ]
    problems = data["problems"] or ["none"]
    return "\n".join((shown.table(rows), "", bold("problems"), *(f"  {each}" for each in problems)))
