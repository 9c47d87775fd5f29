"""Findings that the symbol graph is sure of, each check a plain function of a file."""

from __future__ import annotations

import re
from collections.abc import Callable

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.checks.arguments import wrong_arguments
from nootropic_lsp.features.checks.code import Code, code_of
from nootropic_lsp.features.checks.deprecated import deprecated_uses
from nootropic_lsp.features.checks.overrides import incompatible_overrides
from nootropic_lsp.features.checks.partial_imports import import_cycles
from nootropic_lsp.features.checks.scripts import unresolved_scripts
from nootropic_lsp.features.checks.undefined import undefined_names
from nootropic_lsp.features.checks.unresolved import unresolved_imports
from nootropic_lsp.features.checks.unused_functions import unused_functions
from nootropic_lsp.features.checks.unused_imports import unused_imports
from nootropic_lsp.features.snapshot import Snapshot

# Who wrote this has been told by another tool, and wants it so.
_ACCEPTED = re.compile(r"#.*(?:type:\s*ignore|pyright:\s*ignore|noqa|pylint:\s*disable)")
Check = Callable[[Code], list[Finding]]

_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
# Cheap enough for every key.
QUICK: tuple[Check, ...] = (undefined_names, unused_imports, unresolved_imports)
# Those that look into many other files, for a save and for `lint`.
THOROUGH: tuple[Check, ...] = (
    deprecated_uses,
    wrong_arguments,
    incompatible_overrides,
    import_cycles,
    unused_functions,
)


def checks(snapshot: Snapshot, path: str, *, is_quick: bool = False) -> list[Finding]:
    """What is wrong in a file as far as the graph is sure; nothing while files are missing."""
    if snapshot.incomplete is not None:
        return []
    code = code_of(snapshot, path)
    if code is None:
        return []
    if code.unit.language in _SCRIPTS:
        wanted: tuple[Check, ...] = (unresolved_scripts,)
    elif code.unit.language == "python":
        wanted = QUICK if is_quick else (*QUICK, *THOROUGH)
    else:
        return []
    found: list[Finding] = []
    for check in wanted:
        code.unit.widen()  # other files may have taken the room meanwhile
        found += check(code)
    code.unit.fold()
    return [finding for finding in found if _ACCEPTED.search(code.line(finding.span.start)) is None]
