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
