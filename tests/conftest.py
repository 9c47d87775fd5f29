"""What every test has: a user's folder of its own, so that none sees the developer's.

No worker is started from it: tests of the worker allow it themselves.
"""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for settings and caches, also for the processes a test starts."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "config.json").write_text('{"worker.enabled": false}')
    monkeypatch.setenv("NOOTROPIC_HOME", str(folder))
    monkeypatch.delenv("NOOTROPIC_TRUST", raising=False)
    return folder
