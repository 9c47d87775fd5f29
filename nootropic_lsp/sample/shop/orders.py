"""What a customer has bought."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shop.cart import Cart
from shop.shipping import Carrier, Courier, Post


class State(Enum):
    """How far an order has come."""

    OPEN = "open"
    PAID = "paid"
    SENT = "sent"


@dataclass
class Order:
    """A cart on its way to a customer."""

    cart: Cart
    carrier: Carrier
    state: State = State.OPEN

    def total(self) -> int:
        """Goods and shipping, in cents."""
        return self.cart.total() + self.carrier.fee_cents(self.cart)

    def pay(self, cents: int) -> None:
        """Take the money. Raises `ValueError` if it is not the total."""
        if cents != self.total():
            raise ValueError(f"{self.total()} cents wanted, {cents} paid")
        self.state = State.PAID


def place_order(cart: Cart, *, in_a_hurry: bool = False) -> Order:
    """Order what is in a cart."""
    return Order(cart, Courier() if in_a_hurry else Post())


def receipt(order: Order) -> str:
    """What is printed for the customer."""
    lines = [f"{line.pieces} x {line.product.title}: {line.price_cents}" for line in order.cart]
    return "\n".join([*lines, f"total: {order.total()}"])
