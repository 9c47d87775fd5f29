"""`nootropic ask`: an answer from the workspace, by a language model, with the places it is from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer, Arriving
from nootropic_lsp.cli.asked import DEADLINE_S, told_of, worker_of
from nootropic_lsp.cli.output import dim
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.core.errors import NootropicError

Event = Mapping[str, Any]


def ask(
    question: str, *, model: str | None = None, workspace: str | None = None, trust: bool = False
) -> Arriving:
    """Ask, and show what the answer rests on."""
    if not question.strip():
        raise NootropicError('there is no question; ask for something, as in "who parses dates?"')
    wire = worker_of(root_for(workspace), trust=trust)
    body = {"question": question, "model": model or ""}
    return arriving(wire.events("/internal/ask", body, deadline_s=DEADLINE_S), question)


def arriving(events: Iterator[Event], question: str) -> Arriving:
    """An answer with its places, out of the events of the worker."""
    last: list[Event] = []

    def pieces() -> Iterator[str]:
        for event in events:
            last[:] = [event]
            if event["event"] == "said":
                yield event["text"]
        if last and last[0]["event"] == "answer":
            # Where no model was asked there were no pieces.
            yield "\n\n" if last[0]["is_found"] else f"{last[0]['text']}\n"

    def rest() -> Answer:
        if not last or last[0]["event"] != "answer":
            raise NootropicError("the worker has given no answer; its log says more")
        answer = {name: each for name, each in last[0].items() if name != "event"}
        return Answer(
            "\n".join(_below(answer)),
            {"question": question, **answer},
            code=FOUND if answer["is_found"] else NOTHING_FOUND,
        )

    return Arriving(pieces(), rest)


def _below(answer: Mapping[str, Any]) -> Iterator[str]:
    cited = [each for each in answer["citations"] if each["is_given"]]
    for path, line in dict.fromkeys((each["path"], each["line"]) for each in cited):
        yield f"  {os.path.relpath(path)}:{line}"
    for note in answer["notes"]:
        yield dim(f"note: {note}")
    if answer["provenance"]:
        yield dim(told_of(answer["provenance"]))
