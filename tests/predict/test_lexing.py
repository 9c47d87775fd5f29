"""Texts cut into tokens: nothing is lost, nothing takes long, and each language looks as it should."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.predict.lexing import comment_marks, pieces
from nootropic_lsp.predict.places import written

languages = st.sampled_from((*LANGUAGES, "", "klingon"))
bits = st.sampled_from(
    (
        *"\"'`/*#\\{}[]()<>=$@!?.,;:\n\r\t -+",
        *('"""', "'''", 'r#"', '"#', "//", "/*", "*/", "<!--", "-->", "${", "\r\n", "    "),
        *("rb", "f", "name", "été", "ＡＢ", "1e5", "0x1f", ".5", "\0", "\x0c", "\ud800", "\u2028"),
    )
)
texts = st.one_of(st.text(), st.lists(bits, max_size=40).map("".join))


@given(texts, languages)
def test_the_pieces_together_are_the_text(text: str, language: str) -> None:
    found = pieces(text, language)
    assert "".join(found) == text
    assert all(found)


@given(texts, languages)
def test_a_written_token_stands_where_it_is_said_to(text: str, language: str) -> None:
    for token in written(text, language):
        assert text.startswith(token.text, token.offset)


RUNS = (
    *(" ", "\t", "\r", "\n", "\n \r", '"', "'", "`", "\\", "'\\", '"\\', "#", "/", "*", "("),
    *('r#"', "r#", '"#', "b'", "/*", "*/", "<!--", "-->", '"""', '"""\\', "'''", "${", "`${"),
    *("=/[", "[(/]", "(/a[b]", "=/\\", ",/(", "1e+", ".1", "1.", "a-", 'a"', "é'", "$", "@", "a!"),
)


@pytest.mark.parametrize("language", ["python", "javascript", "rust", "go", "ruby", "html"])
@pytest.mark.parametrize("run", RUNS)
def test_no_run_takes_more_than_its_length(run: str, language: str) -> None:
    """What takes the square of its length would take ten times as long."""
    text = run * (60_000 // len(run))
    began = time.process_time()
    found = pieces(text, language)
    assert time.process_time() - began < 2
    assert sum(map(len, found)) == len(text)


def words(text: str, language: str) -> list[str]:
    """The tokens without the blanks before them."""
    return [piece.lstrip(" \t\r") for piece in pieces(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("python", "x = f'{a!r} b' # c", ["x", "=", "f'{a!r} b'", "# c"]),
        ("python", "Rb'\\'' or a//=2", ["Rb'\\''", "or", "a", "//=", "2"]),
        ("python", '"""a\n"b"\n"""\nc', ['"""a\n"b"\n"""', "\n", "c"]),
        ("python", "a = 'open\nb", ["a", "=", "'open", "\n", "b"]),
        ("python", "1_000.5e-3j+.5", ["1_000.5e-3j", "+", ".5"]),
        ("python", "if a:\n\n\tb\n", ["if", "a", ":", "\n\n\t", "b", "\n"]),
        ("python", "a\r\n  b", ["a", "\n  ", "b"]),
        ("python", "größe != été", ["größe", "!=", "été"]),
        ("javascript", "a = `x ${y}\nz`;", ["a", "=", "`x ${y}\nz`", ";"]),
        ("javascript", "s = /a[/]\\/b/gi", ["s", "=", "/a[/]\\/b/gi"]),
        ("javascript", "a / b / c", ["a", "/", "b", "/", "c"]),
        ("typescript", "a?.b ?? $c /* d */", ["a", "?.", "b", "??", "$c", "/* d */"]),
        ("tsx", "<A b={c}>", ["<", "A", "b", "=", "{", "c", "}", ">"]),
        ("rust", 'r#"a"b"# + b\'\\n\'', ['r#"a"b"#', "+", "b'\\n'"]),
        (
            "rust",
            "fn f<'a>(x: &'a str)",
            ["fn", "f", "<", "'a", ">", "(", "x", ":", "&", "'a", "str", ")"],
        ),
        ("rust", "println!(a)", ["println!", "(", "a", ")"]),
        ("go", "x := `a\nb` // c", ["x", ":=", "`a\nb`", "// c"]),
        ("java", '"""\na "b" c\n""";', ['"""\na "b" c\n"""', ";"]),
        ("csharp", '@"a" ?? b', ['@"a"', "??", "b"]),
        ("c", "#include <a.h>", ["#include", "<", "a", ".", "h", ">"]),
        ("cpp", "a->b::c <<= u8", ["a", "->", "b", "::", "c", "<<=", "u8"]),
        ("php", "$a->b('c'); // d", ["$a", "->", "b", "(", "'c'", ")", ";", "// d"]),
        ("ruby", "@@a.b? # c", ["@@a", ".", "b?", "# c"]),
        ("bash", "x=$HOME # c", ["x", "=", "$HOME", "# c"]),
        ("json", '{"a-b": -1}', ["{", '"a-b"', ":", "-", "1", "}"]),
        ("html", "<!-- a -->\n<b-c d>", ["<!-- a -->", "\n", "<", "b-c", "d", ">"]),
        ("css", "a:b { .c-d }", ["a", ":", "b", "{", ".c-d", "}"]),
        ("klingon", "a // b", ["a", "// b"]),
    ],
)
def test_tokens(language: str, text: str, wanted: list[str]) -> None:
    assert words(text, language) == wanted


def test_comments_are_known_by_their_beginning() -> None:
    for language in LANGUAGES:
        if language != "json":
            mark = comment_marks(language)[0]
            (piece,) = pieces(f"{mark} a comment", language)
            assert piece.startswith(mark)
