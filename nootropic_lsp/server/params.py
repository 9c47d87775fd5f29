"""This file is where the messages of an editor get their shapes, as far as we read them.

msgspec checks and decodes straight from the bytes.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType, field

Id = int | str | None


class Shape(Struct, rename="camel", gc=False):
    """What all shapes have in common. `gc=False`: none of them can be part of a cycle."""


class ErrorShape(Shape):
    """Why the client could not do what we asked."""

    code: int = 0
    message: str = ""
    data: Any = None


class Envelope(Shape, kw_only=True):
    """Any message, with its contents still in bytes."""

    method: str | None = None
    id: Id | UnsetType = UNSET
    params: Raw | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    error: ErrorShape | None = None


class LooseEnvelope(Shape, kw_only=True):
    """The same for what msgspec does not read: text with half a surrogate pair."""

    method: str | None = None
    id: Id | UnsetType = UNSET
    params: Any = UNSET
    result: Any = UNSET
    error: ErrorShape | None = None


class Position(Shape):
    """A place in a text, in lines and in units of the agreed encoding."""

    line: int
    character: int


class Range(Shape):
    """Two positions, the second of which is outside."""

    start: Position
    end: Position


class Location(Shape):
    """A range in a document. A shape is made and written in half the time of a dictionary."""

    uri: str
    range: Range


class TextDocument(Shape):
    """Which document."""

    uri: str


class VersionedDocument(Shape):
    """Which document, and what the client calls its new state."""

    uri: str
    version: int | None = None


class TextDocumentItem(Shape):
    """A document with its text."""

    uri: str
    text: str
    language_id: str = ""
    version: int | None = None


class ContentChange(Shape):
    """A new text for a range, or for the whole."""

    text: str
    range: Range | None = None


class DidOpen(Shape):
    """textDocument/didOpen."""

    text_document: TextDocumentItem


class DidChange(Shape):
    """textDocument/didChange."""

    text_document: VersionedDocument
    content_changes: list[ContentChange]


class InDocument(Shape):
    """A question about a whole document."""

    text_document: TextDocument


class AtPosition(Shape):
    """A question about a place in a document."""

    text_document: TextDocument
    position: Position


class SelectedEntry(Shape):
    """The entry that is selected in an open menu."""

    range: Range
    text: str


class InlineContext(Shape):
    """How ghost text was asked for: 1 by the user, 2 by itself."""

    trigger_kind: int = 2
    selected_completion_info: SelectedEntry | None = None


class InlineCompletion(Shape):
    """textDocument/inlineCompletion."""

    text_document: TextDocument
    position: Position
    context: InlineContext = field(default_factory=InlineContext)


class InRange(Shape):
    """A question about a part of a document."""

    text_document: TextDocument
    range: Range


class ReferenceContext(Shape):
    """What else counts as a reference."""

    include_declaration: bool = True


class References(Shape):
    """textDocument/references."""

    text_document: TextDocument
    position: Position
    context: ReferenceContext = field(default_factory=ReferenceContext)


class Rename(Shape):
    """textDocument/rename."""

    text_document: TextDocument
    position: Position
    new_name: str


class CompletionContext(Shape):
    """Why a menu is asked for: 1 by hand or by typing, 2 after a trigger, 3 again for more."""

    trigger_kind: int = 1


class Completion(Shape):
    """textDocument/completion."""

    text_document: TextDocument
    position: Position
    context: CompletionContext = field(default_factory=CompletionContext)


class AtPositions(Shape):
    """textDocument/selectionRange."""

    text_document: TextDocument
    positions: list[Position]


class Diagnose(Shape):
    """textDocument/diagnostic."""

    text_document: TextDocument
    previous_result_id: str | None = None


class KnownReport(Shape):
    """A report that the client has."""

    uri: str
    value: str


class DiagnoseWorkspace(Shape):
    """workspace/diagnostic."""

    previous_result_ids: list[KnownReport] = []
    partial_result_token: int | str | None = None


class Problem(Shape):
    """A diagnostic of some server."""

    range: Range | None = None
    message: str = ""
    source: str = ""
    code: int | str | None = None


class ActionContext(Shape):
    """Which actions are asked for, and how: 1 by the user, 2 by itself."""

    diagnostics: list[Problem] | None = None
    only: list[str] | None = None
    trigger_kind: int | None = 1


class CodeActions(Shape):
    """textDocument/codeAction."""

    text_document: TextDocument
    range: Range
    context: ActionContext = field(default_factory=ActionContext)


class ActionData(Shape):
    """What we need to know of an action to make its edit."""

    uri: str
    version: int | None
    what: str
    code: str = ""
    start: int = 0
    end: int = 0


class TokensDelta(Shape):
    """textDocument/semanticTokens/full/delta."""

    text_document: TextDocument
    previous_result_id: str


class Query(Shape):
    """workspace/symbol."""

    query: str = ""


class Item(Shape):
    """An item of a hierarchy that we gave out; `data` is the id of its symbol."""

    uri: str
    selection_range: Range
    data: str = "0"


class OfItem(Shape):
    """What comes before or after an item of a hierarchy."""

    item: Item


class LensData(Shape):
    """What we need to know of a lens to fill it in."""

    uri: str
    symbol: str


class UnfilledLens(Shape):
    """codeLens/resolve."""

    range: Range
    data: LensData


class FileRename(Shape):
    """One file that will be renamed."""

    old_uri: str
    new_uri: str


class FileRenames(Shape):
    """workspace/willRenameFiles."""

    files: list[FileRename]


class FileEvent(Shape):
    """One file that changed on disk: 1 created, 2 changed, 3 deleted."""

    uri: str
    type: int


class FileEvents(Shape):
    """workspace/didChangeWatchedFiles."""

    changes: list[FileEvent]


class Folder(Shape):
    """A folder of the workspace."""

    uri: str
    name: str = ""


class FolderChange(Shape):
    """Folders that came and went."""

    added: list[Folder] = []
    removed: list[Folder] = []


class FoldersChanged(Shape):
    """workspace/didChangeWorkspaceFolders."""

    event: FolderChange


class Configuration(Shape):
    """workspace/didChangeConfiguration."""

    settings: Any = None


class Command(Shape):
    """workspace/executeCommand."""

    command: str
    arguments: list[Any] | None = None


class Asked(Shape):
    """What a model or a search is asked. Each command takes what it needs of it.

    `show` is for editors that show nothing themselves; events go to `token` by `$/progress`.
    """

    question: str = ""
    instruction: str = ""
    text_document: TextDocument | None = None
    range: Range | None = None
    history: list[dict[str, Any]] | None = None
    diagnostic: Problem | None = None
    model: str = ""
    limit: int = 5
    show: bool = False
    token: int | str | None = None


class Moved(AtPosition):
    """nootropic.moveSymbol: what is at a position goes to the file with the URI `target`."""

    target: str


class NewParameter(Shape):
    """A parameter that was there by the name `was`, or a new one: in the signature with a
    `default`, or with a `value` that every call passes."""

    name: str
    was: str = ""
    default: str = ""
    value: str = ""


class Signed(AtPosition):
    """nootropic.changeSignature: all parameters that the function at a position is to have."""

    parameters: list[NewParameter]


class InlineItem(Shape):
    """Ghost text that we gave out, told apart by the argument of its command."""

    insert_text: str = ""
    command: Command | None = None


class OfInlineItem(Shape):
    """textDocument/didShowCompletion."""

    item: InlineItem


class AcceptedPart(Shape):
    """textDocument/didPartiallyAcceptCompletion."""

    item: InlineItem
    accepted_length: int = 0


class Cancel(Shape):
    """$/cancelRequest."""

    id: Id


class ProgressToken(Shape):
    """window/workDoneProgress/cancel."""

    token: int | str


class Initialize(Shape):
    """The first request. Nothing is served without it, so that we take whatever comes."""

    process_id: Any = None
    client_info: Any = None
    root_path: Any = None
    root_uri: Any = None
    capabilities: Any = None
    initialization_options: Any = None
    workspace_folders: list[Folder] | None = None


class Anything(Shape):
    """Parameters that we do not look at."""
