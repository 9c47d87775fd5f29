"""CommonJS modules as ES modules.

What a module exports as a whole becomes its default export, names that are each set once at the
top become named exports; who imports a file of the project looks there which of both it is. A
`require` that is not at the top stays, with a `require` made for it.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.codemods.commonjs_exports import (
    DECLARATIONS,
    Exports,
    assigned,
    declared,
    exports_of,
    is_always_run,
    is_top,
    names_bound,
)
from nootropic_lsp.analysis.recipes.tree import (
    Change,
    Replacement,
    Rewriter,
    Source,
    parse,
    walk,
)
from nootropic_lsp.core.errors import RefusedError

if TYPE_CHECKING:
    from tree_sitter import Node

_BUILT_IN = frozenset(
    [
        *("assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants"),
        *("crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http"),
        *("http2", "https", "inspector", "module", "net", "os", "path", "perf_hooks", "process"),
        *("punycode", "querystring", "readline", "repl", "stream", "string_decoder", "timers"),
        *("tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads"),
        "zlib",
    ]
)
_MISSING = re.compile(
    r"module\.(?!exports\b)\w+|require\.(?!resolve\b|main\b)\w+|arguments\.callee"
)


def rewrite(source: Source, around: Around) -> Change:
    """One file; of a `package.json`, that its files are ES modules now."""
    if source.language == "json":
        return _package(source)
    if source.path.endswith((".cjs", ".mjs")):
        return Change()
    return _Conversion(source, around).change()


def _package(source: Source) -> Change:
    """The type of a package, below its name."""
    top = source.root.named_children[0] if source.root.named_children else None
    if source.path.rpartition("/")[2] != "package.json" or top is None or top.type != "object":
        return Change()
    pairs = {
        source.text(each.children[0])[1:-1]: each for each in top.named_children if each.children
    }
    name, known = pairs.get("name"), pairs.get("type")
    value = None if known is None else known.child_by_field_name("value")
    if value is not None and source.text(value) == '"commonjs"':
        return Change([Replacement(value.start_byte, value.end_byte, '"module"')])
    if name is None or known is not None:
        return Change()
    text = f',\n{source.indent(name)}"type": "module"'
    return Change([Replacement(name.end_byte, name.end_byte, text)])


class _Conversion:
    def __init__(self, source: Source, around: Around) -> None:
        self.source = source
        self.around = around
        self.top = source.root.named_children
        self.bound = names_bound(source)
        self.notes: list[str] = []
        self.exports = Exports()
        self.needs_require = False
        self.needs: set[str] = set()
        self.ends: list[str] = []
        # The imports that are put first, and the names that modules have got.
        self.hoisted: list[str] = []
        self.modules: dict[str, str] = {}

    def change(self) -> Change:
        if not self._is_commonjs():
            return Change()
        self._refuse_what_differs()
        self.exports = exports_of(self.source)
        replaced = Rewriter(self.source, self._rule).replacements()
        head = self._head()
        if not replaced and not head:
            return Change()
        if head:
            at = self._start()
            replaced = [Replacement(at, at, head), *replaced]
        if self.ends:
            data = self.source.data
            gap = "" if data.endswith(b"\n") else "\n"
            text = f"{gap}\n" + "\n".join(self.ends) + "\n"
            replaced.append(Replacement(len(data), len(data), text))
        return Change(replaced, self.notes)

    def _is_commonjs(self) -> bool:
        """Whether anything of CommonJS is used, and nothing of ES modules."""
        if any(each.type in ("import_statement", "export_statement") for each in self.top):
            return False
        words = {"require", "module", "exports", "__dirname", "__filename"} - self.bound
        return any(
            node.type == "identifier" and self.source.text(node) in words
            for node in walk(self.source.root)
        )

    def _refuse_what_differs(self) -> None:
        """Refuse what modules have no like of."""
        taken = {"require", "module", "exports"} & self.bound
        if taken:
            raise RefusedError(f"it has a {min(taken)} of its own")
        for node in walk(self.source.root):
            line = self.source.line(node)
            if node.type == "with_statement":
                raise RefusedError(f"`with` in line {line} cannot be in a module")
            if node.type == "this" and is_top(node):
                raise RefusedError(f"`this` in line {line} is what the module exports")
            if node.type == "return_statement" and is_top(node, arrows=True):
                raise RefusedError(f"it returns in line {line}, outside of a function")
            if node.type == "member_expression" and _MISSING.fullmatch(self.source.text(node)):
                raise RefusedError(f"a module has no {self.source.text(node)} (line {line})")
            if node.type == "identifier" and self.source.text(node) == "module":
                around = node.parent
                if around is None or around.type != "member_expression":
                    raise RefusedError(f"it uses `module` as a value in line {line}")
            if node.type == "number" and re.fullmatch(r"0\d+", self.source.text(node)):
                raise RefusedError(
                    f"{self.source.text(node)} in line {line} is no number in a module"
                )

    # ---- what comes first

    def _start(self) -> int:
        """Where the head goes: below the first comments and directives."""
        at = 0
        for node in self.source.root.children:
            is_directive = (
                node.type == "expression_statement"
                and node.named_child_count == 1
                and (node.named_children[0].type == "string")
            )
            if node.type not in ("hash_bang_line", "comment") and not is_directive:
                break
            end = self.source.data.find(b"\n", node.end_byte)
            end = len(self.source.data) if end < 0 else end + 1
            # A comment right above a statement belongs to that.
            if node.type != "comment" or self.source.data[end : end + 2].strip(b"\r\n") == b"":
                at = end
        after = self.source.data[at:]
        return at + len(after) - len(after.lstrip(b"\r\n"))

    def _head(self) -> str:
        lines: list[str] = []
        if self.needs_require:
            lines.append("import { createRequire } from 'node:module';")
        used = {"__dirname", "__filename"} & self.needs
        if "__dirname" in used:
            lines.append("import { dirname as dirnameOf } from 'node:path';")
        if used or "fileURLToPath" in self.needs:
            lines.append("import { fileURLToPath } from 'node:url';")
        if self.needs_require:
            lines.append("const require = createRequire(import.meta.url);")
        if used:
            lines.append("const __filename = fileURLToPath(import.meta.url);")
        if "__dirname" in used:
            lines.append("const __dirname = dirnameOf(__filename);")
        lines += self.hoisted
        if self.exports.kind == "default" and self.exports.value == "exported":
            lines.append("const exported = {};")
            self.ends.append("export default exported;")
        return "\n".join(lines) + "\n\n" if lines else ""

    # ---- nodes

    def _rule(self, node: Node, rewriter: Rewriter) -> str | None:
        if node.parent is not None and node.parent.type == "program":
            if node.type in DECLARATIONS:
                return self._declaration(node, rewriter)
            if node.type == "expression_statement":
                return self._statement(node, rewriter)
        if node.type == "binary_expression" and self._is_main(node):
            self.needs.add("fileURLToPath")
            return "process.argv[1] === fileURLToPath(import.meta.url)"
        if node.type == "member_expression":
            return self._member(node)
        if node.type == "identifier":
            return self._identifier(node)
        if node.type == "call_expression" and self._required(node) is not None:
            return self._stays(node)
        return None

    def _is_main(self, node: Node) -> bool:
        text = re.sub(r"\s", "", self.source.text(node))
        return text in ("require.main===module", "module===require.main", "require.main==module")

    def _identifier(self, node: Node) -> str | None:
        text = self.source.text(node)
        if text in ("__dirname", "__filename") and text not in self.bound:
            self.needs.add(text)
        elif text == "require":
            self.needs_require = True
            if node.parent is not None and node.parent.type not in (
                "call_expression",
                "member_expression",
            ):
                self.notes.append(f"line {self.source.line(node)}: `require` stays as a value")
        elif text == "exports" and self.exports.kind == "default":
            return self.exports.value or None
        return None

    def _member(self, node: Node) -> str | None:
        text = self.source.text(node)
        if text == "module.exports":
            if self.exports.kind == "default":
                return self.exports.value or None
            return None
        of, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if of is None or name is None or self.exports.kind != "named":
            return None
        key = self.source.text(name)
        if self.source.text(of) in ("exports", "module.exports") and key in self.exports.names:
            return key
        return None

    def _required(self, call: Node) -> str | None:
        """The specifier of `require("…")`; "" if it is no plain text, None if it is no `require`."""
        function = call.child_by_field_name("function") if call.type == "call_expression" else None
        if function is None or self.source.text(function) != "require":
            return None
        arguments = call.child_by_field_name("arguments")
        values = [] if arguments is None else arguments.named_children
        if len(values) != 1 or values[0].type != "string":
            return ""
        return self.source.text(values[0])[1:-1]

    def _stays(self, call: Node) -> str | None:
        """A `require` that is not a statement at the top."""
        specifier = self._required(call) or ""
        if specifier and is_always_run(call) and not specifier.endswith((".json", ".node")):
            known = self.modules.get(specifier)
            if known is None:
                known = self._fresh(specifier)
                self.hoisted.append(f"{self._whole(known, specifier)};")
            return known
        self.needs_require = True
        self.notes.append(
            f"line {self.source.line(call)}: {self.source.text(call)} stays, because it is"
            f" {'not at the top' if specifier else 'not known before it runs'}"
        )
        if self._kind_of(specifier) == "default":
            return f"{self.source.text(call)}.default"
        return None

    # ---- what it takes

    def _declaration(self, node: Node, rewriter: Rewriter) -> str | None:
        """`const a = require("a"), b = 1;` as imports and what is left."""
        declarators = [each for each in node.named_children if each.type == "variable_declarator"]
        if len(declarators) == 1 and self.exports.kind == "default":
            name, value = declared(declarators[0], self.source)
            if value is not None and name == self.exports.value:
                shown = f"{self.source.text(node.children[0])} {name} = {rewriter.render(value)}"
                return f"{shown};\nexport default {name};"
        made = [self._import(each, rewriter) for each in declarators]
        if not any(made):
            return None
        lines: list[str] = []
        kind = source_word = self.source.text(node.children[0])
        end = ";" if self.source.text(node).endswith(";") else ""
        for declarator, given in zip(declarators, made, strict=True):
            if given is not None:
                lines += [line + end for line in given]
            else:
                lines.append(f"{source_word} {rewriter.render(declarator)}{end}")
        if any(each.type == "comment" for each in node.children):
            comments = [self.source.text(each) for each in node.children if each.type == "comment"]
            lines = [*comments, *lines]
        return "\n".join(lines) if kind else None

    def _import(self, declarator: Node, rewriter: Rewriter) -> list[str] | None:
        """The lines that stand for one declarator, without their ends; None if it stays."""
        name, value = (
            declarator.child_by_field_name("name"),
            declarator.child_by_field_name("value"),
        )
        if name is None or value is None:
            return None
        word = self.source.text(declarator.parent.children[0]) if declarator.parent else "const"
        target = self.source.text(name)
        specifier = self._plain(value)
        if specifier is not None:
            if self._is_reassigned(name) or specifier.endswith((".json", ".node")):
                return None
            if name.type == "identifier":
                if self._kind_of(specifier) != "named":
                    self.modules.setdefault(specifier, target)
                return [self._whole(target, specifier)]
            return self._destructured(name, specifier, word)
        if value.type == "member_expression":
            of, key = value.child_by_field_name("object"), value.child_by_field_name("property")
            specifier = None if of is None else self._plain(of)
            if specifier is None or key is None or name.type != "identifier":
                return None
            if specifier.endswith((".json", ".node")) or self._is_reassigned(name):
                return None
            if self._has_names(specifier):
                shown = self.source.text(key)
                item = target if shown == target else f"{shown} as {target}"
                return [f"import {{ {item} }} from {self._quoted(specifier)}"]
            return self._through(specifier, f"{word} {target} = {{}}.{self.source.text(key)}")
        if value.type == "call_expression":
            function = value.child_by_field_name("function")
            arguments = value.child_by_field_name("arguments")
            specifier = None if function is None else self._plain(function)
            if specifier is None or arguments is None or specifier.endswith((".json", ".node")):
                return None
            shown = rewriter.render(arguments).replace("{", "{{").replace("}", "}}")
            pattern = rewriter.render(name).replace("{", "{{").replace("}", "}}")
            return self._through(specifier, f"{word} {pattern} = {{}}{shown}")
        return None

    def _through(self, specifier: str, statement: str) -> list[str]:
        """An import of a module, unless it is there, and a statement with its name."""
        known = self.modules.get(specifier)
        if known is not None:
            return [statement.format(known)]
        name = self._fresh(specifier)
        return [self._whole(name, specifier), statement.format(name)]

    def _plain(self, node: Node) -> str | None:
        specifier = self._required(node)
        return specifier or None

    def _whole(self, name: str, specifier: str) -> str:
        star = "* as " if self._kind_of(specifier) == "named" else ""
        return f"import {star}{name} from {self._quoted(specifier)}"

    def _destructured(self, pattern: Node, specifier: str, word: str) -> list[str] | None:
        items = [self._item(each) for each in pattern.named_children]
        named = [each for each in items if each]
        if named == items and named and self._has_names(specifier):
            return [f"import {{ {', '.join(named)} }} from {self._quoted(specifier)}"]
        shown = self.source.text(pattern).replace("{", "{{").replace("}", "}}")
        return self._through(specifier, f"{word} {shown} = {{}}")

    def _item(self, node: Node) -> str:
        """A part of a destructuring as a part of an import, "" if it cannot be one."""
        if node.type == "shorthand_property_identifier_pattern":
            return self.source.text(node)
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if node.type != "pair_pattern" or key is None or value is None:
            return ""
        if key.type != "property_identifier" or value.type != "identifier":
            return ""
        return f"{self.source.text(key)} as {self.source.text(value)}"

    def _has_names(self, specifier: str) -> bool:
        """Whether names can be imported: from Node's own modules, and where we make them."""
        name = specifier.removeprefix("node:").partition("/")[0]
        return name in _BUILT_IN or self._kind_of(specifier) == "named"

    def _kind_of(self, specifier: str) -> str:
        """How a file of the project will export, "" for what is not one or is no CommonJS."""
        path = self._path_of(specifier)
        text = None if path is None else self.around.read(path)
        if path is None or text is None or path.endswith((".json", ".mjs", ".cjs")):
            return ""
        other = parse(path, "javascript", text.encode("utf-8", "surrogatepass"))
        if any(each.type == "export_statement" for each in other.root.children):
            is_default = re.search(r"^export default\b", text, re.MULTILINE) is not None
            return "default" if is_default else "named"
        try:
            return exports_of(other).kind
        except RefusedError:
            return ""  # It stays as it is.

    def _path_of(self, specifier: str) -> str | None:
        if not specifier.startswith("."):
            return None
        base = posixpath.normpath(posixpath.join(posixpath.dirname(self.source.path), specifier))
        for path in (base, f"{base}.js", f"{base}.json", f"{base}/index.js"):
            if posixpath.splitext(path)[1] and self.around.read(path) is not None:
                return path
        return None

    def _quoted(self, specifier: str) -> str:
        """A specifier as modules need it: with the ending of the file."""
        path = self._path_of(specifier)
        shown = specifier
        if path is not None:
            folder = posixpath.dirname(self.source.path)
            shown = posixpath.relpath(path, folder)
            shown = shown if shown.startswith(".") else f"./{shown}"
        elif specifier.startswith("."):
            self.notes.append(f"no file was found for {specifier}; modules need its ending")
        quote = (
            '"'
            if self.source.data.count(b'require("') > self.source.data.count(b"require('")
            else "'"
        )
        return f"{quote}{shown}{quote}"

    def _fresh(self, specifier: str) -> str:
        """A name for a module that nothing else has."""
        stem = posixpath.splitext(posixpath.basename(specifier.removeprefix("node:")))[0]
        words = [each for each in re.split(r"\W+", stem) if each] or ["module"]
        name = words[0] + "".join(each[:1].upper() + each[1:] for each in words[1:])
        name = f"_{name}" if name[0].isdigit() else name
        wanted = f"{name}Module"
        while wanted in self.bound:
            wanted += "_"
        self.bound.add(wanted)
        self.modules[specifier] = wanted
        return wanted

    def _is_reassigned(self, name: Node) -> bool:
        """Whether a name gets another value later, which an import cannot."""
        text = {self.source.text(each) for each in walk(name) if "identifier" in each.type}
        for node in walk(self.source.root):
            if node.type in ("assignment_expression", "augmented_assignment_expression"):
                left = node.child_by_field_name("left")
                if (
                    left is not None
                    and left.type == "identifier"
                    and self.source.text(left) in text
                ):
                    return True
            elif node.type == "update_expression" and self.source.text(node).strip("+-") in text:
                return True
        return False

    # ---- what it gives

    def _statement(self, node: Node, rewriter: Rewriter) -> str | None:
        inner = node.named_children[0]
        end = ";" if self.source.text(node).endswith(";") else ""
        specifier = self._plain(inner)
        if specifier is not None and not specifier.endswith((".json", ".node")):
            return f"import {self._quoted(specifier)}{end}"
        target, value = assigned(inner, self.source)
        if value is None:
            return None
        if self.exports.kind == "named":
            return self._named(target, value, end, rewriter)
        if self.exports.kind == "default" and target == "" and self.exports.value != "exported":
            shown = rewriter.render(value)
            if self.exports.value and value.type == "identifier":
                return f"export default {shown}{end}"
            if self.exports.value:
                return f"const {self.exports.value} = {shown}{end}\nexport default {self.exports.value}{end}"
            return f"export default {shown}{end}"
        return None

    def _named(self, target: str, value: Node, end: str, rewriter: Rewriter) -> str | None:
        if target not in self.exports.names:
            return None
        shown = rewriter.render(value)
        if value.type == "identifier" and self.source.text(value) in self.bound:
            name = self.source.text(value)
            return f"export {{ {name if name == target else f'{name} as {target}'} }}{end}"
        return f"export const {target} = {shown}{end}"
