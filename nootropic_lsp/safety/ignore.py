"""Which paths of a workspace its ignore files leave out."""

# Paths are strings here, because a workspace has tens of thousands of them and `Path` is slow.
# ruff: noqa: PTH100, PTH113, PTH118, PTH120, PTH123
from __future__ import annotations

import logging
import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

# In falling order: a line in the first kind of file outranks every line in the second.
IGNORE_FILES = (".nootropicignore", ".ignore", ".gitignore")
# What it names stays in the index, but is given to no model.
AI_IGNORE_FILES = (".aiignore",)
MAX_IGNORE_BYTES = 500_000
_EXCLUDE_RANK = len(IGNORE_FILES)

# Folders of tools: never the user's own source, whatever the ignore files say.
_SKIPPED_FOLDERS = frozenset(
    (
        *(".git", ".hg", ".svn", ".jj", ".bzr", "node_modules", "bower_components"),
        *("__pycache__", "site-packages", "dist-packages", ".vectorstore", ".tox", ".nox"),
        *(".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".direnv"),
        *(".yarn", ".pnpm-store", ".gradle", ".terraform", ".ipynb_checkpoints"),
    )
)
# A folder that holds one of these is a Python environment or somebody's cache.
FOLDER_MARKERS = frozenset(("pyvenv.cfg", "conda-meta", "CACHEDIR.TAG"))


def is_skipped_folder(name: str) -> bool:
    """Whether a folder of this name belongs to a tool, ours included."""
    return name in _SKIPPED_FOLDERS or name.startswith(".nootropic")


class Rules:
    """The patterns of one ignore file, as git understands them; the last that matches decides.

    Patterns without wildcards are looked up; the others are one regular expression per
    kind. All of them match in time linear in the path for each star, because a hostile
    pattern must not be able to stop the index.
    """

    def __init__(self, lines: Iterable[str], *, ignore_case: bool | None = None) -> None:
        if ignore_case is None:
            # What git sets `core.ignoreCase` to on the usual file systems of these platforms.
            ignore_case = sys.platform in ("win32", "darwin")
        self._ignore_case = ignore_case
        self._patterns = [pattern for line in lines if (pattern := _parse(line)) is not None]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def verdict(self, path: str, name: str, *, is_dir: bool) -> bool | None:
        """True for "ignored", False for "not after all" (`!`), None where nothing matches.

        `path` is relative to the folder of the ignore file, with `/`; `name` is its last part.
        """
        if self._ignore_case:
            path, name = path.lower(), name.lower()
        return (self._for_folders if is_dir else self._for_files).verdict(path, name)

    @cached_property
    def _for_folders(self) -> _Table:
        return _Table(self._patterns, ignore_case=self._ignore_case)

    @cached_property
    def _for_files(self) -> _Table:
        return _Table(
            [each for each in self._patterns if not each.only_folders],
            ignore_case=self._ignore_case,
        )


class _Pattern(NamedTuple):
    text: str
    negated: bool
    only_folders: bool
    by_name: bool


def _parse(line: str) -> _Pattern | None:
    if line.startswith("#"):
        return None
    text = _without_trailing_spaces(line)
    negated = text.startswith("!")
    text = text[negated:]
    only_folders = text.endswith("/")
    if only_folders:
        text = text[:-1]
    by_name = "/" not in text
    text = text.removeprefix("/")
    return _Pattern(text, negated, only_folders, by_name) if text else None


def _without_trailing_spaces(line: str) -> str:
    end = len(line)
    while end and line[end - 1] == " ":
        end -= 1
    n_backslashes = len(line[:end]) - len(line[:end].rstrip("\\"))
    # An odd backslash keeps the first of the spaces.
    return line[: end + 1] if n_backslashes % 2 and end < len(line) else line[:end]


class _Table:
    """Patterns arranged for looking up; every value is a pattern's number."""

    def __init__(self, patterns: list[_Pattern], *, ignore_case: bool) -> None:
        self._negated = [each.negated for each in patterns]
        self._names: dict[str, int] = {}
        self._paths: dict[str, int] = {}
        self._endings: dict[str, int] = {}
        name_expressions: list[tuple[int, str]] = []
        path_expressions: list[tuple[int, str]] = []
        for number, each in enumerate(patterns):
            text = each.text.lower() if ignore_case else each.text
            if not _WILD.search(text):
                (self._names if each.by_name else self._paths)[text] = number
            elif each.by_name and _ENDING.fullmatch(text):
                self._endings[text[1:]] = number
            else:
                expression = _translate(text)
                if expression is not None:
                    (name_expressions if each.by_name else path_expressions).append(
                        (number, expression)
                    )
        self._by_name = _Alternatives(name_expressions, ignore_case=ignore_case)
        self._by_path = _Alternatives(path_expressions, ignore_case=ignore_case)

    def verdict(self, path: str, name: str) -> bool | None:
        best = self._names.get(name, -1)
        if self._endings and (dot := name.rfind(".")) >= 0:
            best = max(best, self._endings.get(name[dot:], -1))
        if self._by_name.last > best:
            best = max(best, self._by_name.number(name))
        if self._paths:
            best = max(best, self._paths.get(path, -1))
        if self._by_path.last > best:
            best = max(best, self._by_path.number(path))
        return None if best < 0 else not self._negated[best]


class _Alternatives:
    """Several expressions as one; the last that matches counts."""

    def __init__(self, expressions: list[tuple[int, str]], *, ignore_case: bool) -> None:
        # The last first, because the first alternative that matches is the one that is reported.
        self._numbers = [number for number, _ in reversed(expressions)]
        self.last = self._numbers[0] if expressions else -1
        self._match = re.compile(
            "|".join(f"({expression})" for _, expression in reversed(expressions)),
            re.DOTALL | (re.IGNORECASE if ignore_case else 0),
        ).fullmatch

    def number(self, text: str) -> int:
        found = self._match(text)
        return self._numbers[found.lastindex - 1] if found and found.lastindex else -1


_WILD = re.compile(r"[*?\[\\]")
_ENDING = re.compile(r"\*\.[^*?\[\\.]+")
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "\\x21-\\x7e",
    "lower": "a-z",
    "print": "\\x20-\\x7e",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


def _translate(pattern: str) -> str | None:
    """A pattern as a regular expression, or None for one that git lets match nothing.

    Each stretch up to the next star of the same reach is an atomic group: its leftmost
    match leaves the most to what follows, so going back into it can never help, and
    cannot take exponential time. `**/` is such a star over whole folders.
    """
    groups: list[str] = []  # finished stretches between one `**/` and the next
    stretch: list[str] = []  # the pieces of the current one
    star_at = -1  # where in `stretch` its last `*` stands, while that can still be closed
    position, size = 0, len(pattern)
    # Git compares the part before the first wildcard separately, and then looks at the rest
    # as if it were all: so `a**/b` is `a` and then `**/b`.
    first_wild = found.start() if (found := _WILD.search(pattern)) else size
    while position < size:
        character = pattern[position]
        if character == "*":
            begin = position
            while position < size and pattern[position] == "*":
                position += 1
            free_before = begin == first_wild or pattern[begin - 1] == "/"
            crosses = position - begin > 1 and free_before
            if star_at >= 0:
                stretch[star_at:] = ["(?>", *stretch[star_at:], ")"]
            star_at = -1
            if crosses and position == size:
                stretch.append(".*")
            elif crosses and pattern[position] == "/":
                groups.append("".join(stretch))
                stretch = []
                position += 1
            else:
                star_at = len(stretch)
                stretch.append("[^/]*?")
            continue
        one: str | None
        if character == "[":
            one, position = _bracket(pattern, position)
        elif character == "?":
            one, position = "[^/]", position + 1
        else:
            position += character == "\\"
            one, position = re.escape(pattern[position : position + 1]) or None, position + 1
        if one is None:
            return None
        stretch.append(one)
    groups.append("".join(stretch))
    return _joined(groups)


def _joined(groups: list[str]) -> str:
    """Stretches with `**/` between them."""
    if len(groups) == 1:
        return groups[0]
    first, *middle, last = groups
    return "".join((first, *(f"(?>(?:[^/]*/)*?{each})" for each in middle), f"(?:.*/)?{last}"))


_ITEM = re.compile(
    r"\[:(?P<named>[^\]]*):\]"
    r"|(?:\\(?P<escaped_low>.)|(?P<low>[^\\]))(?:-(?:\\(?P<escaped_high>.)|(?P<high>[^\]\\])))?"
)


def _bracket(pattern: str, start: int) -> tuple[str | None, int]:
    """The class that opens at `start` as an expression, or None if it is malformed."""
    negated = pattern[start + 1 : start + 2] in ("!", "^")
    first = position = start + 1 + negated
    body = ""
    # A bracket that comes first stands for itself.
    while position == first or pattern[position : position + 1] != "]":
        item = _ITEM.match(pattern, position)
        if item is None:
            return None, position
        position = item.end()
        if item["named"] is not None:
            if item["named"] not in _CLASSES:
                return None, position
            body += _CLASSES[item["named"]]
            continue
        low = item["low"] or item["escaped_low"]
        high = item["high"] or item["escaped_high"] or ""
        # Git compares with the lower end by itself, so `[c-a]` is `[c]`.
        body += _in_class(low)
        if low <= high:
            body += f"{_in_class(low)}-{_in_class(high)}"
    return (f"[^/{body}]" if negated else f"(?!/)[{body}]"), position + 1


def _in_class(character: str) -> str:
    return "\\" + character if character in "\\]^-[&~|" else character


class Layer(NamedTuple):
    """The rules of one ignore file and where they reach.

    A path of the workspace is seen from the file's folder as `above + path[depth:]`.
    """

    rank: int
    depth: int
    above: str
    rules: Rules


Layers = tuple[Layer, ...]


def verdict(layers: Layers, path: str, name: str, *, is_dir: bool) -> bool:
    """Whether the first layer with an opinion ignores a path that is relative to the workspace."""
    for layer in layers:
        said = layer.rules.verdict(layer.above + path[layer.depth :], name, is_dir=is_dir)
        if said is not None:
            return said
    return False


class Ignore:
    """The ignore files of one workspace, read once: make a new one after one of them changed.

    `.nootropicignore`, `.ignore` and `.gitignore` count in every folder, with or without
    a git repository; `.git/info/exclude` where there is one. In a workspace which is a
    folder of a repository, the `.gitignore` files above it count too, unless they ignore
    the workspace itself: who opens an ignored folder wants to see it. `files` are others
    to read instead.
    """

    def __init__(
        self,
        root: Path,
        *,
        files: Sequence[str] = IGNORE_FILES,
        use_gitignore: bool = True,
        include: Collection[str] = (),
        exclude: Collection[str] = (),
    ) -> None:
        self.root = os.path.abspath(root)
        self._use_git = use_gitignore and ".gitignore" in files
        self._names = tuple(each for each in files if self._use_git or each != ".gitignore")
        self._include = Rules(include)
        self._exclude = Rules(exclude)
        self._seen: dict[str, Layers] = {}

    def matches(self, path: str | os.PathLike[str], is_dir: bool) -> bool:
        """Whether a path of the workspace, absolute or relative to it, is left out of the index.

        The path need not exist. Everything outside the workspace is left out.
        """
        relative = self._relative(os.fspath(path))
        if relative is None:
            return True
        if not relative:
            return False
        layers = self.root_layers()
        included = not self._include
        parts = relative.split("/")
        for number, name in enumerate(parts):
            part = "/".join(parts[: number + 1])
            folder = is_dir or number + 1 < len(parts)
            if self.leaves_out(layers, part, name, is_dir=folder):
                return True
            included = included or self.includes(part, name, is_dir=folder)
            if folder:
                names = _names_in(os.path.join(self.root, part), (*self._names, ".git"))
                if not FOLDER_MARKERS.isdisjoint(names):
                    return True
                layers = self.layers_in(layers, part, names)
        return not (included or is_dir)

    def leaves_out(self, layers: Layers, path: str, name: str, *, is_dir: bool) -> bool:
        """Whether one entry of a folder that is not left out itself is left out."""
        if is_dir and is_skipped_folder(name):
            return True
        if self._exclude and self._exclude.verdict(path, name, is_dir=is_dir):
            return True
        return bool(layers) and verdict(layers, path, name, is_dir=is_dir)

    def includes(self, path: str, name: str, *, is_dir: bool) -> bool:
        """Whether `include` names a path itself; what is in an included folder is included."""
        return not self._include or self._include.verdict(path, name, is_dir=is_dir) is True

    def root_layers(self) -> Layers:
        """The layers that hold in the workspace's own folder."""
        if "" not in self._seen:
            above = _layers_above(self.root) if self._use_git else ()
            names = _names_in(self.root, (*self._names, ".git"))
            self._seen[""] = self.layers_in(above, "", names)
        return self._seen[""]

    def layers_in(self, layers: Layers, path: str, names: Collection[str]) -> Layers:
        """The layers inside a folder, given those around it and the names of its entries."""
        if not (".git" in names or any(name in names for name in self._names)):
            return layers
        if path in self._seen:
            return self._seen[path]
        folder = os.path.join(self.root, path) if path else self.root
        depth = len(path) + 1 if path else 0
        added: list[Layer] = []
        for rank, name in enumerate(self._names):
            if name in names and (rules := _read_rules(os.path.join(folder, name))):
                added.append(Layer(rank, depth, "", rules))
        if self._use_git and ".git" in names and (rules := _git_exclude(folder)):
            added.append(Layer(_EXCLUDE_RANK, depth, "", rules))
        # The sort is stable, so the deeper of two files of one kind stays before the other.
        inside = tuple(sorted([*added, *layers], key=lambda layer: layer.rank))
        self._seen[path] = inside
        return inside

    def _relative(self, path: str) -> str | None:
        try:
            whole = os.path.join(self.root, path)
            relative = os.path.relpath(whole, self.root).replace(os.sep, "/")
        except ValueError:  # another drive
            return None
        if relative == ".":
            return ""
        return None if relative == ".." or relative.startswith("../") else relative


def _names_in(folder: str, wanted: Iterable[str]) -> list[str]:
    return [
        name for name in (*wanted, *FOLDER_MARKERS) if os.path.lexists(os.path.join(folder, name))
    ]


def repository_of(folder: str) -> str | None:
    """The nearest folder upwards with a git repository, itself included."""
    top = folder
    while not os.path.lexists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            return None
        top = parent
    return top


def _layers_above(root: str) -> Layers:
    """What the git repository around a workspace says about what is in it."""
    top = repository_of(root)
    if top is None or top == root:
        return ()
    parts = os.path.relpath(root, top).replace(os.sep, "/").split("/")
    found: list[tuple[int, int, Rules]] = []  # rank, how many folders down, rules
    if rules := _git_exclude(top):
        found.append((_EXCLUDE_RANK, 0, rules))
    for number, name in enumerate(parts):
        if rules := _read_rules(os.path.join(top, *parts[:number], ".gitignore")):
            found.insert(0, (_EXCLUDE_RANK - 1, number, rules))
        for _, down, each in found:
            said = each.verdict("/".join(parts[down : number + 1]), name, is_dir=True)
            if said:
                return ()
            if said is not None:
                break
    return tuple(Layer(rank, 0, "/".join(parts[down:]) + "/", each) for rank, down, each in found)


def _git_exclude(folder: str) -> Rules | None:
    """The user's own patterns for a repository, wherever its data lies."""
    data = os.path.join(folder, ".git")
    if os.path.isfile(data):  # a worktree or a submodule
        text = _read(data).strip()
        if not text.startswith("gitdir:"):
            return None
        data = os.path.join(folder, text.removeprefix("gitdir:").strip())
        common = _read(os.path.join(data, "commondir")).strip()
        if common:
            data = os.path.join(data, common)
    return _read_rules(os.path.join(data, "info", "exclude"))


def _read_rules(path: str) -> Rules | None:
    text = _read(path)
    if not text:
        return None
    rules = Rules(line.removesuffix("\r") for line in text.split("\n"))
    return rules or None


def _read(path: str) -> str:
    try:
        status = os.lstat(path)
        # Git does not follow links here either; a pipe would block for ever.
        if not stat.S_ISREG(status.st_mode):
            return ""
        if status.st_size > MAX_IGNORE_BYTES:
            log.warning("%s is too large for an ignore file and does not count", path)
            return ""
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
            return opened.read()
    except (OSError, ValueError):
        return ""
