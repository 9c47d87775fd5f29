"""Sort the imports at the top of a file into groups, and merge those of one module.

Python as isort does with its profile "black"; scripts by packages, then relative paths. What
may matter by its order stays where it is: a run of imports ends at anything else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.family import in_workspace
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Op
from nootropic_lsp.index.nodes import Node

_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_WIDTH = 88
_NUMBER = re.compile(r"(\d+)")
_SKIPPED = re.compile(r"#\s*(?:isort:\s*(?:skip|off|split)|nootropic:\s*ignore)")
FUTURE, STANDARD, THIRD, FIRST, LOCAL = range(5)


@dataclass(frozen=True)
class _Import:
    """An import as it will be written. `names` is empty for `import module`."""

    section: int
    module: str
    names: tuple[str, ...] = ()
    text: str = ""  # as it stands, where it is not to be written anew
    above: str = ""  # comments
    behind: str = ""  # a comment on its line
    is_split: bool = False  # a comma behind its last name keeps it on several lines


def organise_imports(snapshot: Snapshot, path: str) -> Patch:
    """Sort and merge the imports of a file. Raises `RefusedError` if there is nothing to do."""
    source = source_of(snapshot, path)
    edits = organising(source)
    if not edits:
        raise RefusedError("the imports are in order")
    return patch_of(snapshot, {path: edits}, "Organise imports")


def organising(source: Source) -> list[Edit]:
    """The edits that put the imports of a file in order."""
    if source.family not in ("python", "javascript"):
        return []
    write = _python if source.is_python else _script
    edits = []
    for run in _runs(source):
        start, end = source.line_start(run[0].start), source.line_end(run[-1].end)
        text = source.text[start:end]
        new = write(source, run)
        if new is not None and new != text:
            edits.append(Edit(Span(start, end), new))
    return edits


def _runs(source: Source) -> Iterator[list[Node]]:
    """Imports that follow each other, with the comments between them."""
    run: list[Node] = []
    for node in source.root.children:
        is_own = source.line_start(node.start) == node.start
        if node.kind in _IMPORTS and is_own and not _is_barrier(source, node):
            run.append(node)
        elif node.is_comment and not _SKIPPED.search(node.text):
            if run:
                run.append(node)
        else:
            yield from _trimmed(source, run)
            run = []
    yield from _trimmed(source, run)


def _trimmed(source: Source, run: list[Node]) -> Iterator[list[Node]]:
    while run and run[-1].is_comment and not _is_behind(source, run, len(run) - 1):
        run.pop()
    if len([each for each in run if not each.is_comment]) > 1 or (run and source.is_python):
        yield run


def _is_barrier(source: Source, node: Node) -> bool:
    """An import whose place may matter, or that does not end with its line."""
    text = source.text[node.end : source.line_end(node.end)].strip()
    if text and not text.startswith(("#", "//")):
        return True
    if not source.is_python:
        return node.child("source") is not None and not any(
            each.kind == "import_clause" for each in node.named
        )
    return bool(_SKIPPED.search(text)) or any(each.kind == "wildcard_import" for each in node.named)


def _is_behind(source: Source, run: Sequence[Node], at: int) -> bool:
    return at > 0 and source.line_start(run[at].start) <= run[at - 1].end


# ---- Python


def _python(source: Source, run: Sequence[Node]) -> str | None:
    entries: list[_Import] = []
    above: list[str] = []
    for at, node in enumerate(run):
        if node.is_comment:
            if not _is_behind(source, run, at):
                above.append(node.text)
            continue
        behind = ""
        if at + 1 < len(run) and run[at + 1].is_comment and _is_behind(source, run, at + 1):
            behind = run[at + 1].text
        made = list(_read(source, node))
        first, *rest = made
        entries.append(
            _Import(first.section, first.module, first.names, first.text,
                    "".join(f"{line}\n" for line in above), behind, first.is_split)
        )  # fmt: skip
        entries += rest
        above = []
    bound = [name for each in entries for name in _bound(each)]
    if len(bound) != len(set(bound)):
        return None  # the later one wins, so their order matters
    sections: dict[int, list[_Import]] = {}
    for each in _merged(entries):
        sections.setdefault(each.section, []).append(each)
    blocks = []
    for section in sorted(sections):
        ordered = sorted(sections[section], key=_key)
        blocks.append("\n".join(_shown(each, source.indent_unit) for each in ordered))
    return "\n\n".join(blocks).replace("\n", source.line_break)


def _read(source: Source, node: Node) -> Iterator[_Import]:
    has_comment = any(each.is_comment for each in node.walk())
    names = [each for each in node.children if each.field == "name"]
    if node.kind == "future_import_statement":
        yield _Import(FUTURE, "__future__", tuple(each.text for each in names),
                      node.text if has_comment else "")  # fmt: skip
        return
    if node.kind == "import_statement":
        for each in names:
            module = each.named[0].text if each.kind == "aliased_import" else each.text
            yield _Import(_section(source, module, each.start), module, (), f"import {each.text}")
        return
    holder = node.child("module_name")
    assert holder is not None
    section = _section(source, holder.text, holder.start)
    if has_comment:
        yield _Import(section, holder.text, tuple(each.text for each in names), node.text)
        return
    plain = [each.text for each in names if each.kind != "aliased_import"]
    if plain:
        signs = [each for each in node.children if each.kind in (",", ")")]
        is_split = len(signs) > 1 and signs[-2].kind == "," and signs[-2].start >= names[-1].end
        yield _Import(section, holder.text, tuple(plain), is_split=is_split)
    for each in names:
        if each.kind == "aliased_import":
            yield _Import(section, holder.text, (" ".join(each.text.split()),))


def _section(source: Source, module: str, start: int) -> int:
    if module.startswith("."):
        return LOCAL
    root = module.partition(".")[0]
    if root in sys.stdlib_module_names:
        return STANDARD
    unit = source.unit
    for index in unit.uses_between(start, start + len(root)):
        if unit.expressions[index][0] == Op.MODULE:
            for site in source.snapshot.definitions(unit, index)[:1]:
                return FIRST if in_workspace(source.snapshot, site.unit.path) else THIRD
    return THIRD


def _bound(each: _Import) -> Iterator[str]:
    if not each.names:
        words = each.text.split()
        yield words[-1]
    for name in each.names:
        yield name.rpartition(" as ")[2]


def _merged(entries: Sequence[_Import]) -> list[_Import]:
    found: dict[tuple[object, ...], _Import] = {}
    for number, each in enumerate(entries):
        is_alone = each.text or each.behind or (each.names and " as " in each.names[0])
        key = (number,) if is_alone else (each.module,)
        known = found.get(key)
        if known is None:
            found[key] = each
        else:
            names = (*known.names, *each.names)
            above = known.above + each.above
            is_split = known.is_split or each.is_split
            found[key] = _Import(each.section, each.module, names, "", above, "", is_split)
    return list(found.values())


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(text.lower())
    )


def _key(each: _Import) -> tuple[object, ...]:
    module = each.module
    if module.startswith("."):
        # Those from further out come first.
        dots = len(module) - len(module.lstrip("."))
        return bool(each.names), -dots, _natural(module.lstrip(".")), _names_key(each)
    return bool(each.names), 0, _natural(module), _names_key(each)


def _names_key(each: _Import) -> tuple[object, ...]:
    if not each.names:
        return (each.text.lower(),)
    return (_name_key(min(each.names, key=_name_key)),)


def _name_key(name: str) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Constants, then classes, then the rest, as isort does."""
    first = name.partition(" ")[0]
    kind = 0 if first.isupper() and len(first) > 1 else 1 if first[:1].isupper() else 2
    return kind, _natural(first)


def _shown(each: _Import, indent: str) -> str:
    behind = f"  {each.behind}" if each.behind else ""
    if each.text:
        return f"{each.above}{each.text}{behind}"
    names = sorted(dict.fromkeys(each.names), key=_name_key)
    line = f"from {each.module} import {', '.join(names)}"
    if len(line) + len(behind) <= _WIDTH and not each.is_split:
        return f"{each.above}{line}{behind}"
    listed = "".join(f"{indent}{name},\n" for name in names)
    return f"{each.above}from {each.module} import ({behind}\n{listed})"


# ---- JavaScript and TypeScript


def _script(source: Source, run: Sequence[Node]) -> str | None:
    if any(each.is_comment for each in run):
        return None
    entries: dict[tuple[object, ...], list[str]] = {}
    modules: dict[tuple[object, ...], str] = {}
    for number, node in enumerate(run):
        holder = node.child("source")
        names = _specifiers(source, node)
        if holder is None or any(each.is_comment for each in node.walk()):
            return None
        is_type = node.text.startswith("import type")
        key: tuple[object, ...] = (holder.text, is_type) if names else (number,)
        modules[key] = holder.text
        if names:
            entries.setdefault(key, []).extend(names)
        else:
            entries[key] = [node.text]
    end = ";" if run[0].text.endswith(";") else ""
    lines: list[tuple[tuple[int, int, str], int, str]] = []
    for key, parts in entries.items():
        text = parts[0]
        if len(key) > 1:
            names = sorted(
                dict.fromkeys(parts), key=lambda each: each.removeprefix("type ").lower()
            )
            word = "import type" if key[1] else "import"
            text = f"{word} {{ {', '.join(names)} }} from {key[0]}{end}"
            if len(text) > _WIDTH:
                listed = "".join(f"{source.indent_unit}{name},\n" for name in names)
                text = f"{word} {{\n{listed}}} from {key[0]}{end}"
        lines.append((_script_key(modules[key][1:-1]), len(lines), text))
    return source.line_break.join(text for _, _, text in sorted(lines))


def _specifiers(source: Source, node: Node) -> list[str]:
    """The names of an import that takes nothing but names."""
    clause = next((each for each in node.named if each.kind == "import_clause"), None)
    if clause is None or len(clause.named) != 1 or clause.named[0].kind != "named_imports":
        return []
    return [" ".join(each.text.split()) for each in clause.named[0].named]


def _script_key(module: str) -> tuple[int, int, str]:
    if module.startswith("node:"):
        return 0, 0, module.lower()
    if not module.startswith("."):
        return 1, 0, module.lower()
    return 2, -module.count("../"), module.lower()
