"""The editor and `nootropic lint` say the same of a whole repository."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from server.client import REAL, Client

from nootropic_lsp.analysis import semgrep
from nootropic_lsp.core.findings import SEVERITIES

PLANTED = {
    "planted/__init__.py": "",
    "planted/text.py": """\
import yaml


def same(x, y=[]):
    return ("é😀", x is "a", y)


def quiet(x):
    return x is "b"  # nootropic: ignore[is-literal]


def loaded(text):
    return yaml.load(text)  # nootropic: ignore[mutable-default]
""",
    "planted/graph.py": """\
import os

from planted.nowhere import thing
from planted.text import loaded, same

print(same("é😀", 1, 2), loaded(), thing, unknown_name)
""",
    "planted/query.py": """\
def by_title(words):
    return f"SELECT * FROM products WHERE title = '{words}'"
""",
    "planted/web.py": """\
import sqlite3

from flask import request

from planted.query import by_title


def search():
    shop = sqlite3.connect("shop.db")
    return shop.execute(by_title(request.args["words"])).fetchall()
""",
    "planted/broken.py": "def f(:\n    return (\n",
    "planted/page.ts": "export function odd(x: number): boolean {\n  return x === NaN;\n}\n",
    # It is looked at last, and what is found in it only a thorough look finds.
    "planted/zz_last.py": "def _nobody_calls_this():\n    return 1\n",
    ".nootropic/rules/mine.yaml": """\
id: no-title
language: python
severity: warning
message: titles are for others
rule: {pattern: by_title($X)}
""",
}
LAST = "planted/zz_last.py"
CAPABILITIES: dict[str, Any] = {
    "experimental": {"didChangeStatus": True},
    "general": {"positionEncodings": ["utf-32"]},
    "textDocument": {"diagnostic": {"relatedDocumentSupport": False}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
ENDS = ("start", "end")
DEADLINE_S = 100


@dataclass(frozen=True, order=True)
class Said:
    """What both doors say of a finding, places counted from 0."""

    path: str
    start: tuple[int, int]
    end: tuple[int, int]
    code: str
    severity: str
    message: str


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PyYAML as it is installed, and files with a finding of each engine."""
    root = tmp_path / "repository"
    shutil.copytree(
        Path(yaml.__file__).parent,
        root / "yaml",
        ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"),
    )
    (root / "pyproject.toml").write_text('[project]\nname = "repository"\n')
    for path, text in PLANTED.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def editor(repository: Path) -> Iterator[Client]:
    with Client(REAL, cwd=repository) as client:
        client.start(repository, capabilities=CAPABILITIES)
        client.wait_for(lambda: is_ready(client), DEADLINE_S, "the index")
        yield client


def is_ready(client: Client) -> bool:
    told = client.notified("didChangeStatus")
    return bool(told) and not told[-1]["busy"]


def by_lint(type_) -> list[Said]:
    typed = type_("lint", "--output-format", "json", "--no-cache", "--allow-incomplete")
    return sorted(
        Said(
            each["path"],
            (each["line"] - 1, each["column"] - 1),
            (each["end_line"] - 1, each["end_column"] - 1),
            each["code"],
            each["severity"],
            each["message"],
        )
        for each in json.loads(typed.out)["findings"]
    )


def in_editor(path: str, items: list[dict[str, Any]]) -> list[Said]:
    return sorted(
        Said(
            path,
            *((each["range"][end]["line"], each["range"][end]["character"]) for end in ENDS),
            each["code"],
            SEVERITIES[each["severity"] - 1],
            each["message"],
        )
        for each in items
    )


@pytest.mark.timeout(400)
def test_the_editor_and_lint_agree(repository, editor, type_):
    linted = by_lint(type_)
    codes = {each.code for each in linted if each.path.startswith("planted/")}
    assert codes >= {"syntax", "is-literal", "unsafe-yaml-load", "unused-ignore", "nan-comparison"}
    assert codes >= {"unresolved-import", "undefined-name", "wrong-arguments", "unused-function"}
    assert ("sql-injection" in codes) == (semgrep.find_core() is not None)
    assert ("user/no-title" in codes) == (find_spec("ast_grep_py") is not None)
    assert any(each.path.startswith("yaml/") for each in linted)

    # All files at once, as they are on the disk.
    answer = editor.request("workspace/diagnostic", {"previousResultIds": []}, DEADLINE_S)
    swept = [
        said
        for each in answer["items"]
        for said in in_editor(relative(repository, each["uri"]), each["items"])
    ]
    assert sorted(swept) == linted

    # One after the other, as they are opened; the last is looked at when all others were.
    paths = sorted(
        str(path.relative_to(repository)) for path in repository.rglob("*") if is_code(path)
    )
    assert paths[-1].startswith("yaml/")
    paths.remove(LAST)
    for path in (*paths, LAST):
        language = "typescript" if path.endswith(".ts") else "python"
        editor.open((repository / path).as_uri(), (repository / path).read_text("utf-8"), language)
    until = time.monotonic() + DEADLINE_S
    while not (last := pulled(editor, repository, LAST)) and time.monotonic() < until:
        time.sleep(0.2)
    assert [each.code for each in last] == ["unused-function"]
    shown = [said for path in (*paths, LAST) for said in pulled(editor, repository, path)]
    assert sorted(shown) == linted


def is_code(path: Path) -> bool:
    return path.suffix in (".py", ".ts")


def relative(root: Path, uri: str) -> str:
    return uri.removeprefix(root.as_uri() + "/")


def pulled(editor: Client, root: Path, path: str) -> list[Said]:
    document = {"uri": (root / path).as_uri()}
    answer = editor.request("textDocument/diagnostic", {"textDocument": document}, DEADLINE_S)
    return in_editor(path, answer["items"])
