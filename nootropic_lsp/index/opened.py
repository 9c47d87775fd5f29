"""An open text with its syntax tree and facts, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import replaced
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.parse import empty_facts, extract_tree, parsed_in_time
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.units import Unit

if TYPE_CHECKING:
    from tree_sitter import Tree

# Edits are parsed within milliseconds. What takes so long does not end.
_PARSE_DEADLINE_S = 2.0


class OpenText:
    """One version of an open document. `before` is the version it was edited from.

    `held` is why it is not parsed in this process, as a sentence, or "". A held text has
    no tree and empty facts. `elsewhere` has a child find the facts of a text that is so
    long that nothing else could be done here meanwhile: it releases or refuses the text.
    """

    def __init__(
        self,
        document: Document,
        before: OpenText | None = None,
        *,
        elsewhere: Callable[[OpenText], object] | None = None,
    ) -> None:
        self.document = document
        self.held = ""
        self.is_waiting = False
        # What features have made of this text or an earlier one, and go on to use.
        self.kept: dict[str, Any] = {} if before is None else before.kept
        self._elsewhere = elsewhere
        self._base: tuple[Tree, bytes] | None = None
        if before is not None:
            self._base = before._parsed_or_base()
            self._elsewhere = elsewhere or before._elsewhere
        self._parsed: tuple[Tree, bytes] | None = None
        self._unit: Unit | None = None
        # Each is made once, by whoever asks first; the tree does not wait for the facts.
        self._parsing = Lock()
        self._extracting = Lock()

    def _parsed_or_base(self) -> tuple[Tree, bytes] | None:
        return self._parsed or self._base

    @property
    def is_readable(self) -> bool:
        """Whether there is a grammar for its language."""
        return self.document.language in LANGUAGES

    @property
    def is_parsed(self) -> bool:
        """Whether this version, or one it was edited from, has been parsed here."""
        return self._parsed_or_base() is not None

    @property
    def has_facts(self) -> bool:
        """Whether its facts have been made."""
        return self._unit is not None

    def wait(self, why: str) -> None:
        """Hold it until a child has read it."""
        self.held = why
        self.is_waiting = True

    def refuse(self, why: str) -> None:
        """The child could not cope with it."""
        self.held = why
        self.is_waiting = False

    def release(self, facts: bytes) -> None:
        """A child has coped with a held text, and found these facts: now it is parsed here."""
        unit = Unit.stored(self.document.path, facts)
        with self._parsing:
            if self._parsed is None:
                self._parse()
            if self._parsed is not None:
                # Last, so that whoever gets answers may build on the tree.
                self._unit = unit
                self.held = ""
                self.is_waiting = False

    def tree(self) -> tuple[Tree, bytes] | None:
        """The syntax tree and the UTF-8 text that its byte offsets count in."""
        if not self.is_readable or self.held:
            return None
        with self._parsing:
            return self._parsed or self._parse()

    def _parse(self) -> tuple[Tree, bytes] | None:
        data = encode_source(self.document.text)
        before = self._base
        base = None if before is None else _edited(*before, data)
        tree = parsed_in_time(data, self.document.language, base, deadline_s=_PARSE_DEADLINE_S)
        if tree is None:
            name = self.document.path.rpartition("/")[2]
            self.refuse(f"{name} takes too long to parse, so it is passed over")
            return None
        self._parsed = parsed = tree, data
        self._base = None
        return parsed

    def let_go(self) -> None:
        """Nobody is at work on it: whoever still asks has its tree made anew."""
        self.kept.clear()
        self._parsed = self._base = None

    def unit(self) -> Unit | None:
        """The facts of the text."""
        if self._unit is None and self.is_readable:
            with self._extracting:
                if self._unit is None and not self.held:
                    self._find_facts()
                return self._unit or self._nothing()
        return self._unit

    def _find_facts(self) -> None:
        if self._elsewhere is not None:
            self._elsewhere(self)
        elif (parsed := self.tree()) is not None:
            facts = extract_tree(*parsed, self.document.language)
            self._unit = Unit(self.document.path, facts)

    def _nothing(self) -> Unit:
        document = self.document
        return Unit(document.path, empty_facts(document.language, len(document.text)))


class OpenUnits(Mapping[str, Unit]):
    """Open texts as a mapping of units, so that facts are made only for those asked for."""

    def __init__(self, texts: Mapping[str, OpenText]) -> None:
        self._texts = {path: text for path, text in texts.items() if text.is_readable}

    def __getitem__(self, path: str) -> Unit:
        unit = self._texts[path].unit()
        if unit is None:
            raise KeyError(path)
        return unit

    def __contains__(self, path: object) -> bool:
        return path in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _edited(tree: Tree, before: bytes, after: bytes) -> Tree:
    """A copy of a tree that knows which stretch of its text was replaced."""
    start, old_end, new_end = replaced(before, after)
    # Inside a character there is no place to cut.
    while start and start < len(after) and (after[start] & 0xC0) == 0x80:
        start -= 1
    copy = tree.copy()
    copy.edit(
        start_byte=start,
        old_end_byte=old_end,
        new_end_byte=new_end,
        start_point=_point(before, start),
        old_end_point=_point(before, old_end),
        new_end_point=_point(after, new_end),
    )
    return copy


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)
