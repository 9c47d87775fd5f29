"""The real server with an indexer whose workers hang: for tests only."""

from __future__ import annotations

import sys
from pathlib import Path

from nootropic_lsp.cli.main import main
from nootropic_lsp.index import owner, vetting, workers

if __name__ == "__main__":
    here = Path(__file__).parent
    owner._COMMAND = (sys.executable, str(here / "hanging_service.py"))
    workers._COMMAND = (sys.executable, str(here / "hanging_worker.py"))
    vetting._DEADLINE_S = 3.0
    sys.exit(main(["lsp"]))
