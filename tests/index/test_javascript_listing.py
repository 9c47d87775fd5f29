"""What a JavaScript or TypeScript resolver lists: bare names, members, modules and exports."""

from __future__ import annotations

from index.listing import At

from nootropic_lsp.index.facts import Kind


def visible(text: str, name: str = "a.ts", **others: str) -> set[str]:
    return set(At({name: text, **others}).visible())


def members(text: str, name: str = "a.ts", **others: str) -> set[str]:
    return set(At({name: text, **others}).members())


def test_names_of_scopes_the_nearest_first() -> None:
    found = At({"a.ts": "let a, b; function f<T>(a: T) { const c = 1; { let d; <>; } }"}).visible()
    assert list(found)[:1] == ["d"]
    assert set(found) == set("abcdfT")
    assert found["a"].site is not None
    assert found["a"].site.definition.kind == Kind.PARAMETER
    assert found["d"].depth < found["c"].depth < found["b"].depth


def test_what_is_bound_later_is_visible_in_inner_functions_only() -> None:
    assert visible("const a = <>; let b; class C {} function f() {} enum E {}") == {"f", "E"}
    assert visible("const a = () => { <>; }; let b;") == {"a", "b"}
    assert visible("for (const a of b) { <>; }") == {"a"}


def test_types_namespaces_and_imports_are_visible() -> None:
    text = "import x, { y as z } from 'm'; interface I {} namespace N { const p = 1 } "
    assert visible(f"{text} type A = <>string") == {"x", "z", "I", "N", "A"}
    merged = "namespace N { export const p = 1 } namespace N { <>; }"
    assert visible(merged) == {"N", "p"}
    assert visible("enum E { A, B = <> }") == {"E", "A", "B"}
    assert visible("const c = class D { m() { <>; } };") == {"c", "D"}


def test_what_is_global_comes_last() -> None:
    library = {"node_modules/typescript/lib/lib.es5.d.ts": "declare var Array: any;"}
    library["node_modules/typescript/lib/lib.esnext.full.d.ts"] = '/// <reference lib="es5" />\n'
    declared = {"g.ts": "export {}; declare global { var shared: number }"}
    found = At({"a.ts": "let a; <>;", **library, **declared}).visible()
    assert list(found) == ["a", "shared", "Array"]
    assert found["a"].depth < found["shared"].depth < found["Array"].depth


def test_each_commonjs_file_has_names_of_its_own() -> None:
    own = {"exports", "module", "require"}
    assert visible("<>;", "a.js") == own
    assert visible("<>;", "a.js", **{"package.json": '{"type": "module"}'}) == set()
    assert members("module.<>x; module.exports = {};", "a.js") == {"exports"}


CLASSES = (
    "class A { a = 1; static s = 2; #p = 3; private q = 4; protected r = 5; get g() { return 1; } "
    "set g(v) {} constructor(public w: B) {} m(): this { return this; } own() { OWN } } "
    "interface I { i: number } interface I { j: number } "
    "class B extends A implements I { b = 1; sub() { SUB } } "
)


def in_classes(own: str = "", sub: str = "", outside: str = "") -> dict[str, int]:
    text = CLASSES.replace("OWN", own).replace("SUB", sub) + outside
    return {name: each.depth for name, each in At({"a.ts": text}).members().items()}


def test_members_of_instances_and_of_classes() -> None:
    public = {"a": 0, "g": 0, "w": 0, "m": 0, "own": 0}
    assert in_classes(outside="new A().<>x") == public
    inherited = dict.fromkeys(public, 1)
    assert in_classes(outside="new B().<>x") == {"b": 0, "sub": 0, **inherited, "i": 2, "j": 2}
    assert in_classes(outside="A.<>x") == {"s": 0}


def test_private_members_are_listed_where_they_can_be_used() -> None:
    assert {"#p", "q", "r"} <= set(in_classes(own="this.<>x"))
    found = set(in_classes(sub="this.<>x"))
    assert {"q", "r"} <= found
    assert "#p" not in found


def test_members_of_other_values() -> None:
    assert members("const o = { a: 1, 'b-c': 2, ...{ d: 3 } }; o.<>x") == {"a", "d"}
    assert members("enum E { A, B } E.<>x") == {"A", "B"}
    assert members("namespace N { export const a = 1; export namespace M {} } N.<>x") == {"a", "M"}
    assert members("function f() {} f.extra = 1; f.<>x", "a.js") == {"extra"}
    assert members("function f(u: { a: 1 } | { b: 2 }) { u.<>x }") == {"a", "b"}
    assert members("interface Box<T> { value: T } let b: Box<{ z: 1 }>; b.value.<>x") == {"z"}
    assert members("unknown.<>x") == set()


def test_what_methods_assign_gives_way_to_the_base() -> None:
    text = "class A { set(v) {} } class B extends A { f() { this.set = 1; this.own = 2; } } "
    found = At({"a.js": text + "new B().<>x"}).members()
    assert {name: each.depth for name, each in found.items()} == {"f": 0, "own": 0, "set": 1}


def test_every_object_has_the_members_of_the_library() -> None:
    library = {
        "node_modules/typescript/lib/lib.esnext.full.d.ts": (
            "interface Object { toString(): string } interface Function { call(): any }"
        )
    }
    text = "class A { a = 1 } "
    assert members(text + "new A().<>x", **library) == {"a", "toString"}
    assert members(text + "A.<>x", **library) == {"call", "toString"}


MODULES = {
    "lib/all.ts": "export * from './one'; export { two as deux } from './two'; export default 1;",
    "lib/one.ts": "export const one = 1; const hidden = 2; export interface Shape {}",
    "lib/two.ts": "export const two = 2; export default two;",
    "lib/common.js": "exports.first = 1; module.exports.second = 2;",
    "lib/whole.js": "module.exports = { third: 3 };",
    "types/ambient.d.ts": "declare module 'ambient' { export const given: 1 }",
}


def test_members_of_a_module_are_what_it_exports() -> None:
    text = "import * as all from './lib/all'; all.<>x"
    assert members(text, **MODULES) == {"one", "Shape", "deux", "default"}


def test_exported_names_go_through_exports_of_exports() -> None:
    at = At({"a.ts": "<>", **MODULES})
    assert at.exported("./lib/all", -1) == {"one", "Shape", "deux"}
    assert at.exported("./lib/common", -1) == {"first", "second"}
    assert at.exported("./lib/whole", -1) == {"third"}
    assert at.exported("ambient", -1) == {"given"}
    assert at.exported("./lib/nowhere", -1) == set()


def test_modules_that_export_each_other_come_to_an_end() -> None:
    files = {"b.ts": "export * from './c'; export let b;", "c.ts": "export * from './b';"}
    assert At({"a.ts": "<>", **files}).exported("./c", -1) == {"b"}


def test_relative_modules_are_written_without_endings() -> None:
    files = {
        "src/b.tsx": "",
        "src/c.d.ts": "",
        "src/data.json": "{}",
        "src/in/d.mts": "",
        "e.py": "",
    }
    at = At({"src/a.ts": "<>", **files})
    assert at.modules("./") == ["b", "c", "data.json", "in"]
    assert at.modules("./in/") == ["d.mjs"]
    assert at.modules("../") == ["src"]


def test_endings_are_written_where_the_file_writes_them() -> None:
    assert At({"a.ts": "import './b.js'; <>", "b.ts": "", "c.ts": ""}).modules(".") == [
        "b.js",
        "c.js",
    ]
    package = {"package.json": '{"type": "module"}'}
    assert At({"a.js": "<>", "b.js": "", **package}).modules(".") == ["b.js"]


def test_packages_and_aliases_are_the_roots() -> None:
    files = {
        "package.json": '{"workspaces": ["packages/*"], "imports": {"#inner/*": "./src/*"}}',
        "packages/one/package.json": '{"name": "@mine/one", "exports": {".": "./a", "./sub": "./b"}}',
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"], "exact": ["x"]}}}',
        "src/deep/b.ts": "",
        "node_modules/left/package.json": "{}",
        "node_modules/left/tool.js": "",
        "node_modules/@org/right/package.json": "{}",
        "node_modules/@types/node/package.json": '{"types": "index.d.ts"}',
        "node_modules/@types/node/index.d.ts": 'declare module "fs" {} declare module "fs/promises" {}',
        "node_modules/@types/org2__it/package.json": "{}",
    }
    at = At({"src/a.ts": "<>", **files})
    assert at.modules("") == [
        "#inner", "@", "@mine/one", "@org/right", "@org2/it", "exact", "fs", "left", "node",
    ]  # fmt: skip
    assert at.modules("@org/") == ["right"]
    assert at.modules("@/") == ["a", "deep"]
    assert at.modules("@/deep") == ["b"]
    assert at.modules("fs/") == ["promises"]
    assert at.modules("left") == ["tool"]
    assert at.modules("@mine/one") == ["sub"]


def test_what_a_definition_holds_is_listed_without_what_is_private() -> None:
    at = At(
        {
            "a.ts": "class Cart { total = 0; private hidden = 1 }\n"
            "type Options = { mode: string; inner: Cart }\n"
            "function f(options: Options, cart: Cart) { <> }\n"
        }
    )
    assert {"mode", "inner"} <= set(at.held("options"))
    assert "total" in at.held("cart")
    assert "hidden" not in at.held("cart")
