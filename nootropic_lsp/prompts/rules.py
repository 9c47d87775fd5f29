"""Rules for what a model says: what follows where one is broken."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

log = logging.getLogger(__name__)

Action = Literal["block", "flag", "log"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that has to hold of an answer; `action` is what follows if it does not.

    `holds` is asked with the text. "block": the answer is not used; "flag": it is shown with the
    rule's sentence; "log": it is noted only.
    """

    name: str
    sentence: str
    holds: Callable[[str], bool]
    action: Action = "block"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of an answer: those it breaks, in their order."""

    broken: tuple[Rule, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether it must not be used."""
        return any(rule.action == "block" for rule in self.broken)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said beside it."""
        return tuple(rule.sentence for rule in self.broken if rule.action != "log")


def has_not(name: str, pattern: str, sentence: str, *, action: Action = "block") -> Rule:
    """A rule that a regular expression must not be found in an answer."""
    compiled = re.compile(pattern, re.MULTILINE)
    return Rule(name, sentence, lambda text: compiled.search(text) is None, action)


def judge(answer: str, rules: Sequence[Rule]) -> Verdict:
    """Hold an answer against rules."""
    broken = tuple(rule for rule in rules if not rule.holds(answer))
    for rule in broken:
        log.info("an answer of a model breaks the rule %s (%s)", rule.name, rule.action)
    return Verdict(broken)
