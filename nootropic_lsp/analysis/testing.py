"""Which files are tests or show how something is done: what they do harms nobody."""

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


# What tests are fed with: often broken on purpose, and never run.
_TEST_INPUT = re.compile(
    r"(?:^|[/\\])(?:test[_-]?data|__fixtures__|__testfixtures__|__snapshots__)[/\\]"
    r"|(?:^|[/\\])(?:tests?|specs?|__tests__|e2e|t)[/\\](?:[^/\\]+[/\\])*"
    r"(?:(?:[\w.-]*[_-])?(?:data|fixtures?|snapshots|golden|corpus|inputs?|resources)[/\\]"
    r"|(?:fail|invalid|broken|malformed|bad)(?:[_.\d-][^/\\]*|ed[^/\\]*)?$)"
)


def is_test_input(path: str) -> bool:
    """Whether a file is what tests are fed with, by its path inside the workspace."""
    return _TEST_INPUT.search(path) is not None


_FOR_TYPE_CHECKERS = re.compile(
    r"(?:^|[/\\])(?:typing|types?)[_-](?:tests?|checks?)[/\\]|\.test-d\.ts$"
)


def is_for_type_checkers(path: str) -> bool:
    """Whether a file is only read by checkers of types, by its path inside the workspace."""
    return _FOR_TYPE_CHECKERS.search(path) is not None


# Code that is there to be read and run on the reader's own machine.
_EXAMPLE = re.compile(
    r"(?:^|[/\\])(?:[\w.-]+[_-])?(?:examples?|samples?|demos?|tutorials?|docs?(?:_src)?"
    r"|documentation|playground|cookbook)[/\\]"
)
# What is wrong only where something is deployed: keys that open nothing, servers on the own machine.
_OF_DEPLOYMENT = frozenset(
    {
        *("cookie-setting-off", "debug-on", "hard-coded-secret", "insecure-cookie"),
        *("insecure-temp-file", "old-tls", "tls-off", "weak-hash", "weak-random"),
    }
)


def matters_at(code: str, path: str) -> bool:
    """Whether a rule has something to say in a file, by its path inside the workspace."""
    return code not in _OF_DEPLOYMENT or not (_EXAMPLE.search(path) or is_test(path))


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
