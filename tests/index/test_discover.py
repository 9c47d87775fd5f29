"""Finding source files: fast, within bounds, and never fatal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nootropic_lsp.index.discover import HEAD_BYTES, discover, language_of, skip_reason
from nootropic_lsp.safety.ignore import Ignore
from nootropic_lsp.settings.options import IndexSettings

DEFAULTS = IndexSettings()


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def names(root: Path, settings: IndexSettings = DEFAULTS) -> list[str]:
    return [
        Path(found.path).relative_to(root).as_posix() for found in discover(root, settings=settings)
    ]


def test_what_is_found_and_in_which_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b.py": "x = 1\n",
            "a/z.ts": "",
            "a/b/__init__.py": "",
            "c.txt": "no source",
            "LICENSE": "text",
            "run": "#!/usr/bin/env python3\n",
            ".github/check.sh": "",
            ".bashrc": "",
        },
    )
    assert names(tmp_path) == [
        *(".bashrc", "b.py", "run", ".github/check.sh", "a/z.ts", "a/b/__init__.py")
    ]
    found = {Path(each.path).name: each for each in discover(tmp_path, settings=DEFAULTS)}
    status = (tmp_path / "b.py").stat()
    assert found["b.py"] == (
        *(str(tmp_path / "b.py"), "python", status.st_size, status.st_mtime_ns),
    )
    assert (found["run"].language, found["z.ts"].language) == ("python", "typescript")


def test_folders_of_tools_are_passed_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app.py": "",
            ".git/hooks/pre-commit.py": "",
            "node_modules/x/index.js": "",
            "a/__pycache__/m.py": "",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": "",
            "target/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55",
            "target/x.rs": "",
            ".nootropic/x.json": "",
            ".nootropic.json": "{}",
            ".vectorstore/x.json": "",
        },
    )
    assert names(tmp_path) == [".nootropic.json", "app.py"]


def test_a_workspace_that_is_an_environment_itself_is_read(tmp_path: Path) -> None:
    assert names(write(tmp_path, {"pyvenv.cfg": "", "a.py": ""})) == ["a.py"]


def test_the_walk_and_single_paths_agree(tmp_path: Path) -> None:
    """The watcher asks about one path what the walk decides for all."""
    write(
        tmp_path,
        {
            ".gitignore": "*.gen.py\n/out/\n!keep.gen.py\n",
            "a.gen.py": "",
            "keep.gen.py": "",
            "out/a.py": "",
            "pkg/.gitignore": "local.py\n!a.gen.py\n",
            "pkg/local.py": "",
            "pkg/a.gen.py": "",
            "pkg/out/a.py": "",
            "pkg/sub/.nootropicignore": "*\n!yes.py\n",
            "pkg/sub/yes.py": "",
            "pkg/sub/no.py": "",
            ".git/info/exclude": "secret.py\n",
            "secret.py": "",
            "venv/pyvenv.cfg": "",
            "venv/a.py": "",
        },
    )
    expected = ["keep.gen.py", "pkg/a.gen.py", "pkg/out/a.py", "pkg/sub/yes.py"]
    assert names(tmp_path) == expected
    ignore = Ignore(tmp_path)
    every = [path for path in tmp_path.rglob("*.py") if path.is_file()]
    assert sorted(
        path.relative_to(tmp_path).as_posix() for path in every if not ignore.matches(path, False)
    ) == sorted(expected)


def test_an_sdist_in_an_ignored_folder_of_a_repository(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "corpora/\n"})
    root = write(tmp_path / "corpora" / "pkg-1.0", {"a.py": "", ".gitignore": "b.py", "b.py": ""})
    assert names(root) == ["a.py"]


def test_include_exclude_and_gitignore_off(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": "", "src/tests/b.py": "", "c.py": "", ".gitignore": "src/a.py"})
    assert names(tmp_path, IndexSettings(include=("src/",))) == ["src/tests/b.py"]
    assert names(tmp_path, IndexSettings(exclude=("tests/",))) == ["c.py"]
    assert names(tmp_path, IndexSettings(use_gitignore=False)) == [
        *("c.py", "src/a.py", "src/tests/b.py")
    ]


def test_large_minified_and_lock_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"big.py": "x" * 101, "ok.py": "x" * 100, "a.min.js": "", "package-lock.json": "{}"},
    )
    assert names(tmp_path, IndexSettings(max_file_bytes=100)) == ["ok.py"]


def make_link(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this account may not make links")


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.py": ""})
    root = write(tmp_path / "workspace", {"a.py": "", "sub/b.py": ""})
    make_link(root / "out", outside)
    make_link(root / "out.py", outside / "secret.py")
    make_link(root / "sub" / "loop", root)
    make_link(root / "again.py", root / "a.py")
    make_link(root / "dead.py", root / "missing.py")
    assert names(root) == ["a.py", "sub/b.py"]


def test_a_workspace_reached_through_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", {"a.py": ""})
    make_link(tmp_path / "link", tmp_path / "real")
    assert [found.path for found in discover(tmp_path / "link", settings=DEFAULTS)] == [
        str(tmp_path / "link" / "a.py")
    ]


def test_what_vanishes_or_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.py": "", "b/x.py": "", "c/x.py": "", "d.py": ""})
    walk = discover(tmp_path, settings=DEFAULTS)
    assert next(walk).path == str(tmp_path / "d.py")
    (tmp_path / "b" / "x.py").unlink()
    (tmp_path / "b").rmdir()
    assert [Path(found.path).parent.name for found in walk] == ["a", "c"]
    assert list(discover(tmp_path / "missing", settings=DEFAULTS)) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="others have no names that are not text")
def test_a_name_that_is_not_text_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"ünï 😀.py": ""})
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py"))).write_text("")
    assert names(tmp_path) == ["ünï 😀.py"]


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("a.py", None, "python"),
        ("a.pyi", None, "python"),
        ("a.PYW", None, "python"),
        ("a.jsx", None, "javascript"),
        ("a.mjs", None, "javascript"),
        ("a.cts", None, "typescript"),
        ("a.d.ts", None, "typescript"),
        ("a.tsx", None, "tsx"),
        ("a.go", None, "go"),
        ("a.rs", None, "rust"),
        ("A.java", None, "java"),
        ("a.c", None, "c"),
        ("a.C", None, "cpp"),
        ("a.hpp", None, "cpp"),
        ("a.cs", None, "csharp"),
        ("Rakefile", None, "ruby"),
        ("a.gemspec", None, "ruby"),
        ("a.php", None, "php"),
        ("a.sh", None, "bash"),
        (".profile", None, "bash"),
        ("a.json", None, "json"),
        ("a.htm", None, "html"),
        ("a.css", None, "css"),
        ("a.txt", None, None),
        ("a", None, None),
        (".py", None, None),
        ("README.md", b"#!/bin/sh", None),
        ("a.h", None, "c"),
        ("a.h", b'int f(void);\n#ifdef __cplusplus\nextern "C" {\n#endif\n', "c"),
        ("a.h", b"/* a class of things */\nstruct S { int class_; };\n", "c"),
        ("a.h", b"#pragma once\nclass A : public B {\n", "cpp"),
        ("a.h", b"namespace a::b {\n", "cpp"),
        ("a.h", b"  template <typename T>\n", "cpp"),
        ("a.h", b"#include <vector>\n", "cpp"),
        ("a.h", b"#include <stdio.h>\n", "c"),
        ("a.h", b"std::string f();\n", "cpp"),
        ("a.ts", b'<?xml version="1.0"?>\n<!DOCTYPE TS>', None),
        ("run", b"#!/usr/bin/python3.12 -u\n", "python"),
        ("run", b"#!/usr/bin/env -S node --x\n", "javascript"),
        ("run", b"#! /usr/bin/env FOO=1 bash\n", "bash"),
        ("run", b"#!/bin/sh\n", "bash"),
        ("run", b"#!/usr/bin/ruby2.7\n", "ruby"),
        ("run", b"#!/usr/bin/perl\n", None),
        ("run", b"#!\n", None),
        ("run", b"\x7fELF", None),
    ],
)
def test_language(path: str, head: bytes | None, language: str | None) -> None:
    assert language_of(path, head) == language
    assert language_of(f"folder.py/{path}", head) == language


@pytest.mark.parametrize(
    ("path", "head", "reason"),
    [
        ("a.py", b"", None),
        ("a.py", b"x = 1\n" * 1000, None),
        ("a.py", b"x = '\0'\n", "binary"),
        ("a.ts", b"G@\0\x11" * 100, "binary"),
        ("jquery.min.js", b"", "minified"),
        ("a.js", b"function a(){}" * 400, "minified"),
        ("a.js", b"// a long comment\n" + b"f(1);\n" * 500 + b"x" * 2000, None),
        ("a.py", b"WORDS = 'a b c d e f g h'" * 30, None),
        ("a.py", b"DATA = '" + b"x" * 8000, "minified"),
        ("package-lock.json", b"{}\n", "generated"),
        ("a.go", b"// Code generated by protoc-gen-go. DO NOT EDIT.\n", "generated"),
        (
            "a_pb2.py",
            b"# -*- coding: utf-8 -*-\n# Generated by protoc.  DO NOT EDIT!\n",
            "generated",
        ),
        ("a.cs", b"// <auto-generated>\n", "generated"),
        ("a.ts", b"/**\n * @generated\n */\n", "generated"),
        ("0001_initial.py", b"# Generated by Django 5.1.4 on 2024-12-05 10:00\n", None),
        ("a.py", b'"""Writes code generated from a table."""\n', None),
        ("a.py", b"MARK = '@generated'\n", None),
    ],
)
def test_skip_reason(path: str, head: bytes, reason: str | None) -> None:
    assert skip_reason(path, head[:HEAD_BYTES], len(head)) == reason


def test_the_reason_names_the_setting() -> None:
    reason = skip_reason("a.py", b"", 11, max_file_bytes=10)
    assert reason == "larger than 10 bytes (index.maxFileBytes)"
