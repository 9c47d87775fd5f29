"""Which servers are there and which models they offer, as they said a little while ago."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nootropic_lsp.core.errors import ModelError
from nootropic_lsp.models.backend import Backend
from nootropic_lsp.models.matcher import Offer, order_of, where_refused
from nootropic_lsp.settings.options import ModelSettings

if TYPE_CHECKING:
    from nootropic_lsp.models.discovery import Found

# How long a list counts, how long it may take to get one, and when servers are looked for again.
FRESH_S = 60.0
DEADLINE_S = 1.0
LOOK_AGAIN_S = 300.0

Find = Callable[[], Awaitable[Sequence["Found"]]]


@dataclass(frozen=True, slots=True)
class Listed:
    """What one server said, or why it is not asked."""

    offers: tuple[Offer, ...] = ()
    problem: str = ""


class Listing:
    """The models of all servers that may be asked; `find` looks for further servers.

    Whoever asks first waits for it. Later, while a new list is made, the old one counts.
    """

    def __init__(
        self,
        backends: Iterable[Backend],
        settings: ModelSettings,
        clock: Callable[[], float],
        *,
        find: Find | None = None,
    ) -> None:
        self.backends = {each.name: each for each in backends}
        self._settings = settings
        self._clock = clock
        self._find = find
        self._missing: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._listed: dict[str, Listed] | None = None
        self._listed_at = self._looked_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def age_s(self) -> float:
        """How old the list is."""
        return self._clock() - self._listed_at

    async def now(self, *, anew: bool = False) -> dict[str, Listed]:
        """By server what it offers, in the order in which servers are asked.

        With `anew` as it is at this moment.
        """
        if self._listed is None or anew:
            await asyncio.shield(self._renewing(look=True))
        elif self.age_s > FRESH_S:
            self._renewing(look=self._clock() - self._looked_at > LOOK_AGAIN_S)
        return self._listed or {}

    def is_old(self) -> None:
        """Somebody has seen that the list is not true any more."""
        self._listed_at = self._clock() - 2 * FRESH_S

    async def close(self) -> None:
        """Ask no more, and let go of all servers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for backend in self.backends.values():
            await backend.close()

    def _renewing(self, *, look: bool) -> asyncio.Task[None]:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._renew(look=look))
        return self._task

    async def _renew(self, *, look: bool) -> None:
        if look and self._find is not None:
            await self._look(await self._find())
        backends = list(self.backends.values())
        found = await asyncio.gather(*map(self._ask, backends))
        listed = {name: Listed(problem=problem) for name, problem in self._missing.items()}
        listed |= {each.name: said for each, said in zip(backends, found, strict=True)}
        self._listed = dict(sorted(listed.items(), key=lambda each: order_of(each[0])))
        self._listed_at = self._clock()

    async def _look(self, found: Sequence[Found]) -> None:
        """Take over what is new, and what has another address than one that does not answer.

        A server that is merely busy may be in the middle of an answer.
        """
        self._looked_at = self._clock()
        before = self._listed or {}
        for each in found:
            if each.backend is None:
                continue
            known = self.backends.get(each.name)
            if known is not None:
                has_answered = not before.get(each.name, Listed()).problem
                if has_answered or self._places.get(each.name) == each.url:
                    await each.backend.close()
                    continue
                await known.close()
            self.backends[each.name] = each.backend
            self._places[each.name] = each.url
        self._missing = {each.name: each.problem for each in found if each.problem}

    async def _ask(self, backend: Backend) -> Listed:
        refused = where_refused(backend.name, backend.is_local, self._settings)
        if refused:
            return Listed(problem=refused)
        try:
            async with asyncio.timeout(2 * DEADLINE_S):
                models = await backend.models(deadline_s=DEADLINE_S)
        except ModelError as error:
            return Listed(problem=str(error))
        except TimeoutError:
            return Listed(problem=f"{backend.name} has not said what it offers")
        return Listed(
            tuple(Offer(backend.name, backend.is_local, backend.can, model) for model in models)
        )
