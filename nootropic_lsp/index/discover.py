"""Finding the source files of a workspace, and telling their language."""

# Paths are strings here, because a workspace has tens of thousands of them and `Path` is slow.
# ruff: noqa: PTH118, PTH119, PTH123
from __future__ import annotations

import logging
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.index.source import head_in_utf8
from nootropic_lsp.safety.ignore import FOLDER_MARKERS, Ignore, Layers
from nootropic_lsp.settings.options import IndexSettings

log = logging.getLogger(__name__)

HEAD_BYTES = 8_192


class Found(NamedTuple):
    """A file to index; `path` is absolute."""

    path: str
    language: str
    size: int
    mtime_ns: int


class Folder(NamedTuple):
    """A folder to look into; `path` is relative to the workspace, with `/`.

    `layers` are the ignore files around it; `included` says whether all in it is.
    """

    path: str
    layers: Layers
    included: bool


def discover(root: Path, *, settings: IndexSettings) -> Iterator[Found]:
    """The files of a workspace that may be indexed, folder by folder in the order of their names.

    Links are not followed: what they lead to inside the workspace is found at its own
    path, and what is outside is none of our business. Contents are looked at only where
    the language cannot be told otherwise, so the reader must still ask `skip_reason`.
    What cannot be read is passed over.
    """
    ignore = ignore_of(root, settings)
    waiting = [top(ignore, settings)]
    while waiting:
        files, folders = look_into(ignore, waiting.pop(), settings.max_file_bytes)
        yield from files
        waiting += reversed(folders)


def ignore_of(root: Path, settings: IndexSettings) -> Ignore:
    """What a workspace leaves out, by its ignore files and by the settings."""
    return Ignore(
        root,
        use_gitignore=settings.use_gitignore,
        include=settings.include,
        exclude=settings.exclude,
    )


def top(ignore: Ignore, settings: IndexSettings) -> Folder:
    """The workspace's own folder."""
    return Folder("", ignore.root_layers(), not settings.include)


def look_into(
    ignore: Ignore, folder: Folder, max_file_bytes: int
) -> tuple[list[Found], list[Folder]]:
    """What may be indexed in a folder, and the folders in it that may hold more."""
    path, layers, included = folder
    entries = _entries(os.path.join(ignore.root, path) if path else ignore.root)
    files: list[Found] = []
    folders: list[Folder] = []
    if path:
        names = {entry.name for entry in entries}
        if not FOLDER_MARKERS.isdisjoint(names):
            return files, folders
        layers = ignore.layers_in(layers, path, names)
    prefix = path + "/" if path else ""
    for entry in entries:
        name = entry.name
        relative = prefix + name
        if _is_folder(entry):
            if not ignore.leaves_out(layers, relative, name, is_dir=True):
                inside = included or ignore.includes(relative, name, is_dir=True)
                folders.append(Folder(relative, layers, inside))
        elif (
            _may_be_source(name)
            and (included or ignore.includes(relative, name, is_dir=False))
            and not ignore.leaves_out(layers, relative, name, is_dir=False)
        ):
            found = _found(entry, max_file_bytes)
            if found is not None:
                files.append(found)
    return files, folders


def language_of(path: str, head: bytes | None = None) -> str | None:
    """The language of a file, by its name and, where that leaves a doubt, by its first bytes."""
    name = os.path.basename(path)
    stem, dot, extension = name.rpartition(".")
    if not (dot and stem):
        return _LANGUAGE_BY_NAME.get(name) or (_by_shebang(head) if head else None)
    if extension in ("C", "H"):  # By an old custom, in capitals they are C++.
        return "cpp"
    language = _LANGUAGE_BY_EXTENSION.get(extension.lower())
    if language is None:
        return _LANGUAGE_BY_NAME.get(name)
    if head:
        head = head_in_utf8(head)
        if extension.lower() == "h" and _LOOKS_LIKE_CPP.search(head):
            return "cpp"
        if extension.lower() == "h" and _LOOKS_LIKE_OBJECTIVE_C.search(head):
            return None
        if extension.lower() == "ts" and head.lstrip().startswith(b"<"):
            return None  # Qt keeps its translations in XML files of this name.
    return language


def suffixes_of(language: str) -> tuple[str, ...]:
    """The endings of the files of a language, with their dots."""
    return tuple(
        f".{extension}" for extension, name in _LANGUAGE_BY_EXTENSION.items() if name == language
    )


def skip_reason(
    path: str, head: bytes, size: int, *, max_file_bytes: int = IndexSettings().max_file_bytes
) -> str | None:
    """Why a file is not worth indexing, in a few words, or None if it is.

    `head` is the first `HEAD_BYTES` of the file, or all of a shorter one.
    """
    if size > max_file_bytes:
        return f"larger than {max_file_bytes} bytes (index.maxFileBytes)"
    name = os.path.basename(path).lower()
    if name in _LOCK_FILES:
        return "generated"
    if _MINIFIED_NAME.search(name):
        return "minified"
    head = head_in_utf8(head)
    if b"\0" in head:
        return "binary"
    longest_line = _DENSE_BYTES_PER_LINE.get(language_of(path) or "", 1_000)
    if len(head) > 4 * longest_line and len(head) / (head.count(b"\n") + 1) > longest_line:
        return "minified"
    if _GENERATED.search(head[:2_000]):
        return "generated"
    return None


_LANGUAGE_BY_EXTENSION = {
    extension: language
    for language, extensions in {
        "python": "py pyi pyw",
        "javascript": "js mjs cjs jsx",
        "typescript": "ts mts cts",
        "tsx": "tsx",
        "go": "go",
        "rust": "rs",
        "java": "java",
        "c": "c h",
        "cpp": "cpp cc cxx c++ hpp hh hxx h++ ipp tpp inl",
        "csharp": "cs csx",
        "ruby": "rb rake gemspec ru podspec",
        "php": "php phtml php5 php7",
        "bash": "sh bash ksh bats",
        "json": "json jsonc webmanifest",
        "html": "html htm xhtml",
        "css": "css",
    }.items()
    for extension in extensions.split()
}
_LANGUAGE_BY_NAME = {
    name: language
    for language, names in {
        "python": "SConstruct SConscript wscript",
        "ruby": "Gemfile Rakefile Podfile Guardfile Capfile Vagrantfile Brewfile Fastfile",
        "bash": ".bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile PKGBUILD",
    }.items()
    for name in names.split()
}
_LANGUAGE_BY_INTERPRETER = {
    "python": "python",
    "pypy": "python",
    "uv": "python",
    "node": "javascript",
    "nodejs": "javascript",
    "deno": "typescript",
    "bun": "typescript",
    "ts-node": "typescript",
    "tsx": "typescript",
    "sh": "bash",
    "bash": "bash",
    "dash": "bash",
    "ash": "bash",
    "ksh": "bash",
    "ruby": "ruby",
    "jruby": "ruby",
    "php": "php",
}
_SHEBANG = re.compile(
    rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*(?:\S*/)?)?([\w.+-]+)"
)
_LOOKS_LIKE_OBJECTIVE_C = re.compile(
    rb"^[ \t]*@(?:interface|protocol|import|class)\b", re.MULTILINE
)
_LOOKS_LIKE_CPP = re.compile(
    rb"^[ \t]*(?:class[ \t]+\w[^;()]*[{:\n]|namespace[ \t]+[\w:]*[ \t]*[{\n]|template[ \t]*<"
    rb"|using[ \t]+(?:namespace\b|\w+[ \t]*=)|(?:public|private|protected)[ \t]*:"
    rb"|#[ \t]*include[ \t]*<[a-z_]+>)|\bstd::|\bconstexpr\b|\bnoexcept\b",
    re.MULTILINE,
)

_LOCK_FILES = frozenset(
    ("package-lock.json", "npm-shrinkwrap.json", "composer.lock", "packages.lock.json")
)
_MINIFIED_NAME = re.compile(r"[.-]min\.(?:m?js|cjs|css|html)$|\.bundle\.js$|\.chunk\.js$")
# People write shorter lines in these languages than tools do; other languages have no minifiers,
# but tables of data.
_DENSE_BYTES_PER_LINE = dict.fromkeys(("javascript", "typescript", "tsx", "css"), 300)
# What tools agree on, and nobody writes about a file that may be edited. "Generated by Django"
# opens a migration, which people do edit.
_GENERATED = re.compile(
    rb"^[ \t]*(?://|#|\*|/\*+|--|<!--|;|\"\"\"|''')?[^\n]{0,100}(?:"
    rb"(?:[Gg]enerated|GENERATED)\b[^\n]{0,100}\bDO NOT (?:EDIT|MODIFY)"
    rb"|<auto-?generated|(?<![\w`'\"])@generated(?![\w`'\"])"
    rb"|DO NOT (?:EDIT|MODIFY)[^\n]{0,60}\b(?:[Gg]enerated|GENERATED)\b)",
    re.MULTILINE,
)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        log.debug("%s is passed over: %s", folder, error)
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        if sys.platform == "win32":
            # A junction is a link that Windows shows as a folder.
            tag = entry.stat(follow_symlinks=False).st_reparse_tag
            return tag != stat.IO_REPARSE_TAG_MOUNT_POINT
        return True
    except OSError:
        return False


def _may_be_source(name: str) -> bool:
    """Whether a name can be that of a source file, without looking inside."""
    stem, dot, extension = name.rpartition(".")
    if not (dot and stem):
        return not dot or name in _LANGUAGE_BY_NAME
    return extension.lower() in _LANGUAGE_BY_EXTENSION and not _MINIFIED_NAME.search(name.lower())


def _found(entry: os.DirEntry[str], max_file_bytes: int) -> Found | None:
    try:
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode) or status.st_size > max_file_bytes:
            return None
        path = entry.path
        if not path.isascii():
            path.encode()  # A name that is not text can neither be stored nor asked for.
        name = entry.name
        needs_head = "." not in name or name.endswith(".h")
        language = language_of(path, _head(path) if needs_head and status.st_size else None)
    except (OSError, UnicodeEncodeError) as error:
        log.debug("%r is passed over: %s", entry.path, error)
        return None
    if language is None or entry.name.lower() in _LOCK_FILES:
        return None
    return Found(path, language, status.st_size, status.st_mtime_ns)


def _head(path: str) -> bytes:
    with open(path, "rb", buffering=0) as opened:
        return opened.read(HEAD_BYTES)


def _by_shebang(head: bytes) -> str | None:
    found = _SHEBANG.match(head_in_utf8(head))
    if found is None:
        return None
    interpreter = found[1].decode("ascii", "replace")
    return _LANGUAGE_BY_INTERPRETER.get(interpreter) or _LANGUAGE_BY_INTERPRETER.get(
        interpreter.rstrip("0123456789.")
    )
