"""Where our own rules lie, for those who need no more than their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

# Every rule; the rules that users wrote themselves; what the parser could not read.
ALL, USERS, SYNTAX = "all", "user", "syntax"
_RULES = Path(__file__).parent / "rules"
# Beside the packs lie lists of taint sources, which are parts of rules.
_SOURCES = "sources"


@cache
def packs() -> Mapping[str, str]:
    """The pack of each of our codes, without reading the rules."""
    files = (path for path in rule_files() if path.parent.name != _SOURCES)
    return MappingProxyType({path.stem: path.parent.name for path in files})


def rule_files() -> Iterator[Path]:
    """All files that our rules are made of."""
    for folder in sorted(_RULES.iterdir()):
        if folder.is_dir():
            yield from sorted(folder.glob("*.yaml"))


def pack_of(code: str) -> str:
    """The pack of a code, "" if it has none."""
    return USERS if code.startswith(f"{USERS}/") else packs().get(code, "")


def unknown_names(names: Iterable[str]) -> list[str]:
    """Which of some names are neither codes nor packs; users' rules may have any name."""
    known = set(known_names())
    return [name for name in names if name not in known and not name.startswith(f"{USERS}/")]


def known_names() -> list[str]:
    """All that can be selected, for a hint about a name that was not understood."""
    return sorted({ALL, USERS, SYNTAX, *packs(), *packs().values()})
