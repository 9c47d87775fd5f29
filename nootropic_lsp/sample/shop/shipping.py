"""What it costs to send a cart."""

from __future__ import annotations

from abc import ABC, abstractmethod

from shop.cart import Cart

FREE_FROM_CENTS = 5_000


class Carrier(ABC):
    """Someone who brings parcels."""

    @abstractmethod
    def fee_cents(self, cart: Cart) -> int:
        """What this carrier takes for a cart."""


class Post(Carrier):
    """Slow; one price, and nothing from a certain total."""

    def fee_cents(self, cart: Cart) -> int:
        return 0 if cart.total() >= FREE_FROM_CENTS else 390


class Courier(Carrier):
    """Fast; paid by weight."""

    def fee_cents(self, cart: Cart) -> int:
        return 690 + cart.weight_grams() // 10
