"""Refactorings, as the diff that they make, or why not."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import random
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import Workspace, given, lines

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.refactor.add_import import add_import, missing_imports
from nootropic_lsp.features.refactor.annotations import annotate_return
from nootropic_lsp.features.refactor.change_signature import change_signature
from nootropic_lsp.features.refactor.conditions import (
    expression_to_if,
    if_to_expression,
    invert_if,
    merge_nested_if,
)
from nootropic_lsp.features.refactor.extract_function import extract_function
from nootropic_lsp.features.refactor.extract_variable import extract_variable
from nootropic_lsp.features.refactor.grammars import PYTHON
from nootropic_lsp.features.refactor.inline_variable import inline_variable
from nootropic_lsp.features.refactor.missing_methods import generate_missing_methods
from nootropic_lsp.features.refactor.move_symbol import move_symbol
from nootropic_lsp.features.refactor.offers import (
    Offer,
    given_name,
    import_offers,
    offers,
)
from nootropic_lsp.features.refactor.organise_imports import organise_imports
from nootropic_lsp.features.refactor.parameters import Parameter
from nootropic_lsp.features.refactor.source import source_of
from nootropic_lsp.features.refactor.strings import switch_quotes, to_f_string, to_format
from nootropic_lsp.features.rename import applied
from nootropic_lsp.features.snapshot import Snapshot

BY_OFFSET: Mapping[str, Callable[[Snapshot, str, int], Patch]] = {
    "inline-variable": inline_variable,
    "to-f-string": to_f_string,
    "to-format": to_format,
    "switch-quotes": switch_quotes,
    "missing-methods": generate_missing_methods,
    "annotate-return": annotate_return,
    "invert-if": invert_if,
    "merge-nested-if": merge_nested_if,
    "if-to-expression": if_to_expression,
    "expression-to-if": expression_to_if,
}


def made(case: Case, workspace: Workspace, snapshot: Snapshot) -> Patch:
    """What is asked: a name, words with `=`, and on the next lines what is selected."""
    head, _, selected = case.ask.partition("\n")
    kind, *words = head.split()
    options = dict(word.partition("=")[::2] for word in words)
    path = workspace.path(case.at)
    span = Span(case.cursor, case.cursor + len(selected))
    if selected:
        assert snapshot.text(path)[span.start : span.end] == selected
    match kind:
        case "extract-variable":
            return extract_variable(
                snapshot, path, span, options.get("name", ""), everywhere="everywhere" in options
            )
        case "extract-function" | "extract-method":
            name = options.get("name", "")
            return extract_function(snapshot, path, span, name, method=kind.endswith("method"))
        case "organise-imports":
            return organise_imports(snapshot, path)
        case "add-import":
            return add_import(snapshot, path, case.cursor, options.get("module", ""))
        case "move":
            return move_symbol(snapshot, path, case.cursor, workspace.path(options["to"]))
        case "signature":
            return change_signature(snapshot, path, case.cursor, _parameters(words))
    return BY_OFFSET[kind](snapshot, path, case.cursor)


def _parameters(words: list[str]) -> list[Parameter]:
    """`a` stays, `new<a` has a new name, `new=1` is added with a default, `new!1` with a value."""
    found = []
    for word in words:
        if "<" in word:
            found.append(Parameter(*word.split("<")))
        elif "=" in word:
            name, _, default = word.partition("=")
            found.append(Parameter(name, default=default))
        elif "!" in word:
            name, _, value = word.partition("!")
            found.append(Parameter(name, value=value))
        else:
            found.append(Parameter(word, word))
    return found


def _diff(workspace: Workspace, snapshot: Snapshot, patch: Patch) -> str:
    shown = []
    for path, edits in sorted(patch.edits.items()):
        before = snapshot.text(path)
        after = applied(before, edits)
        assert applied(after, _undone(before, edits)) == before
        shown.append(workspace.name(path))
        shown += [
            line
            for line in difflib.unified_diff(
                before.splitlines(), after.splitlines(), lineterm="", n=1
            )
            if not line.startswith(("---", "+++", "@@"))
        ]
    return lines(shown)


def _undone(before: str, edits: tuple[Edit, ...]) -> list[Edit]:
    """The edits that take edits back."""
    grown, found = 0, []
    for edit in edits:
        start = edit.span.start + grown
        old = before[edit.span.start : edit.span.end]
        found.append(Edit(Span(start, start + len(edit.text)), old))
        grown += len(edit.text) - len(old)
    return found


@pytest.mark.parametrize("case", cases("refactor"), ids=lambda case: case.path.stem)
def test_refactor(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    try:
        patch = made(case, workspace, snapshot)
    except RefusedError as error:
        case.check(f"refused: {error}")
    else:
        case.check(_diff(workspace, snapshot, patch))


@pytest.mark.parametrize("kind", ["variable", "function", "method", "inline"])
def test_what_is_made_of_real_code_can_be_read_and_undone(kind: str, tmp_path: Path) -> None:
    text = inspect.getsource(shlex if kind == "inline" else dataclasses)
    workspace = Workspace(tmp_path, {"a.py": text}, resolve=False)
    snapshot = workspace.snapshot()
    path = workspace.path("a.py")
    nodes = [each for each in source_of(snapshot, path).root.walk() if _fits(kind, each.kind)]
    n_made = 0
    for node in random.Random(1).sample(nodes, 40):
        span = Span(node.start, node.end)
        try:
            if kind == "variable":
                patch = extract_variable(snapshot, path, span)
            elif kind == "inline":
                patch = inline_variable(snapshot, path, node.start)
            else:
                patch = extract_function(snapshot, path, span, method=kind == "method")
        except RefusedError:
            continue
        n_made += 1
        after = applied(text, patch.edits[path])
        compile(after, "a.py", "exec")
        assert applied(after, _undone(text, patch.edits[path])) == text
    assert n_made > 0


def _fits(kind: str, node: str) -> bool:
    if kind == "inline":
        return node == "assignment"
    if kind == "variable":
        return node in PYTHON.expressions and node != "identifier"
    return node in ("block", "if_statement", "for_statement", "call", "comparison_operator")


def test_a_selection_is_offered_what_fits_and_the_name_is_found(tmp_path: Path) -> None:
    text = "class A:\n    def f(self, a):\n        return g(a.b + 1)\n"
    workspace = Workspace(tmp_path, {"a.py": text})
    snapshot = workspace.snapshot()
    path = workspace.path("a.py")
    start = text.index("a.b")
    found = offers(snapshot, path, Span(start, start + len("a.b + 1")))
    assert [each.title for each in found] == [
        "Extract variable",
        "Extract method",
        "Extract function",
    ]
    for each in found:
        patch = each.make()
        after = applied(text, patch.edits[path])
        span = given_name(patch, path)
        assert span is not None
        name = after[span.start : span.end]
        assert name == patch.annotation.split()[-1]
        assert name in after.splitlines()[after[: span.start].count("\n")]
    assert offers(snapshot, path, Span(start, start + 5)) == []


def test_a_cursor_is_offered_what_fits(tmp_path: Path) -> None:
    text = (
        "import os\n\n\ndef f(a):\n    x = f'{a}'\n    if a:\n        x = 1\n"
        "    else:\n        x = 2\n    return x\n"
    )
    workspace = Workspace(tmp_path, {"a.py": text})
    snapshot = workspace.snapshot()
    path = workspace.path("a.py")

    def titles(at: str) -> list[str]:
        return [each.title for each in offers(snapshot, path, Span(*[text.index(at)] * 2))]

    assert titles("os\n") == ["Organise imports"]
    assert titles("x = f") == ["Inline variable x"]
    assert titles("f'{") == ["Use str.format", "Switch quotes"]
    assert titles("if a") == ["Invert if", "Use a conditional expression"]
    assert titles("f(a)") == ["Annotate the result", "Add a parameter"]
    assert titles("a):") == ["Annotate the result", "Add a parameter"]
    assert titles("return") == []


def test_a_signature_is_offered_its_small_changes(tmp_path: Path) -> None:
    text = (
        "class A:\n    def f(self, a, b=0, c=1, *, d: int = 2, **rest) -> None:\n"
        "        print(a, c, d, rest, self)\n\n\nclass B(A):\n"
        "    def f(self, a, b=0, c=1, *, d: int = 2, **rest) -> None:\n        return None\n\n\n"
        "def g(one: A) -> None:\n    one.f(1, 2, c=3)\n"
    )
    workspace = Workspace(tmp_path, {"a.py": text})
    snapshot = workspace.snapshot()
    path = workspace.path("a.py")

    def found(at: str) -> dict[str, Offer]:
        here = offers(snapshot, path, Span(*[text.index(at)] * 2))
        return {each.title: each for each in here}

    def made(at: str, title: str) -> list[str]:
        after = applied(text, found(at)[title].make().edits[path])
        return [line.strip() for line in after.splitlines() if "f(" in line]

    assert list(found("f(self")) == ["Add a parameter"]
    assert list(found("self")) == ["Add a parameter"]
    # What has no default cannot stand behind what has one.
    assert list(found("a, b")) == ["Add a parameter"]
    assert list(found("b=0")) == [
        "Remove unused parameter b",
        "Move parameter b right",
        "Add a parameter",
    ]
    assert list(found("int")) == ["Add a parameter"]
    assert list(found("c=1")) == ["Move parameter c left", "Add a parameter"]
    assert made("b=0", "Remove unused parameter b") == [
        *["def f(self, a, c=1, *, d: int = 2, **rest) -> None:"] * 2,
        "one.f(1, c=3)",
    ]
    assert made("b=0", "Move parameter b right") == [
        *["def f(self, a, c=1, b=0, *, d: int = 2, **rest) -> None:"] * 2,
        "one.f(1, b=2, c=3)",
    ]
    assert made("f(self", "Add a parameter") == [
        *["def f(self, a, b=0, c=1, *, d: int = 2, parameter=None, **rest) -> None:"] * 2,
        "one.f(1, 2, c=3)",
    ]
    offer = found("f(self")["Add a parameter"]
    patch = offer.make()
    span = given_name(patch, path)
    assert offer.is_named
    assert span is not None
    assert applied(text, patch.edits[path])[span.start : span.end] == "parameter"


def test_a_definition_is_offered_the_modules_that_have_to_do_with_it(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/a.py": "from pkg.base import b\n\n\ndef f():\n    return b + b\n\n\nx = f() + f()\n",
        "pkg/base.py": "b = 1\n",
        "pkg/lone.py": "",
        "pkg/user.py": "from pkg.a import f\n\nf(), f(), f()\n",
        "tests/test_a.py": "from pkg.a import f\n\nf(), f(), f(), f()\n",
        "other/far.py": "",
    }
    workspace = Workspace(tmp_path, files)
    snapshot = workspace.snapshot()
    path = workspace.path("pkg/a.py")
    at = files["pkg/a.py"].index("f()")
    found = [each for each in offers(snapshot, path, Span(at, at)) if each.kind == "refactor.move"]
    assert [each.title for each in found] == [
        "Move f to pkg.user",
        "Move f to pkg.base",
        "Move f to pkg.lone",
    ]
    patch = found[1].make()
    assert applied(files["pkg/base.py"], patch.edits[workspace.path("pkg/base.py")]) == (
        "b = 1\n\n\ndef f():\n    return b + b\n"
    )
    assert applied(files["pkg/user.py"], patch.edits[workspace.path("pkg/user.py")]).startswith(
        "from pkg.base import f\n"
    )
    use = files["pkg/a.py"].index("f() + f()")
    assert offers(snapshot, path, Span(use, use)) == []


def test_undefined_names_are_offered_imports(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", "pkg/a.py": "class Basket: pass\n", "b.py": "Basket, json\n"}
    workspace = Workspace(tmp_path, files)
    snapshot = workspace.snapshot()
    path = workspace.path("b.py")
    (offer,) = import_offers(snapshot, path, 0)
    assert offer.title == "Import Basket from pkg.a"
    assert applied(files["b.py"], offer.make().edits[path]).startswith("from pkg.a import Basket\n")
    assert [each.title for each in missing_imports(snapshot, path, 9)] == ["Import json"]
    assert import_offers(snapshot, workspace.path("pkg/a.py"), 6) == []


def test_a_file_with_an_error_is_not_touched(tmp_path: Path) -> None:
    text = "def f(:\n    x = 1\n    return x\n"
    workspace = Workspace(tmp_path, {"a.py": text})
    with pytest.raises(RefusedError, match="syntax error"):
        inline_variable(workspace.snapshot(), workspace.path("a.py"), text.index("x"))
