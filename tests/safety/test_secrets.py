"""Secrets are found where people write them, and ordinary code is left alone.

Every key below is put together at run time, so that this file holds none.
"""

from __future__ import annotations

import random
import string
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nootropic_lsp.safety import secrets
from nootropic_lsp.safety.secrets import find_secrets, looks_random, mask, mask_at_once, redact

LETTERS = string.ascii_letters
WORD = LETTERS + string.digits
HEX = "0123456789abcdef"
CAPITALS = string.ascii_uppercase + string.digits
DICE = random.Random(7)


def key(length: int, alphabet: str = WORD) -> str:
    """A random key; one with a digit and both cases in it, where the alphabet has them."""
    while True:
        made = "".join(DICE.choice(alphabet) for _ in range(length))
        kinds = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
        if all(set(made) & set(kind) for kind in kinds if set(alphabet) & set(kind)):
            return made


KNOWN = {
    "amazon": "AK" + "IA" + key(16, CAPITALS),
    "github": "gh" + "p_" + key(36),
    "github fine-grained": "github" + "_pat_" + key(22) + "_" + key(59),
    "gitlab": "gl" + "pat-" + key(20),
    "slack": "xo" + "xb-" + key(12, string.digits) + "-" + key(12, string.digits) + "-" + key(24),
    "openai": "s" + "k-" + key(48),
    "openai project": "s" + "k-proj-" + key(64),
    "anthropic": "s" + "k-ant-api03-" + key(90) + "-AA",
    "stripe": "sk" + "_live_" + key(24),
    "google": "AI" + "za" + key(35),
    "sendgrid": "SG" + "." + key(22) + "." + key(43),
    "npm": "npm" + "_" + key(36),
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + key(70),
    "hugging face": "hf" + "_" + key(34, LETTERS),
    "telegram": key(9, "123456789") + ":AA" + key(33),
    "web token": "ey" + "J" + key(33) + ".ey" + "J" + key(60) + "." + key(43),
    "discord": "MT" + key(22) + "." + key(6) + "." + key(38),
    "digitalocean": "dop" + "_v1_" + key(64, HEX),
    "mailchimp": key(32, HEX) + "-us" + "12",
}


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.parametrize("around", ['x = "{}"', "# {}", "curl -H {} https://example.org", "{}"])
def test_keys_that_name_their_maker_anywhere(kind: str, around: str) -> None:
    assert redact(around.format(KNOWN[kind])) == around.format("[redacted]")


@pytest.mark.parametrize(
    "around",
    [
        'foo("{}")',
        "x = '{}'",
        '{{"a": "{}"}}',
        '"Authorization": "Bearer {}"',
        "const k = `{}`;",
    ],
)
def test_literals_without_order(around: str) -> None:
    secret = "q7Zk" + "W2xP9vLb" + "4TnRj8HsYc" + "3MdFg6QwXz"
    assert redact(around.format(secret)) == around.format("[redacted]")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('password = "{}"', "hunter2"),
        ('password: str = "{}"', "hunter2"),
        ("login(username='ada', password='{}')", "swordfish"),
        ('{{"db_password": "{}"}}', "s3cr3t!"),
        ("PASSWORD := '{}'", "Tr0ub4dor&3"),
        ('const apiKey: string = "{}";', "a8f5f167f44f4964" + "e6c998dee827110c"),
        ('SECRET_KEY = "{}"', "django-insecure-8x!@#k$^&2l1jd9f0"),
        ("settings['SECRET_KEY'] = '{}'", "pa55-w0rd"),
        ('"password" => "{}",', "letme1n"),
        ('os.environ.get("DB_PASSWORD", "{}")', "s3cr3t!Pw9"),
        ("define('DB_PASSWORD', '{}');", "aB3$efgh1"),
        ("export DB_PASSWORD={}\n", "hunter22"),
        ("postgres://app:{}@db.local/x", "s3cretPw"),
        ("redis://:{}@localhost", "hunter2"),
        ('auth_token = "{}"', "Zx8!kQ2#"),
        ("AccountName=x;AccountKey={};End", "Ab3" * 29 + "=="),
    ],
)
def test_values_given_to_names_that_speak_of_secrets(text: str, wanted: str) -> None:
    assert redact(text.format(wanted)) == text.format("[redacted]")


@pytest.mark.parametrize(
    "text",
    [
        'password = ""',
        'password = "<your password>"',
        'password = "{password}"',
        'password = "${DB_PASSWORD}"',
        'password = "%(password)s"',
        'password = "changeme"',
        'password = "********"',
        'password = os.environ["PASSWORD"]',
        'password_field = "new_password1"',
        '"password": "string"',
        '"password": "Passwort"',
        'fields = ["username", "password1", "email2"]',
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]',
        'csrf_token = "csrfmiddlewaretoken"',
        'token = "identifier"',
        'TOKEN = r"[^\\W\\d]\\w*3A"',
        'if token == "A1b2C3d4": ...',
        ".sk-folding-cube-animation-12 { color: red }",
        'key = "value1A!"',
        'sha256 = "' + "0123456789abcdef" * 4 + '"',
        'uuid = "123e4567-e89b-12d3-a456-426614174000"',
        'alphabet = "' + string.ascii_letters + string.digits + '"',
        'x = "test_TheQuickBrownFox2JumpsOverTheLazyDog"',
        'x = "packages/Server2/Handlers/TextDocument3/Completion"',
        'x = "Cryptography_HAS_TLSv1_3_HS_FUNCTIONS"',
        "https://user:password@example.com/",
        "https://{user}:{secret}@example.com/",
        "http://localhost:8000/@scope/name",
        'begin = "-----BEGIN RSA ' + 'PRIVATE KEY-----"',
        "AK" + "IAIOSFODNN7EXAMPLE",
        "",
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_a_private_key_loses_its_body() -> None:
    begin, end = ("-----" + word + " RSA PRIVATE KEY" + "-----" for word in ("BEGIN", "END"))
    body = "\n".join(key(64) for _ in range(6))
    assert redact(f"a\n{begin}\n{body}\n{end}\nb") == f"a\n{begin}[redacted]{end}\nb"
    cut_off = redact(f"{begin}\n{body}\n\nb = 1")
    assert cut_off == f"{begin}[redacted]\n\nb = 1"


def test_places_are_code_points() -> None:
    text = f'# ünï 😀 \ud800\n𝒙 = "{KNOWN["github"]}"  # é'
    [span] = find_secrets(text)
    assert text[span.start : span.end] == KNOWN["github"]


def test_a_mask_keeps_every_place() -> None:
    begin, end = ("-----" + word + " PRIVATE KEY" + "-----" for word in ("BEGIN", "END"))
    text = f"{begin}\r\n{key(64)}\r\n{end}\nx = '{KNOWN['npm']}'\n"
    masked = mask(text)
    assert len(masked) == len(text)
    assert masked.count("\n") == text.count("\n")
    assert KNOWN["npm"] not in masked
    assert find_secrets(masked) == []


@settings(deadline=None)
@given(st.text(), st.sampled_from(sorted(KNOWN.values())), st.text())
def test_whatever_is_around(before: str, secret: str, after: str) -> None:
    redacted = redact(f'{before}\n"{secret}"\n{after}')
    assert secret not in redacted


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("pas\"'=: ,kKeywordsecrettokn-_/.+09A\n@"), max_size=300))
def test_spans_are_in_order_and_inside(text: str) -> None:
    spans = find_secrets(text)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    "piece",
    [
        "x1",
        "password='",
        "-----BEGIN PRIVATE KEY-----",
        "-eyJAAAAAAAAAA1.",
        "://a:",
        "'token',   (",
    ],
)
def test_hostile_text_does_not_hang(piece: str) -> None:
    find_secrets(piece * (200_000 // len(piece)))


def test_random_keys_are_told_from_names() -> None:
    dice = random.Random(11)
    keys = ["".join(dice.choice(WORD + "+/") for _ in range(40)) for _ in range(200)]
    assert sum(map(looks_random, keys)) >= 190


def test_the_standard_library_has_hardly_any() -> None:
    folder = Path(random.__file__).parent
    flagged = {
        name: [text[span.start : span.end] for span in spans]
        for name in ("argparse", "ast", "datetime", "smtplib", "token", "tokenize", "turtle", "ssl")
        if (spans := find_secrets(text := (folder / f"{name}.py").read_text(encoding="utf-8")))
    }
    assert flagged == {}


def test_without_detect_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "detect_secrets.core.plugins.util", None)
    secrets._detect_secrets.cache_clear()
    text = 'token = "abc1"; x = "https://ada:' + "hunter2" + '@host"'
    try:
        assert redact(text) == 'token = "abc1"; x = "https://ada:[redacted]@host"'
    finally:
        secrets._detect_secrets.cache_clear()


def test_with_detect_secrets() -> None:
    """A line in doubt, with a key that only detect-secrets knows: Artifactory's."""
    pytest.importorskip("detect_secrets")
    artifactory = "AK" + "C" + "2xQ9zLmPwTb"
    text = f'token_1 = "deploy1"; upload("{artifactory}")'
    assert artifactory not in redact(text)


def test_detect_secrets_is_asked_only_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("nothing here is in doubt")

    monkeypatch.setattr(secrets, "_detect_secrets", refuse)
    find_secrets("def f(x):\n    return x + 1  # ordinary\n" * 50)
    find_secrets(f'password = "hunter2"\nx = "{KNOWN["github"]}"\n')


def test_who_waits_gets_an_answer_without_a_second_opinion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_slow() -> None:
        raise AssertionError("it takes half a second to load")

    text = f'one = "ghs_{key(12)}"\nkey = "AKIA{key(16, CAPITALS)}"\nurl = "https://a.b/c?d={key(9)}"\n'
    expected = mask(text)
    monkeypatch.setattr(secrets, "_detect_secrets", too_slow)
    hidden = mask_at_once(text)
    assert len(hidden) == len(text)
    assert "AKIA" not in hidden
    # Nothing that is masked with time to think is shown without.
    assert all(now == "*" for now, then in zip(hidden, expected, strict=True) if then == "*")
