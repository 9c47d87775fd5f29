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

    @property
    def relatives(self) -> list[str]:
        """The languages of its family, itself among them."""
        return [each.name for each in LANGUAGES.values() if each.family == self.family]

    @property
    def knows_libraries(self) -> bool:
        """Whether its resolver finds what is defined outside of the workspace."""
        return self.extractor != "queries"

    def grammar(self) -> Grammar:
        """The tree-sitter grammar."""
        return _grammar(self.grammar_module, self.grammar_function)

    def extract(self, root: Node, data: bytes) -> Facts:
        """The facts of one file; `data` is its text in UTF-8."""
        module = import_module(f"{_HERE}.{self.extractor}.extract")
        return cast("Facts", module.extract(root, data, self.name))

    def resolve(self, world: World) -> Resolver:
        """A resolver for one state of the world."""
        if self.extractor == "queries":
            shared = import_module(f"{_HERE}.queries.resolve")
            rules = import_module(f"{_HERE}.{self.resolver}.rules")
            return cast("Resolver", shared.Resolver(world, rules.RULES))
        module = import_module(f"{_HERE}.{self.resolver}.resolve")
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
        Language("go", "tree_sitter_go", "language", "queries", "go", "go"),
        Language("rust", "tree_sitter_rust", "language", "queries", "rust", "rust"),
        Language("java", "tree_sitter_java", "language", "queries", "java", "java"),
        Language("c", "tree_sitter_c", "language", "queries", "c", "c"),
        Language("cpp", "tree_sitter_cpp", "language", "queries", "c", "cpp"),
        Language("csharp", "tree_sitter_c_sharp", "language", "queries", "csharp", "csharp"),
        Language("ruby", "tree_sitter_ruby", "language", "queries", "ruby", "ruby"),
        Language("php", "tree_sitter_php", "language_php", "queries", "php", "php"),
        Language("bash", "tree_sitter_bash", "language", "queries", "bash", "bash"),
        Language("json", "tree_sitter_json", "language", "queries", "json", "json"),
        Language("html", "tree_sitter_html", "language", "queries", "html", "html"),
        Language("css", "tree_sitter_css", "language", "queries", "css", "css"),
    )
}
