"""The file in editors/helix: read as TOML everywhere, and tried in a terminal where Helix is installed."""

import os
import re
import select
import shutil
import struct
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform != "win32":
    import fcntl
    import pty
    import termios

from editors.shop import EDITORS, Shop, stop

# fmt: off
LANGUAGES = {
    "python", "javascript", "jsx", "typescript", "tsx", "go", "rust", "java", "c", "cpp",
    "c-sharp", "ruby", "php", "bash", "json", "html", "css",
}
# fmt: on
KEYS = {"<esc>": "\x1b", "<ret>": "\r", "<space>": " ", "<C-u>": "\x15"}


def test_every_language_has_the_server() -> None:
    config = tomllib.loads((EDITORS / "helix" / "languages.toml").read_text(encoding="utf-8"))
    assert {each["name"] for each in config["language"]} == LANGUAGES
    assert all(each["language-servers"] == ["nootropic"] for each in config["language"])
    server = config["language-server"]["nootropic"]
    assert [server["command"], *server["args"]] == ["nootropic", "lsp"]


def test_examples_in_the_readme_are_toml() -> None:
    text = (EDITORS / "helix" / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        for language in tomllib.loads(example)["language"]:
            assert language["name"] in LANGUAGES


# Debian has Helix only since its release after 12, so CI cannot insist on it.
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_helix(shop: Shop) -> None:
    terminal = _Terminal([_helix(shop), "main.py:3:15"], shop)
    try:
        terminal.wait_for("main.py")
        # Definition: Helix opens cart.py with the cursor on `pay`, where a line is inserted.
        terminal.type_until("gd", lambda: "Take the money" in terminal.said)
        terminal.type("O# found<esc>:write<ret>")
        terminal.wait_until(lambda: "# found\ndef pay(" in _text(shop.cart))
        terminal.type(":open main.py:3:17<ret>")
        terminal.type_until("<esc><space>r", lambda: "rename-to:" in terminal.said)
        terminal.type("<C-u>settle<ret>")
        terminal.type_until(":write-all<ret>", lambda: "def settle" in _text(shop.cart))
        assert shop.main.read_text(encoding="utf-8") == (
            'from cart import Cart, settle\n\nprint("🛒🛒🛒🛒", settle(Cart()))\n'
        )
    finally:
        terminal.close()


def _helix(shop: Shop) -> str:
    """The path of Helix, which has its file from editors/helix."""
    helix = shutil.which("hx")
    if helix is None:
        pytest.skip("hx is not installed")
    config = shop.root.parent / "home" / ".config" / "helix"
    config.mkdir(parents=True)
    shutil.copy(EDITORS / "helix" / "languages.toml", config)
    return helix


def _text(path: Path) -> str:
    """The text of a file, which is away for a moment while Helix writes it."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


class _Terminal:
    """A program in a pseudo-terminal, with keys written as Helix' documentation writes them."""

    def __init__(self, command: list[str], shop: Shop) -> None:
        self.said = ""
        self._deadline = time.monotonic() + 90
        self._process, self._screen = _spawn(command, shop)

    def type(self, keys: str) -> None:
        for part in re.split(r"(<[^>]+>)", keys):
            os.write(self._screen, KEYS.get(part, part).encode())
            if part == "<esc>":
                # Read together with the next key, it would be that key with Alt.
                self._listen_for_normal_mode()

    def type_until(self, keys: str, ready: Callable[[], bool]) -> None:
        """Type again every few seconds: the server may still be reading the workspace."""
        while not ready():
            self.type(keys)
            self._listen_until(ready, seconds=3)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._listen(0.1)

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda: text in self.said)

    def close(self) -> None:
        stop(self._process)
        os.close(self._screen)

    def _listen_for_normal_mode(self) -> None:
        said = len(self.said)
        self._listen_until(lambda: "NOR" in self.said[said:], seconds=1)

    def _listen_until(self, ready: Callable[[], bool], seconds: float) -> None:
        enough = time.monotonic() + seconds
        while not ready() and time.monotonic() < enough:
            self._listen(0.1)

    def _listen(self, seconds: float) -> None:
        assert time.monotonic() < self._deadline, f"Helix showed:\n{self.said[-3000:]}"
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self._screen], [], [], left)[0]:
                try:
                    new = os.read(self._screen, 65536).decode(errors="replace")
                except OSError:  # What Linux answers when the other side is gone.
                    pytest.fail(f"Helix ended; it had shown:\n{self.said[-3000:]}")
                # Moves of the cursor and colours, which would cut words in two.
                self.said += re.sub(r"\x1b\[[0-9;:?<>=]*[A-Za-z]", "", new)


def _spawn(command: list[str], shop: Shop) -> tuple[subprocess.Popen[bytes], int]:
    screen, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        command,
        cwd=shop.root,
        env={**shop.env, "TERM": "xterm-256color"},
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
    )
    os.close(side)
    return process, screen
