"""What stands before the cursor is read with the facts of an earlier version of the text."""

from __future__ import annotations

from typing import cast

import pytest
from index.memory_world import MemoryWorld

from nootropic_lsp.index.candidates import Lister
from nootropic_lsp.index.grafts import Draft
from nootropic_lsp.index.probe import aside, probe, standing

_CODE = """\
import os
class Foo:
    def bar(self): return Baz()
    def qux(self, b: "Baz"):
        pass

class Baz:
    x = 1

def f(a: Foo):
    b = a.bar()
    return b
"""


def test_a_receiver_has_the_types_that_it_would_have_in_the_file() -> None:
    assert _types(_CODE, _CODE.replace("return b\n", "return b.|\n"), "b") == ["Baz"]
    assert _types(_CODE, _CODE.replace("return b\n", "return a.bar().|\n"), "a.bar()") == ["Baz"]
    assert _types(_CODE, _CODE.replace("pass\n", "super().|\n"), "super()") == ["Foo"]


def test_what_was_typed_since_is_known() -> None:
    typed = "for each in [Foo()]:\n        each.|\n    return b\n"
    assert _types(_CODE, _CODE.replace("return b\n", typed), "each") == ["Foo"]
    typed = "self.z = Baz()\n        self.z.|\n"
    assert _types(_CODE, _CODE.replace("pass\n", typed), "self.z") == ["Baz"]
    typed = "pass\n    def new(self, q: Baz):\n        if q: q.|\n"
    assert _types(_CODE, _CODE.replace("pass\n", typed), "q") == ["Baz"]
    typed = "if isinstance(c, Foo):\n        c.|\n    return b\n"
    assert _types(_CODE, _CODE.replace("return b\n", typed), "c") == ["Foo"]
    typed = "return [y.| for y in [a]]\n"
    assert _types(_CODE, _CODE.replace("return b\n", typed), "y") == ["Foo"]


def test_what_a_test_says_of_a_name_holds_to_the_end_of_its_block() -> None:
    before = f"{_CODE}\ndef g(c):\n    if isinstance(c, Foo):\n        c.bar\n"
    assert _types(before, before.replace("c.bar", "c.|"), "c") == ["Foo"]


def test_a_new_line_belongs_to_the_function_above_it_by_its_indentation() -> None:
    assert _types(_CODE, _CODE + "    b.|\n", "b") == ["Baz"]
    assert _types(_CODE, _CODE + "b.|\n", "b") == []
    assert _types(_CODE.rstrip(), _CODE + "    b.|", "b") == ["Baz"]


def test_what_the_changed_line_bound_is_not_there_any_more() -> None:
    names = _visible(_CODE, _CODE.replace("b = a.bar()", "|"))
    assert "b" not in names
    assert names[:2] == ["a", "os"]
    # Nor is the name that is just being typed.
    assert "new" not in _visible(_CODE, _CODE.replace("b = a.bar()", "new| = 1"))


def test_a_file_is_found_again_between_two_edits_that_are_far_from_each_other() -> None:
    middle = "".join(f"def function_{n}(): return {n}\n" for n in range(200))
    before = _CODE + middle + "last = Foo()\n"
    after = "import re\n" + _CODE + middle + "last = Foo()\nfunction_7\nlast.|\n"
    assert _types(before, after, "last") == ["Foo"]
    assert {"function_150", "Foo"} <= set(_visible(before, after))


def test_nothing_of_a_question_is_kept_but_what_it_showed_of_other_files() -> None:
    world = MemoryWorld({"main.py": "from other import Foo\na = Foo()\n", "other.py": _CODE})
    unit, other = world.unit("/w/main.py"), world.unit("/w/other.py")
    assert unit is not None
    assert other is not None
    resolver = world.resolver(unit)
    text = "from other import Foo\na = Foo()\na.bar().\n"
    at = standing(unit, "from other import Foo\na = Foo()\n", text, len(text) - 1)
    index = probe(at, "a.bar()")
    assert index is not None
    with aside(resolver, at.unit):
        assert [site.unit for site in resolver.types(at.unit, index)] == [other]
    keys = [key for table in resolver.remembered() for key in table]
    assert not any(_holds(key, at.unit) for key in keys)
    assert any(_holds(key, other) for key in keys)
    assert "/w/main.py" in resolver.touched.paths(resolver.touched.mask)


def test_text_outside_ascii_and_broken_text_do_no_harm() -> None:
    before = "é = '✓'\nclass Ü: pass\n"
    assert _types(before, before + "ü = Ü()\n('✓', ü.|", "ü") == ["Ü"]
    for receiver in ("", ")", "a b", "(", "'", "\0", "def f():"):
        _types(_CODE, _CODE.replace("return b\n", ")]} .|\n"), receiver)


@pytest.mark.parametrize(
    ("path", "before", "typed", "receiver", "separator"),
    [
        ("a.ts", "class Foo {}\nfunction f(a: Foo) {\n  @\n}\n", "const b = a;\n  b.|", "b", "."),
        ("a.ts", "class Foo {\n  m() {\n    @\n  }\n}\n", "this.|", "this", "."),
        ("a.js", "class Foo {}\n@\n", "const c = new Foo();\nc?.|", "c", "?."),
        ("a.go", "package p\ntype Foo struct {}\nfunc f() {\n\t@\n}\n", "g := Foo{}\n\tg.|", "g", ""),
        ("a.rs", "struct Foo {}\nfn f(a: Foo) {\n  @\n}\n", "let b = a;\n  b.|", "b", ""),
        ("A.java", "class Foo {\n  void m() {\n    @\n  }\n}\n", "Foo c = this;\n    c.|", "c", ""),
        ("a.c", "struct Foo { int y; };\nint f(void) {\n  @\n}\n", "struct Foo *p;\n  p->|", "p", "->"),
        ("a.cpp", "struct Foo { int y; };\nint f() {\n  @\n}\n", "Foo p;\n  p.|", "p", "."),
        ("A.cs", "class Foo {\n  void M() {\n    @\n  }\n}\n", "var c = new Foo();\n    c.|", "c", ""),
        ("a.rb", "class Foo\nend\n@\n", "c = Foo.new\nc.|", "c", ""),
        ("a.php", "<?php\nclass Foo {}\nfunction f() {\n  @\n}\n", "$c = new Foo();\n  $c->|", "$c", ""),
    ],
)  # fmt: skip
def test_every_language_has_probes(
    path: str, before: str, typed: str, receiver: str, separator: str
) -> None:
    after = before.replace("@", typed)
    assert _types(before.replace("@", ""), after, receiver, path, separator) == ["Foo"]


def test_a_language_without_members_has_none() -> None:
    assert _types('{"a": 1}', '{"a": |1}', "a", "a.json") == []


def _drafted(before: str, after: str, path: str) -> tuple[Lister, Draft, int, int]:
    world = MemoryWorld({path: before})
    unit = world.unit(f"/w/{path}")
    assert unit is not None
    at = standing(unit, before, after.replace("|", ""), after.index("|"))
    return cast("Lister", world.resolver(unit)), at.unit, at.scope, at.position


def _types(
    before: str, after: str, receiver: str, path: str = "main.py", separator: str = ""
) -> list[str]:
    world = MemoryWorld({path: before})
    unit = world.unit(f"/w/{path}")
    assert unit is not None
    resolver = world.resolver(unit)
    at = standing(unit, before, after.replace("|", ""), after.index("|"))
    index = probe(at, receiver, separator)
    if index is None:
        return []
    with aside(resolver, at.unit):
        return [site.definition.name for site in resolver.types(at.unit, index)]


def _visible(before: str, after: str) -> list[str]:
    resolver, unit, scope, position = _drafted(before, after, "main.py")
    with aside(resolver, unit):
        return [each.name for each in resolver.visible(unit, scope, position)]


def _holds(key: object, unit: object) -> bool:
    return key is unit or (isinstance(key, tuple) and any(_holds(part, unit) for part in key))
