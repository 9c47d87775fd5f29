"""URIs and paths, on both kinds of systems."""

from __future__ import annotations

import pytest

from nootropic_lsp.server.uris import is_uri, to_path, to_uri


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/a%20b/%C3%A9.py", "/home/a b/é.py"),
        ("file:///x/../y.py", "/y.py"),
        ("file:////x/y.py", "/x/y.py"),
        ("file://localhost/x.py", "/x.py"),
        ("FILE:///x.py", "/x.py"),
        ("file:///c%3A/x.py", "/c:/x.py"),
        ("file:///x%23y.py", "/x#y.py"),
        # Documents without a file keep their names.
        ("untitled:Untitled-1", "untitled:Untitled-1"),
        ("vscode-notebook-cell:/x.ipynb#W0", "vscode-notebook-cell:/x.ipynb#W0"),
        ("git:/x.py?%7B%7D", "git:/x.py?%7B%7D"),
        ("file://server/share/x.py", "file://server/share/x.py"),
        ("file://", "file://"),
        ("file:///a%00b", "file:///a%00b"),
        ("", ""),
    ],
)
def test_to_path(uri: str, path: str) -> None:
    assert to_path(uri, windows=False) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/Users/a%20b/x.py", "C:/Users/a b/x.py"),
        ("file:///C:/x.py", "C:/x.py"),
        ("file:///c%3A", "C:/"),
        ("file://server/share/x.py", "//server/share/x.py"),
        ("untitled:Untitled-1", "untitled:Untitled-1"),
    ],
)
def test_to_path_on_windows(uri: str, path: str) -> None:
    assert to_path(uri, windows=True) == path


@pytest.mark.parametrize(
    ("path", "uri", "windows"),
    [
        ("/home/a b/é#.py", "file:///home/a%20b/%C3%A9%23.py", False),
        ("C:/a b/x.py", "file:///c%3A/a%20b/x.py", True),
        ("//server/share/x.py", "file://server/share/x.py", True),
        ("untitled:Untitled-1", "untitled:Untitled-1", False),
        ("untitled:Untitled-1", "untitled:Untitled-1", True),
    ],
)
def test_to_uri(path: str, uri: str, windows: bool) -> None:
    assert to_uri(path, windows=windows) == uri
    assert to_path(uri, windows=windows) == path


def test_a_path_of_windows_with_its_own_slashes() -> None:
    assert to_uri(r"C:\a\x.py", windows=True) == "file:///c%3A/a/x.py"


def test_is_uri() -> None:
    assert is_uri("https://example.org")
    assert not is_uri(r"C:\x.py")
    assert not is_uri("/x.py")
