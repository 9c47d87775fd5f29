"""This file is where an editor has a language model do something, by way of the worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.server import params
from nootropic_lsp.server.edits import workspace_edit
from nootropic_lsp.server.question import Question
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.settings.options import Settings

if TYPE_CHECKING:
    from nootropic_lsp.worker.wire import Wire

Json = dict[str, Any]

SEARCH, ASK, EXPLAIN = "nootropic.search", "nootropic.ask", "nootropic.explain"
CODE, DOCUMENT = "nootropic.code", "nootropic.document"
FIX, WRITE_TESTS = "nootropic.fix", "nootropic.writeTests"
ANSWERS = (SEARCH, ASK, EXPLAIN)
EDITS = (CODE, DOCUMENT, FIX, WRITE_TESTS)
_ROUTES = {
    ASK: "ask",
    EXPLAIN: "explain",
    CODE: "code",
    DOCUMENT: "document",
    FIX: "fix",
    WRITE_TESTS: "tests",
}
_TITLES = {
    CODE: "Change proposed by a model",
    DOCUMENT: "Documentation by a model",
    FIX: "Correction by a model",
    WRITE_TESTS: "Tests by a model",
}
# The worker keeps to the deadlines of the settings; this is for one that hangs.
_DEADLINE_S = 900.0
_CONFIGURE_S = 10.0
_MOST_HITS = 100


class Assistant:
    """The workers of a client's folders, told what its user has set in the editor."""

    def __init__(self, editor: Callable[[], tuple[Mapping[str, Any], bool]]) -> None:
        self._editor = editor
        self._told: dict[int, tuple[Mapping[str, Any], bool]] = {}

    def wire(self, question: Question, path: str) -> Wire:
        """The worker for a file. Raises `NootropicError`."""
        # It needs HTTP, which an editor that asks no model should not pay for.
        from nootropic_lsp.worker.starting import find_or_start  # noqa: PLC0415

        if not question.settings.worker.enabled:
            raise RefusedError("the worker is off; `worker.enabled` is the setting")
        folders = question.snapshot.folders
        if not folders:
            raise RefusedError("open a folder: a file alone has no worker")
        around = [each for each in folders if path.startswith(f"{each}/")]
        wire = find_or_start(Path(max(around, key=len) if around else folders[0]).resolve())
        said = self._editor()
        if self._told.get(wire.port) != said:
            editor, trusted = said
            body = {"editor": editor, "trusted": trusted}
            wire.ask("PUT", "/internal/settings", body, deadline_s=_CONFIGURE_S)
            self._told[wire.port] = said
        return wire

    def answer(
        self,
        question: Question,
        command: str,
        given: params.Asked,
        send: Callable[[Json], None],
    ) -> Json:
        """What a question is answered with; its events go to `send` as they arrive."""
        path = question.path(given.text_document.uri) if given.text_document else ""
        wire = self.wire(question, path)
        if command == SEARCH:
            return _found(question, wire, given)
        body: Json = {
            "question": given.question,
            "history": given.history or [],
            "at": _at(question, given),
            "opened": _opened(question),
            "model": given.model,
        }
        if command == EXPLAIN:
            if body["at"] is None:
                raise RefusedError("say what to explain: a text document and a range")
            del body["question"], body["history"]
        last: Json = {}
        events = wire.events(f"/internal/{_ROUTES[command]}", body, deadline_s=_DEADLINE_S)
        with closing(events) as arriving:  # type: ignore[type-var]
            for last in arriving:
                send(last)
        return _answered(question, last)

    def edit(self, question: Question, asked: params.Command) -> Json | None:
        """The edit that a model proposes, to be confirmed; None after the user was told why not."""
        try:
            return self._edit(question, asked.command, given(asked))
        except NootropicError as error:
            question.tell(str(error))
            return None

    def _edit(self, question: Question, command: str, given: params.Asked) -> Json | None:
        at = _at(question, given)
        if at is None:
            raise RefusedError("say where: a text document and a range")
        body: Json = {"at": at, "opened": _opened(question), "model": given.model}
        if command == CODE:
            body |= {"paths": [at["path"]], "instruction": given.instruction}
        if command == FIX:
            problem = given.diagnostic or params.Problem()
            code = problem.code
            body |= {
                "message": problem.message,
                "source": problem.source,
                "code": "" if code is None else str(code),
            }
        wire = self.wire(question, at["path"])
        route = f"/internal/{_ROUTES[command]}"
        made = wire.ask("POST", route, body, deadline_s=_DEADLINE_S)
        return workspace_edit(question, _patch(question, made, _TITLES[command]))


def given(asked: params.Command) -> params.Asked:
    """What a command asks for; its one argument is an object."""
    return msgspec.convert(next(iter(asked.arguments or []), {}), params.Asked)


def offers(question: Question, asked: params.CodeActions) -> Iterator[Json]:
    """What a model could do at a place, as entries of a menu, where one may be there to do it."""
    if not is_likely(question.settings):
        return
    at = {"textDocument": {"uri": asked.text_document.uri}, "range": asked.range}
    for each in asked.context.diagnostics or ():
        if each.range is None:
            continue
        yield {
            "title": f"Fix with the model: {_short(each.message)}",
            "kind": "quickfix",
            "command": _command(FIX, {**at, "range": each.range, "diagnostic": each}),
        }
    yield {
        "title": "Explain with the model",
        "kind": "refactor",
        "command": _command(EXPLAIN, {**at, "show": True}),
    }
    yield {
        "title": "Document with the model",
        "kind": "refactor.rewrite",
        "command": _command(DOCUMENT, at),
    }
    yield {
        "title": "Write tests for this with the model",
        "kind": "refactor",
        "command": _command(WRITE_TESTS, at),
    }


def is_likely(settings: Settings) -> bool:
    """Whether what speaks with models is installed and the user has said that there is one."""
    models = settings.models
    has_said = models.preference or models.gguf or models.servers or models.clouds
    return bool(
        settings.worker.enabled and has_said and find_spec("httpx") and find_spec("fastapi")
    )


def shown_file(question: Question, answer: Json) -> str:
    """An answer as a Markdown file, for editors that can show no more than files; its URI."""
    lines = [answer["text"], ""]
    for each in answer["citations"]:
        line = each["range"]["start"]["line"] + 1
        lines.append(f"- [{each['label']}]({each['uri']}#L{line})")
    lines += [f"\n> {each}" for each in answer["notes"]]
    folder = cache_folder() / "answers"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{blake2b(answer['text'].encode(), digest_size=6).hexdigest()}.md"
    file.write_text("\n".join(lines), encoding="utf-8")
    return question.uri(file.as_posix())


def _command(name: str, argument: Json) -> Json:
    return {"title": name, "command": name, "arguments": [argument]}


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def _at(question: Question, given: params.Asked) -> Json | None:
    if given.text_document is None or given.range is None:
        return None
    path = question.path(given.text_document.uri)
    span = question.span(path, given.range)
    return {"path": path, "start": span.start, "end": span.end}


def _opened(question: Question) -> list[Json]:
    """The texts that the files may not have."""
    opened = getattr(question.snapshot, "changed", {}).values()
    documents = [each.document for each in opened]
    return [{"path": e.path, "language": e.language, "text": e.text} for e in documents]


def _found(question: Question, wire: Wire, given: params.Asked) -> Json:
    if not given.question.strip():
        raise RefusedError('there is no question; ask for something, as in "parse a date"')
    limit = max(1, min(given.limit, _MOST_HITS))
    body = {"question": given.question, "limit": limit}
    found = wire.ask("POST", "/v1/search", body, deadline_s=_DEADLINE_S)
    root = question.snapshot.folders[0]
    hits = [_location(question, os.path.join(root, each["path"]), each) for each in found["hits"]]  # noqa: PTH118
    return {"hits": [each for each in hits if each], "byWords": found["by_words"]}


def _location(question: Question, path: str, hit: Json) -> Json | None:
    path = path.replace(os.sep, "/")
    try:
        lines = question.snapshot.lines(path)
        text = question.text(path)
    except (OSError, KeyError):
        return None
    start = lines.start_of(min(hit["line"], len(lines)) - 1)
    end = lines.start_of(hit["end_line"]) if hit["end_line"] < len(lines) else len(text)
    location = question.location(Place(path, Span(start, max(start, end))))
    told = {name: hit[name] for name in ("name", "kind", "score", "reasons", "text")}
    return {**told, "uri": location.uri, "range": msgspec.to_builtins(location.range)}


def _answered(question: Question, last: Json) -> Json:
    if last.get("event") != "answer":
        raise NootropicError("the worker has given no answer; its log says more")
    cited = []
    for each in last["citations"]:
        if not each["is_given"]:
            continue
        lines = question.snapshot.lines(each["path"])
        first, end = (min(each[name], len(lines)) for name in ("line", "last"))
        span = Span(lines.start_of(first - 1), lines.start_of(end - 1))
        location = question.location(Place(each["path"], span))
        cited.append(
            {
                "label": f"{each['shown']}:{each['line']}",
                "uri": location.uri,
                "range": msgspec.to_builtins(location.range),
            }
        )
    provenance = last["provenance"]
    return {
        "text": last["text"],
        "thinking": last["thinking"],
        "isFound": last["is_found"],
        "citations": cited,
        "notes": list(last["notes"]),
        "model": provenance["model"] if provenance else None,
        "why": provenance["why"] if provenance else None,
    }


def _patch(question: Question, made: Json, title: str) -> Patch:
    """A proposal as edits of what the editor has, all to be looked at before they are made."""
    edits = {}
    versions = {}
    created = {}
    for each in made["changes"]:
        path = each["path"]
        if each["is_new"]:
            created[path] = each["text"]
            continue
        text = question.text(path)
        if (
            blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
            != each["digest"]
        ):
            raise RefusedError(f"{Path(path).name} has changed meanwhile; ask once more")
        edits[path] = question.features.recipes.edits_between(text, each["text"])
        document = question.snapshot.document(path)
        if document is not None:
            versions[path] = document.version
    checks = "; ".join(f"{each['name']}: {each['outcome']}" for each in made["checks"])
    return Patch(
        edits,
        versions=versions,
        creates=created,
        annotation=f"{title} ({made['provenance']['model']}; {checks})",
        confirm=frozenset((*edits, *created)),
    )
