"""The extension in editors/vscode: built, packaged, and its packaged code run against the real server.

VS Code itself is not run (there is no way to without a screen and a download):
`vscode/fake.cjs` stands in for its API, the client library and the protocol are real.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from editors.shop import EDITORS, HERE, SOLD, TYPED, Shop, text_after

from nootropic_lsp.settings.options import Settings
from nootropic_lsp.settings.schema import OPTIONS, Reach, place_of

SOURCE = EDITORS / "vscode"


def test_settings_are_the_servers() -> None:
    package = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    declared = package["contributes"]["configuration"]["properties"]
    ours = {
        name.removeprefix("nootropic."): each
        for name, each in declared.items()
        if not name.startswith(("nootropic.server.", "nootropic.trace."))
    }
    assert set(ours) == set(OPTIONS)
    for name, each in ours.items():
        assert OPTIONS[name].accepts(each["default"]), name
        value = "full"
        if name != "preset":
            group, field = place_of(name)
            value = getattr(getattr(Settings(), group), field)
        wanted = list(value) if isinstance(value, tuple) else value
        assert each["default"] == wanted, name
    # What an untrusted workspace may not say in a file, it may not say in .vscode/settings.json.
    restricted = package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert set(restricted) == {
        "nootropic.server.path",
        *(f"nootropic.{name}" for name in OPTIONS if OPTIONS[name].reach is not Reach.HARMLESS),
    }


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Node.js, and the folder of the extension that it packaged."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or _major(node) < 20:
        reason = "building the extension needs Node.js 20 or later and npm"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}, and CI builds it")
        pytest.skip(reason)
    return node, str(_package(npm, tmp_path_factory.mktemp("extension")))


@pytest.mark.timeout(400)
def test_packaged_extension(shop: Shop, extension: tuple[str, str]) -> None:
    node, package = extension
    shop = dataclasses.replace(shop, env={**shop.env, "EXTENSION": package})

    saw = shop.run([node, str(HERE / "vscode" / "drive.cjs")])

    assert "problem" not in saw, saw["problem"]
    assert saw["errors"] == []
    # VS Code counts lines and UTF-16 columns from nought.
    assert saw["definition"] == [["cart.py", 8, 4]]
    assert "Take the money" in str(saw["hover"])
    assert sorted(saw["references"]) == [
        ["cart.py", 8, 4],
        ["main.py", 0, 23],
        ["main.py", 2, 18],
    ]
    assert saw["symbols"] == ["Cart", "total", "pay"]
    renamed = saw["renamed"]
    assert isinstance(renamed, dict)
    assert "def settle(cart: Cart)" in renamed["cart.py"]
    assert renamed["main.py"] == (
        'from cart import Cart, settle\n\nprint("🛒🛒🛒🛒", settle(Cart()))\n'
    )
    assert saw["lens"] == "2 references"
    assert saw["clicked"] == ["editor.action.showReferences", True, True, True]
    assert saw["unsaved"] == [["main.py", 3, 4]]
    assert saw["status"] == "nootropic"

    # A program that the workspace brings along is not the user's.
    (shop.root / "bin").mkdir()
    shutil.copy(shop.root.parent / "bin" / "nootropic", shop.root / "bin")
    shop = dataclasses.replace(shop, env={**shop.env, "SCENE": "missing"})
    saw = shop.run([node, str(HERE / "vscode" / "drive.cjs")])
    assert "problem" not in saw, saw["problem"]
    assert "pipx install nootropic-lsp" in str(saw["errors"])
    assert {"nootropic.restart", "nootropic.showLog"} <= set(saw["commands"])


@pytest.mark.timeout(400)
def test_typing(typing_shop: Shop, extension: tuple[str, str]) -> None:
    node, package = extension
    env = {**typing_shop.env, "EXTENSION": package, "SCENE": "typing"}
    shop = dataclasses.replace(typing_shop, env=env)

    saw = shop.run([node, str(HERE / "vscode" / "drive.cjs")])

    assert "problem" not in saw, saw["problem"]
    assert saw["errors"] == []
    assert SOLD.startswith(TYPED + saw["ghost"])
    # With an entry of the menu selected, it begins with that.
    assert saw["chosen"].startswith("cart.")
    assert saw["typedThrough"] == saw["ghost"][1:]
    assert saw["accepted"] == TYPED + saw["ghost"]
    assert "Sum of all lines" in saw["documentation"]
    assert saw["text"] == [*text_after(saw["accepted"], "    cart.total", imports=True), ""]
    assert shop.stats()["accepted"] == 1


def _major(node: str) -> int:
    said = subprocess.run(
        [node, "--version"], timeout=30, capture_output=True, text=True, check=True
    )
    return int(said.stdout.lstrip("v").split(".")[0])


def _package(npm: str, folder: Path) -> Path:
    """Package the extension with vsce, and unpack what a user would install."""
    if _run([npm, "ls", "--depth=0"]).returncode:
        installed = _run([npm, "install", "--no-audit", "--no-fund"])
        assert installed.returncode == 0, installed.stdout + installed.stderr
    vsix = folder / "nootropic.vsix"
    packaged = _run([npm, "run", "package", "--", "--out", str(vsix)])
    assert packaged.returncode == 0, packaged.stdout + packaged.stderr
    with zipfile.ZipFile(vsix) as archive:
        archive.extractall(folder / "vsix")
    return folder / "vsix" / "extension"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=SOURCE, timeout=180, capture_output=True, text=True)
