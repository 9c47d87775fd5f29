"""What is wrong in a file, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass

from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Edit

ERROR, WARNING, INFORMATION, HINT = "error", "warning", "information", "hint"
SEVERITIES = (ERROR, WARNING, INFORMATION, HINT)
# What an editor shows faded, and what it strikes through.
UNNECESSARY, DEPRECATED = "unnecessary", "deprecated"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to a finding, such as where a value comes from."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of the same file that make a finding go away.

    A safe one keeps what the program does, but for what was wrong with it; any other has to be
    looked at.
    """

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a file.

    `code` names its rule, for good; `severity` is one of `SEVERITIES`, `tags` are `UNNECESSARY`
    or `DEPRECATED`. `related` stand in the order in which one reads them.
    """

    span: Span
    code: str
    message: str
    severity: str = ERROR
    related: tuple[Related, ...] = ()
    tags: tuple[str, ...] = ()
    fix: Fix | None = None
