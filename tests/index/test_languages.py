"""Where names lead, in every language: see `fixtures/languages`.

A number such as `<3>` stands before a name, and the wanted part says where it is defined.
`NOOTROPIC_UPDATE=1` rewrites it.
"""

from __future__ import annotations

import re
from os import environ
from pathlib import Path

import pytest
from index.memory_world import MemoryWorld
from tree_sitter import Parser

from nootropic_lsp.index.facts import KIND_WORDS, Kind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Site, Unit

_FIXTURES = Path(__file__).parents[2] / "fixtures" / "languages"
_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)
_MARK = re.compile(r"<(\d+)>")
_OUTLINES = ("json", "css", "html")
_OURS = [
    name
    for name, language in LANGUAGES.items()
    if language.extractor == "queries" or name == "python"
]
_CASES = sorted(_FIXTURES.glob("*/*.txt"))


@pytest.mark.parametrize("path", _CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_language(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head, *parts = _SECTION.split(text)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    wanted = sections.pop("want", "")
    language = path.parent.name
    if language in _OUTLINES:
        found = "".join(_outline(MemoryWorld(sections)))
    else:
        found = _definitions(sections, language)
    if environ.get("NOOTROPIC_UPDATE"):
        start = text.index("-- want --\n") + len("-- want --\n")
        path.write_text(text[:start] + found, encoding="utf-8")
    else:
        assert head.strip()
        assert found == wanted


def _definitions(sections: dict[str, str], language: str) -> str:
    texts: dict[str, str] = {}
    marks: dict[int, tuple[str, int]] = {}
    for name, text in sections.items():
        plain, end = "", 0
        for mark in _MARK.finditer(text):
            plain += text[end : mark.start()]
            marks[int(mark[1])] = f"/w/{name}", len(plain)
            end = mark.end()
        texts[name] = plain + text[end:]
    world = MemoryWorld(texts, language="c" if language == "c" else "")
    if language == "cpp":
        world = MemoryWorld(texts, language="cpp")
    lines = []
    for number, (path, offset) in sorted(marks.items()):
        unit = world.unit(path)
        assert unit is not None
        index = unit.use_at(offset)
        name = unit.expressions[index][3] if index >= 0 else "no use"
        sites = world.resolver(unit).definitions(unit, index) if index >= 0 else []
        targets = ", ".join(_place(world, site) for site in sites) or "nothing"
        lines.append(f"{number} {name}: {targets}\n")
    return "".join(lines)


def _place(world: MemoryWorld, site: Site) -> str:
    text = world.text(site.unit.path) or ""
    line = text.count("\n", 0, site.definition.start) + 1
    name = site.definition.name or "file"
    kind = KIND_WORDS[site.definition.kind]
    return f"{kind} {name} ({site.unit.path.removeprefix('/w/')}:{line})"


def _outline(world: MemoryWorld) -> list[str]:
    lines = []
    for unit in world.units():
        for definition in unit.definitions[1:]:
            depth = 0
            scope = definition.scope
            while scope > 0:
                depth, scope = depth + 1, unit.scopes[scope].parent
            lines.append(f"{'  ' * depth}{KIND_WORDS[definition.kind]} {definition.name}\n")
    return lines


@pytest.mark.parametrize("language", _OURS)
@pytest.mark.parametrize(
    "text",
    ["", "\n", "(" * 3_000, "a.b(" * 2_000, "{[" * 2_000, "class \N{GRINNING FACE}\0 {", "# é\n"],
)
def test_broken_text_is_ordinary(language: str, text: str) -> None:
    data = text.encode()
    grammar = LANGUAGES[language].grammar()
    facts = LANGUAGES[language].extract(Parser(grammar).parse(data).root_node, data)
    assert facts.definitions[0].kind == Kind.MODULE
    for definition in facts.definitions[1:]:
        assert text.startswith(definition.name, definition.start)
    unit = Unit("/w/x", facts)
    resolver = LANGUAGES[language].resolve(MemoryWorld({}))
    for _, index in unit.uses[:20]:
        resolver.definitions(unit, index)
