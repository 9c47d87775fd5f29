"""Which files are tests: what they do with untrusted input or with secrets harms nobody."""

from __future__ import annotations

import re

_TEST_PATH = re.compile(
    r"(?:^|[/\\])(?:(?:tests?|specs?)(?:[_-][\w-]+)?|[\w-]+[_-]tests|testing|testdata|__tests__|__mocks__"
    r"|fixtures|e2e|bench(?:marks?)?)[/\\]|^t[/\\]"
    r"|(?:^|[/\\])(?:test_[^/\\]*|tests|conftest)\.py$|[._](?:test|spec)\.\w+$|_test\.(?:py|go)$|Tests?\.java$"
)


def is_test(path: str) -> bool:
    """Whether a file is a test, by its path inside the workspace."""
    return _TEST_PATH.search(path) is not None


# What a framework for tests wants to see.
_TESTING = re.compile(
    r"\b(?:import|from)[ \t]+(?:pytest|unittest|doctest|nose|hypothesis|django\.test)\b"
    r"|^[ \t]*(?:async[ \t]+)?def[ \t]+test_|\b(?:describe|it|test|suite)(?:\.\w+)*\(\s*[\"'`]"
    r"|@(?:Parameterized)?Test\b|\*testing\.[TBFM]\b|\borg\.(?:junit|testng)\b",
    re.MULTILINE,
)


def has_tests(text: str) -> bool:
    """Whether a text has tests in it; a program does not become one by the folder it lies in."""
    return _TESTING.search(text) is not None
