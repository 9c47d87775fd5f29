"""The command line as it is typed: help, versions, mistakes and exit codes."""

from __future__ import annotations

import importlib
import inspect
import os
import shlex
import subprocess
import sys

import pytest

from nootropic_lsp import __version__
from nootropic_lsp.cli import main as door
from nootropic_lsp.cli.lsp import address
from nootropic_lsp.cli.main import parser
from nootropic_lsp.cli.verbs import OUTPUT, VERBS, Verb
from nootropic_lsp.core.errors import NootropicError

by_name = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)


def test_the_version_is_that_of_the_package(type_):
    typed = type_("--version")
    assert (typed.code, typed.out) == (0, f"nootropic {__version__}\n")


def test_help_names_every_verb(type_):
    typed = type_("--help")
    assert typed.code == 0
    for verb in VERBS:
        assert verb.name in typed.out
        assert verb.summary in typed.out


@by_name
def test_help_of_a_verb_has_its_arguments_and_examples(verb: Verb, type_):
    typed = type_(verb.name, "--help")
    assert typed.code == 0
    for argument in (*verb.arguments, *OUTPUT):
        assert not argument.is_option or argument.names[0] in typed.out
    for example in verb.examples:
        assert example in typed.out


@by_name
def test_a_function_takes_exactly_what_its_verb_declares(verb: Verb):
    module, _, name = verb.function.partition(":")
    taken = inspect.signature(getattr(importlib.import_module(module), name)).parameters
    declared = [each.names[0].lstrip("-").replace("-", "_") for each in verb.arguments]
    assert sorted(taken) == sorted(declared)


@by_name
def test_examples_are_accepted(verb: Verb):
    for example in verb.examples:
        words = shlex.split(example.partition(" > ")[0].removeprefix('eval "$(').removesuffix(')"'))
        assert words[0] == "nootropic"
        assert parser().parse_args(words[1:]).function == verb.function


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["wher", "Cart"], "nootropic: there is no verb `wher`; did you mean `where`?\n"),
        (["xyzzy"], "nootropic: there is no verb `xyzzy`; `nootropic --help` lists the verbs\n"),
        (
            ["where"],
            "nootropic: the following arguments are required: NAME; see `nootropic where --help`\n",
        ),
        (["outline", "nowhere.py"], "nootropic: nowhere.py is not a file; name one that exists\n"),
        (["index", "nowhere"], "nootropic: nowhere is not a folder; name one that exists\n"),
        (
            ["tour", ".", "--sample"],
            "nootropic: choose a folder or --sample\n",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(words, sentence, type_, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = type_(*words)
    assert (typed.code, typed.out, typed.err) == (2, "", sentence)


def test_no_verb_is_a_mistake(type_):
    typed = type_()
    assert typed.code == 2
    assert "VERB" in typed.err


def test_an_interrupt_is_quiet(type_, monkeypatch):
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(door, "_load", interrupted)
    typed = type_("completion", "bash")
    assert (typed.code, typed.out, typed.err) == (130, "", "")


def test_our_own_bug_shows_where_it_is(type_, monkeypatch):
    monkeypatch.setattr(door, "_load", lambda _: 1 / 0)
    typed = type_("completion", "bash")
    assert typed.code == 70
    assert "ZeroDivisionError" in typed.err
    assert "please report" in typed.err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end differently there")
def test_a_reader_that_goes_away_is_no_error():
    words = f"{shlex.quote(sys.executable)} -m nootropic_lsp completion bash"
    script = f"set -o pipefail; ({words}; echo $? >&2) | true"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() in ("0", "141")


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:7", ("localhost", 7)),
    ],
)
def test_an_address(text, pair):
    assert address(text) == pair


@pytest.mark.parametrize("text", ["7777", "host", ":80", "host:", "host:70000", "::1:80", "h:8٣"])
def test_no_address(text):
    with pytest.raises(NootropicError, match="HOST:PORT"):
        address(text)


def test_the_version_needs_no_heavy_module():
    program = "import sys; from nootropic_lsp.cli.main import main\ntry: main(['--version'])\nfinally: print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    loaded = set(ended.stdout.splitlines()[-1].split())
    heavy = {"asyncio", "json", "lsprotocol", "pygls", "sqlite3", "tree_sitter", "yaml"}
    assert not loaded & (heavy | {"nootropic_lsp.app", "nootropic_lsp.settings"})
