"""What the token model answers: anything but an exception, and nothing that it should not know."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from predict.modelled import Workspace

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.suggestions import Guess, Silence, Suggestion
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.predict import engine as engines
from nootropic_lsp.predict.engine import Engine
from nootropic_lsp.predict.evidence import KindTable
from nootropic_lsp.predict.segment import DamagedSegmentError, open_segment
from nootropic_lsp.predict.streams import Lexicon

METHOD = """\
    def total_{n}(self, cart):
        if cart.is_empty():
            return self.nothing
        return self.checkout(cart.prices, tax={n})

"""
SHOP = "class Shop:\n" + "".join(METHOD.format(n=n) for n in range(20))
BEGUN = "class Till:\n    def total_9(self, cart):\n        if cart.is_empty():|\n"
REST = "\n            return self.nothing"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOOTROPIC_HOME", str(tmp_path_factory.mktemp("module_home")))
        workspace = Workspace(root, {"shop.py": SHOP, "pkg/other.py": SHOP.replace("tax", "fee")})
        workspace.build()
    return workspace


@pytest.fixture(scope="module")
def engine(shop: Workspace) -> Engine:
    return shop.engine()


# ---- never an exception

bits = st.sampled_from(
    (
        *("self", "cart", ".", "(", ")", "=", ":", "\n", "\r\n", "    ", "\t", "if ", "return "),
        *("'s'", '"', '"""', "# c", "/*", "`", "\\", "\0", "\1", "\1#", "é", "\ud800", "\x0c", "9"),
    )
)
texts = st.one_of(
    st.text(max_size=60),
    st.lists(bits, max_size=30).map("".join),
    st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
)


@given(
    st.lists(texts, min_size=1, max_size=3),
    st.sampled_from((*LANGUAGES, "", "klingon")),
    st.integers(-5, 80),
    st.one_of(st.none(), texts),
    st.sampled_from((0.0, 0.01, 0.5, 1.0)),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked(
    engine: Engine,
    shop: Workspace,
    versions: list[str],
    language: str,
    offset: int,
    typed: str | None,
    threshold: float,
) -> None:
    for text in versions:
        document = shop.document("any.py", text, language)
        guesses = engine.guesses(document, offset)
        assert isinstance(guesses, list)
        for guess in guesses:
            assert isinstance(guess, Guess)
            assert guess.text
            assert 0 <= guess.probability <= 1
        said = engine.suggest(document, offset, threshold=threshold, typed=typed)
        assert isinstance(said, (Suggestion, Silence))
        if isinstance(said, Suggestion):
            assert said.ends[-1] == len(said.text)
            assert list(said.ends) == sorted(said.ends)
            assert threshold <= said.probability <= 1


def test_without_a_workspace() -> None:
    engine = Engine()
    document = Document("untitled:1", "python", 1, "total = price\ntotal = ")
    assert [guess.text for guess in engine.guesses(document, 22)]
    engine.look([])
    assert engine.n_tokens == 0


def test_an_empty_workspace_and_one_file(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "empty", {})
    workspace.build()
    engine = workspace.engine()
    assert workspace.suggested(engine, "|") == ""
    workspace.change("one.py", "")
    workspace.build()
    workspace.look(engine)
    assert workspace.suggested(engine, "a = |\n") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x = 1;" * 900_000, "too-large"), ("x = 1;" * 2_000, "long-line")],
)
def test_what_is_too_large(engine: Engine, shop: Workspace, text: str, reason: str) -> None:
    document = shop.document("open.py", text)
    assert engine.guesses(document, 9_000) == []
    said = engine.suggest(document, 9_000, threshold=0.1)
    assert isinstance(said, Silence)
    assert said.reason == reason
    outside = engine.suggest(document, len(text) + 1, threshold=0.1)
    assert isinstance(outside, Silence)
    assert outside.reason == "outside"


def test_a_language_that_nobody_knows(engine: Engine, shop: Workspace) -> None:
    assert not shop.suggested(engine, "self.che|", language="klingon", threshold=0.01)
    text = "alpha(beta, gamma)\n" * 9 + "alpha(be|\n"
    assert shop.suggested(engine, text, language="klingon", threshold=0.1).startswith("ta, gam")


# ---- good suggestions


def test_several_lines_with_their_indentation(engine: Engine, shop: Workspace) -> None:
    assert shop.suggested(engine, BEGUN).startswith(REST)


def test_the_end_of_lines_is_that_of_the_document(engine: Engine, shop: Workspace) -> None:
    crlf = shop.suggested(engine, BEGUN.replace("\n", "\r\n"))
    assert crlf.startswith(REST.replace("\n", "\r\n"))


def test_indentation_is_that_of_the_document(engine: Engine, shop: Workspace) -> None:
    for unit in ("\t", "  "):
        found = shop.suggested(engine, BEGUN.replace("    ", unit), name=f"{len(unit)}.py")
        assert found.startswith(REST.replace("    ", unit))


def test_the_rest_of_a_word(engine: Engine, shop: Workspace) -> None:
    begun = "class Till:\n    def total_9(self, cart):\n        return sel|\n"
    assert shop.suggested(engine, begun).startswith("f.")
    begun = begun.replace("sel|", "self.ch|")
    assert shop.suggested(engine, begun).startswith("eckout(cart.")


def test_what_the_menu_has_selected(engine: Engine, shop: Workspace) -> None:
    begun = "class Till:\n    def total_9(self, cart):\n        return self.c|\n"
    assert shop.suggested(engine, begun, typed="checkout").startswith("(cart.")
    assert shop.suggested(engine, begun, typed="nobody_wrote_this", threshold=0.05) == ""


def test_a_file_nearby_counts_for_itself(engine: Engine, shop: Workspace) -> None:
    begun = BEGUN.replace("if cart.is_empty():|", "return self.checkout(cart.prices, |")
    near, far = (
        dict(engine.guesses(shop.document(name, begun.replace("|", "")), begun.index("|")))
        for name in ("pkg/open.py", "open.py")
    )
    # How much is for the trained weights to say; that it is told apart is not.
    assert near.keys() >= {"fee", "tax"} <= far.keys()
    assert near["fee"] != pytest.approx(far["fee"])


# ---- what it must not know


def test_the_saved_text_of_an_open_file_does_not_answer(tmp_path: Path) -> None:
    unique = "    def rarely(self):\n        return self.wagon_wheel(self.barrow)\n"
    workspace = Workspace(tmp_path / "shop", {"shop.py": SHOP + unique, "other.py": "a = 1\n"})
    workspace.build()
    engine = workspace.engine()
    begun = SHOP + "    def rarely(self):\n        return |\n"
    for typed in (None, "self", "wagon", "bar"):
        found = workspace.suggested(engine, begun, name="shop.py", threshold=0.0, typed=typed)
        assert "wagon" not in found
        assert "barrow" not in found
    document = workspace.document("shop.py", begun.replace("|", ""))
    told = {guess.text for guess in engine.guesses(document, begun.index("|"), 10_000)}
    assert not {"wagon_wheel", "barrow"} & told
    # For others, it does.
    begun = "class A:\n    def rarely(self):\n        return self.|\n"
    assert "wagon_wheel" in workspace.suggested(engine, begun, name="new.py", threshold=0.1)


@pytest.mark.parametrize(
    "hidden", ["wagon", "a.wagon", "wagon(a)", "f(a, wagon)", "wagon + 1  # c"]
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nb = a\n"])
def test_the_rest_of_the_line_does_not_answer(tmp_path: Path, hidden: str, end: str) -> None:
    engine = Engine()
    for before in ("a = 1\nb = ", "a = 1\nb = wa"):
        text = before + hidden[len(before) - len("a = 1\nb = ") :] + end
        start = len("a = 1\nb = ")
        document = Document("a.py", "python", 1, text)
        assert "wagon" not in {each.text for each in engine.guesses(document, start, 1_000)}
        said = engine.suggest(document, len(before), threshold=0.0)
        assert "wagon"[2:] not in getattr(said, "text", "")


def test_what_repeats_does_not_run_into_the_rest_of_the_line(tmp_path: Path) -> None:
    engine = Engine()
    line = "call(alpha, beta, gamma)\n"
    text = line * 3 + "call(alpha, |delta, gamma)\n"
    offset = text.index("|")
    document = Document("a.py", "python", 1, text.replace("|", ""))
    for threshold in (0.0, 0.2, 0.5):
        said = engine.suggest(document, offset, threshold=threshold)
        assert "delta" not in getattr(said, "text", "")


def test_edits_far_apart(engine: Engine, shop: Workspace) -> None:
    """Each key is a new version; what was typed since the segment was made counts, all else too."""
    text = "import till\n\n\n" + SHOP + "\n\nclass Till:\n    def total_9(self, cart):\n        "
    before = text
    for version, (at, typed) in enumerate(
        [(0, "import wagon\n"), (len(text) // 2, "# note\n"), (-1, "if cart."), (7, "x, ")]
    ):
        at = len(before) if at < 0 else at
        before = before[:at] + typed + before[at:]
        document = Document((shop.root / "far.py").as_posix(), "python", version, before)
        for offset in (at + len(typed), 0, len(before), len(before) // 3):
            used = engine.guesses(document, offset)
            fresh = shop.engine().guesses(document, offset)
            assert {each.text for each in used[:1]} <= {each.text for each in fresh}
    assert "is_empty" in [each.text for each in engine.guesses(document, len(before))[:3]]


def test_a_document_that_changes_its_language(engine: Engine, shop: Workspace) -> None:
    text = "self.checkout(cart.prices, "
    for language in ("python", "javascript", "python"):
        document = shop.document("open.py", text, language)
        found = engine.guesses(document, len(text))
        assert ("tax" in [each.text for each in found]) == (language == "python")


# ---- when the model changes while it is asked


def test_threads(shop: Workspace) -> None:
    engine = shop.engine()
    documents = [shop.document(f"{n}.py", BEGUN.replace("|", "") + "#" * n) for n in range(4)]
    offset = BEGUN.index("|")
    dice = random.Random(1)
    asked = [documents[dice.randrange(4)] for _ in range(160)]

    def ask(document: Document) -> tuple[object, str]:
        if dice.random() < 0.1:
            shop.look(engine)
        said = engine.suggest(document, offset, threshold=0.1)
        return said, engine.guesses(document, offset)[0].text

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(ask, asked, timeout=60))
    wanted = {document.path: ask(document) for document in documents}
    assert isinstance(wanted[documents[0].path][0], Suggestion)
    assert said == [wanted[document.path] for document in asked]


def test_it_begins_anew_when_it_has_seen_too_much(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nootropic_lsp.predict.engine._MOST_TOKENS", 60)
    engine = shop.engine()
    for number in range(12):
        assert shop.suggested(engine, BEGUN, name=f"{number}.py").startswith(REST)
        shop.suggested(engine, f"name{number} = {number}.other{number}(|)")


def test_a_changed_file_answers_no_more(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "shop", {"shop.py": SHOP, "other.py": SHOP})
    workspace.build()
    engine = workspace.engine()
    assert workspace.suggested(engine, BEGUN).startswith(REST)
    for name in ("shop.py", "other.py"):
        workspace.change(name, "a = 1\n")
    workspace.look(engine)
    assert not workspace.suggested(engine, BEGUN, threshold=0.5)
    workspace.build()
    workspace.look(engine)
    assert not workspace.suggested(engine, BEGUN, threshold=0.5)


# ---- damage that shows only when it is asked


def zeros(data: bytearray, start: int, end: int) -> None:
    data[start:end] = bytes(end - start)


def high(data: bytearray, start: int, end: int) -> None:
    data[start:end] = b"\xff" * (end - start)


def noise(data: bytearray, start: int, end: int) -> None:
    data[start:end] = random.Random(start).randbytes(end - start)


@pytest.mark.parametrize("damage", [zeros, high, noise], ids=lambda each: each.__name__)
def test_a_damaged_body(tmp_path: Path, damage: Callable[[bytearray, int, int], None]) -> None:
    """Any answer will do, but it is one; what was left out is told, and can be built anew."""
    workspace = Workspace(tmp_path / "shop", {"shop.py": SHOP, "other.py": SHOP})
    workspace.build()
    (path,) = workspace.segment_files()
    whole = path.read_bytes()
    head = 25 + int.from_bytes(whole[17:21], "little")
    parts = 16
    size = (len(whole) - head) // parts
    n_told = 0
    for part in range(parts + 1):
        data = bytearray(whole)
        start = head + 8 + part * size
        end = start + size if part < parts else len(data)
        damage(data, start if part < parts else head + 8, min(end, len(data)))
        path.write_bytes(data)
        told: list[bool] = []
        engine = Engine(lambda told=told: told.append(True))  # type: ignore[misc]
        workspace.look(engine)
        for text in (BEGUN, "class A:\n    def |", "return self.|", "x = |\n", "cart.pri|"):
            offset = text.index("|")
            document = workspace.document("open.py", text.replace("|", ""))
            assert isinstance(engine.guesses(document, offset), list)
            said = engine.suggest(document, offset, threshold=0.1)
            assert isinstance(said, (Suggestion, Silence))
        assert len(told) <= 1
        n_told += len(told)
        if told:
            assert engine.n_tokens == 0
            assert engine.n_missing(
                [(workspace.root.as_posix(), workspace.database, workspace.digests())]
            )
            # It is not taken back before there is another one.
            workspace.look(engine)
            assert engine.n_tokens == 0
            assert workspace.build() == {"written": 1, "damaged": 1}
            workspace.look(engine)
            assert workspace.suggested(engine, BEGUN).startswith(REST)
            (path,) = workspace.segment_files()
            whole = path.read_bytes()
        else:
            with pytest.raises(DamagedSegmentError):
                open_segment(path, check=True)
            path.write_bytes(whole)
    assert n_told or damage is zeros


def test_a_bug_is_not_taken_for_damage(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = shop.engine()

    def broken(*_: object, **__: object) -> None:
        raise IndexError

    monkeypatch.setattr("nootropic_lsp.predict.engine.weigh", broken)
    with pytest.raises(IndexError):
        shop.suggested(engine, BEGUN)
    assert engine.n_tokens


def test_a_new_file_is_known_soon() -> None:
    """Opened empty and written key by key, it suggests from itself, with its own indentation."""
    engine = Engine()
    body = "def total(cart):\n\tfor line in cart:\n\t\tyield line.price\n\n\n" * 4
    text = body + "def total(cart):\n\tfor line in cart:"
    for length in range(len(text) + 1):
        document = Document("new.py", "python", length, text[:length])
        engine.guesses(document, length)
    said = engine.suggest(document, len(text), threshold=0.1)
    assert isinstance(said, Suggestion)
    assert said.text.startswith("\n\t\tyield line.price")


# ---- what is kept between questions


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    """Something in the engine's module; the list gets longer each time it is called."""
    calls: list[object] = []
    original = getattr(engines, name)

    def call(*arguments: object) -> object:
        calls.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(engines, name, call)
    return calls


def test_a_menu_and_ghost_text_share_one_search(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = shop.engine()
    searches = counted(monkeypatch, "search")
    before = BEGUN[: BEGUN.index("|")] + REST[: REST.index("self")]
    for at in range(4):
        document = shop.document("typing.py", before + "self"[:at])
        assert engine.guesses(document, len(before))[0].text == "self"
        found = engine.suggest(document, len(document.text), threshold=0.3)
        assert isinstance(found, Suggestion)
        assert found.text.startswith("self.nothing"[at:])
    assert len(searches) == 1
    document = shop.document("typing.py", before + "self.")
    engine.guesses(document, len(document.text))
    assert len(searches) == 2


@given(st.lists(st.tuples(st.integers(0, len(SHOP)), st.integers(0, 9)), max_size=6))
@settings(max_examples=40, deadline=None)
def test_what_is_kept_changes_no_answer(shop: Workspace, asked: list[tuple[int, int]]) -> None:
    saved = shop.document("shop.py", SHOP)
    kept = shop.engine()
    kept.keep(saved)
    for start, typed in asked:
        for end in range(start, min(start + typed, len(SHOP))):
            document = shop.document("shop.py", SHOP[:end] + SHOP[end + 40 :])
            anew = shop.engine()
            anew.keep(saved)
            for offset in (start, end):
                known = {each.text: each.probability for each in kept.guesses(document, offset)}
                fresh = {each.text: each.probability for each in anew.guesses(document, offset)}
                assert known == pytest.approx(fresh)
            said, meant = (each.suggest(document, end, threshold=0.3) for each in (kept, anew))
            assert type(said) is type(meant)
            if isinstance(said, Suggestion) and isinstance(meant, Suggestion):
                assert said.probability == pytest.approx(meant.probability)


def test_new_segments_are_seen_at_the_same_place(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "shop", {"shop.py": "a = 1\n"})
    workspace.build()
    engine = workspace.engine()
    text = BEGUN.replace("|", "")
    document, offset = workspace.document("open.py", text), BEGUN.index("|")
    assert isinstance(engine.suggest(document, offset, threshold=0.3), Silence)
    workspace.change("shop.py", SHOP)
    workspace.build()
    workspace.look(engine)
    found = engine.suggest(document, offset, threshold=0.3)
    assert isinstance(found, Suggestion)
    assert "self.nothing" in found.text


@pytest.mark.parametrize(("most", "n_made"), [(10_000, 12), (500, 24)])
def test_open_texts_are_kept_up_to_a_number_of_tokens(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch, most: int, n_made: int
) -> None:
    monkeypatch.setattr(engines, "_MOST_OPEN", most)
    engine = shop.engine()
    made = counted(monkeypatch, "Text")
    for n in [*range(12)] * 2:
        engine.guesses(shop.document(f"{n}.py", METHOD * 5), 0)
    assert len(made) == n_made


def test_a_prefix_leaves_only_what_begins_with_it() -> None:
    lexicon = Lexicon()
    numbers = [lexicon.number(text) for text in ("self", "selves", "shop", "", "Self", "s")]
    found = KindTable(lexicon).beginning(np.array(numbers), "sel")
    assert [lexicon.texts[number] for number in found] == ["self", "selves"]
