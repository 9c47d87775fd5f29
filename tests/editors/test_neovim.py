"""The file in editors/neovim, tried in the Neovim of this machine."""

from editors.shop import EDITORS, HERE, Shop, editor


def test_neovim(shop: Shop) -> None:
    config = EDITORS / "neovim" / "nootropic.lua"
    script = str(HERE / "drive.lua")
    saw = shop.run(
        [editor("nvim"), "--headless", "--clean", "--cmd", f"luafile {config}", "-S", script]
    )
    assert "problem" not in saw, f"{saw['problem']}\n{saw['messages']}"
    assert saw["attached"] == ["nootropic"]
    assert saw["definition"] == ["cart.py", 9, 5]
    assert "Take the money" in str(saw["hover"])
    places = {tuple(place) for place in saw["references"]}
    # Neovim counts columns in bytes, from one.
    assert places == {("cart.py", 9, 5), ("main.py", 1, 24), ("main.py", 3, 27)}
    symbols = " ".join(saw["symbols"])
    assert all(name in symbols for name in ("Cart", "total", "pay")), symbols
    assert "def settle(cart: Cart)" in shop.cart.read_text(encoding="utf-8")
    assert shop.main.read_text(encoding="utf-8") == (
        'from cart import Cart, settle\n\nprint("🛒🛒🛒🛒", settle(Cart()))\n'
    )
    assert saw["unsaved"] == ["main.py", 4, 5]
