"""What the completion menu has. A case asks for some of its names, or for how many come first."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from cases import Case, cases
from features.workspace import Workspace, given
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from nootropic_lsp.core.completions import Item, Menu
from nootropic_lsp.features.completion import complete, details

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
        for edit in item.edits:
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        shown += "\n" + "\n".join(f"  | {line}" for line in text.splitlines()[:4])
    elif item.insert:
        text = text[: menu.span.start] + item.insert + text[menu.span.end :]
        shown += "\n" + "\n".join(f"  | {line}" for line in text.splitlines())
    return shown


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
