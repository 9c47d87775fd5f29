"""Which rules count, and how severe what they find is: by the settings and the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from nootropic_lsp.analysis.rulebook import Rule, rule, rules
from nootropic_lsp.analysis.shelf import ALL, SYNTAX, pack_of
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.settings.options import LintSettings

_OFF = "off"


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice of rules. The name of a code weighs more than that of its pack.

    Without `select`, all rules count but those of low confidence. Syntax errors always do
    unless they are ignored by name: what cannot be read is not checked.
    """

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    packs: frozenset[str] = frozenset()
    severities: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, settings: LintSettings) -> Selection:
        """The choice that the settings make."""
        return cls(
            frozenset(settings.select),
            frozenset(settings.ignore),
            frozenset(settings.packs),
            tuple(sorted(settings.severities.items())),
        )

    def takes(self, code: str) -> bool:
        """Whether findings of a rule count."""
        severities = dict(self.severities)
        if code in self.ignore or severities.get(code) == _OFF:
            return False
        if code == SYNTAX or code in self.select:
            return True
        pack = pack_of(code)
        if pack in self.ignore or ALL in self.ignore:
            return False
        if severities.get(pack) == _OFF and code not in severities:
            return False
        if ALL in self.select:
            return True
        if self.select and pack not in self.select:
            return False
        if self.packs and pack and pack not in self.packs:
            return False
        page = rule(code)
        return page is None or page.is_shown

    def applied(self, finding: Finding) -> Finding:
        """A finding with the severity that the user gives it."""
        if not self.severities:
            return finding
        severities = dict(self.severities)
        severity = severities.get(finding.code)
        if severity is None:
            severity = severities.get(pack_of(finding.code), finding.severity)
        return finding if severity == finding.severity else replace(finding, severity=severity)


@cache
def chosen_rules(selection: Selection) -> tuple[Rule, ...]:
    """The rules of ours that count."""
    return tuple(each for each in rules().values() if selection.takes(each.code))
