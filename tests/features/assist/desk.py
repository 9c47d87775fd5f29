"""A small workspace with a router whose server plays scripts: what assist is asked with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from models.routing import router_of
from models.scripted import Scripted, Step

from nootropic_lsp.app import App
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features.assist.events import Answer, Event
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.safety.access import Readable
from nootropic_lsp.settings.options import (
    LintSettings,
    ModelSettings,
    Settings,
    VectorSettings,
)

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": '''
        """Carts of visitors."""

        from shop.prices import price_of


        class Cart:
            def __init__(self):
                self.items = []

            def add(self, item):
                self.items.append(item)

            def total(self):
                """The sum of all prices, in cents."""
                return sum(price_of(item) for item in self.items)
    ''',
    "shop/prices.py": """
        PRICES = {"tea": 350}


        def price_of(item):
            return PRICES[item]


        def discount(total, percent):
            return total - total * percent
    """,
    "shop/orders.py": """
        from shop.cart import Cart


        def checkout(cart: Cart):
            amount = cart.total()
            return {"amount": amount}
    """,
}


@contextmanager
def workspace(root: Path, files: Mapping[str, str]) -> Iterator[App]:
    """An indexed workspace of some files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dedent(text).lstrip("\n").encode())
    # Semgrep need not start for each of these tests.
    settings = Settings(
        vectors=VectorSettings(store="own"),
        lint=LintSettings(semgrep=False),
        models=ModelSettings(cache_answers=0),
    )
    app = App(settings, [root.as_posix()])
    try:
        app.index()
        app.read_passages()
        yield app
    finally:
        app.close_all()


class Desk:
    """Someone who asks, in one workspace, a model that says what the scripts say."""

    def __init__(self, app: App, *scripts: str | Sequence[Step], **more: Any) -> None:
        self.app = app
        self.root = Path(app.snapshot().folders[0])
        said = [(each,) if isinstance(each, str) else each for each in scripts]
        self.backend = Scripted(scripts=said or (("ok",),), **more)
        self.means = Means(
            app.snapshot(),
            router_of(self.backend, settings={"cache_answers": 0}),
            Readable([self.root]),
            app.settings,
            app.near,
        )

    def path(self, name: str) -> str:
        return (self.root / name).as_posix()

    def text(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()

    def at(self, name: str, what: str) -> Place:
        """The place where something is written for the first time."""
        start = self.text(name).index(what)
        return Place(self.path(name), Span(start, start))

    def asked(self, number: int = 0) -> str:
        """All that was said to the model in one of its calls."""
        return "\n".join(each.content for each in self.backend.asked[number].request.messages)


async def heard(events: AsyncIterator[Event]) -> tuple[list[Event], Answer]:
    """All events, and the last one."""
    found = [event async for event in events]
    last = found[-1]
    assert isinstance(last, Answer)
    return found, last


def block(path: str, original: str, updated: str) -> str:
    """An edit as a model writes it."""
    parts = (path, "<<<<<<< ORIGINAL", original, "=======", updated, ">>>>>>> UPDATED")
    return "\n".join(part for part in parts if part) + "\n"
