"""`nootropic models`: which language models are here, getting one, choosing one, measuring them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer, Arriving
from nootropic_lsp.cli.asked import DEADLINE_S, worker_of
from nootropic_lsp.cli.output import bold, count
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.settings.change import change_user_setting
from nootropic_lsp.worker.wire import Wire

_PREFERENCE = "modelPreference"


def models(
    *,
    do: str | None = None,
    name: str | None = None,
    workspace: str | None = None,
    trust: bool = False,
) -> Answer | Arriving:
    """List models, or do something with one."""
    if do in ("pull", "use") and not name:
        raise NootropicError(f"name the model, as in `nootropic models {do} qwen2.5-coder:3b`")
    wire = worker_of(root_for(workspace), trust=trust)
    if do == "pull":
        return _pull(wire, name or "")
    if do == "bench":
        return _bench(wire, name or "")
    known = wire.ask("GET", "/internal/models", deadline_s=DEADLINE_S)
    if do == "use":
        return _use(known, name or "")
    return Answer("\n".join(_listed(known)), known, FOUND if _askable(known) else NOTHING_FOUND)


def _askable(known: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in known["models"] if not each["refused"]]


def _listed(known: Mapping[str, Any]) -> Iterator[str]:
    if known["models"]:
        rows = [("model", "can", "context", "size", "score", "why"), *map(_row, known["models"])]
        yield shown.table(rows)
    else:
        yield "there is no language model here"
    yield ""
    yield bold("servers")
    for each in known["servers"]:
        said = each["problem"] or count(each["n_models"], "model")
        yield f"  {each['name']}: {said}"
    for each in known["missing"]:
        yield f"nobody offers {each}, which is in `{_PREFERENCE}`"
    yield from known["events"]
    if not _askable(known):
        yield ""
        yield bold("for this machine")
        yield from (f"  {each}" for each in known["suggested"]["commands"])
        yield "with Ollama (https://ollama.com), or any GGUF file in the setting models.gguf"


def _row(model: Mapping[str, Any]) -> tuple[str, ...]:
    size = model["size_bytes"]
    return (
        model["name"],
        ", ".join(model["can"]),
        f"{model['context_tokens']:,}" if model["context_tokens"] else "–",
        f"{size / 1e9:.1f} GB" if size else "–",
        "–" if model["refused"] else f"{model['score']:.2f}",
        model["refused"] or model["why"],
    )


def _use(known: Mapping[str, Any], name: str) -> Answer:
    names = [each["name"] for each in known["models"]]
    found = [each for each in names if name in (each, each.partition(":")[2])]
    if not found:
        there = f"; there are {', '.join(names[:5])}" if names else ""
        raise NootropicError(f"no model here is called {name}{there}")
    file = change_user_setting(_PREFERENCE, [found[0]])
    return Answer(f"{found[0]} is asked first from now on ({file})", {"model": found[0]})


def _pull(wire: Wire, name: str) -> Answer:
    last: Mapping[str, Any] = {}
    with Bar(f"pulling {name}", unit="bytes") as bar:
        for last in wire.events("/internal/models/pull", {"name": name}, deadline_s=DEADLINE_S):
            bar.show(last["done_bytes"], last["total_bytes"])
    return Answer(f"{name} is here", {"model": name, **last})


def _bench(wire: Wire, name: str) -> Arriving:
    made: list[Mapping[str, Any]] = []

    def pieces() -> Iterator[str]:
        for each in wire.events("/internal/models/bench", {"name": name}, deadline_s=DEADLINE_S):
            made.append(each)
            yield f"{_measured(each)}\n"

    def rest() -> Answer:
        is_any = any(each["speeds"] for each in made)
        note = "" if made else "there is no model on this machine to measure"
        return Answer("", {"models": made}, FOUND if is_any else NOTHING_FOUND, note=note)

    return Arriving(pieces(), rest)


def _measured(each: Mapping[str, Any]) -> str:
    speeds = "; ".join(
        f"{kind}: first token after {speed['first_token_s']:.2f} s, {speed['tokens_per_s']:.0f} "
        "tokens/s"
        for kind, speed in each["speeds"].items()
    )
    return f"{each['name']}: {speeds or each['problem']}"
