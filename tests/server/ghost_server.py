"""The real server and house with a token model that says what a test wants: a program."""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

from features.scripted import Scripted

from nootropic_lsp.app import App
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.server.house import Features, House
from nootropic_lsp.server.main import ServerArguments, serve


class Slow(Scripted):
    """Takes its time where the text says so."""

    def suggest(self, document, offset, *, threshold, typed=None):
        if "sleepy" in document.text:
            print("note: asked", file=sys.stderr, flush=True)
            time.sleep(0.3)
        return super().suggest(document, offset, threshold=threshold, typed=typed)


class Scene(App):
    predictor = Slow(json.loads(os.environ["SAYS"]), float(os.environ.get("SURE", "0.9")))

    def snapshot(self) -> Snapshot:
        made = super().snapshot()
        made.predictor = self.predictor
        return made


if __name__ == "__main__":
    raise SystemExit(serve(ServerArguments(), House(Scene, Features())))
