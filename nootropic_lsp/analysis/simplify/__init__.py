"""Rewriting a file so that the flow of values in it is plain to see, before Semgrep looks at it.

What comes out has the same number of lines, and every statement stands on the line of the one that
it comes from. It is for following values only: it does not do the same when it is run.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

# Gives the path and the text of a module: asked with the path of the file that imports it and
# the module's name as it is written there.
Helper = Callable[[str, str], tuple[str, str] | None]

_MODULES = {
    "python": "python.file",
    "javascript": "javascript.file",
    "typescript": "javascript.file",
    "tsx": "javascript.file",
    "go": "inlining",
    "java": "inlining",
}


def simplified(text: str, language: str, *, path: str = "", helper: Helper | None = None) -> str:
    """The simplified text, or the same one if there is nothing to simplify or it is broken."""
    name = _MODULES.get(language)
    if name is None:
        return text
    module = importlib.import_module(f"{__name__}.{name}")
    try:
        result: str = module.simplified(text, language, path=path, helper=helper)
    except Exception:
        # It only makes more visible to rules: a fault in it must not keep them from running.
        log.warning("%s could not be simplified", path or "a text", exc_info=True)
        return text
    return result if result.count("\n") == text.count("\n") else text
