"""The small workspace that every editor is tried on, and how an editor is run in it."""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EDITORS = Path(__file__).resolve().parents[2] / "editors"
HERE = Path(__file__).resolve().parent

CART = '''\
class Cart:
    """What a customer is about to buy."""

    def total(self) -> int:
        """Sum of all lines, in cents."""
        return 0


def pay(cart: Cart) -> int:
    """Take the money for `cart`."""
    return cart.total()
'''

# The name has three letters and stands behind four astral characters: whoever counts them
# differently from the other side lands outside the name.
MAIN = """\
from cart import Cart, pay

print("🛒🛒🛒🛒", pay(Cart()))
"""

# Below the line of `night` a person writes what the others do; `pay` is not imported.
TILL = """\
from cart import Cart


def morning(cart: Cart) -> None:
    print("🛒", cart.total(), "cents")
    return


def evening(cart: Cart) -> None:
    print("🛒", cart.total(), "cents")
    return


def night(cart: Cart) -> None:
    return
"""
# Three findings, of which the first has a fix.
FAULTY = """\
import os, sys
import hashlib


def add(item, items=[]):
    items.append(item)
    return hashlib.md5(item), items, sys.argv
"""
NIGHT = 14  # lines to where it is written
SOLD = '    print("🛒", cart.total(), "cents")'
TYPED = '    print("🛒", c'
WANTED = "art.total()"  # at least


@dataclass(frozen=True)
class Shop:
    """A two-file workspace on disk, and the environment an editor is started in."""

    root: Path
    env: Mapping[str, str]

    @property
    def main(self) -> Path:
        return self.root / "main.py"

    @property
    def cart(self) -> Path:
        return self.root / "cart.py"

    @property
    def till(self) -> Path:
        return self.root / "till.py"

    def stats(self) -> dict[str, Any]:
        """What became of ghost text in Python, as `nootropic stats` counts it."""
        said = subprocess.run(
            ["nootropic", "stats", "--json"],
            env=self.env,
            timeout=60,
            capture_output=True,
        )
        found: dict[str, Any] = json.loads(said.stdout)["languages"].get("python", {})
        return found

    def run(self, arguments: Sequence[str], *, deadline_s: float = 90) -> dict[str, Any]:
        """Run an editor's script and return the JSON it wrote to `$ANSWERS`."""
        answers = self.root.parent / "answers.json"
        log = self.root.parent / "editor.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                arguments,
                cwd=self.root,
                env={**self.env, "ANSWERS": str(answers)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(deadline_s)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                stop(process)
        said = log.read_text(errors="replace")[-4000:]
        assert code == 0, f"{arguments[0]} ended with {code}; it said:\n{said}"
        assert answers.exists(), f"{arguments[0]} wrote no answers; it said:\n{said}"
        found: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
        return found


def text_after(*typed: str, imports: bool) -> list[str]:
    """The lines of the till when these were typed, and then `pay` with or without its import."""
    first, *others = TILL.splitlines()
    at = NIGHT - 1
    return [f"{first}, pay" if imports else first, *others[:at], *typed, "    pay", *others[at:]]


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the session that `process` leads, language server included."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
    process.kill()
    process.wait()


def editor(name: str) -> str:
    """The path of an editor; in CI a missing one is a failure, elsewhere its tests are skipped."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed, and CI tests the editors; see .ci/run")
        pytest.skip(f"{name} is not installed")
    return path
