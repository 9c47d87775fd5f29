"""A worker whose grammar hangs or ends the process over files that say so: for tests only."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from nootropic_lsp.index import worker

_extract_text = worker.extract_text


def extract_text(text: str, language: str) -> Any:
    if "HANG" in text:
        time.sleep(1000)
    if "DIE" in text:
        os._exit(3)
    return _extract_text(text, language)


if __name__ == "__main__":
    worker.extract_text = extract_text
    if len(sys.argv) > 1:
        worker._LONGEST_S = float(sys.argv[1])
    sys.exit(worker.main())
