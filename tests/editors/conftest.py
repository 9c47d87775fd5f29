"""Where the editors under test get a workspace, a home of their own, and `nootropic` on the PATH."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from editors.shop import CART, MAIN, NIGHT, TILL, TYPED, WANTED, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "cart.py").write_text(CART, encoding="utf-8")
    (root / "main.py").write_text(MAIN, encoding="utf-8")
    # Emacs' project.el knows a project by its version control.
    subprocess.run(["git", "init", "--quiet", str(root)], check=True, timeout=30)
    return Shop(root, _environment(tmp_path))


@pytest.fixture
def typing_shop(shop: Shop) -> Shop:
    """The same with a file to type in; ghost text is in the menu of editors without any."""
    shop.till.write_text(TILL, encoding="utf-8")
    settings = '{"ghostText": {"asMenuItem": true}}'
    (shop.root / ".nootropic.json").write_text(settings, encoding="utf-8")
    typing = {"NIGHT": str(NIGHT), "TYPED": TYPED, "WANTED": WANTED}
    return dataclasses.replace(shop, env={**shop.env, **typing})


def _environment(tmp_path: Path) -> dict[str, str]:
    """This one's, with an empty home and a `nootropic` that is the code under test."""
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "nootropic"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nootropic_lsp "$@"\n')
    command.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {
        **kept,
        "HOME": str(home),
        "NOOTROPIC_HOME": str(home / ".nootropic"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
    }
