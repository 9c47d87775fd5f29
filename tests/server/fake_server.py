"""The real server in front of a fake house: a program that tests start."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

from server.fake_house import HOUSE

from nootropic_lsp.server.main import ServerArguments, serve


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--ws", action="store_true")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token-file")
    given = parser.parse_args()
    address = (given.host, 0)
    return serve(
        ServerArguments(
            tcp=address if given.tcp else None,
            ws=address if given.ws else None,
            token_file=given.token_file,
        ),
        HOUSE,
    )


if __name__ == "__main__":
    raise SystemExit(main())
