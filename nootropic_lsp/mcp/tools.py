"""This file is where we declare every tool: what it takes, what it gives, what it does to files.

Descriptions say what a tool does. When to use it is for the agent and its user to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nootropic_lsp.core.findings import SEVERITIES
from nootropic_lsp.mcp import changing, looking, searching, text, uses

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Tool:
    """One tool. What is in `takes` has its default there; without one, it has to be given."""

    name: str
    title: str
    description: str
    takes: Mapping[str, Schema]
    gives: Mapping[str, Schema]
    function: Callable[..., dict[str, Any]]
    render: Callable[[Mapping[str, Any]], Iterable[str]]
    # What it takes beside if the server may edit.
    edits: bool = False

    def input_schema(self, *, may_edit: bool) -> dict[str, Any]:
        """What may be given."""
        takes = self.taken(may_edit=may_edit)
        return {
            "type": "object",
            "properties": takes,
            "required": [name for name, each in takes.items() if "default" not in each],
        }

    def output_schema(self) -> dict[str, Any]:
        """What comes back. Only `complete` and `reason` are always there."""
        return {
            "type": "object",
            "properties": {**self.gives, **_COMPLETE},
            "required": ["complete", "reason"],
        }

    def taken(self, *, may_edit: bool) -> dict[str, Schema]:
        """The arguments by name."""
        return {**self.takes, **(_APPLY if self.edits and may_edit else {})}


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _number(description: str, default: int, most: int) -> Schema:
    return {
        "type": "integer",
        "description": description,
        "default": default,
        "minimum": 1,
        "maximum": most,
    }


def _list(description: str, items: Schema, **more: Any) -> Schema:
    return {"type": "array", "description": description, "items": items, "default": [], **more}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_STRING, _INTEGER, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_COMPLETE: Mapping[str, Schema] = {
    "complete": {"type": "boolean", "description": "whether nothing can be missing"},
    "reason": {"type": ["string", "null"], "description": "why something may be missing"},
}
_SYMBOL = _object(name=_STRING, kind=_STRING, path=_STRING, line=_INTEGER, uses=_INTEGER)
_USE = _object(
    path=_STRING,
    line=_INTEGER,
    role=_STRING,
    code=_STRING,
    **{"in": _text("the function or class around it")},
)
_STATUS = _text("what became of the name: found, ambiguous (see candidates) or unknown")
_CHOICE: Mapping[str, Schema] = {
    "status": _STATUS,
    "asked": _STRING,
    "symbol": _SYMBOL,
    "candidates": _many(_SYMBOL),
    "similar": _many(_STRING),
    "total": _INTEGER,
}
_CHANGE: Mapping[str, Schema] = {
    "applied": _FLAG,
    "checkpoint": _text("what `nootropic undo --to` takes, empty if nothing was written"),
    "base": _text("stands for this change of these files as they are now"),
    "may_apply": _FLAG,
    "files": _many(
        _object(path=_STRING, edits=_INTEGER, diff=_STRING, shown=_FLAG),
    ),
    "left": _many(_object(path=_STRING, reason=_STRING)),
    "n_left": _INTEGER,
    "notes": _many(_STRING),
}
_NAME = _text(
    "a name, alone or with what contains it: total, Cart.total, shop.cart.Cart.total",
    minLength=1,
)
_WHERE: Schema = {
    "type": ["string", "null"],
    "description": "only what is defined in this file or folder of the workspace",
    "default": None,
}
_PATHS = _list("files and folders of the workspace; all of it if there are none", _STRING)
_ROLES = ("call", "read", "write", "import", "type", "base", "decorator")
_APPLY: Mapping[str, Schema] = {
    "apply": {
        "type": "boolean",
        "description": "write the change instead of showing it; needs the base of a preview",
        "default": False,
    },
    "base": _text("the base that the preview of this change had", default=""),
}

TOOLS = (
    Tool(
        "find_symbol",
        "Find symbols by name",
        "The definitions of a name in the workspace, with path, lines, declaration and the first"
        " sentences of the documentation, the most used first. Without such a name, symbols that"
        " have its letters.",
        {
            "name": _NAME,
            "path": _WHERE,
            "limit": _number("how many symbols at most", 20, 100),
        },
        {
            "status": _text("found, alike (other names with these letters) or unknown"),
            "asked": _STRING,
            "symbols": _many(
                _object(
                    name=_STRING,
                    kind=_STRING,
                    path=_STRING,
                    line=_INTEGER,
                    last_line=_INTEGER,
                    uses=_INTEGER,
                    signature=_STRING,
                    summary=_STRING,
                )
            ),
            "total": _INTEGER,
            "similar": _many(_STRING),
        },
        looking.find_symbol,
        text.find_symbol,
    ),
    Tool(
        "read_symbol",
        "Read the code of a symbol",
        "The source code of one function, method, class or variable, with its path and lines."
        " Secrets in it are masked.",
        {
            "name": _NAME,
            "path": _WHERE,
            "max_lines": _number("how many lines at most", 300, 1_000),
        },
        {
            **_CHOICE,
            "first_line": _INTEGER,
            "last_line": _INTEGER,
            "code": _STRING,
            "shown_to": {"type": "integer", "description": "the last line in `code`"},
        },
        looking.read_symbol,
        text.read_symbol,
    ),
    Tool(
        "outline",
        "Outline a file",
        "What a file of the workspace defines, in its order: kinds, names and lines.",
        {
            "path": _text("a file of the workspace"),
            "limit": _number("how many definitions at most", 300, 2_000),
        },
        {
            "path": _STRING,
            "symbols": _many(
                _object(
                    name=_STRING,
                    kind=_STRING,
                    depth=_INTEGER,
                    line=_INTEGER,
                    last_line=_INTEGER,
                    detail=_STRING,
                )
            ),
            "total": _INTEGER,
        },
        looking.outline,
        text.outline,
    ),
    Tool(
        "references",
        "Find the uses of a symbol",
        "Every place in the workspace that uses one symbol: calls, reads, writes, imports, type"
        " annotations, subclasses and decorators, each with its line of code and what it is in."
        " Resolved through imports and types, so other symbols of the same name are not among them;"
        " where the type of a value is not known, its uses of that name are listed apart.",
        {
            "name": _NAME,
            "path": _WHERE,
            "roles": _list(
                "only uses of these roles; all if there are none",
                {"type": "string", "enum": list(_ROLES)},
            ),
            "limit": _number("how many uses at most", 100, 1_000),
        },
        {
            **_CHOICE,
            "references": _many(_USE),
            "files": _INTEGER,
            "possible": {
                **_many(_USE),
                "description": "where the name is taken of a value of unknown type",
            },
            "total_possible": _INTEGER,
        },
        uses.references,
        text.references,
    ),
    Tool(
        "impact",
        "What may break",
        "What depends on a symbol or a file: direct and transitive callers, subclasses, importing"
        " files and tests.",
        {
            "target": _text("the name of a symbol, or a file of the workspace", minLength=1),
            "path": _WHERE,
            "limit": _number("how many of each group at most", 30, 500),
        },
        {
            **_CHOICE,
            "file": _STRING,
            "total_possible": _INTEGER,
            "groups": {
                "type": "object",
                "additionalProperties": _object(total=_INTEGER, items=_many(_SYMBOL)),
            },
        },
        uses.impact,
        text.impact,
    ),
    Tool(
        "search",
        "Search code by meaning",
        "The functions, classes and other passages of the workspace that belong to a question in"
        " words, best first, with their code and why each was found.",
        {
            "question": _text("a question or a few words, such as: parse a date", minLength=1),
            "limit": _number("how many passages at most", 5, 30),
            "max_lines": _number("how many lines of each at most", 40, 300),
        },
        {
            "question": _STRING,
            "hits": _many(
                _object(
                    name=_STRING,
                    kind=_STRING,
                    path=_STRING,
                    line=_INTEGER,
                    last_line=_INTEGER,
                    code=_STRING,
                    shown_to=_INTEGER,
                    score={"type": "number"},
                    reasons=_many(_STRING),
                )
            ),
            "by_words": _text("why vectors were not asked, empty if they were"),
        },
        searching.search,
        text.search,
    ),
    Tool(
        "lint",
        "Find what is wrong",
        "Security findings, bugs and dead code in files or in the workspace, the gravest first."
        " The same findings as `nootropic lint` and the editor show.",
        {
            "paths": _PATHS,
            "select": _list("only these rules and packs", _STRING),
            "ignore": _list("without these rules and packs", _STRING),
            "severity": _text("the least severity", enum=list(SEVERITIES), default="hint"),
            "limit": _number("how many findings at most", 50, 500),
            "deadline_s": _number("seconds until it answers with what it has", 60, 600),
        },
        {
            "findings": _many(
                _object(
                    path=_STRING,
                    line=_INTEGER,
                    rule=_STRING,
                    severity=_STRING,
                    message=_STRING,
                    code=_STRING,
                    fix=_text("what would put it right, empty if nothing is known"),
                )
            ),
            "total": _INTEGER,
            "files": _INTEGER,
            "passed_over": _INTEGER,
            "problems": _many(_STRING),
        },
        searching.lint,
        text.lint,
    ),
    Tool(
        "rename",
        "Rename a symbol",
        "A unified diff that gives one symbol another name at its definition and all its uses."
        " It is refused where the new name would change what code means.",
        {"name": _NAME, "path": _WHERE, "new_name": _text("the new name, alone", minLength=1)},
        {**_CHOICE, **_CHANGE},
        changing.rename,
        text.change,
        edits=True,
    ),
    Tool(
        "rewrite",
        "Rewrite code by a pattern",
        "A unified diff that writes code in another form: by a pattern with its replacement, in"
        " which $NAME stands for any code and $$$NAME for any number of arguments or statements"
        " (such as `print($$$A)` to `log.info($$$A)`), or by a recipe. Without either, the recipes"
        " there are.",
        {
            "recipe": _text("the name of a recipe", default=""),
            "pattern": _text("the code to be replaced", default=""),
            "replacement": _text("what stands in its place", default=""),
            "language": _text("the language of the pattern, such as python", default=""),
            "paths": _PATHS,
        },
        {
            "status": _text("found, or recipes if none was named"),
            "recipe": _STRING,
            "recipes": _many(
                _object(name=_STRING, description=_STRING, languages=_many(_STRING)),
            ),
            "files_looked_at": _INTEGER,
            **_CHANGE,
        },
        changing.rewrite,
        text.rewrite,
        edits=True,
    ),
)
