"""What the tests of the command line share: a way to type, and the sample shop."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import nootropic_lsp
from nootropic_lsp.cli.main import main

SAMPLE = Path(nootropic_lsp.__file__).parent / "sample"


@dataclass(frozen=True)
class Typed:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def yaml(self) -> Any:
        return yaml.safe_load(self.out)


Type = Callable[..., Typed]


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str]) -> Type:
    """Run `nootropic` with these words, in this process."""

    def run(*words: str) -> Typed:
        try:
            code = main(words)
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return Typed(code, said.out, said.err)

    return run


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample, copied, as the current folder."""
    root = tmp_path / "shop"
    shutil.copytree(SAMPLE, root)
    monkeypatch.chdir(root)
    return root
