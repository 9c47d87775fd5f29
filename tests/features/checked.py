"""The findings of the graph's checks in a small workspace, each as `line code: text`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from features.workspace import Workspace

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.checks import checks

# What a finding says in one line, for a case without other files.
Files = str | Mapping[str, str]


def project(root: Path, files: Files) -> Workspace:
    """A workspace of some files, or of one called a.py."""
    given = {"a.py": files} if isinstance(files, str) else files
    return Workspace(root, {name: dedent(text).lstrip("\n") for name, text in given.items()})


def findings(workspace: Workspace, name: str) -> list[Finding]:
    """All findings in a file."""
    return checks(workspace.snapshot(), workspace.path(name))


def found(root: Path, files: Files, code: str, name: str = "a.py") -> list[str]:
    """The findings of one rule in a file."""
    workspace = project(root, files)
    snapshot = workspace.snapshot()
    path = workspace.path(name)
    text, lines = snapshot.text(path), snapshot.lines(path)
    return [
        f"{lines.line_of(each.span.start) + 1} {text[each.span.start : each.span.end]}"
        for each in checks(snapshot, path)
        if each.code == code
    ]


def fixed(root: Path, files: Files, code: str, name: str = "a.py") -> str:
    """The text of a file after the fix of the first finding of a rule."""
    workspace = project(root, files)
    text = workspace.snapshot().text(workspace.path(name))
    for each in findings(workspace, name):
        if each.code == code and each.fix is not None:
            for edit in sorted(each.fix.edits, key=lambda edit: -edit.span.start):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            return text
    return text
