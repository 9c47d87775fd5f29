"""What the simplifying pass makes of JavaScript and TypeScript."""

from __future__ import annotations

import random

import pytest

from nootropic_lsp.analysis.simplify import regexes, simplified

# What is written, and what must and must not be in the line that comes of the last one.
CASES = {
    "constant branches are dropped": (
        "const limit = 7 * 6;\nif (limit > 50) { sink(req.query.x); }",
        [],
        ["sink"],
    ),
    "a switch on a constant keeps its case": (
        "const mode = 'plain'; let out;\n"
        "switch (mode) { case 'html': out = a; break; default: out = b; }",
        ["out = b"],
        ["out = a"],
    ),
    "entries of an object are what was put into them": (
        "const o = {}; o.a = req.query.x; o.b = 'y';\nsink(o.a, o.b);",
        ['sink(req.query.x, "y")'],
        [],
    ),
    "entries of a list move with it": (
        "const list = [req.query.x, 'b']; list.shift(); list.push(c);\nsink(list[0], list[1]);",
        ['"b", c'],
        ["req"],
    ),
    "entries of a Map": (
        "const m = new Map(); m.set('a', req.query.x); m.set('b', 'y');\nsink(m.get('b'));",
        ['sink("y")'],
        ["req"],
    ),
    "what is found in a table of constants is a constant": (
        "const T = { a: 'x', b: 'y' };\nsink(T[req.query.key]);",
        ["sink("],
        ["req"],
    ),
    "destructuring is written out": (
        "const { a, b: { c }, ...rest } = req.body;\nsink(a, c, rest);",
        ["sink(a, c, rest)"],
        [],
    ),
    "a helper stands in place of its call": (
        "function show(text) { panel.innerHTML = text; }\nshow(location.hash);",
        ["panel.innerHTML = location.hash"],
        ["show("],
    ),
    "a helper that returns a constant": (
        "const pick = (x) => 'fixed';\nsink(pick(req.query.x));",
        ["sink('fixed')"],
        ["req"],
    ),
    "an early return of a helper hides nothing": (
        "function f(x) { if (!x) { return 'a'; } return x; }\nsink(f(req.query.x));",
        ["= req.query.x", "else {"],
        [],
    ),
    "methods of a class see its fields": (
        "class C { constructor(u) { this.u = u; } get() { return fetch(this.u); } }\n"
        "new C(req.query.u).get();",
        ["fetch(req.query.u)"],
        [],
    ),
    "callbacks of promises get what the promise gives": (
        "const one = 1;\nload(req.query.x).then((x) => { sink(x); });",
        ["x = v_", "sink(x)"],
        [],
    ),
    "membership in a list of constants": (
        "const OK = ['a', 'b']; const x = req.query.x; if (!OK.includes(x)) { throw 1; }\nsink(x);",
        ['sink("x")'],
        [],
    ),
    "a check in a helper counts where it is called": (
        "const OK = new Set(['a']); const ok = (v) => OK.has(v); const x = f();\n"
        "sink(ok(x) ? x : 'a', x);",
        ["? \"x\" : 'a'", ", x)"],
        [],
    ),
    "a host that was compared": (
        "const u = new URL(req.query.u); if (u.host !== 'example.com') { throw 1; }\nfetch(u.href);",
        ["__same_host__(u).href"],
        [],
    ),
    "a host that merely ends alike": (
        "const u = new URL(req.query.u); if (!u.host.endsWith('example.com')) { throw 1; }\n"
        "fetch(u.href);",
        ["fetch(u.href)"],
        ["__same_host__"],
    ),
    "a resolved path with a prefix": (
        "const f = path.resolve(R, x); if (!f.startsWith(R + path.sep)) { throw 1; }\nread(f);",
        ["read(__inside__(f))"],
        [],
    ),
    "a path that was never resolved": (
        "const f = R + x; if (!f.startsWith(R + path.sep)) { throw 1; }\nread(f);",
        ["read(f)"],
        ["__inside__"],
    ),
    "an address that begins on this site": (
        "const one = 1;\ngo('/login?next=' + next, '/' + next);",
        ["__same_host__('/login?next=' + next)", ", '/' + next"],
        [],
    ),
    "a name that gets another value": (
        "let x = req.query.x; const y = x; x = 'z';\nsink(x, y);",
        ['sink("z", y)'],
        [],
    ),
    "a name that a callback changes is not known": (
        "let body = ''; on((c) => { body += c; });\nsink(body);",
        ["sink(body)"],
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_simplified(name: str) -> None:
    text, wanted, unwanted = CASES[name]
    result = simplified(text, "javascript")
    last = result.split("\n")[-1]
    assert all(each in last for each in wanted), last
    assert not any(each in last for each in unwanted), last


def test_types_are_left_out() -> None:
    result = simplified("const x = (y as string)!;\nsink<T>(x);", "typescript")
    assert result.split("\n")[0] == "const x = (y);"


def test_helpers_of_other_files() -> None:
    def helper(path: str, name: str) -> tuple[str, str] | None:
        files = {"./shell": "const { exec } = require('child_process');\n"
                 "exports.run = (c) => exec(c);"}  # fmt: skip
        return (f"/w/{name}.js", files[name]) if name in files else None

    text = "const { run } = require('./shell');\nrun('ls ' + req.query.x);"
    result = simplified(text, "javascript", path="/w/app.js", helper=helper)
    assert "child_process.exec(" in result.split("\n")[1]


SAMPLE = """\
const fs = require('fs'); // files
class A extends B {
  #x = 1;
  static async *many(a, { b, c = 2 } = {}, ...rest) { for await (const x of a) { yield x; } }
  get y() { return this.#x; }
}
export default async function main({ query: { q }, params }, res) {
  const sql = `select
    ${q} from ${params.t}`;
  outer: for (let i = 0, n = q.length; i < n; i++) {
    if (i % 2) continue outer
    else if (q[i] === ',') break
    do { q = q.slice(1) } while (q)
  }
  switch (params.kind) {
    case 'a':
    case 'b': { res.send(q); break }
    default:
      try { await res.json({ ...params, [q]: 1, m() { return q }, sql }) }
      catch { throw new Error(`no ${q}`) } finally { fs.close() }
  }
  return q?.x?.[0]?.(1) ?? (a, b)
}
const f = (n) => n ? f(n - 1) : g(n); const g = (n) => f(n);
f(3);
items.map((x) => x * 2).filter(Boolean).forEach(function (x) { console.log(x) })
"""


def test_lines_stay() -> None:
    for language in ("javascript", "tsx"):
        result = simplified(SAMPLE, language)
        assert result != SAMPLE
        assert result.count("\n") == SAMPLE.count("\n")


def test_broken_text_is_left_alone() -> None:
    rng = random.Random(5)
    for _round in range(150):
        start = rng.randrange(len(SAMPLE))
        text = SAMPLE[:start] + SAMPLE[start + rng.randrange(12) :]
        assert simplified(text, "typescript").count("\n") == text.count("\n")


def test_long_chains_take_no_time() -> None:
    chain = "x" + "".join(f".then((a{i}) => {{ f(a{i}); }})" for i in range(40))
    text = f"{chain};\n"
    assert simplified(text, "javascript").count("f(a") == 40


@pytest.mark.parametrize(
    ("pattern", "is_slow"),
    [
        (r"^([a-z0-9]+\s?)+$", True),
        (r"^(\w+\s*)*$", True),
        (r"^\s*(\/\*(.|\n|\s)*\*\/\s*)+$", True),
        (r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@$", True),
        (r"^[a-z0-9]+(?: [a-z0-9]+)*$", False),
        (r"^(\d+,)*\d+$", False),
        (r"^[\w.-]+@[\w-]+(\.[\w-]+)+$", False),
        (r"^(?:\d{1,3}\.){3}\d{1,3}$", False),
    ],
)
def test_slow_patterns(pattern: str, is_slow: bool) -> None:
    assert regexes.is_slow(pattern, "") is is_slow


def test_what_patterns_say() -> None:
    assert regexes.says(r"^[\w-]{1,20}$", "") == {"constant"}
    assert not regexes.says(r"^[\w-]{1,20}", "")
    assert not regexes.says(r"^.*$", "")
    assert regexes.says(r"^\/(?!\/)", "") == {"host"}
    assert regexes.leaves(r"[^a-z]", "g", "") == "constant"
    assert regexes.leaves(r"[&<>\"']", "g", "") == "escaped"
    assert regexes.leaves(r"[.*+?^${}()|[\]\\]", "g", "\\$&") == "literal"
    assert regexes.leaves(r"\.\.", "g", "") == ""


def test_one_call_does_not_grow_without_bound():
    methods = " ".join(f"m{n}(x) {{ return next({{ ...def, n{n}: x }}); }}," for n in range(12))
    text = (
        f"function next(def) {{ return make(def); }}\n"
        f"function make(def) {{ const made = {{ {methods} }}; return made; }}\n"
        "run(make({}));\n"
    )
    assert len(simplified(text, "javascript")) < 23_000
