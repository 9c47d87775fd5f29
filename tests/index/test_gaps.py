"""What is right, though a grammar does not know it, is no syntax error."""

import pytest

from nootropic_lsp.core.documents import Document
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.syntax import faults

RIGHT = [
    (
        "typescript",
        "box.ts",
        "interface Box<\n  // both\n  in out T extends object,\n  out U,\n> {}\n",
    ),
    ("typescript", "all.ts", "export type * from './types';\n"),
    ("typescript", "load.ts", "const r = await load<typeof import('redux')>();\n"),
    ("typescript", "made.ts", "type Options<T> = import('./made').Options<T>;\n"),
    (
        "typescript",
        "signatures.ts",
        "interface Make {\n  (n: number): Made<number>\n\n  // named\n  /** one */\n  <T>(of: T): Made<T>\n}\n",
    ),
    ("javascript", "shop.js", "class Cart {\n  @observable accessor total = 1\n}\n"),
    ("tsx", "link.tsx", 'const a = <a href="/?one=1&two=2">x</a>;\n'),
    ("java", "A.java", "class A { void f(Object @NotNull ... all) {} }\n"),
    ("typescript", "in.ts", "type Q = {\n  equals?: Made<A>\n  in?: Made<A>\n}\n"),
    ("typescript", "any.ts", "declare const hook: { inject: (any) => void }\n"),
    ("javascript", "flow.js", "/* @flow */\nfunction f(n: number): number { return n; }\n"),
    ("bash", "gradlew", "for arg do\n  echo $arg\ndone\n"),
    ("bash", "completion.sh", "_sf_{{ NAME }}() {\n  echo 1\n}\n"),
    ("json", "shop.json", '{"a": 1.5E+3, "b": 1e+3}\n'),
    (
        "c",
        "shop.h",
        '#ifdef __cplusplus\nextern "C" {\n#endif\nint f();\n#ifdef __cplusplus\n}\n#endif\n',
    ),
    ("c", "cart.c", "void f(A a) {\n  list_foreach(a, i, x) {\n    use(x);\n  }\n}\n"),
    ("c", "api.h", "EXPORT int f(int) FORMAT_LIKE(1, 2);\n"),
    (
        "cpp",
        "cart.cc",
        "class API_OF Cart {\n  int n GUARDED_BY(lock);\n  void f() REQUIRES_NO(lock) {}\n};\n",
    ),
    ("cpp", "new.cc", "Shelf** all = new Shelf*[n];\n"),
    ("c", "list.h", "template <typename K>\nclass List {\n public:\n  explicit List(K k);\n};\n"),
    (
        "csharp",
        "Cart.cs",
        "class A {\n  void F(int a) {\n    if (a == 1) { }\n#if !NET20\n    else if (a == 2) { }\n"
        "#else\n    else if (a == 3)\n#endif\n    else { }\n  }\n}\n",
    ),
    ("json", "/shop/.vscode/launch.json", '{"a": [1, 2,],\n  // last\n}\n'),
]


def found(language, path, text):
    return faults(OpenText(Document(path, language, 0, text)))


@pytest.mark.parametrize(("language", "path", "text"), RIGHT)
def test_no_fault_of_the_text(language, path, text):
    assert found(language, path, text) == []


def test_a_real_fault_beside_a_gap_is_the_only_one():
    text = "interface Box<in out T> {}\nexport type * from './types';\nconst a = (1;\n"
    assert [text[start:end] for start, end, _ in found("typescript", "box.ts", text)] == [";"]


def test_json_proper_has_no_comma_at_the_end():
    assert found("json", "/shop/package.json", '{"a": 1,}\n')


@pytest.mark.parametrize(
    ("language", "path", "text"),
    [
        ("c", "a.c", "#ifdef A\nint f() {\n#endif\n  return (1;\n}\n"),
        ("cpp", "a.cc", "class API_OF Cart {\n  int n = ;\n};\n"),
        ("csharp", "A.cs", "class A {\n#if A\n  int F() { return 1 }\n#endif\n}\n"),
        ("bash", "a.sh", "for arg do\n  echo $arg\n"),
        ("typescript", "a.ts", "type Q = {\n  in?: Made<A\n}\n"),
        ("javascript", "a.js", "function f(n: number) { return n; }\n"),
        ("json", "a.json", '{"a": 1e+}\n'),
    ],
)
def test_what_is_broken_is_still_said_to_be(language, path, text):
    assert found(language, path, text)
