"""Rewriting a file so that the flow of values in it is plain to see, before Semgrep looks at it.

What comes out has the same number of lines, and every statement stands on the line of the one that
it comes from. It is for following values only: it does not do the same when it is run.
"""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b

from nootropic_lsp.analysis.simplify.needs import NOTHING, WORD, Needed, Sides, Simple

log = logging.getLogger(__name__)

# Gives the path and the text of a module: asked with the path of the file that imports it and
# the module's name as it is written there.
Helper = Callable[[str, str], tuple[str, str] | None]

_IMPORTED = re.compile(r"""\b(?:from|import|require\()\s*["']([^"'\n]+)["']""")
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


def narrowed(
    text: str, language: str, *, path: str = "", helper: Helper | None = None, needed: Needed
) -> Simple:
    """The simplified text, and what of it the rules that follow values have to see."""
    if needed.is_nothing:
        return NOTHING
    if language != "python":
        rules = needed.rules(_sides(text, language, path, helper, needed))
        if not rules:
            return NOTHING
        return Simple(simplified(text, language, path=path, helper=helper), rules)
    module = importlib.import_module(f"{__name__}.{_MODULES[language]}")
    try:
        result: Simple = module.narrowed(text, path=path, helper=helper, needed=needed)
    except Exception:
        log.warning("%s could not be simplified", path or "a text", exc_info=True)
        return Simple(text)
    return result


def consulted(text: str, language: str, others: Mapping[str, str]) -> str:
    """A digest of what simplifying a text may have taken from other files, given by their paths."""
    if language == "python":
        digest: bytes = importlib.import_module(f"{__name__}.python.reach").consulted(text, others)
        return digest.hex()
    made = blake2b(digest_size=16)
    for path, other in sorted(others.items()):
        made.update(path.encode("utf-8", "surrogatepass"))
        made.update(other.encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def _sides(text: str, language: str, path: str, helper: Helper | None, needed: Needed) -> Sides:
    """The sides of a flow that a file has, with those of the files that it uses."""
    sides = _own_sides(text, needed)
    if language in {"go", "java"}:
        receivers = importlib.import_module(f"{__name__}.receivers")
        for each in receivers.reached(text, language, path, helper) if sides.source else ():
            sides |= _own_sides(each, needed)
        return sides
    for module in dict.fromkeys(_IMPORTED.findall(text)) if helper is not None else ():
        answer = helper(path, module) if helper is not None else None
        if answer is not None:
            sides |= _own_sides(answer[1], needed)
    return sides


@lru_cache(256)
def _own_sides(text: str, needed: Needed) -> Sides:
    return needed.sides(text, frozenset(WORD.findall(text)))
