"""This file is where the data of an answer becomes text to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

Data = Mapping[str, Any]
_MOST_CHARS = 60_000
_LONGEST_LINE = 240


def written(render: Callable[[Data], Iterable[str]], data: Data) -> str:
    """An answer as text, with what people have to know of its limits at the end."""
    lines = list(_undecided(data) or render(data))
    if not data["complete"]:
        lines += ["", f"This may be incomplete: {data['reason']}."]
    text = "\n".join(lines).strip("\n")
    if len(text) > _MOST_CHARS:
        text = f"{text[:_MOST_CHARS]}\n… cut: {len(text) - _MOST_CHARS:,} more characters"
    return text


def _undecided(data: Data) -> list[str]:
    """What is said where a name means nothing, or more than one thing."""
    match data.get("status"):
        case "unknown":
            return [f"nothing here is called {data['asked']}{_hint(data)}"]
        case "ambiguous":
            more = _more(data["total"] - len(data["candidates"]))
            return [
                f"{data['asked']} is the name of {data['total']} symbols; a longer name or its path"
                " says which:",
                *(f"  {_symbol(each)}" for each in data["candidates"]),
                *more,
            ]
    return []


def _hint(data: Data) -> str:
    near = data["similar"]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def find_symbol(data: Data) -> Iterator[str]:
    """Each symbol with how it is declared and the first words on it."""
    if data["status"] == "alike":
        yield f"nothing here is called {data['asked']}{_hint(data)}\nthese names have its letters:"
    for each in data["symbols"]:
        yield _symbol(each)
        yield from (f"    {line}" for line in each.get("signature", "").splitlines())
        if summary := each.get("summary"):
            yield f"    {_short(' '.join(summary.split()))}"
    yield from _more(data["total"] - len(data["symbols"]))


def read_symbol(data: Data) -> Iterator[str]:
    """The code below where it is."""
    symbol = data["symbol"]
    yield (
        f"{symbol['path']}:{data['first_line']}-{data['last_line']}"
        f" {symbol['kind']} {symbol['name']}"
    )
    yield data["code"]
    if data["shown_to"] < data["last_line"]:
        yield f"… cut: {data['last_line'] - data['shown_to']:,} more lines, to {data['last_line']}"


def outline(data: Data) -> Iterator[str]:
    """A line for each definition, indented as they contain each other."""
    yield data["path"]
    for each in data["symbols"]:
        lines = f"{each['line']}-{each['last_line']}"
        detail = f"  {each['detail']}" if each["detail"] else ""
        yield f"{'  ' * each['depth']}{each['kind']} {each['name']}  {lines}{detail}"
    if not data["symbols"]:
        yield "it defines nothing"
    yield from _more(data["total"] - len(data["symbols"]))


def references(data: Data) -> Iterator[str]:
    """The uses, file by file."""
    uses = data["references"]
    yield (
        f"{_count(data['total'], 'use')} in {_count(data['files'], 'file')}"
        f" of {_symbol(data['symbol'])}"
    )
    yield from _by_file(uses)
    yield from _more(data["total"] - len(uses))
    if data["total_possible"]:
        yield f"{_possible(data['total_possible'])}:"
        yield from _by_file(data["possible"])
        yield from _more(data["total_possible"] - len(data["possible"]))


def _by_file(uses: Iterable[Data]) -> Iterator[str]:
    for path, group in groupby(uses, key=lambda each: each["path"]):
        yield path
        for each in group:
            within = f"  (in {each['in']})" if each["in"] else ""
            yield f"  {each['line']}: {each['role']}  {_short(each['code'])}{within}"


def _possible(n: int) -> str:
    return f"{_count(n, 'more place')} may mean it: the name is taken of a value of unknown type"


def impact(data: Data) -> Iterator[str]:
    """Every group under its heading."""
    yield f"what depends on {data['file'] if 'file' in data else _symbol(data['symbol'])}"
    for name, group in data["groups"].items():
        yield f"{name.replace('_', ' ')} ({group['total']:,})"
        for each in group["items"]:
            yield f"  {_symbol(each) if 'kind' in each else each['path']}"
        yield from _more(group["total"] - len(group["items"]))

    if data.get("total_possible"):
        yield f"not among them: {_possible(data['total_possible'])}; `references` lists them"


def search(data: Data) -> Iterator[str]:
    """Each passage with why it was found."""
    for each in data["hits"]:
        yield f"{each['path']}:{each['line']}-{each['last_line']} {each['kind']} {each['name']}"
        yield f"  why: {'; '.join(each['reasons'])}"
        yield each["code"]
        if each["shown_to"] < each["last_line"]:
            yield f"… cut: {each['last_line'] - each['shown_to']:,} more lines"
        yield ""
    if not data["hits"]:
        yield "no passage has any of these words"
    elif data["by_words"]:
        yield f"found by words alone: {data['by_words']}"


def lint(data: Data) -> Iterator[str]:
    """The findings, each with its line."""
    yield f"{_count(data['total'], 'finding')} in {_count(data['files'], 'file')}"
    for each in data["findings"]:
        yield f"{each['path']}:{each['line']}: {each['severity']} {each['rule']}: {each['message']}"
        yield f"    {_short(each['code'])}"
        if each["fix"]:
            yield f"    fix: {each['fix']}"
    yield from _more(data["total"] - len(data["findings"]))
    if data["passed_over"]:
        yield f"{_count(data['passed_over'], 'file')} passed over, because nobody edits them"
    yield from data["problems"]


def change(data: Data) -> Iterator[str]:
    """A diff, what it leaves out, and how it is made."""
    for each in data["files"]:
        yield each["diff"] or f"{each['path']}: {_count(each['edits'], 'edit')}, not shown"
    if data["left"]:
        yield f"left as they are ({data['n_left']:,})"
        yield from (f"  {each['path']}: {each['reason']}" for each in data["left"])
    yield from (f"note: {each}" for each in data["notes"])
    files = _count(len(data["files"]), "file")
    if not data["files"]:
        yield "nothing would change"
    elif data["applied"]:
        yield (
            f"{files} changed; `nootropic undo --to {data['checkpoint']}` in the workspace takes it"
            " back"
        )
    else:
        how = f'; `apply` with base "{data["base"]}" makes it' if data["may_apply"] else ""
        yield f"{files} would change, nothing is written{how}"


def rewrite(data: Data) -> Iterator[str]:
    """The recipes there are, or a change."""
    if data["status"] != "recipes":
        yield from change(data)
        return
    yield "the recipes there are:"
    for each in data["recipes"]:
        yield f"  {each['name']} ({', '.join(each['languages'])}): {each['description']}"


def _symbol(data: Data) -> str:
    uses = f", {_count(data['uses'], 'use')}" if "uses" in data else ""
    return f"{data['path']}:{data['line']} {data['kind']} {data['name']}{uses}"


def _more(n: int) -> list[str]:
    return [f"… cut: {n:,} more"] if n > 0 else []


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
