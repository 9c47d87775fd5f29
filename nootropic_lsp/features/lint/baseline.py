"""Findings that are known and may stay: a file of their fingerprints, made to be reviewed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.lint.linted import Located

_VERSION = 1
_MOST_BYTES = 100_000_000


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints in a baseline. Raises `NootropicError` if it cannot be believed."""
    again = "; `--write-baseline` makes it anew"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise NootropicError(f"the baseline {path} is too large to be one{again}")
        table = json.loads(path.read_text(encoding="utf-8-sig"))
        if table["version"] != _VERSION:
            raise NootropicError(f"the baseline {path} is of another version of nootropic{again}")
        known = frozenset(each["fingerprint"] for each in table["findings"])
    except OSError as error:
        raise NootropicError(
            f"the baseline {path} cannot be read ({error.strerror}){again}"
        ) from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise NootropicError(f"{path} is not a baseline that nootropic wrote{again}") from error
    if not all(isinstance(each, str) for each in known):
        raise NootropicError(f"{path} is not a baseline that nootropic wrote{again}")
    return known


def write_baseline(path: Path, found: Iterable[Located], relative: Callable[[str], str]) -> None:
    """Write down findings. Raises `NootropicError` if that cannot be."""
    findings = [
        {
            "path": relative(each.path),
            "code": each.finding.code,
            "message": " ".join(each.finding.message.split()),
            "fingerprint": each.fingerprint,
        }
        for each in found
    ]
    # Without line numbers and sorted, so that it changes only where findings come and go.
    findings.sort(key=lambda each: (each["path"], each["code"], each["fingerprint"]))
    text = json.dumps({"version": _VERSION, "findings": findings}, indent=1, ensure_ascii=False)
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise NootropicError(
            f"the baseline {path} cannot be written ({error.strerror}); name another file"
        ) from error
