"""Documentation as Markdown: the conventions of Python, JavaScript and others, kept readable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SECTIONS = frozenset(
    [
        "args",
        "arguments",
        "parameters",
        "params",
        "returns",
        "return",
        "raises",
        "yields",
        "yield",
        "attributes",
        "example",
        "examples",
        "note",
        "notes",
        "warning",
        "warnings",
        "see",
        "also",
        "keyword",
        "other",
        "references",
        "todo",
    ]
)
_GAPS = re.compile(r"\n{3,}")
_HEADING = re.compile(r"([A-Z][A-Za-z ]+):\s*$")
_RULE = re.compile(r"\s*(-{3,}|={3,})\s*$")
_ENTRY = re.compile(r"(\*{0,2}[\w.]+)(\s*\([^)]*\))?\s*:\s+(.*)$")
_NUMPY_ENTRY = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*)\s*:\s*(.+)$")
_FIELD = re.compile(r"\s*:(\w+)(?:\s+([^:]*))?:\s*(.*)$")
_TAG = re.compile(r"\s*@(\w+)\b\s*(?:\{([^}]*)\}\s*)?(.*)$")
_ROLE = re.compile(r":(?:[a-z]+:)?[a-z]+:`~?!?\.?([^`]+?)(?:\s*<[^>`]*>)?`")
_NAMED_FIELDS = frozenset(
    {"param", "parameter", "arg", "argument", "key", "keyword", "var", "ivar"}
)
_TITLES = {
    "return": "Returns",
    "returns": "Returns",
    "rtype": "Return type",
    "yields": "Yields",
    "throws": "Throws",
    "example": "Example",
    "deprecated": "Deprecated",
    "see": "See",
    "since": "Since",
}


def to_markdown(text: str) -> str:
    """A documentation, without its quotes or comment marks, as Markdown."""
    lines = text.splitlines()
    return _GAPS.sub("\n\n", "\n".join(_Reader(lines).read())).strip()


class _Reader:
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.at = 0

    def read(self) -> Iterator[str]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            stripped = line.strip()
            if stripped.startswith("```"):
                yield from self._fenced()
            elif stripped.startswith(">>> "):
                yield from self._session()
            elif self._is_underlined():
                yield from self._numpy()
            elif self._is_section(stripped):
                yield from self._google()
            elif (field := _FIELD.match(line)) is not None and not stripped.startswith("::"):
                yield from self._field(field)
            elif (tag := _TAG.match(line)) is not None:
                yield from self._tag(tag)
            elif stripped.endswith("::"):
                yield from self._literal(stripped)
            else:
                self.at += 1
                yield _inline(line)

    def _fenced(self) -> Iterator[str]:
        yield self._take()
        while self.at < len(self.lines):
            line = self._take()
            yield line
            if line.strip().startswith("```"):
                return

    def _take(self) -> str:
        self.at += 1
        return self.lines[self.at - 1]

    def _session(self) -> Iterator[str]:
        """An example from the interactive prompt."""
        yield "```python"
        while self.at < len(self.lines) and self.lines[self.at].strip():
            yield self._take().strip()
        yield "```"

    def _literal(self, stripped: str) -> Iterator[str]:
        """What is indented below `::` is code."""
        self.at += 1
        if not stripped.startswith(".."):
            head = stripped.removesuffix("::").rstrip()
            yield f"{_inline(head)}:" if head else ""
        block = self._indented()
        if block:
            language = stripped.split()[-1] if stripped.startswith(".. code") else ""
            yield f"```{language.strip(':')}".rstrip()
            yield from block
            yield "```"

    def _indented(self) -> list[str]:
        """The lines below that are indented more than the one before, without their margin."""
        outer = _margin(self.lines[self.at - 1])
        found: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and _margin(line) <= outer:
                break
            found.append(line)
            self.at += 1
        while found and not found[-1].strip():
            found.pop()
            self.at -= 1
        while found and not found[0].strip():
            found.pop(0)
        margin = min((_margin(line) for line in found if line.strip()), default=0)
        return [line[margin:] for line in found]

    # ---- sections

    def _is_underlined(self) -> bool:
        if self.at + 1 >= len(self.lines) or not self.lines[self.at].strip():
            return False
        return _RULE.match(self.lines[self.at + 1]) is not None

    def _is_section(self, stripped: str) -> bool:
        match = _HEADING.match(stripped)
        if match is None or match[1].split()[0].lower() not in _SECTIONS:
            return False
        following = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        return _margin(following) > _margin(self.lines[self.at]) and bool(following.strip())

    def _google(self) -> Iterator[str]:
        title = self._take().strip()
        yield from ("", f"**{title}**", "")
        block = self._indented()
        for line in block:
            entry = _ENTRY.match(line)
            if entry is not None and _margin(line) == 0:
                yield f"- `{entry[1]}`{entry[2] or ''}: {_inline(entry[3])}"
            else:
                yield f"  {_inline(line.strip())}" if _margin(line) else _inline(line)

    def _numpy(self) -> Iterator[str]:
        title = self._take().strip()
        self.at += 1
        yield from ("", f"**{title}**", "")
        while self.at < len(self.lines) and not self._is_underlined():
            line = self._take()
            entry = _NUMPY_ENTRY.match(line.strip())
            below = self.lines[self.at] if self.at < len(self.lines) else ""
            if line.strip() and _margin(below) > _margin(line) and below.strip():
                described = " ".join(part.strip() for part in self._indented())
                name = f"`{entry[1]}` ({entry[2]})" if entry is not None else f"`{line.strip()}`"
                yield f"- {name}: {_inline(described)}"
            else:
                yield _inline(line)

    # ---- fields and tags

    def _field(self, field: re.Match[str]) -> Iterator[str]:
        self.at += 1
        text = _inline(" ".join([field[3], *(line.strip() for line in self._indented())]).strip())
        word, argument = field[1], (field[2] or "").strip()
        if word in _NAMED_FIELDS and argument:
            kind, _, name = argument.rpartition(" ")
            yield f"- `{name}`{f' ({kind})' if kind else ''}: {text}"
        elif word in ("raises", "raise", "except", "exception"):
            yield f"- raises `{argument}`: {text}" if argument else f"- raises {text}"
        elif word == "type" and argument:
            yield f"- `{argument}` is {text}"
        else:
            yield f"- **{_TITLES.get(word, word)}** {argument} {text}".replace("  ", " ")

    def _tag(self, tag: re.Match[str]) -> Iterator[str]:
        self.at += 1
        word, kind, text = tag[1], tag[2], tag[3]
        shown = f" ({kind})" if kind else ""
        if word in ("param", "arg", "argument", "property", "prop"):
            name, _, rest = text.partition(" ")
            rest = rest.strip().removeprefix("-").strip()
            yield f"- `{name.strip('[]')}`{shown}: {_inline(rest)}"
        else:
            yield f"- **{_TITLES.get(word, word)}**{shown} {text}".rstrip()


def _inline(text: str) -> str:
    """Roles of reStructuredText become code."""
    return _ROLE.sub(lambda match: f"`{match[1]}`", text) if ":`" in text else text


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
