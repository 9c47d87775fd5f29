"""The real indexer with workers that hang, and less patience: for tests only."""

from __future__ import annotations

import sys
from pathlib import Path

from nootropic_lsp.index import indexer, service, workers

if __name__ == "__main__":
    workers._COMMAND = (sys.executable, str(Path(__file__).with_name("hanging_worker.py")))
    indexer._DEADLINE_S = indexer._SINGLE_DEADLINE_S = 1.0
    sys.exit(service.main())
