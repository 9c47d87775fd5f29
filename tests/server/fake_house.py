"""A house without an index: words of open documents are its symbols, and some words misbehave."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nootropic_lsp.core.completions import Details, Item, Menu
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.core.findings import UNNECESSARY, Finding, Fix, Related
from nootropic_lsp.core.spans import Lines, Place, Span
from nootropic_lsp.core.symbols import (
    Call,
    Edit,
    Fold,
    Highlight,
    Hint,
    Hover,
    Lens,
    Link,
    OutlineItem,
    Parameter,
    Patch,
    Reference,
    Signature,
    Symbol,
    Token,
)
from nootropic_lsp.features import rename as renaming
from nootropic_lsp.features.findings import carried, fixes
from nootropic_lsp.features.findings.pages import Page
from nootropic_lsp.features.lint import excluded
from nootropic_lsp.server.house import House
from nootropic_lsp.settings.options import Settings

WORD = re.compile(r"\w+")
BIG_ID = 2**62 + 1


@dataclass(frozen=True)
class Snapshot:
    documents: dict[str, Document]
    incomplete: str | None
    folders: tuple[str, ...]

    def document(self, path: str) -> Document | None:
        return self.documents.get(path)

    def text(self, path: str) -> str:
        if path in self.documents:
            return self.documents[path].text
        return Path(path).read_text(encoding="utf-8")

    def lines(self, path: str) -> Lines:
        if path in self.documents:
            return self.documents[path].lines
        return Lines.of(self.text(path))

    def has(self, path: str) -> bool:
        return path in self.documents or Path(path).is_file()

    def symbols_by_id(self, ids: Sequence[int]) -> dict[int, Symbol]:
        (path, *_) = self.documents
        span = Span(4, 7)
        return {each: Symbol(each, "one", "function", path, span, span) for each in ids}


@dataclass
class App:
    settings: Settings
    folders: Sequence[str]
    documents: dict[str, Document] = field(default_factory=dict)
    incomplete: str | None = None
    on_event: Callable[[tuple[Any, ...]], None] = print

    def __post_init__(self) -> None:
        if any(folder.endswith("haunted") for folder in self.folders):
            raise NootropicError("this house is haunted; open another folder")

    def note(self, *what: object) -> None:
        """Let the test on the other side of the pipe know."""
        print("note:", *what, file=sys.stderr, flush=True)

    def snapshot(self) -> Snapshot:
        return Snapshot(self.documents, self.incomplete, tuple(self.folders))

    def open(self, document: Document) -> None:
        self.note("open", document.path, document.language)
        self.change(document)

    def change(self, document: Document) -> None:
        assert document.lines.starts == Lines.of(document.text).starts
        self.documents = {**self.documents, document.path: document}
        if "crash-on-edit" in document.text:
            raise ZeroDivisionError("an edit that we do not survive")

    def close(self, path: str) -> None:
        self.documents = {k: v for k, v in self.documents.items() if k != path}

    def saved(self, path: str) -> None:
        self.note("saved", path)

    def files_changed(self, changes: Sequence[tuple[str, str]]) -> None:
        self.note("files", sorted(changes))

    def folders_changed(self, added: Sequence[str], removed: Sequence[str]) -> None:
        self.note("folders", added, removed)

    def configure(self, settings: Settings) -> None:
        self.note("debounce", settings.diagnostics.debounce_ms)

    def watched(self) -> Sequence[str]:
        return ["**/*.py"]

    def start(self, on_event: Callable[[tuple[Any, ...]], None]) -> None:
        self.on_event = on_event
        self.note("start", list(self.folders))

    def reindex(self) -> None:
        self.incomplete = "3 of 4 files are not indexed yet"
        self.on_event(("progress", 1, 4))

    def cancel_indexing(self) -> None:
        self.note("cancelled")

    @property
    def token_model(self) -> str:
        return "ready"

    def status(self) -> dict[str, Any]:
        """Asking for the status finishes the indexing, so that a test decides when."""
        self.incomplete = None
        self.on_event(("indexed",))
        return {"message": "4 files", "files": 4}

    def close_all(self) -> None:
        self.note("closed")


def word(snapshot: Snapshot, path: str, offset: int) -> tuple[str, Span] | None:
    for match in WORD.finditer(snapshot.text(path)):
        if match.start() <= offset <= match.end():
            return misbehave(match[0]), Span(*match.span())
    return None


def misbehave(name: str) -> str:
    if name == "boom":
        raise ZeroDivisionError("boom")
    if name == "sorry":
        raise NootropicError("that cannot be answered; try another word")
    if name == "nap":
        time.sleep(0.4)
    if name == "spin":
        until = time.perf_counter() + 0.4
        while time.perf_counter() < until:
            pass
    return name


def places(snapshot: Snapshot, name: str) -> list[Place]:
    return [
        Place(path, Span(*match.span()))
        for path, document in snapshot.documents.items()
        for match in re.finditer(rf"\b{re.escape(name)}\b", document.text)
    ]


def definition(snapshot: Snapshot, path: str, offset: int) -> list[Place]:
    found = word(snapshot, path, offset)
    return places(snapshot, found[0])[:1] if found else []


def hover(snapshot: Snapshot, path: str, offset: int) -> Hover | None:
    found = word(snapshot, path, offset)
    return Hover(f"```python\n{found[0]}\n```\nA **word**.", found[1]) if found else None


def references(
    snapshot: Snapshot, path: str, offset: int, *, include_declaration: bool
) -> list[Reference]:
    found = word(snapshot, path, offset)
    all_places = places(snapshot, found[0]) if found else []
    return [Reference(each, "read") for each in all_places[0 if include_declaration else 1 :]]


def outline(snapshot: Snapshot, path: str) -> list[OutlineItem]:
    text = snapshot.text(path)
    items = [
        OutlineItem(match[1], "function", Span(*match.span(1)), Span(*match.span()))
        for match in re.finditer(r"def (\w+)", text)
    ]
    everything = Span(0, len(text))
    return [OutlineItem("all", "class", Span(0, 0), everything, children=tuple(items))]


def symbol(snapshot: Snapshot, path: str, offset: int) -> list[Symbol]:
    found = word(snapshot, path, offset)
    return [Symbol(BIG_ID, found[0], "function", path, found[1], found[1], "C")] if found else []


def related(snapshot: Snapshot, of: Symbol) -> list[Symbol]:
    return [Symbol(0, "other", "class", of.path, Span(0, 1), Span(0, 2))]


def calls(snapshot: Snapshot, of: Symbol) -> list[Call]:
    return [Call(each, (Span(1, 2),)) for each in related(snapshot, of)]


def workspace_symbols(snapshot: Snapshot, query: str, *, limit: int) -> list[Symbol]:
    found = [
        Symbol(BIG_ID, match[0], "class", path, Span(*match.span()), Span(*match.span()))
        for path, document in snapshot.documents.items()
        for match in WORD.finditer(document.text)
        if query in match[0]
    ]
    gone = Symbol(1, query, "class", "/nowhere/at/all.py", Span(0, 1), Span(0, 1))
    return [gone, *found][:limit]


def prepare_rename(snapshot: Snapshot, path: str, offset: int) -> Span:
    found = word(snapshot, path, offset)
    if not found or found[0] == "refuse":
        raise RefusedError("this name is not ours to change; rename another")
    return found[1]


def rename(snapshot: Snapshot, path: str, offset: int, new_name: str) -> Patch:
    found = word(snapshot, path, offset)
    if not found or found[0] == "refuse":
        raise RefusedError("this name is not ours to change; rename another")
    edits: dict[str, tuple[Edit, ...]] = {}
    for each in places(snapshot, found[0]):
        edits[each.path] = (*edits.get(each.path, ()), Edit(each.span, new_name))
    renames = {path: path.replace("module", new_name)} if found[0] == "module" else {}
    versions = {each: snapshot.documents[each].version for each in edits}
    confirm = frozenset([path]) if found[0] == "risky" else frozenset()
    return Patch(edits, renames, versions, f"rename {found[0]}", confirm)


def rename_files(snapshot: Snapshot, moved: Sequence[tuple[str, str]]) -> Patch:
    (old, new), *_ = moved
    return Patch({old: (Edit(Span(0, 0), f"# now {Path(new).name}\n"),)})


def menu(
    snapshot: Snapshot,
    path: str,
    offset: int,
    *,
    is_triggered: bool,
    auto_import: bool,
    call_snippets: bool,
) -> Menu:
    """The words of the text; one is sure, one is imported, one is old and one writes more."""
    assert auto_import
    assert not call_snippets
    items = [
        Item(
            name,
            "function",
            insert=f"{name}$\n  more" if name == "long" else "",
            detail="(x)" if name == "one" else "",
            origin="there" if name in ("one", "two") else "",
            is_deprecated=name == "two",
            source=(path, 4) if name == "one" else None,
            edits=(Edit(Span(0, 0), "import two\n"),) if name == "two" else (),
            may_commit=name != "def",
            selected=Span(8, 12) if name == "long" else None,
        )
        for name in dict.fromkeys(WORD.findall(snapshot.text(path)))
    ]
    return Menu(tuple(items), word(snapshot, path, offset)[1], not is_triggered, is_sure=True)  # type: ignore[index]


def lens(snapshot: Snapshot, path: str, title: str = "") -> Lens:
    return Lens(Span(0, 1), BIG_ID, title, (Place(path, Span(0, 1)),))


def every_word(snapshot: Snapshot, path: str, _span: Span | None) -> list[Token]:
    return [
        Token(*match.span(), "variable", ("readonly",))
        for match in re.finditer(r"\w+|'''[^']*'''", snapshot.text(path))
    ]


def as_you_type(
    snapshot: Snapshot, path: str, _settings: Settings, *, with_graph: bool = True
) -> list[Finding]:
    """Question marks are wrong; `worse` can be put right for sure, `perhaps` maybe.

    That a word is `far` only the graph knows, and whether another file has what is `near`.
    """
    text = snapshot.text(path)
    found = [
        Finding(Span(*match.span()), "syntax", f"what is {match[0]}?")
        for match in re.finditer(r"\?+", text)
    ]
    for match in re.finditer(r"\b(worse|perhaps)\b", text):
        span, is_safe = Span(*match.span()), match[0] == "worse"
        fix = Fix("Write 'better'", (Edit(span, "better"),), is_safe)
        found.append(Finding(span, match[0], f"{match[0]} is bad", "warning", fix=fix))
    found += [
        Finding(Span(*match.span()), "far", "it is far away")
        for match in re.finditer(r"\bfar\b", text if with_graph else "")
        if not any("near" in each.text for each in snapshot.documents.values())
    ]
    return sorted(found, key=lambda each: each.span)


def findings(
    snapshot: Snapshot, paths: Sequence[str], settings: Settings, **_wanted: Any
) -> SimpleNamespace:
    """What is deep is seen by a thorough look only."""
    by_path = {}
    problems: list[str] = []
    for path in paths:
        found = as_you_type(snapshot, path, settings) if snapshot.has(path) else []
        text = snapshot.text(path) if snapshot.has(path) else ""
        for match in re.finditer(r"\bdeep\b", text):
            misbehave("nap" if "nap" in text else "")
            related = Related(Place(path, Span(0, 1)), "it comes from here")
            span, tags = Span(*match.span()), (UNNECESSARY,)
            found.append(Finding(span, "deep", "it is deep", "hint", (related,), tags))
            problems = ["there is no semgrep; install it"]
        by_path[path] = found
    return SimpleNamespace(by_path=by_path, problems=problems)


class Onlooker:
    def by_graph(self, snapshot: Snapshot, path: str, settings: Settings) -> SimpleNamespace:
        quick = as_you_type(snapshot, path, settings, with_graph=False)
        found = [each for each in as_you_type(snapshot, path, settings) if each not in quick]
        return SimpleNamespace(findings=found, problems=[])

    def thorough(self, snapshot: Snapshot, path: str, settings: Settings) -> SimpleNamespace:
        quick = as_you_type(snapshot, path, settings)
        report = findings(snapshot, [path], settings)
        found = [each for each in report.by_path[path] if each not in quick]
        return SimpleNamespace(findings=found, problems=report.problems)

    def close(self) -> None:
        """There is no process."""


def sweep(snapshot: Snapshot, settings: Settings) -> Iterator[dict[str, list[Finding]]]:
    """One file after the other, as they are on the disk."""
    on_disk = Snapshot({}, None, snapshot.folders)
    for folder in snapshot.folders:
        for path in map(str, sorted(Path(folder).rglob("*.py"))):
            yield findings(on_disk, [path], settings).by_path


def ignoring(
    snapshot: Snapshot, path: str, finding: Finding, _known: Any, _find: Any
) -> tuple[Edit, ...]:
    end = snapshot.text(path).find("\n", finding.span.end)
    return (Edit(Span(end, end), f"  # nootropic: ignore[{finding.code}]"),) if end >= 0 else ()


def offers(snapshot: Snapshot, path: str, span: Span) -> list[SimpleNamespace]:
    def extract() -> Patch:
        return fixes.patch_of(snapshot, path, [Edit(span, "extracted")], "Extract")  # type: ignore[arg-type]

    def refuse() -> Patch:
        raise RefusedError("it is too long")

    return [
        SimpleNamespace(title="Extract", kind="refactor.extract", make=extract, is_named=True),
        SimpleNamespace(title="Inline", kind="refactor.inline", make=refuse, is_named=False),
    ]


def given_name(patch: Patch, path: str) -> Span:
    (edit,) = patch.edits[path]
    return Span(edit.span.start, edit.span.start + len(edit.text))


def move_symbol(snapshot: Snapshot, path: str, offset: int, target: str) -> Patch:
    edit = Edit(Span(offset, offset), f"moved to {target}")
    return fixes.patch_of(snapshot, path, [edit], "Move")  # type: ignore[arg-type]


def change_signature(snapshot: Snapshot, path: str, offset: int, wanted: list[Any]) -> Patch:
    if not wanted:
        raise RefusedError("it uses its parameters")
    edit = Edit(Span(offset, offset), str(wanted))
    return fixes.patch_of(snapshot, path, [edit], "Change")  # type: ignore[arg-type]


def import_offers(snapshot: Snapshot, path: str, offset: int) -> list[SimpleNamespace]:
    name, _ = word(snapshot, path, offset) or ("", None)
    add = [Edit(Span(0, 0), "import lost\n")]
    make = lambda: fixes.patch_of(snapshot, path, add, "Import")  # type: ignore[arg-type]  # noqa: E731
    found = SimpleNamespace(title="Import lost", kind="quickfix", make=make, is_named=False)
    return [found] if name == "lost" else []


FEATURES = SimpleNamespace(
    definition=SimpleNamespace(
        definition=definition,
        declaration=definition,
        type_definition=definition,
        implementation=definition,
    ),
    hover=SimpleNamespace(hover=hover),
    references=SimpleNamespace(references=references),
    highlight=SimpleNamespace(
        highlights=lambda snapshot, path, offset: [
            Highlight(each.span, write=number == 0)
            for number, each in enumerate(
                places(snapshot, (word(snapshot, path, offset) or ("",))[0])
            )
        ]
    ),
    outline=SimpleNamespace(outline=outline),
    workspace_symbols=SimpleNamespace(workspace_symbols=workspace_symbols),
    calls=SimpleNamespace(prepare=symbol, incoming=calls, outgoing=calls),
    types=SimpleNamespace(prepare=symbol, supertypes=related, subtypes=related),
    signature=SimpleNamespace(
        signature_help=lambda *_: [
            Signature(
                "f(😀, b)",
                (Parameter("😀", Span(2, 3)), Parameter("b", Span(5, 6), "the `b`")),
                1,
                "Does it.",
            )
        ]
    ),
    completion=SimpleNamespace(
        complete=menu,
        details=lambda _snapshot, _path, start: Details(f"def at {start}", "Does **it**."),
    ),
    folding=SimpleNamespace(
        folds=lambda snapshot, path: [
            Fold(Span(0, len(snapshot.text(path))), "region"),
            Fold(Span(0, 1)),
        ]
    ),
    selection=SimpleNamespace(
        selection_ranges=lambda snapshot, path, offsets: [
            [Span(offset, offset + 1), Span(0, len(snapshot.text(path)))] for offset in offsets
        ]
    ),
    semantic=SimpleNamespace(semantic_tokens=every_word),
    hints=SimpleNamespace(
        inlay_hints=lambda _snapshot, _path, span, **_wanted: [
            Hint(span.start, "x=", "parameter"),
            Hint(span.end, ": int", "type"),
        ]
    ),
    lens=SimpleNamespace(
        lenses=lambda snapshot, path: [lens(snapshot, path)],
        fill=lambda snapshot, path, symbol: lens(snapshot, path, f"{symbol == BIG_ID} references"),
    ),
    links=SimpleNamespace(
        links=lambda _snapshot, path: [
            Link(Span(0, 1), path, "this"),
            Link(Span(1, 2), "https://example.org/"),
        ]
    ),
    syntax=SimpleNamespace(CODE="syntax"),
    findings=SimpleNamespace(
        find=SimpleNamespace(as_you_type=as_you_type),
        onlooker=SimpleNamespace(Onlooker=Onlooker),
        carried=carried,
        fixes=SimpleNamespace(
            edits_of=fixes.edits_of,
            patch_of=fixes.patch_of,
            verified=lambda *_: True,
        ),
        rounds=SimpleNamespace(
            fixed_in_rounds=lambda snapshot, path, known, _find, choose: fixes.Fixed(
                fixes.edits_of(choose(snapshot.text(path), known))
            )
        ),
        ignoring=SimpleNamespace(ignoring=ignoring),
        pages=SimpleNamespace(
            page=lambda code: (
                Page("https://example.org/deep", (89,), "A03") if code == "deep" else Page()
            )
        ),
    ),
    lint=SimpleNamespace(sweeping=SimpleNamespace(sweep=sweep), excluded=excluded),
    refactor=SimpleNamespace(
        offers=SimpleNamespace(offers=offers, import_offers=import_offers, given_name=given_name),
        change_signature=SimpleNamespace(change_signature=change_signature),
        move_symbol=SimpleNamespace(move_symbol=move_symbol),
        parameters=SimpleNamespace(Parameter=lambda *given: given),
        organise_imports=SimpleNamespace(
            organise_imports=lambda snapshot, path: fixes.patch_of(
                snapshot, path, [Edit(Span(0, 0), "sorted\n")], "Organise imports"
            )
        ),
    ),
    rename=SimpleNamespace(
        prepare_rename=prepare_rename,
        rename=rename,
        rename_files=rename_files,
        applied=renaming.applied,
    ),
)

HOUSE = House(App, FEATURES)
