"""What the resolver of the languages that are read by queries lists, language by language."""

from __future__ import annotations

from index.listing import At


def test_go_lists_its_package_and_what_others_export() -> None:
    files = {
        "go.mod": "module example.org/m\n",
        "b.go": "package m\ntype T struct { F int; *E }\nfunc (t *T) Meth() {}\nfunc helper() {}\n",
        "c.go": "package m\ntype E struct { G int }\n",
        "b_test.go": "package m_test\nfunc outside() {}\n",
        "sub/s.go": "package sub\nfunc Shown() {}\nfunc hidden() {}\n",
    }
    at = At({"a.go": "package m\nfunc main(p int) { l := 1; <>_ = l; var later int }\n", **files})
    found = at.visible()
    assert set(found) == {"main", "p", "l", "T", "E", "helper"}
    assert found["l"].depth < found["p"].depth < found["main"].depth < found["helper"].depth
    at = At({"a.go": "package m\nfunc f(t *T) { t.<>x() }\n", **files})
    assert {name: each.depth for name, each in at.members().items()} == {
        "F": 0, "E": 0, "Meth": 0, "G": 1,
    }  # fmt: skip
    at = At({"a.go": 'package m\nimport "example.org/m/sub"\nfunc f() { sub.<>x() }\n', **files})
    assert set(at.members()) == {"Shown"}
    assert at.exported("example.org/m/sub", -1) == {"Shown"}
    assert at.modules("", -1) == ["example.org/m"]
    assert at.modules("example.org/m", -1) == ["sub"]


JAVA = {
    "src/main/java/p/Base.java": (
        "package p; public class Base { int f; static int S; void inherited() {} enum E { V } }"
    ),
    "src/main/java/p/q/Far.java": "package p.q; public class Far { static void go() {} }",
}


def test_java_lists_members_bare_and_types_of_the_package() -> None:
    text = "package p; class A extends Base { int own; void m(int arg) { int local; <>; } }"
    found = At({"src/test/java/p/A.java": text, **JAVA}).visible()
    assert set(found) >= {"this", "super", "local", "arg", "own", "m", "f", "S", "inherited"}
    assert set(found) >= {"A", "Base"}
    assert "Far" not in found
    assert found["own"].depth < found["inherited"].depth < found["Base"].depth


def test_java_tells_instances_from_types() -> None:
    text = "package p; class A {{ new Base().<>x(); }}"
    assert set(At({"src/main/java/p/A.java": text, **JAVA}).members()) == {"f", "inherited"}
    text = "package p; class A {{ Base.<>x(); }}"
    assert set(At({"src/main/java/p/A.java": text, **JAVA}).members()) == {"S", "E"}
    text = "package p; class A { int f() { return Base.E.<>x; } }"
    assert set(At({"src/main/java/p/A.java": text, **JAVA}).members()) == {"V"}


def test_java_imports_name_packages_and_types() -> None:
    at = At({"src/main/java/p/A.java": "package p; import p.q.*; class A {{ <>; }}", **JAVA})
    assert "Far" in at.visible()
    assert at.modules("") == ["p"]
    assert at.modules("p") == ["A", "Base", "q"]
    assert at.modules("p.q") == ["Far"]
    assert at.exported("p.q") == {"Far"}


def test_csharp_lists_namespaces_and_bare_members() -> None:
    files = {
        "b.cs": "namespace N.M { class B { static int S; int F; } class MarkAttribute {} }",
        "Out/c.cs": "namespace N.M.Out; class C {}",
    }
    text = "using N.M.Out; namespace N.M { class A : B { void m() { <>x(); } } }"
    found = At({"a.cs": text, **files}).visible()
    assert set(found) >= {"this", "base", "m", "A", "B", "S", "F", "MarkAttribute", "Mark", "C"}
    text = "namespace N.M { class A { void m(B b) { b.<>x(); } } }"
    assert set(At({"a.cs": text, **files}).members()) == {"F"}


def test_rust_lists_impls_modules_and_traits() -> None:
    files = {
        "src/lib.rs": "pub mod a;\npub mod b;\n",
        "src/b.rs": (
            "pub struct S { f: i32 }\nimpl S { pub fn new() -> S { S { f: 1 } } pub fn get(&self) {} }\n"
            "pub trait T { fn by_itself(&self) {} }\nimpl T for S {}\npub enum E { V, W }\n"
        ),
    }
    text = "use crate::b::{S, E};\nfn f(s: S) { s.<>x(); }\n"
    assert set(At({"src/a.rs": text, **files}).members()) == {"f", "new", "get", "by_itself"}
    at = At({"src/a.rs": "use crate::b::*;\nfn f<G>(p: i32) { <>; }\n", **files})
    assert set(at.visible()) >= {"f", "p", "G", "S", "T", "E", "crate", "self"}
    at = At({"src/a.rs": "use crate::b::E;\nfn f() { E::<>V; }\n", **files})
    assert set(at.members()) == {"V", "W"}
    assert at.modules("crate::b") == ["E", "S", "T"]
    assert at.modules("", 1) == ["b"]


def test_c_lists_what_is_included() -> None:
    files = {
        "b.h": '#include "c.h"\nstruct s { int first; struct s *next; };\n#define LIMIT 3\n',
        "c.h": "enum e { ONE, TWO };\nint far(void);\n",
        "d.h": "int not_included(void);\n",
        "include/e.h": "",
    }
    at = At({"a.c": '#include "b.h"\nint f(struct s *p) { int l; <>; }\n', **files}, "c")
    assert set(at.visible()) == {"f", "p", "l", "s", "LIMIT", "e", "ONE", "TWO", "far"}
    assert at.modules("", -1) == ["b.h", "c.h", "d.h", "e.h", "include"]
    at = At(
        {"a.c": '#include "b.h"\nint f(struct s *p) { return p->next-><>first; }\n', **files}, "c"
    )
    assert set(at.members()) == {"first", "next"}


def test_cpp_lists_namespaces_and_bare_members() -> None:
    files = {
        "b.h": "namespace n { class B { public: int field; static int S(); }; int fn(); }",
    }
    text = '#include "b.h"\nnamespace n { class A : B { void m() { <>; } }; }'
    found = set(At({"a.cpp": text, **files}, "cpp").visible())
    assert found == {"this", "m", "field", "S", "A", "B", "fn"} | {"n"}
    text = '#include "b.h"\nvoid f(n::B *b) { b-><>field; }'
    assert set(At({"a.cpp": text, **files}, "cpp").members()) == {"field", "S"}


def test_ruby_lists_bare_methods_and_constants_of_the_modules_around() -> None:
    files = {
        "lib/base.rb": "module M\n  LIMIT = 1\n  class Base\n    def inherited?; end\n  end\nend\n",
        "lib/other.rb": "class Other\nend\n",
    }
    text = (
        "require_relative 'other'\nmodule M\n  class A < Base\n    def initialize; @at = 1; end\n"
        "    def own(arg)\n      local = 1\n      <>local\n    end\n  end\nend\n"
    )
    found = At({"lib/a.rb": text, **files}).visible()
    wanted = {"self", "local", "arg", "own", "@at", "inherited?", "LIMIT", "Base", "M", "Other"}
    assert set(found) >= wanted
    at = At({"lib/a.rb": "module M\n  A = Base.new\n  A.<>x\nend\n", **files})
    assert set(at.members()) == {"inherited?"}
    assert at.modules("", -2) == ["a", "base", "other"]


def test_php_lists_its_namespace_and_members() -> None:
    files = {
        "src/Base.php": (
            "<?php\nnamespace App;\nclass Base { protected $kept; const K = 1; "
            "public static function make() {} function inherited() {} }\nfunction top() {}\n"
        ),
        "src/Deep/Far.php": "<?php\nnamespace App\\Deep;\nclass Far {}\n",
    }
    text = "<?php\nnamespace App;\nclass A extends Base { function m($p) { $l = 1; <>$l; } }\n"
    at = At({"src/A.php": text, **files})
    assert set(at.visible()) >= {"$this", "self", "parent", "$p", "$l", "A", "Base", "top"}
    assert "m" not in at.visible()
    assert at.modules("App") == ["A", "Base", "Deep"]
    assert at.modules("App\\Deep") == ["Far"]
    text = "<?php\nnamespace App;\nclass A extends Base { function m() { $this-><>x; } }\n"
    assert set(At({"src/A.php": text, **files}).members()) == {
        "m", "kept", "K", "make", "inherited",
    }  # fmt: skip


def test_bash_lists_what_is_sourced() -> None:
    files = {"lib.sh": ". ./more.sh\nhelp-me() { :; }\nlevel=1\n", "more.sh": "deeper() { :; }\n"}
    at = At({"a.sh": ". ./lib.sh\nrun() { local own=1; <>echo $own; }\n", **files})
    assert set(at.visible()) == {"run", "own", "help-me", "level", "deeper"}
    assert at.modules("") == ["a.sh", "lib.sh", "more.sh"]


def test_nothing_is_guessed_of_what_is_not_known() -> None:
    assert At({"a.go": "package m\nfunc f() { unknown().<>x() }\n"}).members() == {}
