"""All editors are told of the same languages, by the names that the protocol has for them."""

import json
import re

from editors.shop import EDITORS


def test_same_languages_everywhere() -> None:
    package = json.loads((EDITORS / "vscode" / "package.json").read_text(encoding="utf-8"))
    wanted = {event.removeprefix("onLanguage:") for event in package["activationEvents"]}

    folder = EDITORS / "jetbrains" / "nootropic"
    template = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    assert {each["languageId"] for each in template["fileTypeMappings"]} == wanted

    lisp = (EDITORS / "emacs" / "nootropic.el").read_text(encoding="utf-8")
    # Emacs has one mode for JSON with and without comments.
    assert set(re.findall(r'^ +\'?\(+"(\w+)" ', lisp, re.MULTILINE)) == wanted - {"jsonc"}

    lua = (EDITORS / "neovim" / "nootropic.lua").read_text(encoding="utf-8")
    filetypes = re.search(r"filetypes = \{(.*?)\}", lua, re.DOTALL)
    assert filetypes
    # Vim has names of its own for two of them, and both of bash.
    named = {"cs": "csharp", "sh": "shellscript", "bash": "shellscript"}
    assert {named.get(each, each) for each in re.findall(r"'(\w+)'", filetypes[1])} == wanted


def test_jetbrains_template_has_the_layout_that_lsp4ij_imports() -> None:
    folder = EDITORS / "jetbrains" / "nootropic"
    template = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    assert template["programArgs"] == {
        "default": "nootropic lsp",
        "windows": "nootropic.exe lsp",
    }
    assert all(each["fileType"]["patterns"] for each in template["fileTypeMappings"])
    assert json.loads((folder / "settings.json").read_text(encoding="utf-8")) == {"nootropic": {}}
    assert json.loads((folder / "initializationOptions.json").read_text(encoding="utf-8")) == {}
