"""This file is where every request about code has its line: feature switch, handler, capability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from nootropic_lsp.server import (
    actions,
    changing,
    completing,
    diagnostics,
    inline,
    params,
    reading,
    tokens,
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Method:
    """A request. `switch` is its name in the settings; `empty` the answer where we have none.

    `lane` is "slow" for what may take more than some milliseconds, so that it never
    stands in front of what does not; ghost text, asked for at every key, has its own.
    """

    name: str
    switch: str
    handler: Callable[[Any, Any], Any]
    shape: type[Any]
    offers: Mapping[str, Any] = field(default_factory=dict)
    lane: str = "quick"
    empty: Any = None


_TOKENS: Json = {
    "semanticTokensProvider": {"legend": tokens.LEGEND, "range": True, "full": {"delta": True}}
}
_DIAGNOSTICS: Json = {
    "diagnosticProvider": {
        "identifier": "nootropic",
        # A call is checked against a definition that may stand in another file.
        "interFileDependencies": True,
        "workspaceDiagnostics": True,
    }
}
_ACTIONS: Json = {"codeActionProvider": {"codeActionKinds": actions.KINDS, "resolveProvider": True}}
_SIGNATURES: Json = {
    "signatureHelpProvider": {"triggerCharacters": ["(", ","], "retriggerCharacters": [")"]}
}
_MENU: Json = {
    "completionProvider": {
        "triggerCharacters": completing.TRIGGERS,
        "resolveProvider": True,
        "completionItem": {"labelDetailsSupport": True},
    }
}

METHODS: Mapping[str, Method] = {
    each.name: each
    for each in (
        Method("textDocument/definition", "definition", reading.definition, params.AtPosition, {"definitionProvider": True}),
        Method("textDocument/declaration", "declaration", reading.declaration, params.AtPosition, {"declarationProvider": True}),
        Method("textDocument/typeDefinition", "type_definition", reading.type_definition, params.AtPosition, {"typeDefinitionProvider": True}),
        Method("textDocument/implementation", "implementation", reading.implementation, params.AtPosition, {"implementationProvider": True}, "slow"),
        Method("textDocument/hover", "hover", reading.hover, params.AtPosition, {"hoverProvider": True}),
        Method("textDocument/references", "references", reading.references, params.References, {"referencesProvider": True}, "slow"),
        Method("textDocument/documentHighlight", "document_highlight", reading.highlights, params.AtPosition, {"documentHighlightProvider": True}),
        Method("textDocument/documentSymbol", "document_symbol", reading.outline, params.InDocument, {"documentSymbolProvider": True}),
        Method("workspace/symbol", "workspace_symbol", reading.workspace_symbols, params.Query, {"workspaceSymbolProvider": True}, "slow"),
        Method("textDocument/prepareRename", "rename", changing.prepare_rename, params.AtPosition),
        Method("textDocument/rename", "rename", changing.rename, params.Rename, {"renameProvider": True}, "slow"),
        Method("workspace/willRenameFiles", "rename", changing.rename_files, params.FileRenames, {}, "slow"),
        Method("textDocument/prepareCallHierarchy", "call_hierarchy", reading.prepare_calls, params.AtPosition, {"callHierarchyProvider": True}),
        Method("callHierarchy/incomingCalls", "call_hierarchy", reading.incoming_calls, params.OfItem, {}, "slow"),
        Method("callHierarchy/outgoingCalls", "call_hierarchy", reading.outgoing_calls, params.OfItem, {}, "slow"),
        Method("textDocument/prepareTypeHierarchy", "type_hierarchy", reading.prepare_types, params.AtPosition, {"typeHierarchyProvider": True}),
        Method("typeHierarchy/supertypes", "type_hierarchy", reading.supertypes, params.OfItem, {}, "slow"),
        Method("typeHierarchy/subtypes", "type_hierarchy", reading.subtypes, params.OfItem, {}, "slow"),
        Method("textDocument/signatureHelp", "signature_help", reading.signature_help, params.AtPosition, _SIGNATURES),
        Method("textDocument/completion", "completion", completing.complete, params.Completion, _MENU, "quick", completing.EMPTY),
        Method("completionItem/resolve", "completion", completing.resolve, dict[str, Any]),
        Method("textDocument/foldingRange", "folding_range", reading.folding, params.InDocument, {"foldingRangeProvider": True}),
        Method("textDocument/selectionRange", "selection_range", reading.selection_ranges, params.AtPositions, {"selectionRangeProvider": True}),
        Method("textDocument/semanticTokens/full", "semantic_tokens", reading.tokens_full, params.InDocument, _TOKENS, "slow"),
        Method("textDocument/semanticTokens/full/delta", "semantic_tokens", reading.tokens_delta, params.TokensDelta, {}, "slow"),
        Method("textDocument/semanticTokens/range", "semantic_tokens", reading.tokens_range, params.InRange, {}, "slow"),
        Method("textDocument/inlayHint", "inlay_hint", reading.inlay_hints, params.InRange, {"inlayHintProvider": True}, "slow"),
        Method("textDocument/codeLens", "code_lens", reading.code_lenses, params.InDocument, {"codeLensProvider": {"resolveProvider": True}}, "slow"),
        Method("codeLens/resolve", "code_lens", reading.fill_lens, params.UnfilledLens, {}, "slow"),
        Method("textDocument/documentLink", "document_link", reading.document_links, params.InDocument, {"documentLinkProvider": {}}, "slow"),
        Method("textDocument/inlineCompletion", "inline_completion", inline.inline_completion, params.InlineCompletion, {"inlineCompletionProvider": True}, "ghost"),
        Method("textDocument/diagnostic", "diagnostics", diagnostics.pull, params.Diagnose, _DIAGNOSTICS, "slow", diagnostics.EMPTY_REPORT),
        Method("textDocument/codeAction", "code_action", actions.code_actions, params.CodeActions, _ACTIONS, "slow", []),
        Method("codeAction/resolve", "code_action", actions.resolve, dict[str, Any], {}, "slow"),
    )
}  # fmt: skip


def prepare() -> None:
    """Make the shapes of all requests known to msgspec, before threads read them.

    Version 0.22 crashes when two threads meet a type that is new to it.
    """
    for method in METHODS.values():
        msgspec.json.Decoder(method.shape)
