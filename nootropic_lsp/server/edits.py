"""This file is where patches become workspace edits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.server.question import Question

Json = dict[str, Any]

ALL, CHECK = "all", "check"


def workspace_edit(question: Question, patch: Patch) -> Json | None:
    """A patch in the richest shape that its client knows; None if it changes nothing.

    Raises `RefusedError` if files would have to be renamed and the client cannot: the
    edits without the renames would break what they are meant to keep.
    """
    if not patch.edits and not patch.renames and not patch.creates:
        return None
    client = question.client
    section = "workspace.workspaceEdit"
    can_rename = "rename" in client.list(f"{section}.resourceOperations")
    if patch.renames and not can_rename:
        old, new = next(iter(patch.renames.items()))
        raise RefusedError(
            f"this edit renames {old} to {new}, which your editor does not let a server do; "
            "rename the file in the editor or in a shell"
        )
    if patch.creates and "create" not in client.list(f"{section}.resourceOperations"):
        raise RefusedError(
            f"this edit makes the new file {next(iter(patch.creates))}, which your editor does "
            "not let a server do; make it, and ask once more"
        )
    if not client.can(f"{section}.documentChanges"):
        return {
            "changes": {question.uri(path): _edits(question, patch, path) for path in patch.edits}
        }
    annotated = client.can(f"{section}.changeAnnotationSupport") and bool(
        patch.annotation or patch.confirm
    )
    changes: list[Json] = [
        {
            # Null: whatever version the editor has, for a file that it has not opened.
            "textDocument": {"uri": question.uri(path), "version": patch.versions.get(path)},
            "edits": _edits(question, patch, path, annotated=annotated),
        }
        for path in patch.edits
    ]
    for path, text in patch.creates.items():
        changes += _creation(question, patch, path, text, annotated=annotated)
    changes += [
        {
            "kind": "rename",
            "oldUri": question.uri(old),
            "newUri": question.uri(new),
            **({"annotationId": _annotation(patch, old)} if annotated else {}),
        }
        for old, new in patch.renames.items()
    ]
    if not annotated:
        return {"documentChanges": changes}
    label = patch.annotation or "Changes to look at"
    annotations: Json = {ALL: {"label": label, "needsConfirmation": False}}
    if patch.confirm:
        # VS Code opens its preview for these, and leaves them unticked.
        annotations[CHECK] = {"label": f"{label} (please check)", "needsConfirmation": True}
    return {"documentChanges": changes, "changeAnnotations": annotations}


def _creation(
    question: Question, patch: Patch, path: str, text: str, *, annotated: bool
) -> list[Json]:
    """A new file, and its text."""
    more = {"annotationId": _annotation(patch, path)} if annotated else {}
    start = {"line": 0, "character": 0}
    uri = question.uri(path)
    return [
        {"kind": "create", "uri": uri, "options": {"ignoreIfExists": False}, **more},
        {
            "textDocument": {"uri": uri, "version": None},
            "edits": [{"range": {"start": start, "end": start}, "newText": text, **more}],
        },
    ]


def _edits(question: Question, patch: Patch, path: str, *, annotated: bool = False) -> list[Json]:
    more = {"annotationId": _annotation(patch, path)} if annotated else {}
    edits = patch.edits[path]
    if any("\n" in edit.text for edit in edits) and "\r\n" in question.text(path):
        # Not every editor makes lines end as the others of the file do.
        edits = tuple(replace(edit, text=_with_crlf(edit.text)) for edit in edits)
    return [
        {"range": question.range(path, edit.span), "newText": edit.text, **more} for edit in edits
    ]


def _with_crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _annotation(patch: Patch, path: str) -> str:
    return CHECK if path in patch.confirm else ALL
