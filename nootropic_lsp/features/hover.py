"""What is shown over a name: its signature, its documentation and where it comes from."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from pathlib import PurePosixPath

from nootropic_lsp.core.symbols import Hover
from nootropic_lsp.features.docstring import to_markdown
from nootropic_lsp.features.snapshot import Snapshot, module_name
from nootropic_lsp.index.facts import KIND_WORDS, Definition, Flag, Kind
from nootropic_lsp.index.symbols import container_of
from nootropic_lsp.index.units import Site, Unit

_CALLABLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS, Kind.INTERFACE, Kind.STRUCT})
_LONGEST_VALUE = 300
_MOST_OVERLOADS = 8
_PACKAGES = frozenset({"__init__", "index", "mod"})
_TELLING = (
    "property", "setter", "classmethod", "staticmethod", "abstractmethod", "dataclass", "final",
    "contextmanager", "override",
)  # fmt: skip
_FENCES = {"tsx": "tsx", "csharp": "csharp", "cpp": "cpp"}
_QUOTES = re.compile(r"\A[A-Za-z]*(\"\"\"|'''|\"|')(.*)\1\Z", re.DOTALL)
_COMMENT = re.compile(r"^\s*(?:///?!?|/\*\*?|\*/|\*|#+)\s?|\s*\*/\s*\Z", re.MULTILINE)


def hover(snapshot: Snapshot, path: str, offset: int) -> Hover | None:
    """The hover for the name at an offset, as Markdown."""
    span = snapshot.name_at(path, offset)
    sites = snapshot.found_at(path, offset)
    if span is None or not sites:
        return None
    markdown = describe(snapshot, sites[0])
    return None if not markdown else Hover(markdown, span)


def describe(snapshot: Snapshot, site: Site) -> str:
    """A definition as Markdown: signature, documentation, origin."""
    try:
        text = snapshot.text(site.unit.path)
    except OSError:
        return ""
    language = site.unit.language
    fence = _FENCES.get(language, language)
    shown = "\n".join(signature(snapshot, each, text) for each in _overloads(site))
    parts = [f"```{fence}\n{shown}\n```"]
    documentation = to_markdown(documentation_of(site, text))
    if documentation:
        parts.append(documentation)
    origin = _origin(snapshot, site)
    if origin:
        parts.append(origin)
    return "\n\n---\n\n".join(parts)


def signature(snapshot: Snapshot, site: Site, text: str) -> str:
    """How a definition is declared, on as few lines as it was written."""
    unit, definition = site.unit, site.definition
    if definition.kind == Kind.MODULE:
        name = module_name(unit.path)
        folder = unit.path.rpartition("/")[0].rpartition("/")[2]
        return f"(module) {folder if name in _PACKAGES and folder else name}"
    if definition.kind in _CALLABLE and definition.head_end > definition.start:
        start = _declared_from(text, definition.start)
        declared = inspect.cleandoc(text[start : definition.head_end]).rstrip(" {:")
        return "\n".join((*_decorators(unit, definition, text), declared))
    if definition.kind == Kind.PARAMETER:
        return f"(parameter) {text[definition.full_start : definition.full_end]}"
    whole = text[definition.full_start : definition.full_end]
    line = whole if len(whole) <= _LONGEST_VALUE else whole[:_LONGEST_VALUE].rstrip() + " …"
    if "\n" in line and definition.kind not in (Kind.VARIABLE, Kind.CONSTANT, Kind.ATTRIBUTE):
        line = line.partition("\n")[0].rstrip(" {")
    types = snapshot.ask(unit, lambda resolver: resolver.types_of(site))
    named = " | ".join(dict.fromkeys(found.definition.name for found in types))
    word = KIND_WORDS[definition.kind]
    shown = f"({word}) {definition.name}" + (f": {named}" if named else "")
    return f"{shown}\n{inspect.cleandoc(line)}" if line.strip() != definition.name else shown


def _overloads(site: Site) -> list[Site]:
    """The declared overloads of a function, or else the definition itself."""
    unit, definition = site.unit, site.definition
    entry = unit.names[definition.scope].get(definition.name, ())
    found = [Site(unit, at) for at in entry if unit.definitions[at].flags & Flag.OVERLOAD]
    return found[:_MOST_OVERLOADS] or [site]


def _decorators(unit: Unit, definition: Definition, text: str) -> list[str]:
    """The decorators of a Python definition that say what it is."""
    if unit.language != "python" or definition.full_start >= definition.start:
        return []
    lines = text[definition.full_start : _declared_from(text, definition.start)].splitlines()
    return [line.strip() for line in lines if line.strip().lstrip("@").endswith(_TELLING)]


def _declared_from(text: str, start: int) -> int:
    """The start of the line that a name is declared on, without its indentation."""
    line = text.rfind("\n", 0, start) + 1
    while line < start and text[line] in " \t":
        line += 1
    return line


def documentation_of(site: Site, text: str) -> str:
    """The documentation of a definition without its quotes or comment marks."""
    definition = site.definition
    raw = text[definition.doc_start : definition.doc_end]
    if not raw:
        return ""
    quoted = _QUOTES.match(raw)
    if quoted is not None:
        with suppress(ValueError):
            return inspect.cleandoc(quoted[2])
    return inspect.cleandoc(_COMMENT.sub("", raw)).strip()


def _origin(snapshot: Snapshot, site: Site) -> str:
    """Which module, and which class in it, a definition comes from."""
    path = site.unit.path
    shown = path
    for folder in snapshot.folders:
        if path.startswith(f"{folder}/"):
            shown = path[len(folder) + 1 :]
            break
    else:
        parts = PurePosixPath(path).parts
        for mark in ("site-packages", "dist-packages", "node_modules", "typeshed"):
            if mark in parts:
                shown = "/".join(parts[parts.index(mark) + 1 :])
    container = container_of(site.unit, site.definition)
    return f"`{container}` in `{shown}`" if container else f"`{shown}`"
