"""Files that are no ordinary source: each is read as far as it can be, or left out by name."""

from __future__ import annotations

import builtins
import codecs
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from faults.house import House, make_shop, run_cli, wait_until
from index.inline_pool import InlinePool
from server.client import place

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.index.worker import read_file
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph

NAMES = "class Cart:\n    pass\n"


def indexed(root: Path, database: Path) -> tuple[dict[str, int], dict[str, str]]:
    """How many symbols each file has, and what was left out and why."""
    indexer = Indexer(root.as_posix(), database, Settings(), pool=InlinePool())
    indexer.sync()
    counts = dict(
        indexer.connection.execute(
            "SELECT path, (SELECT COUNT(*) FROM symbols WHERE file = files.id) FROM files"
        ).fetchall()
    )
    left_out = {path: item.reason for path, item in graph.read_left_out(indexer.connection).items()}
    indexer.close()
    return counts, left_out


ODD = {
    "latin.py": "# -*- coding: latin-1 -*-\nclass Größe:\n    pass\n".encode("latin-1"),
    "cp.py": b"# coding: cp1252\nclass Preis:\n    zeichen = '\x80'\n",
    "wrong.py": b"class Wrong:\n    name = '\xff\xfe\xfa'\n",
    "lies.py": b"# coding: no-such-encoding\nclass Lies:\n    pass\n",
    "hex.py": b"# coding: hex\nclass Hex:\n    pass\n",
    "utf16.py": "class Wide:\n    pass\n".encode("utf-16"),
    "utf16be.py": b"\xfe\xff" + "class Wide:\n    pass\n".encode("utf-16-be"),
    "utf32.py": "class Wider:\n    pass\n".encode("utf-32"),
    "bom.py": b"\xef\xbb\xbfclass Bom:\n    pass\n",
    "crlf.py": b"class Crlf:\r\n    pass\r\n",
    "cr.py": b"class Cr:\r    pass\r",
    "astral.py": "class Astral:\n    name = '😀'; 𝐱 = 1\n".encode(),
    "surrogate.py": b"class Lone:\n    name = '\xed\xa0\xbd'\n",
    "form.py": b"class Form:\n\x0c    pass\n",
    "empty.py": b"",
    "space.py": b"\n\n   \n",
    "end.py": b"class End",
}


def test_odd_encodings(tmp_path: Path) -> None:
    root = tmp_path / "odd"
    root.mkdir()
    for name, content in ODD.items():
        (root / name).write_bytes(content)
    counts, left_out = indexed(root, tmp_path / "graph.db")
    assert left_out == {}
    assert set(counts) == set(ODD)
    classes = set(counts) - {"empty.py", "space.py", "end.py"}
    assert all(counts[name] >= 2 for name in classes), counts


def test_nul_bytes(tmp_path: Path) -> None:
    root = tmp_path / "nul"
    root.mkdir()
    (root / "binary.py").write_bytes(b"\0" * 100)
    (root / "unmarked.py").write_bytes(NAMES.encode("utf-16-le"))
    (root / "marked.py").write_bytes((NAMES + "\0").encode("utf-16"))
    (root / "late.py").write_bytes(NAMES.encode() * 1000 + b"\0\0\0\nclass Late:\n    pass\n")
    counts, left_out = indexed(root, tmp_path / "graph.db")
    assert left_out == dict.fromkeys(("binary.py", "unmarked.py", "marked.py"), "binary")
    assert counts["late.py"] >= 2


def test_too_large_and_too_dense(tmp_path: Path) -> None:
    root = tmp_path / "large"
    root.mkdir()
    with (root / "huge.py").open("wb") as file:
        file.truncate(100_000_000)
    (root / "line.js").write_text("var a=1;" * 640_000)
    (root / "long.py").write_text("x = [" + "1, " * 600_000 + "]\n")
    (root / "cart.py").write_text(NAMES)
    counts, left_out = indexed(root, tmp_path / "graph.db")
    assert set(counts) == {"cart.py"}
    assert "line.js" not in counts
    assert left_out.get("long.py", "minified") == "minified"
    reason = read_file(str(root), "huge.py", "python", max_bytes=2_000_000)
    assert isinstance(reason, str)
    assert "larger than 2000000 bytes" in reason


N = 10_000
DEEP = {
    "parentheses.py": "x = " + "(" * N + ")" * N + "\nclass After:\n    pass\n",
    "open.py": "x = " + "(" * N + "\n",
    "lists.py": "class Before:\n    pass\nx = " + "[" * N + "]" * N + "\n",
    "calls.py": "class Before:\n    pass\n" + "f(" * N + ")" * N + "\n",
    "chain.py": "class Before:\n    pass\na" + ".b" * 20_000 + "\na" + ".b()" * 20_000 + "\n",
    "plus.py": "class Before:\n    pass\nx = " + "1 + " * 20_000 + "1\n",
    "nots.py": "x = " + "not " * N + "1\n",
    "lambdas.py": "x = " + "lambda: " * N + "1\n",
    "blocks.py": "".join(" " * n + "if x:\n" for n in range(900)) + " " * 900 + "pass\n",
    "classes.py": "".join(" " * n + f"class C{n}:\n" for n in range(900)) + " " * 900 + "pass\n",
    "elifs.py": "if x:\n    pass\n" + "elif x:\n    pass\n" * N,
    "data.json": "[" * N + "]" * N,
    "objects.json": '{"a":' * N + "1" + "}" * N,
    "open.json": '{"a":[' * N,
    "deep.js": "x = " + "[" * N + "]" * N + ";\nclass After {}\n",
    "arrows.js": "x = " + "a => " * N + "1;\n",
    "chain.ts": "class Before {}\na" + ".b()" * 20_000 + ";\n",
    "blocks.go": "package p\nfunc f() {" + "{" * N + "}" * N + "}\n",
    "deep.rs": "fn f() { " + "(" * N + ")" * N + " }\n",
    "deep.c": "int x = " + "(" * N + "1" + ")" * N + ";\n",
    "deep.html": "<div>" * N,
    "deep.sh": "$(" * N,
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting(tmp_path: Path, name: str) -> None:
    """As the indexer reads it, and then as an open document with an edit in it."""
    root = tmp_path / "deep"
    root.mkdir()
    # One line is dense, but what is open is read all the same; so are lines that are not too long.
    text = DEEP[name]
    wrapped = text.replace("((((((((", "((((((((\n").replace("[[[[[[[[", "[[[[[[[[\n")
    (root / name).write_text(wrapped)
    counts, left_out = indexed(root, tmp_path / "graph.db")
    assert set(counts) | set(left_out) == {name}
    assert all("could not" not in each and "process" not in each for each in left_out.values())


def test_deep_nesting_in_an_open_document(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        for name, text in DEEP.items():
            uri = house.uri(name)
            language = {"js": "javascript", "ts": "typescript", "rs": "rust", "sh": "shellscript"}
            suffix = name.rpartition(".")[2]
            house.open(uri, text, language.get(suffix, {"py": "python"}.get(suffix, suffix)))
            for method in ("documentSymbol", "foldingRange", "semanticTokens/full", "diagnostic"):
                house.request(f"textDocument/{method}", {"textDocument": {"uri": uri}})
            house.request("textDocument/hover", place(uri, 0, 2))
            house.request(
                "textDocument/selectionRange",
                {"textDocument": {"uri": uri}, "positions": [{"line": 0, "character": 4}]},
            )
            house.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert not [each for each in house.told() if "bug of ours" in each], house.errors[-3000:]
        house.open_file("shop.py")
        assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]


def test_files_vanish_while_they_are_read(tmp_path: Path) -> None:
    class Vanishing(InlinePool):
        def _ask(self, message: object) -> Any:
            if isinstance(message, dict) and message["do"] == "read":
                (root / "cart.py").unlink(missing_ok=True)
            return super()._ask(message)

    root = make_shop(tmp_path / "shop")
    indexer = Indexer(root.as_posix(), tmp_path / "graph.db", Settings(), pool=Vanishing())
    report = indexer.sync()
    assert report.complete
    assert not report.problems
    assert indexer.update([f"{root}/cart.py", f"{root}/never.py"]).complete
    indexer.close()
    make_shop(root)
    indexer = Indexer(root.as_posix(), tmp_path / "graph.db", Settings(), pool=InlinePool())
    indexer.sync()
    assert "cart.py" in graph.file_paths(indexer.connection)
    indexer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing there")
def test_files_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_shop(tmp_path / "shop")
    (root / "closed").mkdir()
    (root / "closed" / "a.py").write_text(NAMES)
    (root / "secret.py").write_text(NAMES)
    if os.geteuid():
        (root / "closed").chmod(0)
        (root / "secret.py").chmod(0)
    else:
        # Nothing is closed to root, so the answer of the system is played.
        real, scan = builtins.open, os.scandir

        def guarded(file: Any, *rest: Any, **more: Any) -> Any:
            if str(file).endswith("secret.py"):
                raise PermissionError(13, "Permission denied", file)
            return real(file, *rest, **more)

        def guarded_scan(folder: Any) -> Any:
            if str(folder).endswith("closed"):
                raise PermissionError(13, "Permission denied", folder)
            return scan(folder)

        monkeypatch.setattr(builtins, "open", guarded)
        monkeypatch.setattr(os, "scandir", guarded_scan)
    counts, left_out = indexed(root, tmp_path / "graph.db")
    assert set(counts) == {"cart.py", "shop.py"}
    assert "Permission denied" in left_out["secret.py"]


def test_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("class Secret:\n    pass\n")
    root = make_shop(tmp_path / "shop")
    try:
        (root / "loop").symlink_to(root)
        (root / "a").mkdir()
        (root / "a" / "b").symlink_to(root / "a")
        (root / "self.py").symlink_to(root / "self.py")
        (root / "dangling.py").symlink_to(root / "nothing.py")
        (root / "out").symlink_to(outside)
        (root / "out.py").symlink_to(outside / "secret.py")
    except OSError:
        pytest.skip("no links can be made here")
    counts, _ = indexed(root, tmp_path / "graph.db")
    assert set(counts) == {"cart.py", "shop.py"}
    indexer = Indexer(root.as_posix(), tmp_path / "graph.db", Settings(), pool=InlinePool())
    # A watcher tells of links, too, and of what lies behind them.
    indexer.update([f"{root}/{name}" for name in ("out.py", "self.py", "out/secret.py", "loop")])
    assert set(graph.file_paths(indexer.connection)) == {"cart.py", "shop.py"}
    indexer.close()


def test_an_ignored_file_that_is_open_has_its_features(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    (root / ".gitignore").write_text("build/\n")
    (root / "build").mkdir()
    (root / "build" / "made.py").write_text(
        "import sys\nclass Made:\n    def go(self):\n        return self.go()\n"
    )
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        assert "Made" not in house.symbols("Made")
        house.open_file("build/made.py")
        assert house.definition("build/made.py", 3, 20) == [("made.py", 2)]
        outline = house.request(
            "textDocument/documentSymbol", {"textDocument": {"uri": house.uri("build/made.py")}}
        )
        assert outline[0]["name"] == "Made"
        # Neither does saving it bring it into the index.
        house.save("build/made.py", (root / "build" / "made.py").read_text() + "\n")
        house.save("cart.py", NAMES + "\n\nclass Wagon:\n    pass\n")
        wait_until(lambda: "Wagon" in house.symbols("Wagon"), "the new class")
        house.notify("textDocument/didClose", {"textDocument": {"uri": house.uri("build/made.py")}})
        assert "Made" not in house.symbols("Made")


MARKED = "zoo = '😀'; animals = 1\r\nclass Größe:\r\n    'Wie 𝐠roß.'\r\n"


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + MARKED.encode(),
        codecs.BOM_UTF16_LE + MARKED.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + MARKED.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-16-le", "utf-16-be"],
)
def test_places_in_files_with_a_mark(tmp_path: Path, data: bytes) -> None:
    """Closed as open, where the editor shows the text without the mark."""
    root = tmp_path / "marked"
    root.mkdir()
    (root / "size.py").write_bytes(data)
    (root / "use.py").write_text("from size import Größe, animals\n", encoding="utf-8")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        uri = house.open_file("use.py", "from size import Größe, animals\n")
        for is_open in (False, True):
            if is_open:
                house.open_file("size.py", MARKED)
            assert house.definition("use.py", 0, 20) == [("size.py", 1)]
            found = house.at("textDocument/definition", uri, 0, 26)
            target = found[0] if isinstance(found, list) else found
            start = (target.get("range") or target["targetSelectionRange"])["start"]
            assert start == {"line": 0, "character": utf16("zoo = '😀'; ")}
            hover = house.at("textDocument/hover", uri, 0, 20)
            assert "Wie 𝐠roß." in str(hover["contents"])


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_places_beyond_astral_characters(tmp_path: Path, end: str, encoding: str) -> None:
    """Both in the file that is asked about and in the closed one that it leads to."""
    root = tmp_path / "astral"
    root.mkdir()
    lines = ["# 😀😀 é", "'😀😀'; names = 1; 𝐰ide = 2", "class Cart: '😀'; 𝐱 = 3; total = 4"]
    (root / "cart.py").write_bytes(b"\xef\xbb\xbf" + end.join([*lines, ""]).encode())
    use = "s = '😀😀\ud83d'; from cart import Cart; Cart.total"
    units = {"utf-8": utf8, "utf-16": utf16, "utf-32": len}[encoding]
    with House(root) as house:
        answer = house.start(
            root, capabilities={"general": {"positionEncodings": [encoding, "utf-16"]}}
        )
        assert answer["capabilities"]["positionEncoding"] == encoding
        house.wait_indexed()
        uri = (root / "use.py").as_uri()
        house.open(uri, end.join(["# 😀", use, ""]))
        found = house.at("textDocument/definition", uri, 1, units(use[: use.index("total") + 1]))
        target = found[0] if isinstance(found, list) else found
        start = (target.get("range") or target["targetSelectionRange"])["start"]
        assert start == {"line": 2, "character": units(lines[2][: lines[2].index("total")])}
        references = house.request(
            "textDocument/references",
            place((root / "cart.py").as_uri(), 2, units(lines[2][: lines[2].index("total")]) + 1)
            | {"context": {"includeDeclaration": False}},
        )
        (reference,) = references
        assert reference["range"]["start"]["character"] == units(use[: use.index("total")])


def utf8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_names_that_are_no_text(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    try:
        Path(os.fsdecode(os.fsencode(root) + b"/\xff\xfe.py")).write_text(NAMES)
    except OSError:
        pytest.skip("this file system has no such names")
    (root / "tab\tand\nline.py").write_text(NAMES)
    (root / "größe 😀.py").write_text(NAMES)
    done = run_cli(root, "where", "Cart", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["complete"] is True
    assert "größe 😀.py" in done.stdout or "gr\\u00f6" in done.stdout
