"""This file is where an editor asks by a command for a refactoring that needs more than a place."""

from __future__ import annotations

from typing import Any

import msgspec

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.server import params
from nootropic_lsp.server.edits import workspace_edit
from nootropic_lsp.server.question import Question

Json = dict[str, Any]

MOVE, CHANGE_SIGNATURE = "nootropic.moveSymbol", "nootropic.changeSignature"


def read(asked: params.Command) -> params.Moved | params.Signed:
    """What a command asks for; its one argument is an object."""
    shape: Any = params.Moved if asked.command == MOVE else params.Signed
    found: params.Moved | params.Signed = msgspec.convert(
        next(iter(asked.arguments or []), None), shape
    )
    return found


def edit_or_reason(question: Question, asked: params.Moved | params.Signed) -> Json | None:
    """The edit, or None after the user was told why there is none."""
    try:
        patch = _patch(question, asked)
        if patch.note:
            question.tell(patch.note)
        return workspace_edit(question, patch)
    except RefusedError as error:
        question.tell(str(error))
        return None


def _patch(question: Question, asked: params.Moved | params.Signed) -> Patch:
    refactor = question.features.refactor
    snapshot, path, offset = question.at(asked)
    patch: Patch
    if isinstance(asked, params.Moved):
        target = question.path(asked.target)
        patch = refactor.move_symbol.move_symbol(snapshot, path, offset, target)
    else:
        parameter = refactor.parameters.Parameter
        wanted = [
            parameter(each.name, each.was, each.default, each.value) for each in asked.parameters
        ]
        patch = refactor.change_signature.change_signature(snapshot, path, offset, wanted)
    return patch
