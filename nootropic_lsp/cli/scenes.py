"""This file is where each scene of the tour is: one question an editor asks, and its answer.

A scene goes through the most used symbols of the index until the server has something
to show for one, so that it works in any language and any project.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from textwrap import wrap
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from nootropic_lsp.cli.changes import applied, painted
from nootropic_lsp.cli.client import Client
from nootropic_lsp.cli.explained import Explained, Step
from nootropic_lsp.cli.output import count, dim
from nootropic_lsp.cli.published import Findings, Published
from nootropic_lsp.cli.typist import Retyped, Typist, worth_typing
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.findings import SEVERITIES
from nootropic_lsp.core.spans import Lines
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.diffs import diff_lines

_MAX_LINES = 12
_WIDTH = 76
_CALLABLE = frozenset({"function", "method", "constructor"})
# A rename is shown whole only if it is neither trivial nor endless.
_RENAME_USES = range(2, 60)
# Lines are typed anew in so many files, until so many keys were pressed.
_MAX_TYPED_IN = 12
_MAX_KEYS = 400
_LONGEST_TYPED_IN = 200_000
_TOKENS_DEADLINE_S = 60
# A file of the sample with holes, and how long whoever follows values through it may take.
_VULNERABLE = "shop/search.py"
_FINDINGS_DEADLINE_S = 20
_NOT_FOLLOWED = (
    "No value was followed to where it does harm, as from a request into SQL: that needs Semgrep,"
    " which `pip install 'nootropic-lsp[lint]'` brings."
)
_NOT_IN_TIME = f"Semgrep has not answered within {_FINDINGS_DEADLINE_S} s."


@dataclass(frozen=True)
class Scene:
    """What was asked about, the answer for people and as data, and how long the server took."""

    name: str
    ms: float | None
    about: str
    lines: list[str]
    data: dict[str, Any]


@dataclass(frozen=True)
class _Use:
    """A symbol, and a place in another file that uses it."""

    symbol: Symbol
    path: Path
    position: Mapping[str, int]


class Stage:
    """The talk with the server, the workspace, and the symbols worth showing, most used first."""

    def __init__(
        self,
        client: Client,
        root: Path,
        candidates: list[Symbol],
        languages: Mapping[str, str],
        *,
        sample: Path,
        published: Published,
        follows_values: bool,
    ) -> None:
        self.client = client
        self.root = root
        self.candidates = candidates
        self.sample = sample  # a copy of the shop, perhaps the workspace itself
        self.published = published
        self.follows_values = follows_values  # which Semgrep does
        self._languages = languages  # by suffix

    def ask(self, method: str, params: Mapping[str, Any]) -> tuple[Any, float]:
        """The server's answer and its milliseconds."""
        started = time.perf_counter()
        answer = self.client.request(method, params)
        return answer, round((time.perf_counter() - started) * 1000, 2)

    def ask_at(
        self, method: str, path: Path, position: Mapping[str, int], **more: Any
    ) -> tuple[Any, float]:
        """The answer to a question about a position, in a file opened as an editor would."""
        with self.opened(path):
            return self.ask(
                f"textDocument/{method}",
                {"textDocument": {"uri": path.as_uri()}, "position": position, **more},
            )

    @contextmanager
    def opened(self, path: Path) -> Iterator[None]:
        """A file, open in the editor that we play."""
        language = self._languages.get(path.suffix, "plaintext")
        item = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": read(path)}
        self.client.notify("textDocument/didOpen", {"textDocument": item})
        try:
            yield
        finally:
            self.client.notify("textDocument/didClose", {"textDocument": {"uri": item["uri"]}})

    def wait_for_tokens(self) -> bool:
        """Until the token model knows the workspace; whether it does in time."""
        give_up = time.monotonic() + _TOKENS_DEADLINE_S
        while is_building := self._status()["token_model"] == "building":
            if time.monotonic() > give_up:
                break
            time.sleep(0.05)
        return not is_building

    def last_ghost(self) -> str:
        """Why there was no ghost text the last time."""
        return str(self._status()["ghost_text"])

    def _status(self) -> Any:
        return self.ask("workspace/executeCommand", {"command": "nootropic.status"})[0]

    def shown(self, path: Path) -> str:
        """A path of the workspace or of the sample, relative to it."""
        roots = (each for each in (self.root, self.sample) if path.is_relative_to(each))
        root = next(roots, None)
        return str(path) if root is None else str(path.relative_to(root))

    def spot(self, path: Path, position: Mapping[str, int]) -> str:
        """`path:line:column`, from 1."""
        return f"{self.shown(path)}:{position['line'] + 1}:{position['character'] + 1}"

    def line(self, path: Path, position: Mapping[str, int]) -> str:
        """The source line at a position."""
        text = read(path)
        lines = Lines.of(text)
        start = lines.start_of(position["line"])
        return text[start : text.find("\n", start) if "\n" in text[start:] else None].strip()

    @cached_property
    def use(self) -> _Use:
        """A use of a much used symbol in another file, from which its definition can be found."""
        for symbol in self.candidates:
            path = Path(symbol.path)
            references, _ = self.references(symbol)
            for reference in references:
                other = to_path(reference["uri"])
                position = reference["range"]["start"]
                is_import = self.line(other, position).startswith(("import ", "from "))
                if other == path or is_import:
                    continue
                found, _ = self.ask_at("definition", other, position)
                if path in (to_path(uri) for uri, _ in locations(found)):
                    return _Use(symbol, other, position)
        raise NootropicError("no symbol here is used in another file than its own")

    def references(self, symbol: Symbol) -> tuple[list[Any], float]:
        """What uses a symbol, by the server, without its definition."""
        found, ms = self.ask_at(
            "references",
            Path(symbol.path),
            start_of(symbol),
            context={"includeDeclaration": False},
        )
        return found or [], ms


def hover(stage: Stage) -> Scene:
    """What a name is, where it is used."""
    use = stage.use
    answer, ms = stage.ask_at("hover", use.path, use.position)
    markdown = (answer or {}).get("contents", {}).get("value", "")
    if not markdown:
        raise NootropicError(f"the server knows nothing about {use.symbol.name}")
    lines = [line for line in markdown.splitlines() if not line.startswith("```")]
    at = stage.spot(use.path, use.position)
    about = f"over {use.symbol.name} at {at}"
    return Scene("hover", ms, about, cut(lines), {"at": at, "markdown": markdown})


def definition(stage: Stage) -> Scene:
    """From a use to the definition in another file."""
    use = stage.use
    answer, ms = stage.ask_at("definition", use.path, use.position)
    found = [(to_path(uri), span["start"]) for uri, span in locations(answer)]
    at = stage.spot(use.path, use.position)
    return Scene(
        "definition",
        ms,
        f"of {use.symbol.name} at {at}",
        [f"{stage.spot(path, start)}  {dim(stage.line(path, start))}" for path, start in found],
        {"at": at, "locations": [stage.spot(path, start) for path, start in found]},
    )


def references(stage: Stage) -> Scene:
    """Everything that uses a symbol."""
    symbol = stage.use.symbol
    found, ms = stage.references(symbol)
    places = [(to_path(each["uri"]), each["range"]["start"]) for each in found]
    n_files = len({path for path, _ in places})
    lines = [
        f"{stage.spot(path, start)}  {dim(stage.line(path, start))}"
        for path, start in places[:_MAX_LINES]
    ]
    return Scene(
        "references",
        ms,
        f"{len(places)} to {symbol.name}, in {count(n_files, 'file')}",
        [*lines, *_more(len(places))],
        {"symbol": symbol.name, "places": [stage.spot(path, start) for path, start in places]},
    )


def call_hierarchy(stage: Stage) -> Scene:
    """Who calls a function."""
    for symbol in stage.candidates:
        if symbol.kind not in _CALLABLE:
            continue
        items, _ = stage.ask_at("prepareCallHierarchy", Path(symbol.path), start_of(symbol))
        if not items:
            continue
        calls, ms = stage.ask("callHierarchy/incomingCalls", {"item": items[0]})
        if not calls:
            continue
        callers = [
            (
                call["from"]["name"],
                stage.spot(to_path(call["from"]["uri"]), call["fromRanges"][0]["start"]),
            )
            for call in calls
        ]
        return Scene(
            "call hierarchy",
            ms,
            f"{count(len(calls), 'caller')} of {symbol.name}",
            [*(f"{name}  {dim(at)}" for name, at in callers[:_MAX_LINES]), *_more(len(callers))],
            {
                "symbol": symbol.name,
                "callers": [{"name": name, "at": at} for name, at in callers],
            },
        )
    raise NootropicError("no function here is called")


def outline(stage: Stage) -> Scene:
    """What a file defines."""
    path = Path(stage.use.symbol.path)
    with stage.opened(path):
        items, ms = stage.ask(
            "textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}}
        )
    if not items:
        raise NootropicError(f"{stage.shown(path)} has no outline")
    rows = list(_outline_rows(items, 0))
    return Scene(
        "outline",
        ms,
        f"of {stage.shown(path)}",
        [*("  " * depth + name for depth, name in rows[:_MAX_LINES]), *_more(len(rows))],
        {"path": stage.shown(path), "symbols": [_outline_data(item) for item in items]},
    )


def rename(stage: Stage) -> Scene:
    """What a rename would change, as a diff; nothing is written."""
    refusal = "no symbol here can be renamed"
    for symbol in stage.candidates:
        if symbol.uses not in _RENAME_USES or symbol.name.startswith("__"):
            continue
        new_name = f"{symbol.name}_renamed" if symbol.name.islower() else f"{symbol.name}Renamed"
        try:
            edit, ms = stage.ask_at("rename", Path(symbol.path), start_of(symbol), newName=new_name)
        except NootropicError as error:
            refusal = str(error)
            continue
        files = {to_path(uri): edits for uri, edits in edits_by_file(edit)}
        if not files:
            continue
        diff = [
            line
            for path, edits in files.items()
            for line in diff_lines(stage.shown(path), read(path), applied(read(path), edits))
        ]
        n_edits = sum(map(len, files.values()))
        return Scene(
            "rename preview",
            ms,
            f"{symbol.name} to {new_name}: {count(n_edits, 'edit')} in {count(len(files), 'file')}",
            [*map(painted, diff[: 2 * _MAX_LINES]), *_more(len(diff), 2 * _MAX_LINES)],
            {
                "symbol": symbol.name,
                "new_name": new_name,
                "edits": n_edits,
                "files": [stage.shown(path) for path in files],
                "diff": "\n".join(diff),
            },
        )
    raise NootropicError(refusal)


def findings(stage: Stage) -> Scene:
    """What is wrong in a vulnerable file, why, and what puts it right."""
    path = stage.sample / _VULNERABLE
    is_enough = _follows_a_value if stage.follows_values else bool
    started = time.perf_counter()
    with stage.opened(path):
        found = stage.published.wait(path.as_uri(), is_enough, deadline_s=_FINDINGS_DEADLINE_S)
        ms = round((time.perf_counter() - started) * 1000, 2)
        explained = [_explained(stage, path, each) for each in found]
    if not explained:
        raise NootropicError("nothing was found; do the settings here switch findings off?")
    notes = []
    if not is_enough(found):
        notes.append(_NOT_IN_TIME)
    elif not stage.follows_values:
        notes.append(_NOT_FOLLOWED)
    rows = [line for each in explained for line in (*each.lines(), "")]
    return Scene(
        "findings",
        ms,
        f"{len(found)} in {stage.shown(path)}, a file of the sample with holes",
        [*rows, *map(dim, wrap(" ".join(notes), _WIDTH))] if notes else rows[:-1],
        {
            "path": stage.shown(path),
            "findings": [each.data() for each in explained],
            "notes": notes,
        },
    )


def _follows_a_value(found: Findings) -> bool:
    return any(each.get("relatedInformation") for each in found)


def _explained(stage: Stage, path: Path, finding: Mapping[str, Any]) -> Explained:
    """A finding with the way of a value to it, and the fix that the server offers."""
    way = [
        (to_path(each["location"]["uri"]), each["location"]["range"]["start"], each["message"])
        for each in finding.get("relatedInformation", ())
    ]
    way.append((path, finding["range"]["start"], "and is used here" if way else ""))
    text = read(path)
    fixed = _fixed(stage, path, text, finding)
    return Explained(
        finding["code"],
        SEVERITIES[finding["severity"] - 1],
        finding["message"],
        [Step(stage.spot(at, start), stage.line(at, start), said) for at, start, said in way],
        None if fixed is None else finding["data"]["fix"],
        [] if fixed is None else diff_lines(stage.shown(path), text, fixed),
    )


def _fixed(stage: Stage, path: Path, text: str, finding: Mapping[str, Any]) -> str | None:
    """The text after the fix that an editor would put first."""
    asked = {"diagnostics": [finding], "only": ["quickfix"]}
    document = {"uri": path.as_uri()}
    actions, _ = stage.ask(
        "textDocument/codeAction",
        {"textDocument": document, "range": finding["range"], "context": asked},
    )
    preferred = (each for each in actions or () if each.get("isPreferred"))
    edits = [edits for each in preferred for _, edits in edits_by_file(each.get("edit"))]
    return applied(text, edits[0]) if edits else None


def completion(stage: Stage) -> Scene:
    """The menu and the ghost text while lines that stand there are typed anew."""
    is_known = stage.wait_for_tokens()
    retyped = list(_retyped(stage))
    if not retyped:
        raise NootropicError("no line here is worth typing anew")
    best = max(retyped, key=lambda each: (each.has_ghost, each.share_saved))
    at = f"{stage.shown(best.path)}:{best.line + 1}"
    keys = [key for each in retyped for key in each.keys]
    if not any(key.menu or key.ghost for key in keys):
        raise NootropicError(f"nothing was offered while {at} was typed anew: {stage.last_ghost()}")
    n_characters = sum(len(each.text) for each in retyped)
    menu_ms, ghost_ms = (
        round(median(times), 2)
        for times in ([key.menu_ms for key in keys], [key.ghost_ms for key in keys])
    )
    summary = (
        "behind the cursor │ is ghost text, on the right the menu",
        f"{count(len(retyped), 'line')} typed anew: {n_characters:,} characters in {len(keys):,} keys;"
        f" a menu took {menu_ms:.1f} ms, ghost text {ghost_ms:.1f} ms",
    )
    notes = [] if any(key.ghost for key in keys) else [f"no ghost text: {stage.last_ghost()}"]
    if not is_known:
        notes.append("the token model is still being built")
    return Scene(
        "completion",
        menu_ms,
        f"{at} typed anew, in {len(best.keys)} keys for {len(best.text)} characters",
        [*cut([*_typing_rows(best)]), *notes, *map(dim, summary)],
        {
            "at": at,
            "line": best.text,
            "keys": [
                {"written": key.written, "ghost": key.ghost, "menu": list(key.menu)}
                for key in best.keys
            ],
            "lines_typed": len(retyped),
            "characters": n_characters,
            "keys_typed": len(keys),
            "ghost_ms": ghost_ms,
        },
    )


def _retyped(stage: Stage) -> Iterator[Retyped]:
    """Some lines of the files that matter, each typed anew."""
    paths = dict.fromkeys(
        (stage.use.path, *(Path(symbol.path) for symbol in stage.candidates[:_MAX_TYPED_IN]))
    )
    n_keys = 0
    for path in paths:
        text = read(path)
        if len(text) > _LONGEST_TYPED_IN or "\r" in text:
            continue
        with stage.opened(path):
            typist = Typist(stage.client, path, text)
            for line in worth_typing(text):
                found = typist.retype(line)
                yield found
                n_keys += len(found.keys)
                if n_keys > _MAX_KEYS:
                    return


def _typing_rows(retyped: Retyped) -> Iterator[str]:
    """The line before each key: what is written, the ghost text, and the menu's first entries."""
    width = len(retyped.text) + 2
    for key in retyped.keys:
        ghost = key.ghost.partition("\n")[0]
        gap = " " * max(2, width - len(key.written) - len(ghost))
        yield f"{key.written}│{dim(ghost)}{gap}{dim(', '.join(key.menu))}"
    yield f"{retyped.text}│"


# In the order in which the tour plays them. A new feature adds its scene here.
SCENES: Mapping[str, Callable[[Stage], Scene]] = {
    "hover": hover,
    "definition": definition,
    "references": references,
    "call hierarchy": call_hierarchy,
    "outline": outline,
    "rename preview": rename,
    "findings": findings,
    "completion": completion,
}


def start_of(symbol: Symbol) -> Mapping[str, int]:
    """Where a symbol's name is written, as a position of the protocol."""
    line, column = Lines.of(read(Path(symbol.path))).position(symbol.span.start)
    return {"line": line, "character": column}


def locations(answer: Any) -> list[tuple[str, Any]]:
    """URI and range of each Location or LocationLink."""
    several = answer if isinstance(answer, list) else [answer] if answer else []
    return [
        (each["targetUri"], each["targetSelectionRange"])
        if "targetUri" in each
        else (each["uri"], each["range"])
        for each in several
    ]


def edits_by_file(edit: Any) -> list[tuple[str, list[Any]]]:
    """The text edits of a WorkspaceEdit, in either of its forms."""
    if not edit:
        return []
    changes = edit.get("documentChanges")
    if changes is None:
        return list(edit.get("changes", {}).items())
    return [(each["textDocument"]["uri"], each["edits"]) for each in changes if "edits" in each]


def to_path(uri: str) -> Path:
    """The file that a URI names."""
    return Path(url2pathname(urlsplit(uri).path))


def read(path: Path) -> str:
    """The text of a file, its line ends as they are."""
    return path.read_bytes().decode("utf-8", "replace")


def cut(lines: list[str]) -> list[str]:
    """The first lines, and how many more there are."""
    return [*lines[:_MAX_LINES], *_more(len(lines))]


def _more(n_lines: int, shown: int = _MAX_LINES) -> list[str]:
    return [dim(f"… and {n_lines - shown:,} more")] if n_lines > shown else []


def _outline_rows(items: list[Any], depth: int) -> Iterator[tuple[int, str]]:
    for item in items:
        yield depth, item["name"]
        yield from _outline_rows(item.get("children") or [], depth + 1)


def _outline_data(item: Any) -> dict[str, Any]:
    children = [_outline_data(child) for child in item.get("children") or []]
    return {"name": item["name"], "children": children}
