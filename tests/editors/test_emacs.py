"""The file in editors/emacs, tried in the Emacs of this machine under both of its clients."""

import dataclasses
import os
import subprocess

import pytest
from editors.shop import EDITORS, HERE, Shop, editor


@pytest.mark.parametrize("client", ["eglot", "lsp-mode"])
def test_emacs(shop: Shop, client: str) -> None:
    emacs = [editor("emacs"), "--batch", "--no-init-file", "--no-site-file"]
    emacs += ["--funcall", "package-initialize"]
    if not _holds(emacs, f"(require '{client} nil t)"):
        if os.environ.get("CI"):
            pytest.fail(f"this Emacs has no {client}, and CI tests the editors; see .ci/run")
        pytest.skip(f"this Emacs has no {client}")
    # Before 9, lsp-mode counted characters and did not say so: there an emoji puts every place
    # behind it off, with every server.
    basket = "🛒🛒🛒🛒"
    if client == "lsp-mode" and not _holds(
        emacs, "(and (require 'lsp-mode) (assq 'general (lsp--client-capabilities)))"
    ):
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


def _holds(emacs: list[str], form: str) -> bool:
    command = [*emacs, "--eval", f"(kill-emacs (if {form} 0 1))"]
    return subprocess.run(command, timeout=60, capture_output=True).returncode == 0
