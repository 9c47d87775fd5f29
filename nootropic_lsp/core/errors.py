"""Failures that a person can act on."""

from __future__ import annotations


class NootropicError(Exception):
    """What happened and what to try, in a sentence for the user."""


class RefusedError(NootropicError):
    """An edit was not made because it could break something; the sentence says what."""
