"""`nootropic code`: a change that a language model proposes, checked, as a diff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nootropic_lsp.cli.answer import FOUND, Answer
from nootropic_lsp.cli.asked import DEADLINE_S, told_of, worker_of
from nootropic_lsp.cli.changes import painted
from nootropic_lsp.cli.output import dim
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.core.errors import NootropicError


def code(
    *,
    file: list[str],
    instruct: str | None = None,
    model: str | None = None,
    workspace: str | None = None,
    trust: bool = False,
) -> Answer:
    """Ask for a change of some files; nothing is written."""
    if not file:
        raise NootropicError("name the file to change, as in `--file shop/cart.py`")
    if not (instruct or "").strip():
        raise NootropicError('say what to do, as in `--instruct "return early if it is empty"`')
    paths = [str(Path(each).expanduser().absolute()) for each in file]
    root = root_for(workspace, Path(paths[0]).parent)
    body = {
        "paths": [Path(each).as_posix() for each in paths],
        "instruction": instruct,
        "model": model or "",
    }
    wire = worker_of(root, trust=trust)
    made = wire.ask("POST", "/internal/code", body, deadline_s=DEADLINE_S)
    return Answer("\n".join(_lines(made)), _data(made), FOUND, note=dim(_note(made)))


def _lines(made: dict[str, Any]) -> list[str]:
    return [painted(line) for line in made["diff"].splitlines()]


def _note(made: dict[str, Any]) -> str:
    checks = (
        f"{each['name']}: {each['outcome']}" + (f" ({each['said']})" if each["said"] else "")
        for each in made["checks"]
    )
    return "\n".join(filter(None, (made["said"], *checks, told_of(made["provenance"]))))


def _data(made: dict[str, Any]) -> dict[str, Any]:
    provenance = made["provenance"]
    return {
        "diff": made["diff"],
        "files": [each["path"] for each in made["changes"]],
        "checks": made["checks"],
        "model": provenance["model"],
        "tokens": {
            "input": provenance["input_tokens"],
            "output": provenance["output_tokens"],
        },
        "cost_usd": provenance["cost_usd"],
        "seconds": provenance["seconds"],
        "why": provenance["why"],
        "prompt": provenance["prompt"],
        "said": made["said"],
        "sources": made["sources"],
    }
