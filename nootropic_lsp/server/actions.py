"""This file is where fixes and refactorings become the entries of an editor's menu."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines, Span
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.server import assisting, params
from nootropic_lsp.server.diagnostics import diagnostic, known
from nootropic_lsp.server.edits import workspace_edit
from nootropic_lsp.server.positions import to_position
from nootropic_lsp.server.question import Question

log = logging.getLogger(__name__)

Json = dict[str, Any]

QUICK_FIX, FIX_ALL = "quickfix", "source.fixAll.nootropic"
ORGANISE = "source.organizeImports"
KINDS = [
    QUICK_FIX,
    FIX_ALL,
    ORGANISE,
    "refactor",
    "refactor.extract",
    "refactor.inline",
    "refactor.move",
    "refactor.rewrite",
]
APPLY = "nootropic.apply"
# Run by clients that name it among their `experimental.commands`.
RENAME = "nootropic.rename"
SECTION = "textDocument.codeAction"
# Each fix is tried out before it is offered; who selects a whole file wants them all at once.
MOST_AT_ONCE = 10
AUTOMATIC = 2


def code_actions(question: Question, asked: params.CodeActions) -> list[Json]:
    """What can be done at a place: entries with their edits, or with what they are made from."""
    path = question.path(asked.text_document.uri)
    span = question.span(path, asked.range)
    only = asked.context.only or ()
    entries: list[Json] = []
    if question.settings.features.diagnostics and _wants(only, QUICK_FIX, FIX_ALL):
        found = known(question, path)
        if _wants(only, QUICK_FIX):
            entries += _quick_fixes(question, path, span, found)
        if any(each.fix is not None and each.fix.is_safe for each in found):
            all_safe = {"what": "all"}
            entries.append(
                {"title": "Fix all that can be fixed safely", "kind": FIX_ALL, "make": all_safe}
            )
    if any(_wants(only, kind) for kind in KINDS if kind != FIX_ALL):
        entries += _refactorings(question, path, span, only)
    wanted = [each for each in entries if _wants(only, each["kind"])]
    done = list(_as_client_can(question, path, wanted, asked.context.trigger_kind))
    if question.client.can("workspace.applyEdit"):
        by_model = assisting.offers(question, asked)
        done += [
            each if question.client.knows_actions else each["command"] | {"title": each["title"]}
            for each in by_model
            if _wants(only, each["kind"])
        ]
    return done


def resolve(question: Question, action: Json) -> Json:
    """An entry with its edit."""
    given = msgspec.convert(action.get("data"), params.ActionData)
    done = _done(question, given)
    if "command" not in question.client.list(f"{SECTION}.resolveSupport.properties"):
        done.pop("command", None)
    return {**action, **done}


def edit_of(question: Question, given: params.ActionData) -> Json | None:
    """The edit of an entry. Raises `RefusedError` if the text is not the one it was made for."""
    edit: Json | None = _done(question, given).get("edit")
    return edit


def _done(question: Question, given: params.ActionData) -> Json:
    """The edit of an entry, if it changes something, and the command that follows it."""
    path = question.path(given.uri)
    document = question.snapshot.document(path)
    if (None if document is None else document.version) != given.version:
        raise RefusedError(f"{Path(path).name} has changed since; ask for its actions once more")
    _refuse_read_only(path)
    offer = _offer(question, path, given) if given.what == "offer" else None
    patch = _patch(question, path, given) if offer is None else offer.make()
    if patch.note:
        question.tell(patch.note)
    edit = workspace_edit(question, patch)
    if edit is None:
        return {}
    if offer is None or not offer.is_named or RENAME not in question.client.commands:
        return {"edit": edit}
    return {"edit": edit, **_rename(question, path, patch)}


def edit_or_reason(question: Question, given: params.ActionData) -> Json | None:
    """The edit of an entry for a client that is told by a message why there is none."""
    try:
        return edit_of(question, given)
    except RefusedError as error:
        question.tell(str(error))
        return None


def _wants(only: Sequence[str], *kinds: str) -> bool:
    return not only or any(f"{kind}.".startswith(f"{each}.") for each in only for kind in kinds)


def _quick_fixes(
    question: Question, path: str, span: Span, found: Sequence[Finding]
) -> Iterator[Json]:
    """What can be done about findings. `make` says what the edit of an entry is made from."""
    here = _touching(question, path, found, span)[:MOST_AT_ONCE]
    for finding in here:
        if finding.fix is not None and _is_proven(question, path, finding, found):
            is_safe = finding.fix.is_safe
            yield {
                "title": finding.fix.title + ("" if is_safe else " (unsafe: look at it)"),
                "kind": QUICK_FIX,
                "diagnostics": [diagnostic(question, path, finding)],
                "isPreferred": is_safe,
                "make": _from("fix", finding),
            }
    for code, finding in {each.code: each for each in here if each.fix is not None}.items():
        is_safe = any(
            each.fix is not None and each.fix.is_safe for each in here if each.code == code
        )
        if len(_alike(found, code, is_safe=is_safe)) > 1:
            yield {
                "title": f"Fix all '{code}' in this file"
                + ("" if is_safe else " (unsafe: look at them)"),
                "kind": QUICK_FIX,
                "diagnostics": [diagnostic(question, path, finding)],
                "make": {"what": "all" if is_safe else "all unsafe", "code": code},
            }
    for code, finding in {each.code: each for each in here}.items():
        if code != question.features.syntax.CODE:
            yield {
                "title": f"Ignore '{code}' for this line",
                "kind": QUICK_FIX,
                "diagnostics": [diagnostic(question, path, finding)],
                "make": _from("ignore", finding),
            }


def _refactorings(question: Question, path: str, span: Span, only: Sequence[str]) -> Iterator[Json]:
    try:
        offers = _offers(question, path, span)
    except Exception:
        # A bug in one of them must not keep the fixes from the user.
        log.exception("no refactoring can be offered")
        return
    if only and _wants(only, ORGANISE):
        # On saving, wherever the cursor is.
        yield {"title": "Organise imports", "kind": ORGANISE, "make": {"what": "organise"}}
        offers = [each for each in offers if each.kind != ORGANISE]
    for offer in offers:
        make = {"what": "offer", "code": offer.title, "start": span.start, "end": span.end}
        yield {"title": offer.title, "kind": offer.kind, "make": make}


def _offers(question: Question, path: str, span: Span) -> list[Any]:
    module = question.features.refactor.offers
    found: list[Any] = module.offers(question.snapshot, path, span)
    return found + list(module.import_offers(question.snapshot, path, span.start))


def _offer(question: Question, path: str, given: params.ActionData) -> Any:
    for offer in _offers(question, path, Span(given.start, given.end)):
        if offer.title == given.code:
            return offer
    raise RefusedError(f"there is nothing any more to do “{given.code}” with")


def _rename(question: Question, path: str, patch: Patch) -> Json:
    """The command that has the user name what a patch brings, in the text as it will be."""
    features = question.features
    span = features.refactor.offers.given_name(patch, path)
    if span is None:
        return {}
    text = features.rename.applied(question.text(path), patch.edits[path])
    position = to_position(text, Lines.of(text), span.start, question.client.encoding)
    arguments = [question.uri(path), position]
    return {"command": {"title": "Rename", "command": RENAME, "arguments": arguments}}


def _from(what: str, finding: Finding) -> Json:
    span = finding.span
    return {"what": what, "code": finding.code, "start": span.start, "end": span.end}


def _touching(question: Question, path: str, found: Sequence[Finding], span: Span) -> list[Finding]:
    """The findings at a selection, or else those that begin in the line of the cursor."""
    here = [each for each in found if each.span.start <= span.end and span.start <= each.span.end]
    if here or span.start != span.end:
        return here
    lines = question.snapshot.lines(path)
    line = lines.line_of(span.start)
    return [each for each in found if lines.line_of(each.span.start) == line]


def _as_client_can(
    question: Question, path: str, entries: Sequence[Json], trigger: int | None
) -> Iterator[Json]:
    client = question.client
    is_lazy = "edit" in client.list(f"{SECTION}.resolveSupport.properties")
    shows_reasons = client.can(f"{SECTION}.disabledSupport") and trigger != AUTOMATIC
    document = question.snapshot.document(path)
    version = None if document is None else document.version
    for entry in entries:
        data = {"uri": question.uri(path), "version": version, **entry.pop("make")}
        if not client.knows_actions:
            if client.can("workspace.applyEdit"):
                yield {"title": entry["title"], "command": APPLY, "arguments": [data]}
        elif is_lazy and client.can(f"{SECTION}.dataSupport") and _is_writable(path):
            yield {**entry, "data": data}
        else:
            try:
                done = _done(question, msgspec.convert(data, params.ActionData))
            except RefusedError as error:
                if shows_reasons:
                    yield {**entry, "isPreferred": False, "disabled": {"reason": str(error)}}
            else:
                if done:
                    yield {**entry, **done}


def _patch(question: Question, path: str, given: params.ActionData) -> Patch:
    features, snapshot = question.features, question.snapshot
    if given.what == "organise":
        organised: Patch = features.refactor.organise_imports.organise_imports(snapshot, path)
        return organised
    found = known(question, path)
    if given.what.startswith("all"):
        edits = features.findings.rounds.fixed_in_rounds(
            snapshot,
            path,
            found,
            _find(question),
            lambda _, known: _alike(known, given.code, is_safe=given.what == "all"),
        ).edits
        title = f"Fix all '{given.code}'" if given.code else "Fix all"
    else:
        place = (given.code, Span(given.start, given.end))
        finding = next((each for each in found if (each.code, each.span) == place), None)
        if finding is None:
            raise RefusedError(f"'{given.code}' is no longer found there")
        if given.what == "ignore":
            title = f"Ignore '{given.code}'"
            edits = features.findings.ignoring.ignoring(
                snapshot, path, finding, found, _find(question)
            )
        else:
            title = finding.fix.title if finding.fix is not None else ""
            edits = features.findings.fixes.edits_of([finding])
    if not edits:
        raise RefusedError("there is no way to do that which keeps the rest as it is")
    patch: Patch = features.findings.fixes.patch_of(snapshot, path, edits, title)
    return patch


def _alike(found: Sequence[Finding], code: str, *, is_safe: bool) -> list[Finding]:
    """The findings with a fix, those of one code or of all; unsafe ones only if wanted."""
    return [
        each
        for each in found
        if each.fix is not None
        and (each.fix.is_safe or not is_safe)
        and (not code or each.code == code)
    ]


def _is_proven(question: Question, path: str, finding: Finding, found: Sequence[Finding]) -> bool:
    features = question.features
    proven: bool = features.findings.fixes.verified(
        question.snapshot, path, finding, found, _find(question)
    )
    return proven


def _find(question: Question) -> Any:
    """How fixes are judged here: by what is found as one types."""
    features, settings = question.features, question.settings
    return lambda snapshot, path: features.findings.find.as_you_type(snapshot, path, settings)


def _is_writable(path: str) -> bool:
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return True  # It has not been saved yet.
    return bool(mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)) and os.access(path, os.W_OK)


def _refuse_read_only(path: str) -> None:
    if not _is_writable(path):
        raise RefusedError(f"{Path(path).name} is read-only")
