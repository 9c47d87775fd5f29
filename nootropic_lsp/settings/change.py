"""Changing a setting of the user, for who would rather not edit a file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.settings.folders import user_folder


def change_user_setting(key: str, value: Any) -> Path:
    """Set an option in the user's `config.json`, which is returned; all else in it stays.

    Raises `NootropicError`.
    """
    file = user_folder() / "config.json"
    try:
        table = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError) as error:
        raise NootropicError(f"{file} cannot be read: {error}; mend it, and try again") from error
    if not isinstance(table, dict):
        raise NootropicError(f"{file} is not a table of options; mend it, and try again")
    text = json.dumps({**table, key: value}, indent=2, ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=file.parent, prefix="config-", delete=False, encoding="utf-8"
        ) as written:
            written.write(f"{text}\n")
        Path(written.name).replace(file)
    except OSError as error:
        raise NootropicError(f"{file} cannot be written: {error.strerror}") from error
    return file
