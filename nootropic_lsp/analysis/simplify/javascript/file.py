"""This file is where we write JavaScript and TypeScript anew so that simple rules understand it.

Constants are folded and dead branches dropped, containers that are known become scalars, calls
of functions that are known become their statements, and what a check says of a value is written
where the value is used (`javascript_flow._MARKS`). Every statement stays on its line.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify import Helper
from nootropic_lsp.analysis.simplify.javascript import functions, modules, sources
from nootropic_lsp.analysis.simplify.javascript.before import Left, places
from nootropic_lsp.analysis.simplify.javascript.expressions import (
    as_condition,
    evaluate,
    parts,
)
from nootropic_lsp.analysis.simplify.javascript.flow import (
    Flow,
    Frame,
    State,
    TooMuchError,
    all_merged,
    declared,
    merged,
    padded,
    root,
)
from nootropic_lsp.analysis.simplify.javascript.paths import path_of
from nootropic_lsp.analysis.simplify.javascript.values import (
    MODULE_NAMES,
    Class,
    Constant,
    Entry,
    Function,
    as_text,
    truth,
)

if TYPE_CHECKING:
    from tree_sitter import Node

log = logging.getLogger(__name__)


def simplified(text: str, language: str, *, path: str = "", helper: Helper | None = None) -> str:
    """The same program in simpler words, line by line; the text itself where that fails."""
    if "\r" in text:
        return text
    try:
        source = sources.read(path, text, language)
        if source is None or source.root.has_error:
            return text
        flow = Flow(helper, evaluate, run, Left())
        result, _exits = run(flow, Frame(source), source.root)
        known = _left(flow)
        if known:
            again = Flow(helper, evaluate, run, Left(known))
            result, _exits = run(again, Frame(source), source.root)
    except (
        TooMuchError,
        ArithmeticError,
        RecursionError,
        IndexError,
        KeyError,
        ValueError,
        AttributeError,
    ) as error:
        log.debug("not simplified: %r", error)
        return text
    if result.count("\n") != text.count("\n"):
        return text
    return result


def _left(flow: Flow) -> dict[str, str]:
    """What handlers of this file and of those that it imports leave for others."""
    for each in list(flow.sources.values()):
        if places(each.data.decode(errors="replace")):
            run(flow, Frame(each), each.root)
    return flow.left.learned()


def run(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    """A statement as it is written, and whether it never goes on to the next one."""
    handler = _HANDLERS.get(node.type)
    if handler is not None:
        return handler(flow, frame, node)
    if node.type in sources.TYPES or node.type == "comment":
        return padded("", frame.source.text(node)), False
    text = evaluate(flow, frame, node).text
    return flow.take_before() + text, False


def _block(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    """A block, or a whole file."""
    outer, flow.before = flow.before, []
    _hoist(flow, frame, node)
    texts: list[str] = []
    at = node.start_byte
    exits = False
    closing = ""
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if not each.is_named:
            texts.append(
                closing + frame.source.text(each) if each.type == "}" else frame.source.text(each)
            )
            if each.type == "}":
                closing = ""
            continue
        if exits:
            texts.append(padded("", frame.source.text(each)))
            continue
        text, exits = run(flow, frame, each)
        if text.strip() and not text.rstrip().endswith((";", "}")):
            text = f"{text.rstrip()};" + text[len(text.rstrip()) :]
        if each.type in _NEED_SEMICOLON and text.rstrip().endswith("}"):
            text = f"{text.rstrip()};" + text[len(text.rstrip()) :]
        texts.append(text)
        is_written = "if (" in text and text.rstrip().endswith("}")
        if frame.result and is_written and not exits and _returns_if_true(each):
            texts.append(" else {")
            closing += "}"
    texts.append(frame.source.between(at, node.end_byte))
    flow.before = outer
    return "".join(texts) + closing, exits


_NEED_SEMICOLON = frozenset(
    {"expression_statement", "lexical_declaration", "variable_declaration", "return_statement"}
)


def _returns_if_true(node: Node) -> bool:
    """Whether this is `if (…) { …; return …; }`."""
    if node.type != "if_statement" or node.child_by_field_name("alternative") is not None:
        return False
    then = node.child_by_field_name("consequence")
    while then is not None and then.type == "statement_block":
        inner = [each for each in then.named_children if each.type != "comment"]
        then = inner[-1] if inner else None
    return then is not None and then.type == "return_statement"


def _hoist(flow: Flow, frame: Frame, node: Node) -> None:
    """Functions and classes are known before the statement that declares them."""
    for each in node.named_children:
        declaration = (
            each.child_by_field_name("declaration") if each.type == "export_statement" else each
        )
        if declaration is None:
            continue
        name_node = declaration.child_by_field_name("name")
        if name_node is None:
            continue
        name = frame.source.text(name_node)
        if declaration.type in {"function_declaration", "generator_function_declaration"}:
            name = declared(flow, frame, name)
            flow.state.known[name] = Entry(name, Function(declaration, frame.source, frame.names))
        elif declaration.type in {"class_declaration", "abstract_class_declaration"}:
            name = declared(flow, frame, name)
            flow.state.known[name] = Entry(name, Class(declaration, frame.source, frame.names))


def _expression_statement(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    inner = node.named_children[0]
    entry = evaluate(flow, frame, inner)
    text = entry.text
    if inner.type == "assignment_expression":
        modules.export(flow, frame.source.text(inner.children[0]), entry)
    first = flow.take_before()
    exits = inner.type == "call_expression" and _never_returns(frame, inner)
    tail = frame.source.between(inner.end_byte, node.end_byte)
    return first + padded(text, frame.source.text(inner)) + tail, exits


def _never_returns(frame: Frame, node: Node) -> bool:
    callee = node.child_by_field_name("function")
    return callee is not None and frame.source.text(callee) in {
        "ctx.throw",
        "process.exit",
        "notFound",
        "redirect",
        "assert.fail",
    }


def _declaration(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    texts = []
    keyword = frame.source.text(node.children[0])
    for each in node.named_children:
        if each.type != "variable_declarator":
            continue
        target = each.children[0]
        value = each.child_by_field_name("value")
        if value is None:
            for name in sources.names_in(frame.source, target):
                own = declared(flow, frame, name)
                flow.forget(own)
                texts.append(own)
            continue
        entry = evaluate(flow, frame, value)
        if target.type != "identifier":
            text = functions.destructured(flow, frame, target, entry, keyword=keyword)
            text = text.removeprefix(f"{keyword} ")
            if text == "0":
                text = f"_ = {entry.text}"
        else:
            own = declared(flow, frame, frame.source.text(target))
            _bind(flow, frame, own, entry, value)
            text = f"{own} = {entry.text}"
            if own in flow.state.known and flow.state.known[own].value is None:
                # Its other name stands wherever this one stood.
                text = frame.source.text(each)
        texts.append(padded(text, frame.source.text(each)))
    first = flow.take_before()
    shown = f"{'let' if frame.result else keyword} {', '.join(texts)}"
    if any(each.strip() for each in texts):
        return first + padded(shown, frame.source.text(node)) + ";", False
    return first + padded("", frame.source.text(node)), False


def _bind(flow: Flow, frame: Frame, name: str, entry: Entry, value: Node) -> None:
    flow.bind(frame, name, entry)
    flow.left.given[name] = entry.text
    if entry.value is None and value.type in {"call_expression", "member_expression", "identifier"}:
        # `const run = promisify(exec)`: another name of a function.
        is_alias = root(entry.text) in MODULE_NAMES or entry.text in {"exec", "execFile", "spawn"}
        is_name = entry.text.replace(".", "").isidentifier()
        if is_alias and is_name and name not in frame.source.assigned:
            flow.state.known[name] = Entry(entry.text)


def _if(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    condition_node = node.child_by_field_name("condition")
    then_node = node.child_by_field_name("consequence")
    else_clause = node.child_by_field_name("alternative")
    if condition_node is None or then_node is None:
        return parts(flow, frame, node), False
    condition = evaluate(flow, frame, condition_node)
    first = flow.take_before()
    known = truth(condition.value)
    else_node = None
    if else_clause is not None:
        else_node = next(
            (each for each in else_clause.named_children if each.type != "comment"), None
        )
    source = frame.source
    if known is not None:
        live = then_node if known else else_node
        if live is None:
            return first + padded("", source.text(node)), False
        skipped = source.between(node.start_byte, live.start_byte).count("\n")
        rest = source.between(live.end_byte, node.end_byte).count("\n")
        text, exits = _branch(flow, frame, live)
        return first + "\n" * skipped + text + "\n" * rest, exits
    facts = as_condition(condition.value)
    start = flow.state
    flow.state = start.copy()
    flow.assume(facts.when_true)
    then_text, then_exits = _branch(flow, frame, then_node)
    then_state = flow.state
    flow.state = start
    flow.assume(facts.when_false)
    else_text, else_exits = "", False
    if else_node is not None:
        gap = source.between(then_node.end_byte, else_node.start_byte)
        else_text, else_exits = _branch(flow, frame, else_node)
        else_text = " else " + "\n" * gap.count("\n") + else_text
    if then_exits:
        pass
    elif else_exits:
        flow.state = then_state
    else:
        flow.state = merged(then_state, flow.state)
    gap = source.between(condition_node.end_byte, then_node.start_byte)
    shown = condition.text if condition.text.startswith("(") else f"({condition.text})"
    text = f"if {shown}{gap}{then_text}{else_text}"
    return first + padded(text, source.text(node)), then_exits and (
        else_node is not None and else_exits
    )


def _branch(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    """A statement that is a block here, whatever it was."""
    if node.type == "statement_block":
        return run(flow, frame, node)
    outer, flow.before = flow.before, []
    text, exits = run(flow, frame, node)
    flow.before = outer
    stripped = text.rstrip()
    if stripped and not stripped.endswith((";", "}")):
        text = stripped + ";" + text[len(stripped) :]
    return f"{{ {text} }}", exits


def _loop(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    body = node.child_by_field_name("body")
    if body is None:
        return parts(flow, frame, node), False
    for name in sources.assigned_in(frame.source, node):
        flow.forget(frame.names.get(name, name))
    texts = []
    at = node.start_byte
    before_state = None
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if each == body:
            before_state = flow.state.copy()
            first = " ".join(flow.before)
            flow.before.clear()
            text, _exits = _branch(flow, frame, each)
            texts.append(text)
            texts.insert(0, f"{first} " if first else "")
        elif each.type in {"lexical_declaration", "variable_declaration", "expression_statement"}:
            text, _exits = run(flow, frame, each)
            texts.append(text)
        elif each.is_named:
            entry = evaluate(flow, frame, each)
            is_bare = each.type != "parenthesized_expression" or entry.text.startswith("(")
            texts.append(entry.text if is_bare else f"({entry.text})")
            known = as_condition(entry.value).when_true
            flow.assume(known)
        else:
            texts.append(frame.source.text(each))
    texts.append(frame.source.between(at, node.end_byte))
    if before_state is not None:
        flow.state = merged(before_state, flow.state)
    frame.is_weak = frame.is_weak or bool(frame.returned)
    return flow.take_before() + "".join(texts), False


def _for_in(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    body = node.child_by_field_name("body")
    if left is None or right is None or body is None:
        return parts(flow, frame, node), False
    keyword_node = node.child_by_field_name("kind")
    keyword = frame.source.text(keyword_node) if keyword_node is not None else ""
    operator = "of" if any(each.type == "of" for each in node.children) else "in"
    for name in sources.assigned_in(frame.source, body):
        flow.forget(frame.names.get(name, name))
    entry = evaluate(flow, frame, right)
    first = flow.take_before()
    saved = flow.state.copy()
    start = ""
    if left.type in {"object_pattern", "array_pattern"}:
        shown = f"e_{flow.fresh()}_"
        taken = functions.destructured(flow, frame, left, Entry(shown), keyword=keyword or "")
        start = f"{taken}; "
    elif left.type == "identifier":
        name = frame.source.text(left)
        shown = declared(flow, frame, name) if keyword else frame.names.get(name, name)
        flow.forget(shown)
        if _are_constants(entry, operator):
            flow.state.facts[shown] = frozenset({"constant"})
    else:
        shown = path_of(flow, frame, left) or frame.source.text(left)
    text, _exits = _branch(flow, frame, body)
    flow.state = merged(saved, flow.state)
    frame.is_weak = frame.is_weak or bool(frame.returned)
    inner = text.removeprefix("{")
    result = f"{first}for ({keyword or ''} {shown} {operator} {entry.text}) {{ {start}{inner}"
    return padded(result, frame.source.text(node)), False


def _are_constants(entry: Entry, operator: str) -> bool:
    from nootropic_lsp.analysis.simplify.javascript.flow import is_table  # noqa: PLC0415
    from nootropic_lsp.analysis.simplify.javascript.values import Things  # noqa: PLC0415

    if not isinstance(entry.value, Things):
        return False
    return is_table(entry.value) or (operator == "in" and entry.value.is_whole)


def _return(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    value = next((each for each in node.named_children if each.type != "comment"), None)
    original = frame.source.text(node)
    if value is None:
        if frame.result:
            frame.returns.append(flow.state.copy())
            return padded("", original), True
        return original, True
    entry = evaluate(flow, frame, value)
    first = flow.take_before()
    if not frame.result:
        return first + padded(f"return {entry.text};", original), True
    frame.returned.append(entry)
    frame.returns.append(flow.state.copy())
    before = f"{frame.result} || " if frame.is_weak else ""
    return first + padded(f"{frame.result} = {before}{entry.text};", original), True


def _throw(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    text = parts(flow, frame, node)
    if frame.result:
        return flow.take_before() + padded("", frame.source.text(node)), True
    return flow.take_before() + text, True


def _stop(_flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    return frame.source.text(node), True


def _try(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    body = node.child_by_field_name("body")
    handler = node.child_by_field_name("handler")
    finalizer = node.child_by_field_name("finalizer")
    if body is None:
        return parts(flow, frame, node), False
    start = flow.state.copy()
    text, exits = run(flow, frame, body)
    end = flow.state
    source = frame.source
    texts = [source.between(node.start_byte, body.start_byte), text]
    at = body.end_byte
    if handler is not None:
        flow.state = start
        for name in sources.assigned_in(source, body):
            flow.forget(frame.names.get(name, name))
        handler_body = handler.child_by_field_name("body")
        if handler_body is not None:
            texts.append(source.between(at, handler_body.start_byte))
            handler_text, handler_exits = run(flow, frame, handler_body)
            texts.append(handler_text)
            at = handler_body.end_byte
            if handler_exits:
                flow.state = end
            elif not exits:
                flow.state = merged(end, flow.state)
            exits = exits and handler_exits
    if finalizer is not None:
        final_body = finalizer.child_by_field_name("body")
        if final_body is not None:
            texts.append(source.between(at, final_body.start_byte))
            final_text, final_exits = run(flow, frame, final_body)
            texts.append(final_text)
            at = final_body.end_byte
            exits = exits or final_exits
    texts.append(source.between(at, node.end_byte))
    return "".join(texts), exits


def _switch(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    value_node = node.child_by_field_name("value")
    body = node.child_by_field_name("body")
    if value_node is None or body is None:
        return parts(flow, frame, node), False
    value = evaluate(flow, frame, value_node)
    first = flow.take_before()
    cases = [each for each in body.named_children if each.type in {"switch_case", "switch_default"}]
    live = _live_cases(flow, frame, value, cases)
    path = path_of(flow, frame, value_node)
    start = flow.state
    ends: list[State] = []
    texts = []
    source = frame.source
    at = node.start_byte
    shown = value.text if value.text.startswith("(") else f"({value.text})"
    texts.append("\n" * source.between(at, body.start_byte).count("\n") + f"switch {shown} {{")
    at = body.start_byte + 1
    falls_through = False
    exits_all = True
    for each in cases:
        texts.append(source.between(at, each.start_byte))
        at = each.end_byte
        if live is not None and each.id not in live:
            texts.append(padded("", source.text(each)))
            continue
        previous = flow.state
        flow.state = start.copy()
        if path and each.type == "switch_case" and not falls_through:
            flow.assume({path: frozenset({"constant"})})
        if falls_through:
            flow.state = merged(flow.state, previous)
        text, exits, leaves = _case(flow, frame, each)
        texts.append(text)
        falls_through = not exits
        exits_all = exits_all and leaves
        if not leaves:
            ends.append(flow.state)
    texts.append(source.between(at, node.end_byte))
    if live is None and all(each.type == "switch_case" for each in cases):
        ends.append(start)
        exits_all = False
    flow.state = all_merged(ends or [start])
    return first + "".join(texts), exits_all and bool(cases)


def _live_cases(flow: Flow, frame: Frame, value: Entry, cases: list[Node]) -> set[int] | None:
    """The cases that a constant leads to, or None if it is none."""
    if not isinstance(value.value, Constant):
        return None
    chosen = None
    for i, each in enumerate(cases):
        label = each.child_by_field_name("value")
        if label is None:
            continue
        constant = evaluate(flow, frame, label).value
        if not isinstance(constant, Constant):
            return None
        if chosen is None and as_text(constant.value) == as_text(value.value.value):
            chosen = i
    if chosen is None:
        chosen = next((i for i, each in enumerate(cases) if each.type == "switch_default"), None)
    if chosen is None:
        return set()
    live = set()
    for each in cases[chosen:]:
        live.add(each.id)
        last = each.named_children[-1] if each.named_children else None
        if last is not None and last.type in {"break_statement", "return_statement"}:
            break
    return live


def _case(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool, bool]:
    """A case, whether it does not go on to the next one, and whether it leaves the function."""
    texts = []
    at = node.start_byte
    label = node.child_by_field_name("value")
    exits = leaves = False
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if not each.is_named or each == label:
            texts.append(frame.source.text(each))
        elif exits:
            texts.append(padded("", frame.source.text(each)))
        else:
            outer, flow.before = flow.before, []
            text, exits = run(flow, frame, each)
            flow.before = outer
            texts.append(text)
            if exits and frame.result:
                texts.append(" break;")
            leaves = exits and not _has_break(each)
    return "".join(texts), exits, leaves


def _has_break(node: Node) -> bool:
    if node.type in {"break_statement", "continue_statement"}:
        return True
    return node.type == "statement_block" and any(map(_has_break, node.named_children))


def _function_declaration(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    return functions.function_expression(flow, frame, node).text, False


def _class_declaration(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    return functions.class_body(flow, frame, node), False


def _import(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    modules.bind_import(flow, frame, node)
    return frame.source.text(node), False


def _export(flow: Flow, frame: Frame, node: Node) -> tuple[str, bool]:
    texts = []
    at = node.start_byte
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if each.is_named and each.type not in {"export_clause", "string", "namespace_export"}:
            texts.append(run(flow, frame, each)[0])
        else:
            texts.append(frame.source.text(each))
    texts.append(frame.source.between(at, node.end_byte))
    modules.exported_statement(flow, frame, node)
    first = flow.take_before()
    return first + "".join(texts), False


_HANDLERS = {
    "program": _block,
    "statement_block": _block,
    "class_static_block": _block,
    "expression_statement": _expression_statement,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "if_statement": _if,
    "for_statement": _loop,
    "while_statement": _loop,
    "do_statement": _loop,
    "for_in_statement": _for_in,
    "return_statement": _return,
    "throw_statement": _throw,
    "break_statement": _stop,
    "continue_statement": _stop,
    "try_statement": _try,
    "switch_statement": _switch,
    "function_declaration": _function_declaration,
    "generator_function_declaration": _function_declaration,
    "class_declaration": _class_declaration,
    "abstract_class_declaration": _class_declaration,
    "import_statement": _import,
    "export_statement": _export,
}
