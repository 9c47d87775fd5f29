"""Writing a patch to the disk as a whole, and taking it back.

What is about to be done is written down first, so that after a crash the next command takes
back what was half done. A file that somebody else has changed is never overwritten.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec

from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.places import places
from nootropic_lsp.index.source import decode_source, encode_like
from nootropic_lsp.safety.seal import is_sealed, seal
from nootropic_lsp.store import journal
from nootropic_lsp.store.journal import Checkpoint, Entry, State

FOLDER = "checkpoints"
_MOST = 20
_MOST_BYTES = 200_000_000
_NEW_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: `kept` says of each file that was left why."""

    checkpoint: Checkpoint
    restored: tuple[str, ...]
    kept: Mapping[str, str]


def digest(raw: bytes) -> bytes:
    """What tells whether a file is still as it was read for a patch."""
    return blake2b(raw, digest_size=16).digest()


def apply(
    folder: Path, patch: Patch, *, title: str, seen: Mapping[str, bytes] | None = None
) -> Checkpoint:
    """Write a patch to the files of a workspace; nothing is written if any of it cannot be.

    `seen` are the digests of the files that the patch was made from. Raises `RefusedError`
    with what stands in the way.
    """
    contents = _contents(patch, seen or {})
    return write(folder, contents, title=title, renames=patch.renames)


def write(
    folder: Path,
    contents: Mapping[str, bytes | None],
    *,
    title: str,
    renames: Mapping[str, str] | None = None,
) -> Checkpoint:
    """Write whole files, or remove those whose content is None, in one checkpoint."""
    root = Path(os.path.realpath(folder))
    wanted, modes = _with_renames(contents, renames or {})
    problems = [each for path in wanted if (each := obstacle(root, Path(path)))]
    if problems:
        raise RefusedError(f"nothing was written: {'; '.join(problems)}")
    with _locked(root) as home:
        try:
            checkpoint = _noted(home, root, wanted, modes, title)
        except OSError as error:
            raise NootropicError(_without_room(error, home)) from error
        _carry_out(home, root, checkpoint)
        done = msgspec.structs.replace(checkpoint, state="applied")
        journal.write(home, done)
        journal.prune(home, most=_MOST, most_bytes=_MOST_BYTES)
        return done


def undo(folder: Path, *, to: str | None = None) -> list[Undone]:
    """Take back the latest checkpoint, or all down to one and with it, the latest first."""
    root = Path(os.path.realpath(folder))
    with _locked(root) as home:
        known = [each for each in journal.read(home) if each.state == "applied" or each.id == to]
        if to is not None:
            ids = [each.id for each in known]
            if to not in ids:
                raise NootropicError(
                    f"there is no checkpoint {to}; `nootropic undo --list` shows those there are"
                )
            known = known[: ids.index(to) + 1]
        else:
            known = known[:1]
        return [_undone(home, root, each) for each in known]


def checkpoints(folder: Path) -> list[Checkpoint]:
    """The checkpoints of a workspace, the latest first."""
    with _locked(Path(os.path.realpath(folder))) as home:
        return journal.read(home)


def recover(folder: Path) -> list[Undone]:
    """Take back what a process that died had half done."""
    root = Path(os.path.realpath(folder))
    if not _halves(_home(root)):
        return []
    with _locked(root) as home:
        return [_undone(home, root, each) for each in _halves(home)]


def _halves(home: Path) -> list[Checkpoint]:
    return [each for each in journal.read(home) if each.state in ("applying", "undoing")]


# ---- what may be written


def obstacle(root: Path, path: Path) -> str:
    """Why a file must not be written, as a sentence; "" if it may be."""
    real = Path(os.path.realpath(path.parent)) / path.name
    if not real.is_relative_to(root):
        return f"{path} is outside of the workspace"
    try:
        status = path.lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    if stat.S_ISLNK(status.st_mode):
        return f"{path} is a link"
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is no regular file"
    if not status.st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        return f"{path} is read-only"
    if status.st_nlink > 1:
        return f"{path} has several names on the disk, of which only one would change"
    return ""


def _contents(patch: Patch, seen: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """The files of a patch as they are to be."""
    found: dict[str, bytes | None] = {}
    problems = []
    for path, edits in patch.edits.items():
        file = Path(path)
        try:
            raw = file.read_bytes() if file.exists() else b""
        except OSError as error:
            problems.append(f"{path} cannot be read ({error.strerror})")
            continue
        if path in seen and seen[path] != digest(raw):
            problems.append(f"{path} has changed since it was looked at")
            continue
        content = edited(raw, edits)
        if content is None:
            problems.append(f"{path} cannot be written in the encoding that it has")
        found[path] = content
    if problems:
        raise RefusedError(f"nothing was written: {'; '.join(problems)}")
    return found


def edited(raw: bytes, edits: Sequence[Edit]) -> bytes | None:
    """A file after edits, in its own encoding; None if that cannot hold them."""
    after = decode_source(raw)
    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        after = after[: edit.span.start] + edit.text + after[edit.span.end :]
    return encode_like(after, raw)


def text(raw: bytes) -> str:
    """A file as text, to be shown."""
    return decode_source(raw)


def _with_renames(
    contents: Mapping[str, bytes | None], renames: Mapping[str, str]
) -> tuple[dict[str, bytes | None], dict[str, int]]:
    """Contents by their final path, and the permissions that go with a file to its new name."""
    wanted = dict(contents)
    modes: dict[str, int] = {}
    for old, new in renames.items():
        if Path(new).exists():
            raise RefusedError(f"nothing was written: there is already a file {new}")
        try:
            content = wanted.pop(old) if old in wanted else Path(old).read_bytes()
            modes[new] = stat.S_IMODE(Path(old).stat().st_mode)
        except OSError as error:
            raise RefusedError(
                f"nothing was written: {old} cannot be read ({error.strerror})"
            ) from error
        wanted[old], wanted[new] = None, content
    return wanted, modes


# ---- the steps, each of which can be the last one


def _noted(
    home: Path,
    root: Path,
    wanted: Mapping[str, bytes | None],
    modes: Mapping[str, int],
    title: str,
) -> Checkpoint:
    """Keep all contents, then write down what is going to be done."""
    entries = []
    for path, content in sorted(wanted.items()):
        file = Path(os.path.realpath(Path(path).parent)) / Path(path).name
        before = file.read_bytes() if file.exists() else None
        if before == content:
            continue
        mode = (
            stat.S_IMODE(file.stat().st_mode) if before is not None else modes.get(path, _NEW_MODE)
        )
        entries.append(
            Entry(
                file.relative_to(root).as_posix(),
                None if before is None else journal.put(home, before),
                None if content is None else journal.put(home, content),
                mode,
            )
        )
    now = time.time()
    stamp, number = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)), 1
    latest = next((each.id for each in journal.read(home)), "")
    if latest >= stamp:  # within the same second, or the clock was put back
        stamp, number = latest[: len(stamp)], int(latest[len(stamp) + 1 :]) + 1
    checkpoint = Checkpoint(f"{stamp}-{number:03}", now, title, "applying", tuple(entries))
    journal.write(home, checkpoint)
    return checkpoint


def _carry_out(home: Path, root: Path, checkpoint: Checkpoint) -> None:
    """Bring every file to its new state; on an error, back to the old one."""
    prepared: list[tuple[Entry, Path | None]] = []
    try:
        # A full disk shows here, before any file is touched.
        for entry in checkpoint.entries:
            temporary = _prepared(home, root, checkpoint, entry, entry.after)
            prepared.append((entry, temporary))
        for entry, temporary in prepared:
            if _now(root, entry) != entry.before:
                raise RefusedError(
                    f"nothing was written: {entry.path} has changed since it was looked at"
                )
            _take_place(root / entry.path, temporary)
    except BaseException as error:
        kept = _undone(home, root, checkpoint).kept
        if not isinstance(error, OSError):
            raise
        problem = _without_room(error, root)
        if kept:
            problem = f"{problem}; `nootropic undo` brings back {', '.join(kept)}"
        raise NootropicError(problem) from error


def _without_room(error: OSError, where: Path) -> str:
    return (
        f"nothing was changed: {error.filename or where} cannot be written ({error.strerror});"
        " check the free space and the permissions"
    )


def _undone(home: Path, root: Path, checkpoint: Checkpoint) -> Undone:
    """Bring back every file that is as the checkpoint left it."""
    state: State = "undone"
    with contextlib.suppress(OSError):  # on a full disk, what is half applied counts as that
        journal.write(home, msgspec.structs.replace(checkpoint, state="undoing"))
    restored: list[str] = []
    kept: dict[str, str] = {}
    for entry in checkpoint.entries:
        _clear(root / entry.path, checkpoint)
        try:
            why = _restored(home, root, checkpoint, entry)
        except OSError as error:
            why = f"it cannot be written ({error.strerror})"
            state = "undoing"  # the next command tries again
        if why:
            kept[entry.path] = why
        elif why is not None:
            restored.append(entry.path)
    left = tuple(each for each in checkpoint.entries if each.path in kept)
    with contextlib.suppress(OSError):
        if left:
            journal.write(home, msgspec.structs.replace(checkpoint, state=state, entries=left))
        else:
            (home / f"{checkpoint.id}.json").unlink(missing_ok=True)
    return Undone(checkpoint, tuple(restored), kept)


def _restored(home: Path, root: Path, checkpoint: Checkpoint, entry: Entry) -> str | None:
    """Bring back one file: "" if that was done, None if there was nothing to do, else why not."""
    file = root / entry.path
    if not Path(os.path.realpath(file.parent)).is_relative_to(root) or file.is_symlink():
        return "it leads out of the workspace now"
    now = _now(root, entry)
    if now == entry.before:
        return None
    if now != entry.after:
        return "it was changed since" if now is not None else "it was removed since"
    try:
        _take_place(file, _prepared(home, root, checkpoint, entry, entry.before))
    except NootropicError as error:
        return str(error)
    return ""


def _now(root: Path, entry: Entry) -> str | None:
    file = root / entry.path
    return journal.digest(file.read_bytes()) if file.exists() else None


def _prepared(
    home: Path, root: Path, checkpoint: Checkpoint, entry: Entry, name: str | None
) -> Path | None:
    """The temporary file with a content of a checkpoint, None if the file is to be no more."""
    if name is None:
        return None
    content = journal.get(home, name)
    if content is None:
        raise NootropicError("what it held is damaged in the checkpoint")
    file = root / entry.path
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = journal.prepared(file, content, mode=entry.mode, prefix=_prefix(checkpoint))
    if file.exists() and hasattr(os, "chown"):
        status = file.stat()
        with contextlib.suppress(OSError):
            os.chown(temporary, status.st_uid, status.st_gid)
    return temporary


def _take_place(file: Path, temporary: Path | None) -> None:
    if temporary is None:
        file.unlink()
    else:
        temporary.replace(file)


def _clear(file: Path, checkpoint: Checkpoint) -> None:
    """Remove what a process that died had prepared beside a file."""
    for left in file.parent.glob(f"{_prefix(checkpoint)}*"):
        left.unlink(missing_ok=True)


def _prefix(checkpoint: Checkpoint) -> str:
    return f".nootropic-{checkpoint.id}-"


# ---- where it is kept


@contextmanager
def _locked(root: Path) -> Iterator[Path]:
    """The folder of the checkpoints, ours alone."""
    home = _home(root)
    lock = WriterLock(home / "lock")
    try:
        is_ours = lock.acquire()
    except OSError as error:
        raise NootropicError(f"{home} cannot be written ({error.strerror})") from error
    if not is_ours:
        raise NootropicError(
            f"process {lock.owner()} is rewriting files of this workspace; try again afterwards"
        )
    try:
        yield home
    finally:
        lock.release()


def _home(root: Path) -> Path:
    """Where checkpoints lie: beside the index, if that can be there. One that came with a
    repository could write anything anywhere, and is removed."""
    for place in places(str(root)):
        home = place.database.parent.parent / FOLDER
        try:
            if place.is_inside:
                if home.is_symlink():
                    continue
                if home.exists() and not is_sealed(home):
                    shutil.rmtree(home)
                home.mkdir(exist_ok=True)
                if not is_sealed(home) and not seal(home):
                    continue
            home.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        return home
    raise NootropicError(
        "there is no place to keep what would be changed, so nothing is; free some disk space"
    )
