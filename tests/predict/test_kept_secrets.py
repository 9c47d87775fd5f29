"""What looks like a secret is in no segment and is never suggested, where it is saved or typed."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from predict.modelled import Workspace

from nootropic_lsp.predict.engine import Engine

# Built here, so that this file itself holds none.
_dice = random.Random(11)
CAPITALS = string.ascii_uppercase + string.digits
LETTERS = string.ascii_letters + string.digits


def word(n: int, letters: str = LETTERS) -> str:
    return "".join(_dice.choice(letters) for _ in range(n))


AMAZON = "AKIA" + word(16, CAPITALS)
GITHUB = "ghp" + "_" + word(36)
STRIPE = "sk_" + "live_" + word(24)
PASSWORD = "Tr0ub4dor" + "9xK"
SHORT = "h4x" + "0R!"
KEY_LINES = "\n".join(word(64) for _ in range(12))
PRIVATE = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_LINES}\n-----END RSA PRIVATE KEY-----"
SECRETS = (AMAZON, GITHUB, STRIPE, PASSWORD, SHORT, KEY_LINES[:64], KEY_LINES[65:129])

# Twice each, for what comes once is left out anyway.
PYTHON = f'''
AWS_KEY = "{AMAZON}"
password = "{PASSWORD}"
passphrase = '{SHORT}'
connect(token="{GITHUB}", api_key="{STRIPE}", password="{PASSWORD}")
PRIVATE = """{PRIVATE}"""
'''
FILES = {
    "settings.py": PYTHON * 2,
    "again.py": PYTHON,
    "config.js": f'const key = "{STRIPE}";\nconst password = `{PASSWORD}`;\n' * 3,
    "deploy.sh": f"export AWS_ACCESS_KEY_ID={AMAZON}\nexport PASSWORD={PASSWORD}\n" * 3,
    "key.sh": f'KEY="{PRIVATE}"\n' * 2,
    "data.json": f'{{"a": {{"password": "{PASSWORD}"}}, "b": {{"token": "{GITHUB}"}}}}' * 2,
    "main.go": f'var password = "{PASSWORD}"\nvar k = "{AMAZON}"\n' * 3,
    "app.rb": f'PASSWORD = "{PASSWORD}"\nKEY = "{STRIPE}"\n' * 3,
}
LANGUAGES = {
    "py": "python",
    "js": "javascript",
    "sh": "bash",
    "json": "json",
    "go": "go",
    "rb": "ruby",
}


@pytest.fixture
def vault(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "vault", FILES)
    workspace.build()
    return workspace


def test_no_segment_has_one(vault: Workspace) -> None:
    assert len(vault.segment_files()) == 6
    for path in vault.segment_files():
        data = path.read_bytes()
        assert [secret for secret in SECRETS if secret.encode() in data] == []
    # The rest of those files is there.
    python = next(path for path in vault.segment_files() if path.name.startswith("python"))
    assert b"passphrase" in python.read_bytes()


def test_none_comes_back_from_the_workspace(vault: Workspace) -> None:
    engine = vault.engine()
    for name, text in FILES.items():
        language = LANGUAGES[name.rpartition(".")[2]]
        for secret in SECRETS:
            at = text.find(secret)
            while at >= 0:
                for taken in (0, 2):
                    before = text[: at + taken]
                    assert_unknown(vault, engine, f"new-{name}", before, language)
                at = text.find(secret, at + len(secret))


@pytest.mark.parametrize("name", FILES)
def test_none_comes_back_from_the_open_document(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path / "empty", {})
    engine = workspace.engine()
    text, language = FILES[name], LANGUAGES[name.rpartition(".")[2]]
    for end in ("", "\nx = ", "\npassword = ", "\nPASSWORD=", "\nexport PASSWORD=T", '\nk = "'):
        assert_unknown(workspace, engine, name, text + end, language)


@pytest.mark.parametrize("name", FILES)
def test_none_comes_back_that_was_just_typed(tmp_path: Path, name: str) -> None:
    """The text since the last segment is read in pieces, each too short to tell by itself."""
    workspace = Workspace(tmp_path / "empty", {})
    text, language = FILES[name], LANGUAGES[name.rpartition(".")[2]]
    for secret in SECRETS:
        at = text.find(secret)
        if at < 0:
            continue
        engine = workspace.engine()
        filler = "a = 1\n" * 200
        for length in (0, 1, len(secret) // 2, len(secret) - 1, len(secret), len(text) - at):
            typed = filler + text[: at + length]
            engine.guesses(workspace.document(name, typed, language), len(typed))
        for end in ("\n", "\nx = ", "\nPASSWORD=", f"\nx = {secret[0]}"):
            assert_unknown(workspace, engine, name, filler + text + end, language)


def assert_unknown(
    workspace: Workspace, engine: Engine, name: str, text: str, language: str
) -> None:
    """No secret at the end of a text, whatever is asked."""
    document = workspace.document(name, text, language)
    guesses = [guess.text for guess in engine.guesses(document, len(text), 10_000)]
    for secret in SECRETS:
        assert not [each for each in guesses if secret[:8] in each]
    for typed in (None, AMAZON[:2], PASSWORD[:2], SHORT[:2], f'"{PASSWORD[:3]}'):
        said = engine.suggest(document, len(text), threshold=0.0, typed=typed)
        shown = getattr(said, "text", "")
        assert [secret for secret in SECRETS if secret[:8] in (typed or "") + shown] == []
        assert [secret for secret in SECRETS if shown.startswith(secret[3:9])] == []
