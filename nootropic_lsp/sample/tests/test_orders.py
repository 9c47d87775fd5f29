from shop.cart import Cart
from shop.catalogue import standard_catalogue
from shop.orders import State, place_order, receipt


def test_a_large_order_is_sent_for_nothing():
    cart = Cart(standard_catalogue())
    cart.add("pot")
    cart.add("cup", pieces=2)
    assert place_order(cart).total() == cart.total() == 6_300


def test_who_pays_the_total_has_paid():
    cart = Cart(standard_catalogue())
    cart.add("tea", pieces=3)
    order = place_order(cart, in_a_hurry=True)
    order.pay(order.total())
    assert order.state is State.PAID
    assert "3 x Green tea" in receipt(order)
