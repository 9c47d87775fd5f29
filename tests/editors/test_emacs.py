"""The file in editors/emacs, tried in the Emacs of this machine under both of its clients."""

import dataclasses
import os
import subprocess

import pytest
from editors.shop import EDITORS, HERE, SOLD, TILL, TYPED, Shop, editor, text_after


@pytest.mark.parametrize("client", ["eglot", "lsp-mode"])
def test_emacs(shop: Shop, client: str) -> None:
    emacs = _emacs(client)
    basket = "🛒🛒🛒🛒"
    if _miscounts(emacs, client):
        basket = "four"
        shop.main.write_text(
            shop.main.read_text(encoding="utf-8").replace("🛒🛒🛒🛒", basket), encoding="utf-8"
        )
    config = str(EDITORS / "emacs" / "nootropic.el")
    shop = dataclasses.replace(
        shop, env={**shop.env, "CLIENT": client, "CONFIG": config, "BASKET": basket}
    )

    saw = shop.run([*emacs, "--load", str(HERE / "drive.el")])

    assert "problem" not in saw, f"{saw['problem']}\n{saw['messages']}"
    # Emacs counts lines from one and columns from nought, in characters.
    assert saw["definition"] == [["cart.py", 9, 4]]
    assert "Take the money" in str(saw["hover"])
    places = {tuple(place) for place in saw["references"]}
    # Whether the definition is listed is for the client to say.
    assert places - {("cart.py", 9, 4)} == {("main.py", 1, 23), ("main.py", 3, 14)}
    symbols = " ".join(saw["symbols"])
    assert all(name in symbols for name in ("Cart", "total", "pay")), symbols
    assert "def settle(cart: Cart)" in shop.cart.read_text(encoding="utf-8")
    assert shop.main.read_text(encoding="utf-8") == (
        f'from cart import Cart, settle\n\nprint("{basket}", settle(Cart()))\n'
    )
    assert saw["unsaved"] == [["main.py", 4, 4]]
    assert "timed out" not in str(saw["messages"]).lower(), saw["messages"]


@pytest.mark.parametrize("client", ["eglot", "lsp-mode"])
def test_typing(typing_shop: Shop, client: str) -> None:
    """The menu everywhere; ghost text as such in lsp-mode from 10, in the menu elsewhere."""
    emacs = _emacs(client)
    typed, sold = TYPED, SOLD
    if _miscounts(emacs, client):
        typed, sold = (text.replace("🛒", "four") for text in (TYPED, SOLD))
        till = typing_shop.till
        till.write_text(TILL.replace("🛒", "four"), encoding="utf-8")
    config = str(EDITORS / "emacs" / "nootropic.el")
    env = {**typing_shop.env, "CLIENT": client, "CONFIG": config, "TYPED": typed}
    shop = dataclasses.replace(typing_shop, env=env)

    saw = shop.run([*emacs, "--load", str(HERE / "type.el")])

    assert "problem" not in saw, f"{saw['problem']}\n{saw['messages']}"
    if saw["native"]:
        assert saw["line_with_ghost"] == typed  # What is shown is not there.
        assert saw["face"] == "lsp-inline-completion-overlay-face"
        assert saw["typed_through"] == saw["ghost"][1:]
        assert saw["accepted"] == typed + saw["ghost"]
    assert sold.startswith(saw["accepted"])
    assert saw["member"].startswith("    cart.total")
    wanted = [*text_after(sold, saw["member"], imports=True), ""]
    assert saw["text"] == [line.replace("🛒", "four") if sold != SOLD else line for line in wanted]
    assert shop.stats()["accepted"] >= 1


def _emacs(client: str) -> list[str]:
    """How Emacs is started, if it has the client."""
    emacs = [editor("emacs"), "--batch", "--no-init-file", "--no-site-file"]
    emacs += ["--funcall", "package-initialize"]
    if not _holds(emacs, f"(require '{client} nil t)"):
        if os.environ.get("CI"):
            pytest.fail(f"this Emacs has no {client}, and CI tests the editors; see .ci/run")
        pytest.skip(f"this Emacs has no {client}")
    return emacs


def _miscounts(emacs: list[str], client: str) -> bool:
    """Before 9, lsp-mode counted characters and did not say so: there an emoji puts every place
    behind it off, with every server.
    """
    return client == "lsp-mode" and not _holds(
        emacs, "(and (require 'lsp-mode) (assq 'general (lsp--client-capabilities)))"
    )


def _holds(emacs: list[str], form: str) -> bool:
    command = [*emacs, "--eval", f"(kill-emacs (if {form} 0 1))"]
    return subprocess.run(command, timeout=60, capture_output=True).returncode == 0
