"""Ghost text: what of a suggestion is shown, and why nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest
from features.scripted import Scripted
from features.workspace import Workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.suggestions import Predictor, Silence, Suggestion
from nootropic_lsp.features.ghost import Selected, ghost
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.trial import names_between


class Asked:
    """Asks for ghost text in a small workspace, at the mark `|` of a text."""

    def __init__(self, root: Path) -> None:
        shop = (
            "class Cart:\n    def total_price(self):\n        return 1\n\ndef tint(colour): ...\n"
        )
        self.workspace = Workspace(root, {"shop.py": shop, "a.py": ""})

    def snapshot(self, text: str, language: str, predictor: Predictor | None) -> Snapshot:
        path = self.workspace.path("a.py")
        made = OpenText(Document(path, language, 1, text))
        self.workspace.opened[path] = self.workspace.changed[path] = made
        snapshot = self.workspace.snapshot()
        snapshot.predictor = predictor
        return snapshot

    def ask(
        self, marked: str, says: str | Predictor | None, language: str = "python", **options
    ) -> Suggestion | Silence:
        offset = marked.index("|")
        text = marked[:offset] + marked[offset + 1 :]
        predictor = Scripted({"": says}) if isinstance(says, str) else says
        path = self.workspace.path("a.py")
        snapshot = self.snapshot(text, language, predictor)
        return ghost(snapshot, path, offset, **{"threshold": 0.7, **options})

    def text(self, marked: str, says: str, language: str = "python", **options) -> str:
        """What is shown; why not, in brackets."""
        found = self.ask(marked, says, language, **options)
        return found.text if isinstance(found, Suggestion) else f"({found.reason})"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return Asked(tmp_path_factory.mktemp("ghost"))


def test_what_fits_is_shown_as_it_is(asked: Asked) -> None:
    found = asked.ask("def f(a, b):\n    return a|\n", " + b")
    assert found == Suggestion(" + b", 0.9, (2, 4))


@pytest.mark.parametrize(
    ("marked", "reason"),
    [
        ("x = 1  # ab|\n", "comment"),
        ("x = 'ab|'\n", "string"),
        ("x = 'ab|\n", "string"),
        ('"""ab|\n', "string"),
        ("x = ab|c\n", "in-word"),
        ("x = |abc\n", "in-word"),
        ("x = | + 1\n", "in-line"),
        ("x" * 3000 + "|\n", "long-line"),
    ],
)
def test_places_without_ghost_text(asked: Asked, marked: str, reason: str) -> None:
    found = asked.ask(marked, "x")
    assert isinstance(found, Silence)
    assert found.reason == reason
    assert found.sentence


def test_code_inside_a_string_is_code(asked: Asked) -> None:
    assert asked.text("number = 1\nx = f'{nu|}'\n", "mber") == "mber"


def test_other_reasons_for_silence(asked: Asked) -> None:
    assert asked.text("x = |", "x + 1", "plaintext") == "(language)"
    assert asked.text("x = |", "x + 1", disabled=("python",)) == "(disabled)"
    assert asked.text("x = |", "x + 1", threshold=0.95) == "(unsure)"
    assert asked.text("x = 1\n" * 200_000 + "x = |", "x") == "(too-large)"
    missing = asked.ask("x = |", None)
    assert isinstance(missing, Silence)
    assert missing.reason == "building"
    snapshot = asked.snapshot("x", "python", Scripted({"": " = x"}))
    for offset in (-1, 2):
        found = ghost(snapshot, asked.workspace.path("a.py"), offset, threshold=0.1)
        assert isinstance(found, Silence)
        assert found.reason == "outside"
    assert ghost(snapshot, "/not/open.py", 0, threshold=0.1)[0] == "closed"


def test_a_text_that_is_held_back_has_none(asked: Asked) -> None:
    snapshot = asked.snapshot("x = ", "python", Scripted({"": "x"}))
    path = asked.workspace.path("a.py")
    snapshot.opened[path].wait("a.py is being read for the first time")
    found = ghost(snapshot, path, 4, threshold=0.7)
    assert found == Silence("held", "a.py is being read for the first time.")


# ---- what stands there already


@pytest.mark.parametrize(
    ("marked", "says", "shown"),
    [
        ("def f(abc):\n    f(|)\n", "abc)", "abc"),
        ("def f(a):\n    f(a|)\n", ")", "(repeats)"),
        ("def f(abc):\n    f(f(|)\n", "abc))", "abc)"),
        ("def f(abc):\n    f(f(|))\n", "abc))", "abc"),
        ("a = b = [1]\nx = [a|, 2]\n", " + b, 2]", " + b"),
        ("abc = {}\nx = abc[|]\n", "abc]", "abc"),
        ("a = b = 1\nif a|:\n", " == b:\n    a", " == b"),
    ],
)
def test_nothing_is_closed_twice(asked: Asked, marked: str, says: str, shown: str) -> None:
    assert asked.text(marked, says) == shown


@pytest.mark.parametrize(
    ("marked", "says", "shown"),
    [
        ("a = 1\n|\nb = a\nc = b\n", "c = a\nb = a\nc = b", "c = a"),
        ("a = 1\n|\nb = a\nc = b\n", "c = a\nb =", "c = a"),
        ("a = 1\n|\nb = a\n", "b = a", "(repeats)"),
        ("a = 1\nb =| \n\n\nb = a\n", " a", "(repeats)"),
        ("a = 1\n|\nb = a\n", "c = a\nd = a", "c = a\nd = a"),
    ],
)
def test_lines_below_are_not_repeated(asked: Asked, marked: str, says: str, shown: str) -> None:
    shown_names = "d = c = a = b = 1\n"
    assert asked.text(shown_names + marked, says) == shown


def test_lines_are_counted(asked: Asked) -> None:
    says = "abc\nabc = abc\nabc = abc"
    assert asked.text("abc = |", says, most_lines=2) == "abc\nabc = abc"
    assert asked.text("abc = |", says, most_lines=1) == "abc"
    assert asked.text("a = 1|", "\na = a\na", most_lines=1) == "\na = a"


# ---- names


def test_unknown_names_are_cut_off(asked: Asked) -> None:
    assert asked.text("def f(a):\n    return a|\n", " + a + nowhere") == " + a"
    assert asked.text("def f(a):\n    a.|\n", "f(a).nowhere") == "f(a)"
    assert asked.text("def f(a):\n    return |\n", "nowhere(a)") == "(unknown-name)"


def test_names_of_the_workspace_are_known_behind_a_dot_only(asked: Asked) -> None:
    assert asked.text("def f(a):\n    return a|\n", ".total_price()") == ".total_price()"
    assert asked.text("def f(a):\n    return |\n", "total_price()") == "(unknown-name)"
    assert asked.text("def f(a):\n    return a|\n", ".total_prize()") == "(unknown-name)"


def test_builtins_members_and_arguments_are_known_by_their_types(asked: Asked) -> None:
    assert asked.text("def f(a):\n    return |\n", "isinstance(a, str)") == "isinstance(a, str)"
    head = "from shop import Cart\nimport os\n"
    assert asked.text(f"{head}x = os.|\n", "getcwd()") == "getcwd()"
    assert asked.text(f"{head}x = os.|\n", "getcwt()") == "(unknown-name)"
    call = "from shop import tint\nx = tint(|)\n"
    assert asked.text(call, "colour=1") == "colour=1"
    assert asked.text(call, "color=1") == "(unknown-name)"


def test_a_word_that_is_being_typed_counts_as_a_whole(asked: Asked) -> None:
    assert asked.text("total = 1\nprint = to|\n", "tal") == "tal"
    assert asked.text("total = 1\nprint = to|\n", "tem") == "(unknown-name)"


# ---- syntax


def test_a_text_that_can_be_read_stays_so(asked: Asked) -> None:
    assert asked.text("def fff(a):\n    return a\n|\nx = fff\n", "fff(fff(") == "fff"
    assert asked.text("f = 1\nx = f|\ny = f\n", " + f +") == " + f"


def test_a_broken_line_may_stay_broken_but_breaks_no_other(asked: Asked) -> None:
    assert asked.text("def f(a):\n    f = a.|\n", "f(a,") == "f(a,"
    assert asked.text("def fff(a):\n    f = a.|\n\n\ndef g():\n    pass\n", "fff(") == "fff"


@pytest.mark.parametrize(
    ("language", "marked", "says", "shown"),
    [
        ("javascript", "const a = 1;\nfoo(|)\n", "bar)", "(unknown-name)"),
        ("javascript", "function foo(a) {}\nfoo(|)\n", "foo)", "foo"),
        ("typescript", "const a: number = 1;\nconst b = a|;\n", " + a;", " + a"),
        ("go", "package m\nfunc f(a int) int {\n\treturn a|\n}\n", " + a\n}", " + a"),
        ("rust", "fn f(a: u8) -> u8 {\n    a|\n}\n", " + a\n}", " + a"),
        ("java", "class A { int f(int a) { return a|; } }\n", " + a;", " + a"),
        ("ruby", "def f(a)\n  a|\nend\n", " + a\nend", " + a"),
        (
            "go",
            "package m\nfunc f(a int) {\n\tx := |\n}\n",
            "strings.ToUpper(a)",
            "strings.ToUpper(a)",
        ),
        ("php", "<?php\n$a = 1;\n$b = $a|;\n", " + $a;", " + $a"),
    ],
)
def test_every_language(asked: Asked, language: str, marked: str, says: str, shown: str) -> None:
    assert asked.text(marked, says, language) == shown


# ---- a menu's entry


def test_a_selected_entry_is_gone_on_with(asked: Asked) -> None:
    predictor = Scripted({"total": "(price)", "to": "tal()"})
    text = "def total(price): pass\nto"
    found = asked.ask(text + "|\n", predictor, selected=Selected(Span(23, 25), "total"))
    assert isinstance(found, Suggestion)
    assert found.text == "(price)"
    assert predictor.asked[-1][2] == "total"
    # Without an entry the model reads by itself what has been typed.
    asked.ask("def total(price): pass\nto|\n", predictor)
    assert predictor.asked[-1][2] is None


def test_an_entry_that_changes_more_has_none(asked: Asked) -> None:
    for span, entry in [
        (Span(0, 3), "other"),
        (Span(5, 7), "total()"),
        (Span(0, 7), "x.total"),
        (Span(0, 1), "s"),
    ]:
        found = asked.ask("self.to|\n", "tal", selected=Selected(span, entry))
        assert isinstance(found, Silence), (span, entry)
        assert found.reason == "selected"


# ---- anything

_PIECES = st.sampled_from(
    ["a", "b", "def f(a):\n    ", "if a:\n    ", "(", ")", "[", "]", "'", '"', "\n", " ", " = ",
     ",", ".", ":", "#", "return ", "é", "😀", "\t", "\r\n", "0", "f(a)", "{", "}"]
)  # fmt: skip
_CODE = st.lists(_PIECES, max_size=25).map("".join) | st.text(max_size=40)


class Anything:
    """Suggests one text everywhere, with any ends."""

    def __init__(self, text: str, ends: tuple[int, ...]) -> None:
        self.says = Suggestion(text, 0.9, ends)

    def guesses(self, document: Document, offset: int, limit: int = 100) -> list:
        return []

    def suggest(
        self, document: Document, offset: int, *, threshold: float, typed: str | None = None
    ) -> Suggestion:
        return self.says


@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=_CODE,
    after=_CODE,
    says=_CODE,
    language=st.sampled_from(["python", "javascript", "rust", "html", "json"]),
    data=st.data(),
)
def test_any_suggestion_keeps_a_text_readable(
    asked: Asked, before: str, after: str, says: str, language: str, data: st.DataObject
) -> None:
    ends = data.draw(st.lists(st.integers(0, len(says)), max_size=6).map(sorted))
    snapshot = asked.snapshot(before + after, language, Anything(says, tuple(ends)))
    path = asked.workspace.path("a.py")
    found = ghost(snapshot, path, len(before), threshold=0.5)
    if isinstance(found, Silence):
        assert found.reason
        assert found.sentence
        return
    assert found.text.strip()
    assert list(found.ends) == sorted(found.ends)
    assert not found.ends or found.ends[-1] <= len(found.text)
    was = snapshot.opened[path].tree()
    now = OpenText(Document(path, language, 2, before + found.text + after)).tree()
    assert was is not None
    assert now is not None
    assert was[0].root_node.has_error or not now[0].root_node.has_error


@settings(deadline=None)
@given(text=_CODE, language=st.sampled_from(sorted(LANGUAGES)), data=st.data())
def test_names_are_where_they_are_said_to_be(text: str, language: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for name in names_between(OpenText(Document("/a", language, 1, text)), start, end):
        assert name.text
        assert text.startswith(name.text, name.start)
        assert name.start < end
        assert name.start + len(name.text) > start


def test_what_the_parser_only_supposes_is_no_name(asked: Asked) -> None:
    text = "function f() {}\nif (f() && ) {}\n"
    names = names_between(OpenText(Document("/a", "javascript", 1, text)), 0, len(text))
    assert [name.text for name in names] == ["f", "f"]


@settings(deadline=None)
@given(
    inside=st.lists(st.sampled_from(["a", ", a", "(a)", "[a]", ".a"]), max_size=4).map("".join),
    pair=st.sampled_from(["()", "[]"]),
)
def test_no_bracket_is_ever_closed_twice(asked: Asked, inside: str, pair: str) -> None:
    says = f"a{inside}{pair[1]}"
    shown = asked.text(f"a = 1\nx = a{pair[0]}|{pair[1]}\n", says)
    if not shown.startswith("("):
        assert shown.count(pair[1]) <= shown.count(pair[0])
