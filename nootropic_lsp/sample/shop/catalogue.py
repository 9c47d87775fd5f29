"""What the shop sells."""

from __future__ import annotations

from dataclasses import dataclass


class UnknownProduct(LookupError):
    """The shop does not sell this."""


@dataclass(frozen=True)
class Product:
    """Something on the shelf; prices are whole cents, taxes included."""

    code: str
    title: str
    price_cents: int
    weight_grams: int = 0


class Catalogue:
    """Every product by its code."""

    def __init__(self, products: list[Product]) -> None:
        self._by_code = {product.code: product for product in products}

    def find(self, code: str) -> Product:
        """The product with this code. Raises `UnknownProduct`."""
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownProduct(code) from None

    def cheaper_than(self, price_cents: int) -> list[Product]:
        """What costs less, cheapest first."""
        found = [each for each in self._by_code.values() if each.price_cents < price_cents]
        return sorted(found, key=lambda product: product.price_cents)


def standard_catalogue() -> Catalogue:
    """What the shop sells when it opens."""
    return Catalogue(
        [
            Product("tea", "Green tea", 450, weight_grams=100),
            Product("cup", "Cup without a handle", 1_200, weight_grams=240),
            Product("pot", "Pot for two", 3_900, weight_grams=900),
        ]
    )
