"""Settings: who may set what, in which order, and what is said about mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.settings.folders import cache_folder, user_folder
from nootropic_lsp.settings.load import load
from nootropic_lsp.settings.options import Settings

Load = Callable[..., tuple[Settings, list[str]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    made.mkdir()
    return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture
def read(folder: Path, home: Path) -> Load:
    def read(**given: Any) -> tuple[Settings, list[str]]:
        return load(folder, **{"home": home, "environ": {}, **given})

    return read


def test_defaults_need_no_file(read: Load, home: Path) -> None:
    settings, problems = read()
    assert settings == Settings()
    assert problems == []
    assert settings.index.max_file_bytes == 2_000_000
    assert settings.diagnostics.debounce_ms == 150
    assert load(None, home=home / "missing", environ={}) == (Settings(), [])


def test_later_sources_win(read: Load, folder: Path, home: Path) -> None:
    assert read()[0].diagnostics.debounce_ms == 150
    (home / "config.json").write_text('{"diagnostics": {"debounceMs": 1}}')
    assert read()[0].diagnostics.debounce_ms == 1
    (folder / "pyproject.toml").write_text("[tool.nootropic]\ndiagnostics.debounceMs = 2\n")
    assert read()[0].diagnostics.debounce_ms == 2
    (folder / ".nootropic.json").write_text('{"diagnostics": {"debounceMs": 3}}')
    assert read()[0].diagnostics.debounce_ms == 3
    assert read(editor={"diagnostics": {"debounceMs": 4}})[0].diagnostics.debounce_ms == 4


@pytest.mark.parametrize(
    "editor",
    [
        {"codeLens": {"references": False}, "features": {"rename": False}},
        {"nootropic": {"codeLens": {"references": False}, "features": {"rename": False}}},
        {"nootropic.codeLens.references": False, "features.rename": False},
        {"codeLens.references": False, "features": {"rename": False, "hover": None}},
        {"trace": {"server": "off"}, "codeLens.references": False, "features.rename": False},
    ],
)
def test_editors_write_them_in_several_ways(read: Load, editor: dict[str, Any]) -> None:
    settings, problems = read(editor=editor)
    assert problems == []
    assert not settings.code_lens.references
    assert not settings.features.rename
    assert settings.features.hover


def test_alongside_leaves_navigation_to_another_server(read: Load) -> None:
    features = read(editor={"preset": "alongside", "features": {"hover": True}})[0].features
    assert features.hover
    assert features.code_lens
    assert not any((features.definition, features.references, features.rename))
    assert not any((features.diagnostics, features.semantic_tokens, features.workspace_symbol))


@pytest.mark.parametrize(
    ("editor", "sentence"),
    [
        (
            {"index": {"maxFilebytes": 1}},
            'editor settings: "index.maxFilebytes" is not an option; '
            'did you mean "index.maxFileBytes"?',
        ),
        (
            {"python": {"colour": "red"}},
            'editor settings: "python.colour" is not an option; there are python.environment',
        ),
        (
            {"index": {"maxFileBytes": "big"}},
            'editor settings: "index.maxFileBytes" must be a whole number from 1 to '
            '1 000 000 000, not "big"',
        ),
        (
            {"index": {"workers": True}},
            'editor settings: "index.workers" must be a whole number from 0 to 64, not true',
        ),
        (
            {"features": {"hover": "no"}},
            'editor settings: "features.hover" must be true or false, not "no"',
        ),
        (
            {"preset": "none"},
            'editor settings: "preset" must be "full" or "alongside", not "none"',
        ),
        (
            {"index": 3},
            'editor settings: "index" must be a table of options, for example {"maxFileBytes": …}',
        ),
        (
            {"index": {"exclude": "*.py"}},
            'editor settings: "index.exclude" must be a list of patterns as in a .gitignore, '
            'not "*.py"',
        ),
        (3, "editor settings: a table of options was expected, not 3"),
    ],
)
def test_a_mistake_is_named_and_costs_nothing_else(read: Load, editor: Any, sentence: str) -> None:
    if isinstance(editor, dict):
        editor = {**editor, "inlayHint": {"types": False}}
    settings, problems = read(editor=editor)
    assert problems == [sentence]
    assert settings.inlay_hint.types == (not isinstance(editor, dict))
    assert settings.index == Settings().index


def test_malformed_json(read: Load, folder: Path) -> None:
    (folder / ".nootropic.json").write_text('{\n  "preset": "full",\n}\n')
    settings, [problem] = read()
    assert settings == Settings()
    assert problem.startswith(f"{folder / '.nootropic.json'}, line ")
    assert "trailing comma" in problem


def test_malformed_toml(read: Load, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.nootropic]\npreset = \n")
    _, [problem] = read()
    assert problem.startswith(f"{folder / 'pyproject.toml'}, line 2: not valid TOML (")


def test_a_pyproject_without_a_word_of_ours_is_not_read(read: Load, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.other\n")
    assert read() == (Settings(), [])


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"[1]",
        b'"text"',
        b"9" * 5_000,
        b" " * 1_000_001,
        b'{"index": {"workers": ' + b"9" * 5_000 + b"}}",
    ],
)
def test_any_content_is_survived(read: Load, folder: Path, content: bytes) -> None:
    (folder / ".nootropic.json").write_bytes(content)
    settings, problems = read()
    assert settings == Settings()
    assert len(problems) == 1
    assert len(problems[0]) < 400


def test_a_file_full_of_unknown_names_is_reported_in_short(read: Load, folder: Path) -> None:
    table = {f"unknown{number}" * 5: 1 for number in range(10_000)}
    (folder / ".nootropic.json").write_text(json.dumps(table))
    _, problems = read()
    assert len(problems) == 11
    assert problems[-1].endswith(": 9990 more names are no options")


def test_a_byte_order_mark_and_a_schema_are_fine(read: Load, folder: Path) -> None:
    text = '\ufeff{"$schema": "https://example.org/x.json", "preset": "alongside"}'
    (folder / ".nootropic.json").write_text(text, encoding="utf-8")
    settings, problems = read()
    assert (settings.preset, problems) == ("alongside", [])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["index"]), inner),
    max_leaves=10,
)


@hypothesis_settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["index", "features", "nootropic", "x"]), json_values))
def test_any_settings_of_an_editor_are_survived(editor: dict[str, Any]) -> None:
    settings, problems = load(None, editor=editor, home=Path("nowhere"), environ={})
    assert isinstance(settings, Settings)
    assert all(isinstance(problem, str) for problem in problems)


# Trust.


def test_an_untrusted_workspace_sets_only_what_is_harmless(read: Load, folder: Path) -> None:
    asked = {
        "python": {"environment": "/tmp/evil"},
        "index": {
            "maxFileBytes": 1_000,
            "maxDiskBytes": 900_000_000_000,
            "workers": 64,
            "useGitignore": False,
            "exclude": ["gen/"],
        },
        "features": {"codeLens": False},
    }
    (folder / ".nootropic.json").write_text(json.dumps(asked))
    settings, problems = read()
    assert not settings.trusted
    assert settings.python.environment == "auto"
    assert settings.index.max_file_bytes == 1_000
    assert settings.index.max_disk_bytes == Settings().index.max_disk_bytes
    assert settings.index.workers == 0
    assert settings.index.use_gitignore
    assert settings.index.exclude == ("gen/",)
    assert not settings.features.code_lens
    assert len(problems) == 4
    assert all(f"`nootropic trust {folder}`" in problem for problem in problems)
    assert '"python.environment" is ignored' in problems[0]
    assert '"index.maxDiskBytes" may only be lowered' in problems[1]


def test_an_untrusted_workspace_cannot_raise_what_the_user_lowered(
    read: Load, folder: Path, home: Path
) -> None:
    (home / "config.json").write_text('{"index": {"maxFileBytes": 500}}')
    (folder / "pyproject.toml").write_text("[tool.nootropic.index]\nmaxFileBytes = 600\n")
    settings, problems = read()
    assert settings.index.max_file_bytes == 500
    assert len(problems) == 1


@pytest.mark.parametrize("given", [{"trusted": True}, {"environ": {"NOOTROPIC_TRUST": "1"}}])
def test_a_trusted_workspace_sets_everything(
    read: Load, folder: Path, given: dict[str, Any]
) -> None:
    (folder / ".nootropic.json").write_text('{"python": {"environment": ".venv"}}')
    settings, problems = read(**given)
    assert settings.trusted
    assert settings.python.environment == str(folder / ".venv")
    assert problems == []


def test_trust_takes_a_one(read: Load, folder: Path) -> None:
    assert not read(environ={"NOOTROPIC_TRUST": "0"})[0].trusted


def test_a_settings_file_that_leads_out_of_the_workspace_is_ignored(
    read: Load, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.json").write_text('{"preset": "alongside"}')
    try:
        (folder / ".nootropic.json").symlink_to(tmp_path / "outside.json")
    except OSError:
        pytest.skip("this account may not make links")
    settings, [problem] = read()
    assert settings.preset == "full"
    assert "link out of the workspace" in problem


def test_an_environment_needs_a_folder_or_an_absolute_path(home: Path) -> None:
    settings, [problem] = load(
        None, editor={"python": {"environment": ".venv"}}, home=home, environ={}
    )
    assert settings.python.environment == "auto"
    assert "absolute path" in problem


# Folders.


def test_one_variable_moves_both_folders(tmp_path: Path) -> None:
    environ = {"NOOTROPIC_HOME": str(tmp_path / "n"), "XDG_CACHE_HOME": "/elsewhere"}
    assert user_folder(environ) == tmp_path / "n"
    assert cache_folder(environ) == tmp_path / "n" / "cache"


@pytest.mark.skipif(sys.platform == "win32", reason="paths as POSIX writes them")
@pytest.mark.parametrize(
    ("platform", "environ", "wanted"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.cache/nootropic"),
        ("linux", {"HOME": "/home/ada", "XDG_CACHE_HOME": "/fast"}, "/fast/nootropic"),
        ("linux", {"HOME": "/home/ada", "XDG_CACHE_HOME": "a"}, "/home/ada/.cache/nootropic"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/nootropic"),
        ("win32", {"HOME": "/u", "LOCALAPPDATA": "/local"}, "/local/nootropic"),
        ("win32", {"HOME": "/u"}, "/u/AppData/Local/nootropic"),
    ],
)
def test_the_cache_lies_where_the_platform_has_it(
    platform: str, environ: dict[str, str], wanted: str
) -> None:
    assert cache_folder(environ, platform=platform) == Path(wanted)


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(NootropicError, match="NOOTROPIC_HOME"):
        user_folder({})


def test_reading_settings_imports_nothing_heavy() -> None:
    code = "import nootropic_lsp.settings, sys; print([m for m in sys.modules])"
    listed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert not any(f"'{name}'" in listed for name in ("pydantic", "tomllib", "difflib", "asyncio"))


def test_lint_settings(read: Load, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        "[tool.nootropic.lint]\nselect = ['security']\ndeadlineS = 20\nrules = ['checks']\n"
        "[tool.nootropic.lint.severities]\nsql-injection = 'warning'\n"
    )
    settings, problems = read()
    assert problems == []
    assert settings.lint.select == ("security",)
    assert settings.lint.severities == {"sql-injection": "warning"}
    assert (settings.lint.deadline_s, settings.lint.rules) == (20, ("checks",))


@pytest.mark.parametrize(
    "value",
    [
        {"deadlineS": 100_000},
        {"rules": ["../elsewhere"]},
        {"rules": ["/etc"]},
        {"baseline": "~/known.json"},
        {"severities": {"sql-injection": "loud"}},
        {"select": "security"},
    ],
)
def test_lint_settings_that_do_not_count(read: Load, folder: Path, value: dict[str, Any]) -> None:
    (folder / ".nootropic.json").write_text(json.dumps({"lint": value}))
    settings, problems = read()
    assert settings.lint == Settings().lint
    assert len(problems) == 1


def test_nobody_unknown_takes_more_time_for_linting(read: Load, folder: Path) -> None:
    (folder / ".nootropic.json").write_text('{"lint": {"deadlineS": 3000}}')
    assert read()[0].lint.deadline_s == 300
    assert read(trusted=True)[0].lint.deadline_s == 3000
