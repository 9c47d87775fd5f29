"""This file is where requests that end in edits are handed to features."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.server import params
from nootropic_lsp.server.edits import workspace_edit
from nootropic_lsp.server.question import Question


def prepare_rename(question: Question, asked: params.AtPosition) -> Any:
    snapshot, path, offset = question.at(asked)
    span = question.features.rename.prepare_rename(snapshot, path, offset)
    return {
        "range": question.range(path, span),
        "placeholder": snapshot.text(path)[span.start : span.end],
    }


def rename(question: Question, asked: params.Rename) -> Any:
    patch = question.features.rename.rename(*question.at(asked), asked.new_name)
    if patch.note:
        question.tell(patch.note)
    return workspace_edit(question, patch)


def rename_files(question: Question, asked: params.FileRenames) -> Any:
    moved = [(question.path(each.old_uri), question.path(each.new_uri)) for each in asked.files]
    patch = question.features.rename.rename_files(question.snapshot, moved)
    return workspace_edit(question, patch)
