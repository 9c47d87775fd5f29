"""What servers offer, as the router keeps it, and the servers that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from models.scripted import Clock, Scripted

from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models.discovery import Found
from nootropic_lsp.models.listing import FRESH_S, LOOK_AGAIN_S, Listing
from nootropic_lsp.settings.options import ModelSettings

GONE = ModelError(Failure.MODEL_LOAD_FAILED, "nobody there")


class Finder:
    def __init__(self, *found: Found) -> None:
        self.found = found
        self.n_looks = 0

    async def __call__(self) -> Sequence[Found]:
        self.n_looks += 1
        return self.found


def listing_of(
    *backends: Scripted, find: Finder | None = None, clock: Clock | None = None
) -> Listing:
    return Listing(backends, ModelSettings(), clock or Clock(), find=find)


async def test_the_old_list_counts_while_a_new_one_is_made() -> None:
    clock, server = Clock(), Scripted("ollama")
    finder = Finder()
    listing = listing_of(server, find=finder, clock=clock)
    await listing.now()
    await listing.now()
    assert (server.n_listed, finder.n_looks) == (1, 1)
    clock.now += FRESH_S + 1
    server.offers = ["another"]
    (offer,) = (await listing.now())["ollama"].offers
    assert offer.model.name == "qwen2.5-coder:7b"
    await asyncio.sleep(0.01)
    (offer,) = (await listing.now())["ollama"].offers
    assert offer.model.name == "another"
    assert finder.n_looks == 1
    clock.now += LOOK_AGAIN_S
    await listing.now()
    await asyncio.sleep(0.01)
    assert finder.n_looks == 2
    await listing.close()


async def test_a_server_that_is_found_later_is_taken_over() -> None:
    finder = Finder(Found("vllm", "http://127.0.0.1:1", problem="vLLM is not there"))
    listing = listing_of(find=finder)
    assert (await listing.now())["vllm"].problem == "vLLM is not there"
    server = Scripted("vllm")
    finder.found = (Found("vllm", "http://127.0.0.1:1", server),)
    assert (await listing.now(anew=True))["vllm"].problem == ""
    await listing.close()
    assert server.is_closed


async def test_a_server_that_is_only_busy_keeps_its_connections() -> None:
    busy = Scripted("ollama", lists=[None, GONE, None])
    finder = Finder(Found("ollama", "http://127.0.0.1:1", busy))
    listing = listing_of(find=finder)
    await listing.now()
    again = Scripted("ollama")
    finder.found = (Found("ollama", "http://127.0.0.1:1", again),)
    assert (await listing.now(anew=True))["ollama"].problem == "nobody there"
    assert (await listing.now(anew=True))["ollama"].problem == ""
    assert not busy.is_closed
    assert again.is_closed
    await listing.close()


async def test_a_server_that_has_moved_is_taken_at_its_new_place() -> None:
    moved = Scripted("ollama", lists=[None, GONE, GONE])
    finder = Finder(Found("ollama", "http://127.0.0.1:1", moved))
    listing = listing_of(find=finder)
    await listing.now()
    await listing.now(anew=True)
    there = Scripted("ollama", offers=["llama3.1:8b"])
    finder.found = (Found("ollama", "http://127.0.0.1:2", there),)
    (offer,) = (await listing.now(anew=True))["ollama"].offers
    assert offer.model.name == "llama3.1:8b"
    assert moved.is_closed
    await listing.close()
