"""What looks like a secret reaches no file of ours, no cache and no log."""

from __future__ import annotations

import contextlib
import json
import random
import re
import sqlite3
import string
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.house import House, make_shop, run_cli, wait_until

from nootropic_lsp.index.parse import extract_text
from nootropic_lsp.index.units import Unit
from nootropic_lsp.safety.secrets import mask

# Built here, so that this file itself holds none.
_dice = random.Random(7)
ALPHABET = string.ascii_letters + string.digits


def word(n: int) -> str:
    return "".join(_dice.choice(ALPHABET) for _ in range(n))


AMAZON = "AKIA" + "".join(_dice.choice(string.ascii_uppercase + string.digits) for _ in range(16))
GITHUB = "ghp" + "_" + word(36)
STRIPE = "sk_" + "live_" + word(24)
SLACK = "xoxb-" + "123456789012-" + word(24)
PASSWORD = "Tr0ub4dor" + "&3xK"
SECRETS = (AMAZON, GITHUB, STRIPE, SLACK, PASSWORD)

PYTHON = f'''"""A module with a key in its docstring: {GITHUB}"""

AWS_KEY = "{AMAZON}"
password = "{PASSWORD}"
TABLE = {{"{STRIPE}": 1, "slack": "{SLACK}"}}
__all__ = ["connect", "{GITHUB}"]


def connect(token="{GITHUB}", *, key: "{STRIPE}" = "{AMAZON}"):
    """Use {AMAZON}."""
    getattr(connect, "{STRIPE}")
    raise ValueError(token, "{SLACK}")


class Settings:
    api_key = "{STRIPE}"
    password = "{PASSWORD}"
'''
FILES = {
    "settings.py": PYTHON,
    "data.json": f'{{"{GITHUB}": {{"aws": "{AMAZON}", "password": "{PASSWORD}"}}}}',
    "config.js": f'export const key = "{STRIPE}"; export default {{ "{GITHUB}": "{SLACK}" }};\n',
    "env.sh": f'export AWS_KEY="{AMAZON}"\nexport PASSWORD="{PASSWORD}"\n',
    "main.go": f'package main\n\nconst Key = "{AMAZON}"\n\nvar token = "{GITHUB}"\n',
    "page.html": f'<meta name="token" content="{GITHUB}"><div id="{STRIPE}"></div>',
    "style.css": f'a::after {{ content: "{GITHUB}"; }}\n',
    "app.rb": f'PASSWORD = "{PASSWORD}"\nKEY = "{STRIPE}"\n',
    "a.php": f'<?php\ndefine("KEY", "{STRIPE}");\n$password = "{PASSWORD}";\n',
    "broken.py": f'def broken(:\n    "{AMAZON}\npassword = "{PASSWORD}"\n',
}


def unpacked(content: bytes) -> Iterator[bytes]:
    """Bytes, and all that is compressed in them."""
    yield content
    for match in re.finditer(rb"x[\x01\x5e\x9c\xda]", content):
        with contextlib.suppress(zlib.error):
            inner = zlib.decompressobj().decompress(content[match.start() :])
            if inner:
                yield from unpacked(inner)


def contents_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and the values of a database: they may lie on several pages."""
    yield from unpacked(path.read_bytes())
    if path.suffix == ".db":
        connection = sqlite3.connect(path)
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f"SELECT * FROM {table}"):
                for value in row:
                    yield from unpacked(value if isinstance(value, bytes) else str(value).encode())
        connection.close()


def found_in(folder: Path) -> list[tuple[str, str]]:
    """Every file under a folder that holds a secret."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found += [
                (path.name, secret)
                for content in contents_of(path)
                for secret in SECRETS
                for encoding in ("utf-8", "utf-16-le")
                if secret.encode(encoding) in content
            ]
    return found


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = make_shop(tmp_path / "repo")
    for name, text in FILES.items():
        (root / name).write_text(text)
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text("version = 3.12\n")
    (site / "leaky.py").write_text(PYTHON)
    (root / "uses.py").write_text("import leaky\nleaky.connect()\n")
    return root


def test_no_byte_of_a_secret_is_kept(repo: Path, home: Path, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    command = (
        sys.executable,
        "-m",
        "nootropic_lsp",
        "lsp",
        "--log",
        str(log),
        "--log-level",
        "debug",
    )
    with House(repo, command=command) as house:
        house.begin_indexing().wait_indexed()
        for name in ("settings.py", "uses.py"):
            uri = house.open_file(name)
            for method in ("hover", "definition", "signatureHelp"):
                house.at(f"textDocument/{method}", uri, 1, 8)
            house.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
            house.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        house.save("later.py", PYTHON + "\n\nclass Later:\n    pass\n")
        wait_until(lambda: "Later" in house.symbols("Later"), "the new class")
        assert house.leave() == 0
        assert not [secret for secret in SECRETS if secret in house.errors]
    for verb in (("index", "--rebuild"), ("where", "connect"), ("doctor", "--json")):
        done = run_cli(repo, *verb)
        assert not [secret for secret in SECRETS if secret in done.stderr]
    # They were seen, and the library was read: otherwise this would prove nothing.
    assert json.loads(done.stdout)["index"]["secrets"] >= 20
    (cache,) = (home / "cache" / "libraries").glob("*.db")
    connection = sqlite3.connect(cache)
    paths = [row[0] for row in connection.execute("SELECT path FROM libraries")]
    connection.close()
    assert any(path.endswith("leaky.py") for path in paths)
    assert found_in(repo / ".nootropic") == []
    assert found_in(home) == []
    assert not [secret for secret in SECRETS if secret in log.read_text()]


def test_without_the_mask_it_would_be_kept() -> None:
    kept = Unit("settings.py", extract_text(PYTHON, "python")).encoded()
    assert any(GITHUB.encode() in content for content in unpacked(kept))
    masked = Unit("settings.py", extract_text(mask(PYTHON), "python")).encoded()
    for content in unpacked(masked):
        assert not [secret for secret in SECRETS if secret.encode() in content]
