"""What Python's resolver says could be written at a place."""

from __future__ import annotations

from typing import cast

from index.memory_world import MemoryWorld

from nootropic_lsp.index.candidates import Candidate, Lister
from nootropic_lsp.index.probe import aside, probe, standing
from nootropic_lsp.index.units import Unit


def test_bare_names_come_from_the_nearest_scope_first_and_builtins_last() -> None:
    found = _visible(
        "import os\nx = 1\ndef f(x, y):\n    z = 1\n    |\n    later = 2\ndef g(): ...\n"
    )
    assert list(found)[:6] == ["x", "y", "z", "os", "f", "g"]
    assert found["x"].depth == found["z"].depth == 0
    assert found["os"].depth == 1
    assert "later" not in found
    assert list(found).index("g") < list(found).index("print")
    assert {"print", "__name__", "__file__"} <= set(found)
    assert "_T" not in found


def test_a_method_sees_no_names_of_its_class_but_the_class_body_does() -> None:
    code = (
        "class C:\n    a = 1\n    def m(self):\n        self.b = 1\n        {}\n    {}\n    c = 2\n"
    )
    assert "a" not in _visible(code.format("|", "pass"))
    body = _visible(code.format("pass", "|"))
    assert {"a", "m"} <= set(body)
    assert not {"b", "c"} & set(body)


def test_a_comprehension_sees_what_its_end_binds() -> None:
    assert "each" in _visible("[each.x + | for each in ()]\n")
    assert "later" not in _visible("|\nlater = 1\n")
    assert "later" in _visible("def f():\n    |\nlater = 1\n")


def test_a_star_import_brings_what_the_file_offers() -> None:
    files = {
        "a.py": "from b import *\nx = _y = 1\n",
        "b.py": "__all__ = ['_c']\nfrom a import *\n_c = d = 1\n",
    }
    found = _visible("from a import *\n|\n", files)
    assert "x" in found
    assert not {"_y", "d"} & set(found)
    assert "_c" in _visible("from b import *\n|\n", files)


def test_members_follow_the_resolution_order_with_special_names_at_the_end() -> None:
    code = (
        "class A:\n    def far(self): ...\n    def both(self): ...\n"
        "class B(A):\n    near = 1\n    def both(self): self.set_here = 1\n"
    )
    found = _members(f"{code}B().|\n", "B()")
    assert [(each.name, each.depth) for each in found[:4]] == [
        ("near", 0),
        ("both", 0),
        ("set_here", 0),
        ("far", 1),
    ]
    assert found[-1].name.startswith("__")
    assert "mro" not in _names(found)
    assert {"near", "far", "mro", "__name__"} <= _names(_members(f"{code}B.|\n", "B"))
    inside = code + "    def m(self):\n        super().|\n"
    assert "near" not in _names(_members(inside, "super()"))
    assert "far" in _names(_members(inside, "super()"))


def test_members_of_other_kinds_of_values() -> None:
    assert {"upper", "join"} <= _names(_members("''.|\n", "''"))
    assert {"__name__", "__code__"} <= _names(_members("def f(): ...\nf.|\n", "f"))
    color = "from enum import Enum\nclass Color(Enum):\n    RED = 1\n"
    assert {"RED", "name", "value"} <= _names(_members(f"{color}Color.RED.|\n", "Color.RED"))
    assert {"RED", "__members__"} <= _names(_members(f"{color}Color.|\n", "Color"))
    either = "x: int | str = 1\nx.|\n"
    assert {"bit_length", "upper"} <= _names(_members(either, "x"))
    point = "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\nP(1).|\n"
    assert {"x", "_replace", "count"} <= _names(_members(point, "P(1)"))
    prop = "class C:\n    @property\n    def p(self) -> str: ...\nC().p.|\n"
    assert "upper" in _names(_members(prop, "C().p"))
    assert _members("unknown.|\n", "unknown") == []


def test_members_of_a_module_are_its_names_and_its_submodules() -> None:
    files = {
        "p/__init__.py": "import os\nx = 1\n",
        "p/sub.py": "",
        "p/q/__init__.py": "",
        "p/t.txt": "",
    }
    found = _members("import p\np.|\n", "p", files)
    assert {"x", "os", "sub", "q", "__name__"} <= _names(found)
    assert "t" not in _names(found)
    assert _names(found[:2]) == {"x", "os"}


def test_modules_below_another() -> None:
    files = {"p/__init__.py": "", "p/sub.py": "", "p/q/r.py": "", "p/a-b.py": "", "top.pyi": ""}
    lister, unit = _lister({"p/main.py": "", **files}, "p/main.py")
    assert lister.modules(unit, "p", 0) == ["main", "q", "sub"]
    assert lister.modules(unit, "", 1) == ["main", "q", "sub"]
    assert lister.modules(unit, "q", 1) == ["r"]
    assert lister.modules(unit, "p.sub", 0) == []
    assert lister.modules(unit, "missing", 0) == []
    roots = lister.modules(unit, "", 0)
    assert {"p", "top", "os", "asyncio"} <= set(roots)
    assert "VERSIONS" not in roots


def test_what_a_module_is_meant_to_offer_comes_first() -> None:
    files = {"m.py": "import os\n__all__ = ['_a']\n_a = b = _c = 1\n"}
    lister, unit = _lister({"main.py": "", **files}, "main.py")
    assert [each.name for each in lister.exported(unit, "m", 0)] == [
        "_a",
        "os",
        "b",
        "_c",
        "__all__",
    ]
    assert [each.name for each in lister.exported(unit, "missing", 0)] == []


def _lister(files: dict[str, str], path: str) -> tuple[Lister, Unit]:
    world = MemoryWorld(files)
    unit = world.unit(f"/w/{path}")
    assert unit is not None
    return cast("Lister", world.resolver(unit)), unit


def _visible(code: str, files: dict[str, str] | None = None) -> dict[str, Candidate]:
    text, offset = code.replace("|", ""), code.index("|")
    lister, unit = _lister({"main.py": text, **(files or {})}, "main.py")
    at = standing(unit, text, text, offset)
    with aside(lister, at.unit):
        return {each.name: each for each in lister.visible(at.unit, at.scope, at.position)}


def _members(code: str, receiver: str, files: dict[str, str] | None = None) -> list[Candidate]:
    offset = code.rindex("|")
    text = code[:offset] + code[offset + 1 :]
    lister, unit = _lister({"main.py": text, **(files or {})}, "main.py")
    at = standing(unit, text, text, offset)
    index = probe(at, receiver)
    assert index is not None
    with aside(lister, at.unit):
        return list(lister.members(at.unit, index))


def _names(candidates: list[Candidate]) -> set[str]:
    return {each.name for each in candidates}
