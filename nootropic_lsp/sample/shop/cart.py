"""What a customer is about to buy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shop.catalogue import Catalogue, Product


@dataclass(frozen=True)
class Line:
    """A number of pieces of one product."""

    product: Product
    pieces: int

    @property
    def price_cents(self) -> int:
        """What all pieces cost together."""
        return self.product.price_cents * self.pieces


@dataclass
class Cart:
    """The lines of one customer, in the order they were added."""

    catalogue: Catalogue
    lines: list[Line] = field(default_factory=list)

    def add(self, code: str, pieces: int = 1) -> Line:
        """Add pieces of a product. Raises `UnknownProduct`."""
        line = Line(self.catalogue.find(code), pieces)
        self.lines.append(line)
        return line

    def total(self) -> int:
        """The sum of all lines, in cents."""
        return sum(line.price_cents for line in self.lines)

    def weight_grams(self) -> int:
        """What the parcel weighs without its box."""
        return sum(line.product.weight_grams * line.pieces for line in self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)
