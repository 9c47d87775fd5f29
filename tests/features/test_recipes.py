"""Recipes: their format, the patterns in them, and what a run over a workspace leaves alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from features.workspace import Workspace

from nootropic_lsp.analysis.recipes import searching
from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.engine import rewritten
from nootropic_lsp.analysis.recipes.pattern import compiled
from nootropic_lsp.analysis.recipes.reading import RecipeError, read_recipe
from nootropic_lsp.analysis.recipes.steps import Recipe
from nootropic_lsp.analysis.recipes.tree import parse, walk
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.checkpoints import edited
from nootropic_lsp.features.recipes import plan, run
from nootropic_lsp.features.recipes.catalogue import recipe_named, recipes
from nootropic_lsp.features.recipes.imports import change_imports

SWAP = """
languages: [python]
steps:
  - pattern: old($A, $$$REST)
    rewrite: new($$$REST, $A)
"""


def recipe_of(tmp_path: Path, text: str) -> Recipe:
    file = tmp_path / "given.yaml"
    file.write_text(text)
    return read_recipe(file)


def after(tmp_path: Path, recipe: str, text: str, *, name: str = "one.py") -> str:
    """A file of a workspace after a recipe that is written as YAML."""
    workspace = Workspace(tmp_path, {name: text})
    path = workspace.path(name)
    patch = run(workspace.snapshot(), recipe_of(tmp_path, recipe))
    raw = Path(path).read_bytes()
    return (edited(raw, patch.edits.get(path, ())) or b"").decode()


# ---- our own recipes

OWN = [
    pytest.param(recipe, before, wanted, id=f"{recipe.name}-{n}")
    for recipe in recipes(Path("/nonexistent"))[0]
    for n, (before, wanted) in enumerate(recipe.examples)
]


def test_every_recipe_has_an_example_and_no_problem():
    known, problems = recipes(Path("/nonexistent"))
    assert problems == []
    assert len(known) == 7
    assert all(each.examples and each.description for each in known)


@pytest.mark.parametrize(("recipe", "before", "wanted"), OWN)
def test_example(recipe, before, wanted, tmp_path):
    """What the page of a recipe shows is what it does, and a second run changes nothing."""
    snapshot = Workspace(tmp_path, {}).snapshot()
    language = recipe.languages[0]
    name = "x.py" if language == "python" else "x.js"

    def rewrite(text: str) -> str:
        result = rewritten(
            recipe,
            f"/w/{name}",
            name,
            language,
            text.encode(),
            around=Around(python=(3, 10)),
            elsewhere=lambda step, source: change_imports(snapshot, step, source),
            finds=lambda regex, text: regex.search(text) is not None,
        )
        return result.data.decode()

    assert rewrite(before) == wanted
    assert rewrite(wanted) == wanted
    assert rewrite(before.replace("\n", "\r\n")) == wanted.replace("\n", "\r\n")


# ---- patterns


@pytest.mark.parametrize(
    ("language", "pattern", "text", "n"),
    [
        ("python", "f($A, $A)", "f(x.y, x . y)\nf(x, z)", 1),
        ("python", "f($$$A)", "f()\nf(1, 2,)\ng()", 2),
        ("python", "f($$$A, x)", "f(x)\nf(1, 2, x)\nf(1, 2)", 2),
        ("python", "f($_, $_)", "f(1, 2)\nf(1)", 1),
        ("python", "$A == $B", "if a == b and (c  ==  # why\n d): pass", 2),
        ("python", "f('a')", 'f("a")', 0),
        ("python", "class $C($$$B):\n    $$$BODY", "class A(B, C):\n    x = 1\n    y = 2", 1),
        ("javascript", "$A && $A()", "a.b && a.b(); a && b();", 1),
        ("tsx", "useState($A)", "const [a] = useState<number>(0); useState(1)", 1),
        ("go", "fmt.Println($$$A)", "package a\nfunc f() { fmt.Println(1, 2) }", 1),
    ],
)
def test_pattern(language, pattern, text, n):
    source = parse("", language, text.encode())
    wanted = compiled(pattern, language)
    found = [node for node in walk(source.root) if wanted.match(node, source) is not None]
    assert len(found) == n


def test_a_pattern_that_cannot_be_read_is_refused():
    with pytest.raises(NootropicError, match="cannot be read as python"):
        compiled("f(", "python")
    with pytest.raises(NootropicError, match="one expression or one statement"):
        compiled("a\nb", "python")


def test_names_are_filled_in_and_comments_outside_stay(tmp_path):
    text = "x = old(1, 2, 3)  # kept\ny = old( a )\n"
    assert after(tmp_path, SWAP, text) == "x = new(2, 3, 1)  # kept\ny = new(a)\n"


def test_matches_inside_of_a_match_are_rewritten_too(tmp_path):
    assert after(tmp_path, SWAP, "old(old(1, 2), 3)\n") == "new(3, new(2, 1))\n"


def test_brackets_come_where_the_result_would_be_read_otherwise(tmp_path):
    recipe = "languages: [python]\nsteps:\n  - pattern: same($A, $B)\n    rewrite: $A == $B\n"
    text = "not same(a, b or c)\nsame(a, b).real\n"
    assert after(tmp_path, recipe, text) == "not (a == (b or c))\n(a == b).real\n"


def test_conditions_and_surroundings(tmp_path):
    recipe = """
languages: [python]
steps:
  - pattern: log($A)
    rewrite: say($A)
    where:
      A: {kind: string, not: {regex: secret}}
    inside: {kind: function_definition}
    not-inside: "with $X: $$$BODY"
"""
    text = (
        'log("top")\ndef f():\n    log("a")\n    log(b)\n    log("secret")\n'
        '    with x:\n        log("c")\n'
    )
    assert after(tmp_path, recipe, text) == text.replace('log("a")', 'say("a")')


def test_queries(tmp_path):
    recipe = """
languages: [python]
steps:
  - query: "(call function: (identifier) @name arguments: (argument_list (string) @text)) @target"
    rewrite: t($TEXT, $NAME)
"""
    assert after(tmp_path, recipe, 'f("a")\nf(1)\n') == 't("a", f)\nf(1)\n'


# ---- names from other modules


def test_imports_follow_what_is_used(tmp_path):
    recipe = """
languages: [python]
steps:
  - pattern: loads($A)
    rewrite: decode($A, Kind)
  - imports:
      add: ["fast.json:decode", "fast.json:Kind"]
      remove: ["json:loads"]
"""
    text = "import os\nfrom json import dumps, loads\n\nos.x(loads(dumps(1)))\n"
    wanted = (
        "import os\nfrom json import dumps\n\nfrom fast.json import decode, Kind\n\n"
        "os.x(decode(dumps(1), Kind))\n"
    )
    assert "from json import dumps\n" in after(tmp_path, recipe, text)
    got = after(tmp_path / "again", recipe, text) if (tmp_path / "again").mkdir() is None else ""
    assert "loads" not in got
    assert got.count("import decode, Kind") == 1
    assert got.endswith(wanted[wanted.index("os.x") :])


def test_an_import_comes_before_its_first_use(tmp_path):
    recipe = "languages: [python]\nsteps:\n  - imports: {add: [pytest]}\n"
    text = "import os\n\n@pytest.mark.x\ndef f(): ...\n\nimport sys\n"
    got = after(tmp_path, recipe, text)
    assert got.index("import pytest") < got.index("@pytest")


def test_an_import_that_another_file_takes_stays(tmp_path):
    recipe = 'languages: [python]\nsteps:\n  - imports: {remove: ["typing:List", "typing:Dict"]}\n'
    workspace = Workspace(
        tmp_path,
        {
            "compat.py": "from typing import Dict, List\n",
            "use.py": "from compat import List\nList\n",
        },
    )
    outcome = plan(workspace.snapshot(), recipe_of(tmp_path, recipe))
    path = workspace.path("compat.py")
    raw = Path(path).read_bytes()
    assert edited(raw, outcome.patch.edits[path]) == b"from typing import List\n"


def test_imports_are_renamed_with_their_uses(tmp_path):
    recipe = """
languages: [python]
steps:
  - imports:
      rename: {"mock": "unittest.mock", "old:A": "new:B"}
"""
    text = "import mock\nfrom old import A, C\n\nmock.patch(A, x.A)\n"
    assert after(tmp_path, recipe, text) == (
        "import unittest.mock\nfrom old import C\nfrom new import B\n\nunittest.mock.patch(B, x.A)\n"
    )


# ---- the format


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: expected a recipe with"),
        ("steps: []\n", "line 1: `languages` is missing"),
        ("languages: [python]\nsteps:\n  - rewrite: x\n", "line 3: expected a step with one of"),
        ("languages: [cobol]\nsteps: []\n", "line 1: expected a language, not `cobol`"),
        ("languages: [python]\nsteps: []\n", "line 2: expected at least one step"),
        ("languages: [python]\nstep: 1\n", "line 2: `step` is not known in a recipe"),
        (
            "languages: [python]\nsteps:\n  - pattern: f(\n    rewrite: x\n",
            "line 3: this pattern cannot be read as python",
        ),
        (
            "languages: [python]\nsteps:\n  - transform: os.system\n",
            "line 3: expected a transform, not `os.system`",
        ),
        (
            "languages: [python]\nsteps:\n  - query: (nothing) @target\n    rewrite: x\n",
            "line 3: expected a tree-sitter query of python",
        ),
        (
            "languages: [python]\nsteps:\n  - pattern: f($A)\n    rewrite: x\n    where:\n      B: a\n",
            "line 6: expected a name of the pattern",
        ),
        ("a: [1\n", "not valid YAML"),
        ("a: &x [1]\nb: *x\n", "line 2: expected aliases"),
        ("!!python/object/apply:os.system ['true']\n", "expected a recipe"),
    ],
)
def test_errors_name_the_line_and_what_is_expected(text, said, tmp_path):
    with pytest.raises(RecipeError) as caught:
        recipe_of(tmp_path, text)
    assert said in str(caught.value)
    assert "given.yaml, line" in str(caught.value)


def test_recipes_of_the_workspace_are_found_by_name(tmp_path):
    folder = tmp_path / ".nootropic" / "recipes"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(SWAP)
    (folder / "broken.yaml").write_text("steps: 1\n")
    (folder / "link.yaml").symlink_to("/etc/hostname")
    assert recipe_named("mine", tmp_path).name == "mine"
    _, problems = recipes(tmp_path)
    assert [each.partition(":")[0] for each in problems] == [f"{folder / 'broken.yaml'}, line 1"]
    with pytest.raises(RecipeError, match="line 1"):
        recipe_named("broken", tmp_path)
    with pytest.raises(NootropicError, match="there is no recipe `other`; there are"):
        recipe_named("other", tmp_path)


# ---- a run


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfold(1, 2)\r\n",
        "# coding: latin-1\nold('é', 2)\n".encode("latin-1"),
        "old('é', 2)\n".encode("utf-16"),
        b"old(1, 2)",
    ],
)
def test_encodings_and_line_ends_are_kept(raw, tmp_path):
    workspace = Workspace(tmp_path, {"one.py": ""})
    path = Path(workspace.path("one.py"))
    path.write_bytes(raw)
    outcome = plan(workspace.snapshot(), recipe_of(tmp_path, SWAP))
    got = edited(raw, outcome.patch.edits[str(path)])
    for before, wanted in (("old(1, 2)", "new(2, 1)"), ("old('é', 2)", "new(2, 'é')")):
        for encoding in ("ascii", "latin-1", "utf-16-le"):
            raw = raw.replace(
                before.encode(encoding, "replace"), wanted.encode(encoding, "replace")
            )
    assert got == raw


def test_what_cannot_be_rewritten_is_named(tmp_path):
    workspace = Workspace(
        tmp_path,
        {
            "broken.py": "old(1, 2)\ndef (:\n",
            "fixed.py": "old(1, 2)\n",
            "good.py": "old(1, 2)\n",
            "bytes.py": "",
            "plain.py": "x = 1\n",
        },
    )
    Path(workspace.path("fixed.py")).chmod(0o444)
    Path(workspace.path("bytes.py")).write_bytes(b"old(1, 2)  # \xff\n")
    (workspace.root / "link.py").symlink_to("good.py")
    outcome = plan(workspace.snapshot(), recipe_of(tmp_path, SWAP))
    assert {workspace.name(path) for path in outcome.patch.edits} == {"good.py"}
    assert {workspace.name(path): why for path, why in outcome.left.items()} == {
        "broken.py": "it has syntax errors",
        "fixed.py": f"{workspace.path('fixed.py')} is read-only",
        "bytes.py": "it has bytes that are no text in its encoding",
    }


PACKAGE = '{\n  "name": "shop"\n}\n'
SCRIPT = "const fs = require('fs');\nfs.x();\n"


def test_a_package_becomes_one_of_es_modules_wholly_or_not_at_all(tmp_path):
    workspace = Workspace(
        tmp_path,
        {
            "good/package.json": PACKAGE,
            "good/a.js": SCRIPT,
            "good/old/package.json": '{"name": "old", "type": "commonjs"}\n',
            "good/old/a.js": SCRIPT,
            "bad/package.json": PACKAGE,
            "bad/a.js": SCRIPT,
            "bad/lib/b.js": "with (require('fs')) { x(); }\n",
            "bad/inner/package.json": PACKAGE,
            "bad/inner/a.js": SCRIPT,
            "bad/c.cjs": SCRIPT,
            "fixed/package.json": PACKAGE,
            "fixed/a.js": SCRIPT,
            "free/a.js": SCRIPT,
            "free/b.js": "with (require('fs')) { x(); }\n",
        },
    )
    Path(workspace.path("fixed/package.json")).chmod(0o444)
    outcome = plan(workspace.snapshot(), recipe_named("commonjs-to-es-modules", tmp_path))
    assert {workspace.name(path) for path in outcome.patch.edits} == {
        *("good/package.json", "good/a.js", "good/old/package.json", "good/old/a.js"),
        *("bad/inner/package.json", "bad/inner/a.js", "free/a.js"),
    }
    left = {workspace.name(path): why.partition(",")[0] for path, why in outcome.left.items()}
    assert left == {
        "bad/lib/b.js": "`with` in line 1 cannot be in a module",
        "bad/package.json": "lib/b.js has to be left",
        "bad/a.js": "lib/b.js has to be left",
        "fixed/package.json": f"{workspace.path('fixed/package.json')} is read-only",
        "fixed/a.js": "package.json has to be left",
        "free/b.js": "`with` in line 1 cannot be in a module",
    }
    path = workspace.path("good/old/package.json")
    got = edited(Path(path).read_bytes(), outcome.patch.edits[path])
    assert got == b'{"name": "old", "type": "module"}\n'
    assert outcome.seen.keys() == outcome.n_changes.keys() == outcome.patch.edits.keys()


def test_a_regular_expression_that_takes_for_ever_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "DEADLINE_S", 0.5)
    recipe = SWAP + "    where:\n      A: {regex: '^(a+)+$'}\n"
    assert after(tmp_path, recipe, "old(aaa, 1)\nold(b, 1)\n") == "new(1, aaa)\nold(b, 1)\n"
    with pytest.raises(NootropicError, match=r"`\^\(a\+\)\+\$` of the recipe took longer"):
        after(tmp_path, recipe, f"old({'a' * 50}b, 1)\n")


def test_a_result_with_a_syntax_error_is_refused(tmp_path):
    recipe = 'languages: [python]\nsteps:\n  - pattern: f($A)\n    rewrite: "$A ="\n'
    workspace = Workspace(tmp_path, {"one.py": "x = 1\nprint(f(2))\n"})
    outcome = plan(workspace.snapshot(), recipe_of(tmp_path, recipe))
    assert outcome.patch.edits == {}
    assert outcome.left == {workspace.path("one.py"): "it would have a syntax error in line 2"}


def test_paths_and_patterns_of_files_choose(tmp_path):
    workspace = Workspace(
        tmp_path, dict.fromkeys(("a/one.py", "a/b/two.py", "c.py"), "old(1, 2)\n")
    )
    snapshot = workspace.snapshot()
    recipe = recipe_of(tmp_path, SWAP)
    found = run(snapshot, recipe, [workspace.path("a")]).edits
    assert {workspace.name(path) for path in found} == {"a/one.py", "a/b/two.py"}
    chosen = recipe_of(tmp_path, SWAP + '    files: ["**/b/*.py", c.py]\n')
    found = run(snapshot, chosen).edits
    assert {workspace.name(path) for path in found} == {"a/b/two.py", "c.py"}


def test_an_open_document_counts_as_it_is_in_the_editor(tmp_path):
    workspace = Workspace(tmp_path, {"one.py": "pass\n"})
    workspace.open("one.py", "é = old(1, 2)\n", version=7)
    patch = run(workspace.snapshot(), recipe_of(tmp_path, SWAP))
    path = workspace.path("one.py")
    assert patch.versions == {path: 7}
    (edit,) = patch.edits[path]
    assert edit.span.start == 4


def test_names_of_the_graph_decide_which_class_stays_a_test_case(tmp_path):
    base = "import unittest\n\nclass TestBase(unittest.TestCase):\n    def test(self):\n        self.assertTrue(x)\n"
    workspace = Workspace(
        tmp_path,
        {
            "base.py": base,
            "more.py": "from base import TestBase\n\nclass TestMore(TestBase):\n"
            "    def test_more(self):\n        self.assertEqual(1, x)\n",
        },
    )
    outcome = plan(workspace.snapshot(), recipe_named("unittest-to-pytest", tmp_path))
    path = workspace.path("base.py")
    got = (edited(Path(path).read_bytes(), outcome.patch.edits[path]) or b"").decode()
    assert got == base.replace("self.assertTrue(x)", "assert x")
    assert "classes in other files build on it" in outcome.notes[path][0]


def test_modes_of_new_files_are_not_looked_at(tmp_path):
    """A file that is not ours to write is left even if we could."""
    workspace = Workspace(tmp_path, {"one.py": "old(1, 2)\n"})
    path = Path(workspace.path("one.py"))
    os.link(path, path.with_name("two.txt"))
    assert stat.S_ISREG(path.stat().st_mode)
    outcome = plan(workspace.snapshot(), recipe_of(tmp_path, SWAP))
    assert "several names on the disk" in outcome.left[str(path)]
