"""The file in editors/neovim, tried in the Neovim of this machine."""

import re

from editors.shop import EDITORS, FAULTY, HERE, SOLD, TYPED, Shop, editor, text_after


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


def test_typing(typing_shop: Shop) -> None:
    """The menu everywhere; ghost text as such from 0.12, in the menu before."""
    shop = typing_shop
    config = EDITORS / "neovim" / "nootropic.lua"
    readme = (EDITORS / "neovim" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```lua\n(.*?)```", readme, re.DOTALL)
    (for_menu,) = (block for block in blocks if "inline_completion" in block)
    init = shop.root.parent / "init.lua"
    init.write_text(f"if vim.lsp.inline_completion then\n{for_menu}\nend\n", encoding="utf-8")
    nvim = [editor("nvim"), "--headless", "--clean"]
    nvim += ["--cmd", f"luafile {config}", "--cmd", f"luafile {init}"]

    saw = shop.run([*nvim, "-S", str(HERE / "type.lua")])

    assert "problem" not in saw, f"{saw['problem']}\n{saw}"
    if saw["native"]:
        ghost, highlight = saw["ghost"]
        assert highlight == "ComplHint"
        assert saw["line_with_ghost"] == TYPED  # What is shown is not there.
        assert saw["typed_through"] == [ghost[1:], highlight]
        assert saw["accepted"] == TYPED + ghost
    assert SOLD.startswith(saw["accepted"])
    assert saw["member"].startswith("    cart.total")
    assert saw["text"] == text_after(SOLD, saw["member"], imports=saw["native"])
    assert shop.stats()["accepted"] == 1, shop.stats()


def test_fixing(shop: Shop) -> None:
    """Findings come, move with the text, and go when they are put right or ignored."""
    (shop.root / "faulty.py").write_text(FAULTY, encoding="utf-8")
    config = EDITORS / "neovim" / "nootropic.lua"
    script = str(HERE / "fix.lua")
    saw = shop.run(
        [editor("nvim"), "--headless", "--clean", "--cmd", f"luafile {config}", "-S", script]
    )
    assert "problem" not in saw, f"{saw['problem']}\n{saw}"
    assert saw["first"] == [
        [1, "unused-import", 4],
        [5, "mutable-default", 2],
        [7, "weak-hash", 2],
    ]
    assert saw["last"] == [[8, "weak-hash", 2]]
    wanted = FAULTY.replace("os, ", "").replace(
        "[]):", "[]):  # nootropic: ignore[mutable-default]"
    )
    assert saw["text"] == ['"""Said above."""', *wanted.splitlines()]
