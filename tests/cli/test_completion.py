"""Completion scripts say what the declarations say, in the language of each shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from nootropic_lsp.cli.verbs import VERBS

SHELLS = ("bash", "zsh", "fish")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_knows_every_verb_and_option(shell, type_):
    script = type_("completion", shell).out
    for verb in VERBS:
        assert verb.name in script
        for argument in verb.arguments:
            if argument.is_option:
                assert argument.names[0].lstrip("-") in script


# Most machines have one or two of the three.
@pytest.mark.parametrize("shell", [each for each in SHELLS if shutil.which(each)])
def test_a_shell_reads_its_script(shell, type_, tmp_path):
    script = tmp_path / "script"
    script.write_text(type_("completion", shell).out)
    subprocess.run([shell, "-n", script], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("nootropic wh", {"where", "why"}),
        ("nootropic lsp --log", {"--log", "--log-level"}),
        ("nootropic lsp --log-level ", {"debug", "info", "warning", "error"}),
        ("nootropic completion ", {"bash", "zsh", "fish", "--json", "--yaml", "--help"}),
        ("nootropic outline c", {"cart.py", "carts and more"}),
        ("nootropic index c", {"carts and more"}),
        ("nootropic where --workspace c", {"carts and more"}),
    ],
)
def test_bash_offers(line, wanted, type_, tmp_path):
    (tmp_path / "cart.py").touch()
    (tmp_path / "carts and more").mkdir()
    words = line.split(" ")
    script = "\n".join(
        (
            type_("completion", "bash").out,
            f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}",
            "_nootropic; printf '%s\\n' \"${COMPREPLY[@]}\"",
        )
    )
    ended = subprocess.run(
        ["bash", "--norc"], input=script, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert set(ended.stdout.splitlines()) == wanted
    assert ended.stderr == ""


def test_json_has_the_script(type_):
    assert type_("completion", "bash", "--json").json["script"].startswith("_nootropic()")
