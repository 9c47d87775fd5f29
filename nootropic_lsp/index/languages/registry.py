"""Which languages there are: a line each, and the code behind it loaded at first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tree_sitter import Language as Grammar
    from tree_sitter import Node

    from nootropic_lsp.index.facts import Facts
    from nootropic_lsp.index.units import Resolver, World

_HERE = "nootropic_lsp.index.languages"


@dataclass(frozen=True, slots=True)
class Language:
    """A language: the module and function of its grammar, its extractor and its resolver.

    Files of one `family` see each other's definitions.
    """

    name: str
    grammar_module: str
    grammar_function: str
    extractor: str
    family: str
    resolver: str

    def grammar(self) -> Grammar:
        """The tree-sitter grammar."""
        return _grammar(self.grammar_module, self.grammar_function)

    def extract(self, root: Node, data: bytes) -> Facts:
        """The facts of one file; `data` is its text in UTF-8."""
        module = import_module(f"{_HERE}.{self.extractor}.extract")
        return cast("Facts", module.extract(root, data, self.name))

    def resolve(self, world: World) -> Resolver:
        """A resolver for one state of the world."""
        module = import_module(f"{_HERE}.{self.resolver}.resolve")
        if self.resolver == "queries":
            rules = import_module(f"{_HERE}.{self.name}.rules")
            return cast("Resolver", module.Resolver(world, rules.RULES))
        make = cast("Callable[[World], Resolver]", module.Resolver)
        return make(world)


@cache
def _grammar(module: str, function: str) -> Grammar:
    from tree_sitter import Language as TreeSitterLanguage  # noqa: PLC0415 -- loaded when needed

    return TreeSitterLanguage(getattr(import_module(module), function)())


LANGUAGES = {
    language.name: language
    for language in (
        Language("python", "tree_sitter_python", "language", "python", "python", "python"),
        Language("javascript", "tree_sitter_javascript", "language", *("javascript",) * 3),
        Language(
            "typescript", "tree_sitter_typescript", "language_typescript", *("javascript",) * 3
        ),
        Language("tsx", "tree_sitter_typescript", "language_tsx", *("javascript",) * 3),
        Language("go", "tree_sitter_go", "language", "queries", "go", "queries"),
        Language("rust", "tree_sitter_rust", "language", "queries", "rust", "queries"),
        Language("java", "tree_sitter_java", "language", "queries", "java", "queries"),
        Language("c", "tree_sitter_c", "language", "queries", "c", "queries"),
        Language("cpp", "tree_sitter_cpp", "language", "queries", "c", "queries"),
        Language("csharp", "tree_sitter_c_sharp", "language", "queries", "csharp", "queries"),
        Language("ruby", "tree_sitter_ruby", "language", "queries", "ruby", "queries"),
        Language("php", "tree_sitter_php", "language_php", "queries", "php", "queries"),
        Language("bash", "tree_sitter_bash", "language", "queries", "bash", "queries"),
        Language("json", "tree_sitter_json", "language", "queries", "json", "queries"),
        Language("html", "tree_sitter_html", "language", "queries", "html", "queries"),
        Language("css", "tree_sitter_css", "language", "queries", "css", "queries"),
    )
}
