"""What a call takes, while it is typed. The active parameter stands in brackets."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given

from nootropic_lsp.core.symbols import Signature
from nootropic_lsp.features.signature import signature_help


def _shown(signature: Signature) -> str:
    label = signature.label
    parts = [label]
    if signature.active is not None:
        parameter = signature.parameters[signature.active]
        start, end = parameter.span.start, parameter.span.end
        parts = [f"{label[:start]}[{label[start:end]}]{label[end:]}"]
        if parameter.documentation:
            parts.append(f"{parameter.name}: {parameter.documentation}")
    if signature.documentation:
        parts.append(signature.documentation)
    return "\n".join(parts)


@pytest.mark.parametrize("case", cases("signature"), ids=lambda case: case.path.stem)
def test_signature(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = signature_help(snapshot, path, case.cursor)
    case.check("\n---\n".join(map(_shown, found)))
