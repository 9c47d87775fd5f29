"""What the completion menu has. A case asks for some of its names, or for how many come first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pytest
from cases import Case, cases
from features.workspace import Workspace, given
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from nootropic_lsp.core.completions import Item, Menu
from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.completion import complete, details
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.opened import OpenText

PIECES = [
    "a", "b.", "self.", "f(", ")", "[", "]", "{", "}", "'", '"', "\n", "    ", "def ", "class C:",
    "import ", "from ", "=", ",", "#", "//", "é", "😀", "1", "->", "::", "?.", "`", "${", "\\", "@",
]  # fmt: skip


def _shown(text: str, menu: Menu, item: Item) -> str:
    """The item on a line, and below it what it writes if that is not just its name."""
    parts = [f"{item.label}{item.detail}", item.kind, item.origin]
    shown = "  ".join(part for part in parts if part)
    if item.is_deprecated:
        shown += "  deprecated"
    if item.edits:
        if item.insert:
            text = text[: menu.span.start] + _marked(item) + text[menu.span.end :]
        for edit in item.edits:
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        n_lines = None if item.insert else 4
        shown += "\n" + "\n".join(f"  | {line}" for line in text.splitlines()[:n_lines])
    elif item.insert:
        text = text[: menu.span.start] + _marked(item) + text[menu.span.end :]
        shown += "\n" + "\n".join(f"  | {line}" for line in text.splitlines())
    return shown


def _marked(item: Item) -> str:
    """What an item writes, with marks around what is selected then."""
    text, selected = item.insert, item.selected
    if selected is None:
        return text
    start, end = selected.start, selected.end
    return f"{text[:start]}⟨{text[start:end]}⟩{text[end:]}"


@pytest.mark.parametrize("case", cases("completion"), ids=lambda case: case.path.stem)
def test_completion(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    path = workspace.path(case.at)
    snapshot = workspace.snapshot()
    menu = complete(snapshot, path, case.cursor)
    if case.ask.isdigit():
        case.check("\n".join(item.label for item in menu.items[: int(case.ask)]))
        return
    found = {item.label: item for item in reversed(menu.items)}
    text = snapshot.text(path)
    case.check(
        "\n".join(
            _shown(text, menu, found[name]) if name in found else f"no {name}"
            for name in case.ask.splitlines()
        )
    )


def test_details_of_an_item_are_its_signature_and_documentation(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"a.py": 'def f(x):\n    """Doubles."""\n\n\nf\n'})
    snapshot = workspace.snapshot()
    menu = complete(snapshot, workspace.path("a.py"), len('def f(x):\n    """Doubles."""\n\n\nf'))
    source = menu.items[0].source
    assert source is not None
    found = details(snapshot, *source)
    assert (found.signature, found.documentation) == ("def f(x)", "Doubles.")


def test_the_word_is_replaced_as_far_as_it_goes(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"a.py": "value = 1\nvalue\n"})
    menu = complete(workspace.snapshot(), workspace.path("a.py"), len("value = 1\nva"))
    assert (menu.span.start, menu.span.end) == (10, 15)


def test_a_menu_of_known_members_is_whole(tmp_path: Path) -> None:
    text = "class A:\n    def f(self): ...\n\n\nA().\n"
    workspace = Workspace(tmp_path, {"a.py": text})
    assert complete(workspace.snapshot(), workspace.path("a.py"), len(text) - 1).is_whole


def test_what_was_typed_elsewhere_since_is_found_although_the_facts_are_older(
    tmp_path: Path,
) -> None:
    workspace = Workspace(tmp_path, {"a.py": "class A:\n    def f(self): ...\n\n\nx = 1\n"})
    workspace.open("a.py")
    before = workspace.snapshot()
    text = "class A:\n    def f(self): ...\n\n\nx = 1\nfresh = A()\nfresh.\n"
    workspace.open("a.py", text)
    after = workspace.snapshot(earlier=before)
    menu = complete(after, workspace.path("a.py"), len(text) - 1)
    assert menu.items[0].label == "f"
    assert not after.changed[workspace.path("a.py")].has_facts


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("def f(a): ...\n\n\n", "f", "f(⟨⟩)"),
        ("def f(): ...\n\n\n", "f", "f()"),
        ("class C: ...\n\n\n", "C", ""),
        ("def f(a): ...\n\n\n@", "f", ""),
        ("from b import imported\n\n\n", "imported", "imported(⟨⟩)"),
    ],
)
def test_a_function_is_written_with_its_brackets_if_one_wants_it(
    text: str, name: str, wanted: str, tmp_path: Path
) -> None:
    workspace = Workspace(
        tmp_path, {"a.py": f"{text}{name[0]}\n", "b.py": "def imported(x): ...\n"}
    )
    path, end = workspace.path("a.py"), len(text) + 1
    menu = complete(workspace.snapshot(), path, end, call_snippets=True)
    assert next(_marked(item) for item in menu.items if item.label == name) == wanted
    workspace.open("a.py", f"{text}{name[0]}(1)\n")
    menu = complete(workspace.snapshot(), path, end, call_snippets=True)
    assert not any(item.insert for item in menu.items if item.label == name)


def test_while_a_word_is_typed_what_stands_around_it_is_asked_about_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "value = 1\n"
    workspace = Workspace(tmp_path, {"a.py": head})
    path = workspace.path("a.py")
    snapshot = Snapshot(workspace.snapshot().world, [], {}, {}, None)
    asked: list[str] = []

    def counted(self: Asked, question: Any) -> Any:
        asked.append(self.document.text)
        return ask(self, question)

    ask = Asked.ask
    monkeypatch.setattr(Asked, "ask", counted)
    opened = None
    for text in (f"{head}v", f"{head}va", f"new = 1\n{head}va", f"{head}v.", f"{head}v.r"):
        opened = OpenText(Document(path, "python", 1, text), opened)
        snapshot = Snapshot(snapshot.world, [], {path: opened}, {}, None, before=snapshot)
        labels = {item.label for item in complete(snapshot, path, len(text)).items}
        assert ("value" in labels) == ("." not in text)
    assert list(dict.fromkeys(asked)) == [f"{head}v", f"new = 1\n{head}va", f"{head}v."]


@pytest.mark.parametrize("name", ["a.py", "a.ts", "a.go", "a.rs", "a.cpp", "a.rb", "a.sh", "a.css"])
def test_any_text_has_a_menu_at_any_place(name: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {name: "\n"})

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @hypothesis.given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(0, 200))
    def check(pieces: list[str], offset: int) -> None:
        text = "".join(pieces)
        offset = min(offset, len(text))
        workspace.open(name, text)
        menu = complete(workspace.snapshot(), workspace.path(name), offset)
        assert not menu.items or menu.span.start <= offset <= menu.span.end

    check()
