"""This file is where we find what the imports of a JavaScript file stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify.javascript import sources
from nootropic_lsp.analysis.simplify.javascript.flow import Flow, Frame, State
from nootropic_lsp.analysis.simplify.javascript.values import (
    MODULES,
    Class,
    Entry,
    Function,
    Module,
    Things,
)

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_MODULES = 12


def required(flow: Flow, frame: Frame, specifier: str, original: str) -> Entry:
    """`require('…')`."""
    name = MODULES.get(specifier.removeprefix("node:"))
    if name is not None:
        return Entry(name)
    module = imported(flow, frame.source, specifier)
    if module is None:
        return Entry(original)
    exported = flow.modules.get(module.path) or {}
    whole = exported.get("")
    return Entry(original, whole.value if whole is not None else Module(module))


def bind_import(flow: Flow, frame: Frame, node: Node) -> None:
    """What the names of an import statement stand for."""
    origin = node.child_by_field_name("source")
    if origin is None:
        return
    specifier = frame.source.text(origin).strip("'\"")
    name = MODULES.get(specifier.removeprefix("node:"))
    module = imported(flow, frame.source, specifier) if name is None else None
    exported = (flow.modules.get(module.path) or {}) if module is not None else {}
    for wanted, own in _imported_names(frame, node):
        if name is not None:
            text = name if wanted in {"*", "default"} else wanted
            if name in {"_", "yaml", "xpath", "serialize"} and text == wanted:
                text = f"{name}.{wanted}"
            if text != own:
                flow.state.known[own] = Entry(text)
        elif module is not None and wanted == "*":
            flow.state.known[own] = Entry(own, Module(module))
        elif wanted in exported or (wanted == "default" and "" in exported):
            entry = exported.get(wanted) or exported[""]
            if entry.value is not None:
                flow.state.known[own] = Entry(own, entry.value)


def _imported_names(frame: Frame, node: Node) -> list[tuple[str, str]]:
    found = []
    for clause in node.named_children:
        if clause.type != "import_clause":
            continue
        for each in clause.named_children:
            if each.type == "identifier":
                found.append(("default", frame.source.text(each)))
            elif each.type == "namespace_import":
                found.append(("*", frame.source.text(each.named_children[-1])))
            elif each.type == "named_imports":
                for one in each.named_children:
                    if one.type == "import_specifier":
                        names = [frame.source.text(part) for part in one.named_children]
                        found.append((names[0], names[-1]))
    return found


def imported(flow: Flow, source: sources.Source, specifier: str) -> sources.Source | None:
    """A file of the workspace that another one imports; what it exports is known then."""
    if flow.helper is None or len(flow.modules) >= MAX_MODULES:
        return None
    answer = flow.helper(source.path, specifier)
    if answer is None:
        return None
    path, text = answer
    if path in flow.modules:
        known = flow.sources.get(path)
        return known if flow.modules[path] is not None else None
    flow.modules[path] = None
    module = sources.read(path, text, sources.language_of(path))
    if module is None:
        return None
    flow.sources[path] = module
    outer_state, outer_before, outer_stack = flow.state, flow.before, flow.stack
    flow.state, flow.before, flow.stack = State(), [], []
    frame = Frame(module)
    exported: dict[str, Entry] = {}
    flow.exporting.append(exported)
    flow.run(flow, frame, module.root)
    flow.exporting.pop()
    flow.overlays[path] = dict(flow.state.known)
    whole = exported.get("")
    if whole is not None and isinstance(whole.value, Things):
        for key, each in whole.value.entries.items():
            exported.setdefault(key, each)
        del exported[""]
    flow.modules[path] = exported
    flow.state, flow.before, flow.stack = outer_state, outer_before, outer_stack
    return module


def export(flow: Flow, target: str, entry: Entry) -> None:
    """`module.exports = …`, `exports.x = …`."""
    if not flow.exporting:
        return
    if target == "module.exports":
        flow.exporting[-1][""] = entry
    elif target.startswith(("module.exports.", "exports.")):
        flow.exporting[-1][target.rpartition(".")[2]] = entry


def exported_statement(flow: Flow, frame: Frame, node: Node) -> None:
    """`export …`, after what it exports was declared."""
    if not flow.exporting:
        return
    exports = flow.exporting[-1]
    is_default = any(each.type == "default" for each in node.children)
    for each in node.named_children:
        if each.type in sources.FUNCTIONS or each.type == "class_declaration":
            name_node = each.child_by_field_name("name")
            name = frame.source.text(name_node) if name_node is not None else ""
            if each.type == "class_declaration":
                value: Class | Function = Class(each, frame.source, frame.names)
            else:
                value = Function(each, frame.source, frame.names)
            exports["default" if is_default else name] = Entry(name, value)
        elif each.type in {"lexical_declaration", "variable_declaration"}:
            for name in (
                name
                for one in each.named_children
                if one.type == "variable_declarator"
                for name in sources.names_in(frame.source, one.children[0])
            ):
                if name in flow.state.known:
                    exports[name] = flow.state.known[name]
        elif each.type == "export_clause":
            for one in each.named_children:
                names = [frame.source.text(part) for part in one.named_children]
                if names and names[0] in flow.state.known:
                    exports[names[-1]] = flow.state.known[names[0]]
        elif is_default and each.type == "identifier":
            name = frame.source.text(each)
            exports["default"] = flow.state.known.get(name, Entry(name))
