"""What to show behind the cursor, in grey: likely text that fits there, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.features import fitting
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.gather import gather
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.surroundings import surroundings
from nootropic_lsp.index.trial import Role, WrittenName, is_worse, names_between, with_text
from nootropic_lsp.store.graph import is_defined

# Nobody waits for the parser of a longer text at every key.
MOST_CHARACTERS = 1_000_000
LONGEST_LINE = 2_000
# A suggestion that still does not fit after so many cuts does not fit.
_MOST_CUTS = 6
_IN_WORD = re.compile(r"\w")
_LINK = re.compile(r"(?:\?\.|\.|->|::)\s*\Z")
_WORD_BEFORE = re.compile(r"\w*\Z")


# Suggests a text for an offset of a document.
Suggest = Callable[[Document, int], Suggestion | Silence]


class Selected(NamedTuple):
    """The entry of a menu that is selected: it would write this text over a span."""

    span: Span
    text: str


def ghost(
    snapshot: Snapshot,
    path: str,
    offset: int,
    *,
    threshold: float,
    most_lines: int = 10,
    selected: Selected | None = None,
    disabled: Collection[str] = (),
    otherwise: Suggest | None = None,
) -> Suggestion | Silence:
    """What probably follows an offset, as much of it as fits there.

    With an entry `selected` it is what follows that entry. `disabled` are languages. Where the
    token model has nothing to say, `otherwise` is asked, given the text and the offset.
    """
    opened = snapshot.opened.get(path)
    if opened is None:
        return Silence("closed", "The file is not open in the editor.")
    refused = _refused(snapshot, opened, offset, disabled)
    if refused is not None:
        return refused
    assert snapshot.predictor is not None
    place = _place(opened, offset, selected)
    if isinstance(place, Silence):
        return place
    found = snapshot.predictor.suggest(
        opened.document, offset, threshold=threshold, typed=place.typed
    )
    made = _fitting(snapshot, place, found, most_lines)
    # A model would be told of a text that nobody has written.
    if isinstance(made, Suggestion) or otherwise is None or selected is not None:
        return made
    second = _fitting(snapshot, place, otherwise(opened.document, offset), most_lines)
    return second if isinstance(second, Suggestion) else made


def _fitting(
    snapshot: Snapshot, place: _Place, found: Suggestion | Silence, most_lines: int
) -> Suggestion | Silence:
    if isinstance(found, Silence):
        return found
    fits = fitting.fitted(found, place.text.document, place.offset, most_lines)
    if not fits.text:
        return Silence("repeats", "What is likely stands there already.")
    return _readable(snapshot, place, fits)


class _Place(NamedTuple):
    """Where a suggestion goes: the text with the selected entry in it."""

    text: OpenText
    offset: int
    typed: str | None


def _refused(
    snapshot: Snapshot, opened: OpenText, offset: int, disabled: Collection[str]
) -> Silence | None:
    """Why nothing is suggested there, whatever it would be."""
    document = opened.document
    if not 0 <= offset <= len(document.text):
        return Silence("outside", "The text has no such place.")
    if not opened.is_readable:
        return Silence(
            "language", f"There is no grammar for {document.language or 'this language'}."
        )
    if document.language in disabled:
        return Silence(
            "disabled", f"Ghost text is switched off for {document.language} in the settings."
        )
    if len(document.text) > MOST_CHARACTERS:
        return Silence("too-large", "The file is too large for suggestions.")
    before, rest = fitting.start_of_line(document, offset), fitting.rest_of_line(document, offset)
    if len(before) + len(rest) > LONGEST_LINE:
        return Silence("long-line", "The line is too long for suggestions.")
    if opened.held:
        return Silence("held", f"{opened.held}.")
    if snapshot.predictor is None:
        why = f": {snapshot.incomplete}" if snapshot.incomplete else ""
        return Silence("building", f"The token model is still being built{why}.")
    around = surroundings(opened, offset)
    if around != "code":
        prose = around if isinstance(around, str) else "string"
        return Silence(prose, f"The cursor is in a {prose}.")
    if rest and _IN_WORD.match(rest):
        return Silence("in-word", "The cursor is at the start or in the middle of a word.")
    if not fitting.has_room(rest):
        return Silence("in-line", "There is more code right of the cursor.")
    # The parser may have given up on it just now.
    return Silence("held", f"{opened.held}.") if opened.held else None


def _place(opened: OpenText, offset: int, selected: Selected | None) -> _Place | Silence:
    if selected is None:
        return _Place(opened, offset, None)
    text = opened.document.text
    span, written = selected
    if not span.touches(offset):
        return Silence("selected", "The selected entry of the menu is for another place.")
    before = text[: span.start] + written
    word = _word_before(before)
    kept = text[: offset - len(_word_before(text[:offset]))]
    if not word or before[: len(before) - len(word)] != kept:
        return Silence("selected", "The selected entry of the menu changes more than this word.")
    return _Place(with_text(opened, span.start, span.end, written), len(before), word)


def _word_before(text: str) -> str:
    found = _WORD_BEFORE.search(text, max(0, len(text) - 200))
    return found[0] if found else ""


def _readable(snapshot: Snapshot, place: _Place, found: Suggestion) -> Suggestion | Silence:
    """Cut back until all names are known and the text is no more broken than it was."""
    document = place.text.document
    line = document.lines.line_of(place.offset)
    reason = Silence("short", "What is likely to come next is too short to be worth showing.")
    for _ in range(_MOST_CUTS):
        if not fitting.is_worth_it(found):
            return reason
        tried = with_text(place.text, place.offset, place.offset, found.text)
        length = _first_unknown(snapshot, place, tried, found)
        if length < len(found.text):
            reason = Silence("unknown-name", "What is likely has a name that is not known here.")
        elif is_worse(place.text, tried, line, found.text.count("\n") + 1):
            reason = Silence("breaks", "What is likely would break the syntax of the file.")
            length = max((end for end in found.ends if end < len(found.text)), default=0)
        else:
            return found
        found = fitting.cut(found, length)
    return reason


def _first_unknown(snapshot: Snapshot, place: _Place, tried: OpenText, found: Suggestion) -> int:
    """Where the first name begins that nobody knows, or the length of the suggestion."""
    offset = place.offset
    for name in names_between(tried, offset, offset + len(found.text)):
        if not _is_known(snapshot, place.text.document, tried, name):
            return len(_LINK.sub("", found.text[: max(0, name.start - offset)]))
    return len(found.text)


def _is_known(snapshot: Snapshot, document: Document, tried: OpenText, name: WrittenName) -> bool:
    """Whether the file has a name, or the graph, or else the menu would list it at that place.

    Where libraries are not read, what the workspace nowhere defines is one of theirs: the token
    model has seen it used.
    """
    if _occurs(name.text, document.text):
        return True
    is_ours = any(is_defined(index.connection, name.text) for index in snapshot.indexes)
    if is_ours and name.role is not Role.BARE:
        return True
    if not is_ours and not LANGUAGES[document.language].knows_libraries:
        return True
    listed = gather(Asked(snapshot, tried, name.start), {})
    return any(each.name.removesuffix("=") == name.text for each in listed)


def _occurs(word: str, text: str) -> bool:
    """Whether a text has a word, as a whole."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and _IN_WORD.match(text, at - 1)) and not _IN_WORD.match(text, end):
            return True
        at = text.find(word, end)
    return False
