"""What the facts of JavaScript and TypeScript hold, and what is asked of their resolver."""

from __future__ import annotations

import pytest
from index.memory_world import MemoryWorld

from nootropic_lsp.index.facts import USES, Definition, Flag, Kind, Op
from nootropic_lsp.index.languages.javascript.config import parse_json
from nootropic_lsp.index.languages.javascript.resolve import Resolver
from nootropic_lsp.index.units import Site, Unit, written

# Spelled by what they mean, not by what stands there.
_UNWRITTEN = frozenset({"export="})


def unit_of(text: str, name: str = "a.ts") -> Unit:
    unit = MemoryWorld({name: text}).unit(f"/w/{name}")
    assert unit is not None
    return unit


def named(unit: Unit, name: str) -> Definition:
    return next(definition for definition in unit.definitions if definition.name == name)


TEXTS = (
    "",
    "\n",
    "(" * 3_000,
    "[" * 3_000,
    "a.b(" * 2_000,
    "{[" * 2_000,
    "a = " * 3_000,
    "let x: " + "A<" * 3_000,
    "class \N{GRINNING FACE}\0 {",
    "const é = 1; é.ü; /** @type {É} */ let x; `${é}`",
    "import {a as} from; export {, b} from 'x'; export default; class { static",
    "type A = B extends C ? D :; interface { (: x; [k]: }; enum { = 1 }",
    "<A.B c={d} {...e}><f/></A.B>; const {a: {b = 1, ...c}, [d]: e} = f;",
    "module.exports = exports = {}; a.b.c = this.d = function () { this.e = 1 };",
    "/** @param {{a: b, c} d @returns {Array< */ function x(d) {}",
    "declare module 'x' { global { var y: 1 } export = y }",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["a.js", "a.ts", "a.tsx"])
def test_broken_text_is_ordinary(text: str, name: str) -> None:
    unit = unit_of(text, name)
    assert unit.definitions[0].kind == Kind.MODULE
    for index, scope in enumerate(unit.scopes):
        assert scope.parent < index
    for definition in unit.definitions[1:]:
        if definition.kind != Kind.NARROWED and definition.name not in _UNWRITTEN:
            assert text.startswith(definition.name, definition.start)
    resolver = Resolver(MemoryWorld({name: text}))
    for position, index in unit.uses:
        assert text.startswith(written(unit.expressions[index]), position)
    for _, index in unit.uses[:40]:
        resolver.definitions(unit, index)
        resolver.types(unit, index)


def test_every_written_name_is_a_use_or_a_definition() -> None:
    unit = unit_of("const { a: b, c } = f(d.e, { g: h, i });", "a.js")
    found = {unit.expressions[index][3] for _, index in unit.uses}
    found |= {definition.name for definition in unit.definitions if definition.name}
    assert found == set("abcdefghi")


@pytest.mark.parametrize(
    "text",
    [
        "/** Says why. */\nexport function f() {}",
        "/** Says why. */\nexport default class f {}",
        "/** Says why. */\n// eslint-disable-next-line\nexport const f = () => 1;",
        "class A {\n  /** Says why. */\n  static async f() {}\n}",
        "interface A {\n  /** Says why. */\n  f: string;\n}",
        "const a = {\n  /** Says why. */\n  f() {},\n};",
        "enum A {\n  /** Says why. */\n  f = 1,\n}",
        "/** Says why. */\ntype f = string;",
        "/** Says why. */\ndeclare namespace f {}",
    ],
)
def test_a_comment_documents_what_follows_it(text: str) -> None:
    definition = named(unit_of(text), "f")
    assert text[definition.doc_start : definition.doc_end] == "/** Says why. */"


def test_a_comment_elsewhere_documents_nothing() -> None:
    unit = unit_of("/** A file. */\nother();\nfunction f() {}\n/* plain */\nconst g = 1;")
    assert not named(unit, "f").doc_end
    assert not named(unit, "g").doc_end


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (
            "export async function f<T>(a: T): Promise<T> {}",
            "async function f<T>(a: T): Promise<T>",
        ),
        ("class f extends A<B> implements C {}", "class f extends A<B> implements C"),
        ("interface f extends A {}", "interface f extends A"),
        ("const f = (a) => a;", "const f = (a) =>"),
    ],
)
def test_the_head_of_a_declaration_ends_before_its_body(text: str, head: str) -> None:
    definition = named(unit_of(text), "f")
    start = definition.full_start
    assert text[start : definition.head_end].removesuffix(" ") in (head, head.partition("= ")[2])


def test_functions_that_are_values_go_by_their_names() -> None:
    unit = unit_of("const f = async () => 1; class A { g = () => 2; static #h() {} }")
    f, g, h = (named(unit, name) for name in ("f", "g", "#h"))
    assert (f.kind, g.kind, h.kind) == (Kind.FUNCTION, Kind.METHOD, Kind.METHOD)
    assert f.flags & Flag.ASYNC
    assert f.flags & g.flags & Flag.ARROW
    assert h.flags & Flag.STATIC
    assert h.flags & Flag.PRIVATE


def test_types_and_bases() -> None:
    world = MemoryWorld(
        {
            "a.ts": "import { B, type I } from './b';\nexport class A extends B implements I {}\n"
            "const value = new A();\nvalue;",
            "b.ts": "export class B {}\nexport interface I {}",
        }
    )
    unit = world.unit("/w/a.ts")
    assert unit is not None
    resolver = Resolver(world)
    use = unit.uses[-1][1]
    assert [site.definition.name for site in resolver.types(unit, use)] == ["A"]
    (cls,) = resolver.types(unit, use)
    assert [site.definition.name for site in resolver.bases(cls)] == ["B", "I"]
    value = next(i for i, d in enumerate(unit.definitions) if d.name == "value")
    assert resolver.types_of(Site(unit, value)) == [cls]


def test_an_import_can_be_left_unfollowed() -> None:
    world = MemoryWorld({"a.ts": "import { b } from './b';\nb;", "b.ts": "export const b = 1;"})
    unit = world.unit("/w/a.ts")
    assert unit is not None
    resolver = Resolver(world)
    use = unit.uses[-1][1]
    assert [s.unit.path for s in resolver.definitions(unit, use, follow=False)] == ["/w/a.ts"]
    assert [s.unit.path for s in resolver.definitions(unit, use)] == ["/w/b.ts"]


def test_look_ups_leave_a_trail() -> None:
    files = {
        "a.ts": "import { b } from './b';\nb.member;\nnowhere;",
        "b.ts": "export * from './c';",
        "c.ts": "export const b = { member: 1 };",
    }
    world = MemoryWorld(files)
    unit = world.unit("/w/a.ts")
    assert unit is not None
    resolver = Resolver(world)
    first = {}
    for _, index in unit.uses:
        resolver.touched.mask = 0
        resolver.definitions(unit, index)
        first[index] = resolver.touched.mask
    member, nowhere = (
        next(i for _, i in unit.uses if unit.expressions[i][3] == name)
        for name in ("member", "nowhere")
    )
    assert {"/w/b.ts", "/w/c.ts"} <= set(resolver.touched.paths(first[member]))
    assert "*" in resolver.touched.paths(first[nowhere])
    for _, index in unit.uses:  # what is remembered has the same trail
        resolver.touched.mask = 0
        resolver.definitions(unit, index)
        assert resolver.touched.mask & first[index] == first[index]


def test_generic_types_that_never_end_are_left() -> None:
    text = (
        "interface A<T> extends B<A<A<T>>> { x: A<B<T>> }\n"
        "interface B<T> extends A<B<B<T>>> { y: B<A<T>> }\n"
        "type C<T> = C<C<T>>; class D extends D {}\n"
        "declare const a: A<C<string>>; a.x.x.y.x.y.z; new D().q; let c: C<1>; c.z;\n"
        "const f = () => g(); const g = () => f(); f().x;"
    )
    world = MemoryWorld({"a.ts": text})
    unit = world.unit("/w/a.ts")
    assert unit is not None
    resolver = Resolver(world)
    for _, index in unit.uses:
        resolver.definitions(unit, index)


def test_a_specifier_is_one_use() -> None:
    unit = unit_of("import x from './some.module.js';")
    (use,) = (e for e in unit.expressions if e[0] == Op.MODULE)
    assert use[0] <= USES
    assert written(use) == "./some.module.js"


_LIBRARY = {
    "tsconfig.json": "{}",
    "package.json": '{"devDependencies": {"@types/node": "1"}}',
    "node_modules/typescript/lib/lib.es5.d.ts": "interface Array<T> { length: number }\n",
    "node_modules/typescript/lib/lib.esnext.full.d.ts": (
        '/// <reference lib="es5" />\n/// <reference lib="odd" />\n'
    ),
    "node_modules/typescript/lib/lib.odd.d.ts": (
        '// don\'t "stop\ndeclare var first: Odd<"/*">, second: number;\n/* type Array */\n'
    ),
    "node_modules/@types/node/package.json": '{"types": "index.d.ts"}',
    "node_modules/@types/node/index.d.ts": '/// <reference path="fs.d.ts" />\n',
    "node_modules/@types/node/fs.d.ts": 'declare module "fs/*" { const read: string }\n',
}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("new Array();", ["lib.es5.d.ts"]),
        ("second;", ["lib.odd.d.ts"]),
        ("nowhere;", []),
        ("import 'fs/*';", ["fs.d.ts"]),
        ("import 'missing';", []),
    ],
)
def test_of_the_libraries_only_what_declares_a_name_is_read(text: str, read: list[str]) -> None:
    seen = []

    class World(MemoryWorld):
        def unit(self, path: str) -> Unit | None:
            if "node_modules" in path:
                seen.append(path.rpartition("/")[2])
            return super().unit(path)

        def named(self, name: str, family: str) -> list[Site]:
            return []

    world = World({**_LIBRARY, "a.ts": text})
    unit = world.unit("/w/a.ts")
    assert unit is not None
    resolver = Resolver(world)
    found = [site for _, index in unit.uses for site in resolver.definitions(unit, index)]
    assert seen == read
    assert bool(found) == bool(read)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "//b"}',
        '{\n  // comment\n  "a": "//b", /* more */\n}',
        '\ufeff{"a": "//b",}',
    ],
)
def test_configuration_may_have_comments(text: str) -> None:
    assert parse_json(text) == {"a": "//b"}


def test_configuration_may_be_damaged() -> None:
    assert parse_json('{"a": ') == {}
    assert parse_json("[1]") == {}
