"""`os.path` and the file functions of `os` as `pathlib` has them, where the types stay the same.

A text stays a text: what gives a path, such as `os.path.join`, is rewritten only where the path
goes straight into something that takes one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.names import bound, dotted, imported
from nootropic_lsp.analysis.recipes.tree import (
    LOOSE,
    Change,
    Rewriter,
    Source,
    breaks_line,
    enclosing,
    is_operand,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

# What asks a path something and gives no path: {} is the path.
_ASKED = {
    "os.path.exists": "{}.exists()",
    "os.path.isfile": "{}.is_file()",
    "os.path.isdir": "{}.is_dir()",
    "os.path.islink": "{}.is_symlink()",
    "os.path.isabs": "{}.is_absolute()",
    "os.path.ismount": "{}.is_mount()",
    "os.path.getsize": "{}.stat().st_size",
    "os.path.getmtime": "{}.stat().st_mtime",
    "os.path.basename": "{}.name",
    "os.listdir": "[entry.name for entry in {}.iterdir()]",
    "os.stat": "{}.stat()",
    "os.readlink": "str({}.readlink())",
}
# What is done to a path, for the sake of it: the further arguments stay.
_DONE = {
    "os.mkdir": "mkdir",
    "os.remove": "unlink",
    "os.unlink": "unlink",
    "os.rmdir": "rmdir",
    "os.rename": "rename",
    "os.replace": "replace",
    "os.chmod": "chmod",
}
_PATHS = frozenset(["os.path.join", "os.path.dirname", "os.getcwd"])
_UNDER_SLASH = LOOSE - {"await"}
_TEXTS = frozenset(["string", "concatenated_string"])


def rewrite(source: Source, around: Around) -> Change:
    """Every such call of a text."""
    names = imported(source)
    if not any(each == "os" or each.startswith("os.") for each in names.values()):
        return Change()
    if "Path" in bound(source) or names.get("Path", "pathlib.Path") != "pathlib.Path":
        return Change(notes=["left, because Path means something else here"])
    return Change(Rewriter(source, _Rule(source, names).given).replacements())


class _Rule:
    def __init__(self, source: Source, names: dict[str, str]) -> None:
        self.source = source
        self.names = names

    def given(self, node: Node, rewriter: Rewriter) -> str | None:
        if node.type == "subscript":
            return self._suffix(node, rewriter)
        if node.type != "call":
            return None
        function = node.child_by_field_name("function")
        arguments = self._arguments(node)
        if function is None or arguments is None:
            return None
        meaning = dotted(function, self.source, self.names)
        if meaning in _ASKED and len(arguments) == 1:
            path = self._path(arguments[0], rewriter)
            return None if path is None else _ASKED[meaning].format(path)
        if meaning in _DONE:
            return self._done(node, meaning, rewriter)
        if meaning == "os.makedirs":
            return self._made(node, rewriter)
        if meaning == "pathlib.Path" and len(arguments) == 1 and self._is_path(arguments[0]):
            path = self._path(arguments[0], rewriter)
            return f"({path})" if path is not None and is_operand(node) else path
        if self._is_open(function) and arguments and self._is_path(arguments[0]):
            return self._opened(node, rewriter)
        return None

    def _is_open(self, function: Node) -> bool:
        return (
            function.type == "identifier"
            and self.source.text(function) == "open"
            and ("open" not in self.names)
        )

    def _arguments(self, call: Node) -> list[Node] | None:
        """The plain arguments of a call without any other, None if there are others."""
        arguments = call.child_by_field_name("arguments")
        if arguments is None or arguments.type != "argument_list":
            return None
        if any(each.type == "comment" for each in walk(arguments)):
            return None
        found = arguments.named_children
        splat = ("list_splat", "dictionary_splat")
        return None if any(each.type in splat for each in found[:1]) else list(found)

    def _is_path(self, node: Node) -> bool:
        """Whether an expression is a call that gives a path as a text."""
        function = node.child_by_field_name("function") if node.type == "call" else None
        return function is not None and dotted(function, self.source, self.names) in _PATHS

    def _path(self, node: Node, rewriter: Rewriter) -> str | None:
        """An expression as a `Path` that a dot can follow, None if that is not sure."""
        shown = self._joined(node, rewriter)
        return f"({shown})" if shown is not None and " / " in shown else shown

    def _joined(self, node: Node, rewriter: Rewriter) -> str | None:
        if node.type in ("keyword_argument", "integer") or self._is_bytes(node):
            return None
        if node.type == "call":
            function = node.child_by_field_name("function")
            meaning = "" if function is None else dotted(function, self.source, self.names)
            arguments = self._arguments(node)
            if meaning == "pathlib.Path" and arguments is not None:
                return rewriter.render(node)
            if meaning == "os.getcwd" and arguments == []:
                return "Path.cwd()"
            if meaning == "os.path.dirname" and arguments is not None and len(arguments) == 1:
                inner = self._path(arguments[0], rewriter)
                return None if inner is None else f"{inner}.parent"
            if meaning == "os.path.join" and arguments:
                return self._slashed(arguments, rewriter)
        if self._may_be_bytes(node):
            return None
        if breaks_line(self.source, node) and node.type not in LOOSE | _TEXTS:
            return None
        return f"Path({rewriter.render(node)})"

    def _slashed(self, arguments: list[Node], rewriter: Rewriter) -> str | None:
        first = self._joined(arguments[0], rewriter)
        if first is None:
            return None
        if any(each.type == "list_splat" for each in arguments):
            rest = ", ".join(rewriter.render(each) for each in arguments[1:])
            return f"({first}).joinpath({rest})" if " / " in first else f"{first}.joinpath({rest})"
        shown = [first]
        for each in arguments[1:]:
            # A last empty part means a slash at the end, which a path does not keep.
            if each.type == "keyword_argument" or self._is_bytes(each) or self._is_empty(each):
                return None
            text = rewriter.render(each)
            shown.append(f"({text})" if each.type in _UNDER_SLASH or "\n" in text else text)
        return " / ".join(shown)

    def _may_be_bytes(self, node: Node) -> bool:
        """Whether the function around an expression says something of bytes, which no path takes."""
        around = enclosing(node, "function_definition")
        if around is None or node.type in _TEXTS:
            return False
        return re.search(r"\bbytes\b", self.source.text(around)) is not None

    def _is_bytes(self, node: Node) -> bool:
        return node.type in _TEXTS and self.source.text(node).lower().startswith(("b", "rb"))

    def _is_empty(self, node: Node) -> bool:
        return node.type == "string" and self.source.text(node).strip("rRuU\"'") == ""

    def _done(self, node: Node, meaning: str, rewriter: Rewriter) -> str | None:
        """What is done to a path. The answer of `pathlib` is another one, so nobody may ask."""
        arguments = self._arguments(node) or []
        is_statement = node.parent is not None and node.parent.type == "expression_statement"
        most = 2 if meaning in ("os.rename", "os.replace", "os.chmod", "os.mkdir") else 1
        if not is_statement or not arguments or len(arguments) > most:
            return None
        if any(each.type == "keyword_argument" for each in arguments):
            return None
        path = self._path(arguments[0], rewriter)
        rest = ", ".join(
            (self._joined(each, rewriter) if self._is_path(each) else None) or rewriter.render(each)
            for each in arguments[1:]
        )
        return None if path is None else f"{path}.{_DONE[meaning]}({rest})"

    def _made(self, node: Node, rewriter: Rewriter) -> str | None:
        arguments = self._arguments(node) or []
        plain = [each for each in arguments if each.type != "keyword_argument"]
        if len(plain) != 1:
            return None
        path = self._path(plain[0], rewriter)
        rest = ["parents=True", *(rewriter.render(each) for each in arguments[1:])]
        return None if path is None else f"{path}.mkdir({', '.join(rest)})"

    def _opened(self, node: Node, rewriter: Rewriter) -> str | None:
        arguments = self._arguments(node)
        if not arguments or any(
            each.type == "keyword_argument"
            and self.source.text(each).startswith(("opener", "closefd"))
            for each in arguments
        ):
            return None
        path = self._path(arguments[0], rewriter)
        rest = ", ".join(rewriter.render(each) for each in arguments[1:])
        return None if path is None else f"{path}.open({rest})"

    def _suffix(self, node: Node, rewriter: Rewriter) -> str | None:
        """`os.path.splitext(path)[1]`."""
        call, at = node.children[0], node.children_by_field_name("subscript")
        if call.type != "call" or len(at) != 1 or self.source.text(at[0]) not in ("1", "-1"):
            return None
        function = call.child_by_field_name("function")
        arguments = self._arguments(call)
        if function is None or dotted(function, self.source, self.names) != "os.path.splitext":
            return None
        path = self._path(arguments[0], rewriter) if arguments and len(arguments) == 1 else None
        return None if path is None else f"{path}.suffix"
