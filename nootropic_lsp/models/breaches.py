"""Which models have been too slow of late."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nootropic_lsp.models.matcher import TOO_SLOW, Key

# After this long half of a breach is forgotten: a server may have been busy with something else.
HALF_LIFE_S = 300.0
# What is left of an old breach and counts no more.
_NEGLIGIBLE = 0.01


class Breaches:
    """Counts each time a model took longer than was agreed; what is counted fades."""

    def __init__(self, clock: Callable[[], float], *, half_life_s: float = HALF_LIFE_S) -> None:
        self._clock = clock
        self._half_life_s = half_life_s
        self._noted: dict[Key, tuple[float, float]] = {}

    def note(self, key: Key) -> None:
        """A model was too slow."""
        self._noted[key] = (self._now(key) + 2 * TOO_SLOW, self._clock())

    def kept(self, key: Key) -> None:
        """A model was fast enough: what was noted is forgotten."""
        self._noted.pop(key, None)

    def slow(self) -> Mapping[Key, float]:
        """How much the slowness of each model counts now, taken off its score."""
        if not self._noted:
            return {}
        now = {key: self._now(key) for key in self._noted}
        for key, weight in now.items():
            if weight < _NEGLIGIBLE:
                del self._noted[key]
        return now

    def _now(self, key: Key) -> float:
        weight, noted_at = self._noted.get(key, (0.0, 0.0))
        faded: float = weight * 0.5 ** ((self._clock() - noted_at) / self._half_life_s)
        return faded
