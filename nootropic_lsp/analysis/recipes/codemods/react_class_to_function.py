"""React components that are classes as functions with hooks, where that means the same.

Everything is read first; whatever is not known to be the same leaves the class as it is, with a
note. A function sees the state of its own rendering, a method the latest: what reads state after
it may have changed, such as an effect's clean-up, is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.tree import (
    Change,
    Replacement,
    Rewriter,
    Source,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_STATIC = frozenset(["propTypes", "defaultProps", "displayName"])
_LIFECYCLE = re.compile(
    r"component\w+|getSnapshot\w+|shouldComponentUpdate|UNSAFE_\w+|getDerived\w+|getChildContext"
)
_FUNCTIONS = frozenset(
    ["arrow_function", "function_expression", "function_declaration", "generator_function"]
)


class _Left(Exception):
    """Why a class is left as it is."""


@dataclass(slots=True)
class _Component:
    node: Node
    name: str
    state: dict[str, Node] = field(default_factory=dict)
    methods: dict[str, Node] = field(default_factory=dict)
    statics: list[Node] = field(default_factory=list)
    constructor: Node | None = None
    mounted: Node | None = None
    unmounted: Node | None = None
    render: Node | None = None


def rewrite(source: Source, around: Around) -> Change:
    """The components of a text."""
    change = Change()
    for node in walk(source.root):
        if node.type != "class_declaration" or not _is_component(node, source):
            continue
        name = _field_text(node, "name", source)
        try:
            change.replacements.extend(_Conversion(source, around, node, name).replacements())
        except _Left as why:
            change.notes.append(f"line {source.line(node)}: {name} stays a class: {why}")
    return change


def _is_component(node: Node, source: Source) -> bool:
    heritage = next((child for child in node.children if child.type == "class_heritage"), None)
    if heritage is None:
        return False
    base = re.match(r"extends\s+(?:React\.)?(Component|PureComponent)\b", source.text(heritage))
    return base is not None


def _field_text(node: Node, name: str, source: Source) -> str:
    found = node.child_by_field_name(name)
    return "" if found is None else source.text(found)


class _Conversion:
    def __init__(self, source: Source, around: Around, node: Node, name: str) -> None:
        self.source = source
        self.around = around
        self.component = _Component(node, name)
        self.prefix = "React." if "React." in source.text(node.children[2]) else ""

    def replacements(self) -> list[Replacement]:
        self._refuse_what_differs()
        self._read_members()
        self._check_names()
        return self._written()

    # ---- reading

    def _refuse_what_differs(self) -> None:
        node = self.component.node
        heritage = next(child for child in node.children if child.type == "class_heritage")
        text = self.source.text(heritage)
        if "PureComponent" in text:
            raise _Left("it renders only when its props change")
        if "<" in text:
            raise _Left("its types would have to be moved")
        if node.children[0].type == "decorator" or (
            node.parent is not None and any(c.type == "decorator" for c in node.parent.children)
        ):
            raise _Left("it is decorated")
        if self.around.is_extended(self.component.name) or re.search(
            rf"extends\s+{re.escape(self.component.name)}\b".encode(), self.source.data
        ):
            raise _Left("another class builds on it")

    def _read_members(self) -> None:
        body = self.component.node.child_by_field_name("body")
        for member in body.named_children if body is not None else ():
            if member.type == "comment":
                continue
            if member.type == "method_definition":
                self._method(member)
            elif member.type in ("field_definition", "public_field_definition"):
                self._field(member)
            else:
                raise _Left(f"its {member.type.replace('_', ' ')} is not known")
        if self.component.render is None:
            raise _Left("it has no render method")

    def _method(self, member: Node) -> None:
        name = _field_text(member, "name", self.source)
        words = {child.type for child in member.children}
        if words & {"get", "set", "static"} or name.startswith(("#", "[")):
            raise _Left(
                f"it has {'a static method' if 'static' in words else 'an accessor'} {name}"
            )
        if words & {"async", "*"}:
            raise _Left(f"{name} may see another state after it has waited")
        slots = {"componentDidMount": "mounted", "componentWillUnmount": "unmounted"}
        if name == "constructor":
            self.component.constructor = member
            self._constructor(member)
        elif name == "render":
            self.component.render = member
        elif name in slots:
            setattr(self.component, slots[name], member)
        elif _LIFECYCLE.fullmatch(name):
            raise _Left(f"{name} has no hook that is the same")
        else:
            self.component.methods[name] = member

    def _field(self, member: Node) -> None:
        name = _field_text(member, "property", self.source) or _field_text(
            member, "name", self.source
        )
        value = member.child_by_field_name("value")
        is_static = any(child.type == "static" for child in member.children)
        if is_static and name in _STATIC:
            self.component.statics.append(member)
        elif not is_static and name == "state" and value is not None:
            self._state(value)
        elif not is_static and value is not None and value.type == "arrow_function":
            if any(child.type == "async" for child in value.children):
                raise _Left(f"{name} may see another state after it has waited")
            self.component.methods[name] = value
        else:
            raise _Left(f"it keeps {name} on the instance")

    def _constructor(self, member: Node) -> None:
        if _field_text(member, "parameters", self.source) not in ("()", "(props)"):
            raise _Left("its constructor takes more than props")
        body = member.child_by_field_name("body")
        for statement in body.named_children if body is not None else ():
            text = self.source.text(statement).rstrip(";")
            if statement.type == "comment" or re.fullmatch(r"super\([\w, ]*\)", text):
                continue
            bound = re.fullmatch(r"this\.(\w+)\s*=\s*this\.(\w+)\.bind\(this\)", text)
            if bound is not None and bound[1] == bound[2]:
                continue
            inner = statement.named_children[0] if statement.named_child_count else None
            if inner is not None and inner.type == "assignment_expression":
                left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
                if (
                    left is not None
                    and right is not None
                    and self.source.text(left) == "this.state"
                ):
                    self._state(right)
                    continue
            raise _Left(f"its constructor does more (line {self.source.line(statement)})")

    def _state(self, value: Node) -> None:
        if value.type != "object" or self.component.state:
            raise _Left("its first state is not written as one object")
        for pair in value.named_children:
            key, inner = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type != "pair" or key is None or inner is None:
                raise _Left("its first state is not written with plain keys")
            if key.type != "property_identifier":
                raise _Left("its first state is not written with plain keys")
            if "this.state" in self.source.text(inner):
                raise _Left("its first state reads itself")
            self.component.state[self.source.text(key)] = inner

    # ---- checking

    def _check_names(self) -> None:
        c = self.component
        given = [*c.state, *(_setter(each) for each in c.state), *c.methods, "props"]
        if len(set(given)) != len(given):
            raise _Left("two of its members would have the same name")
        body = c.node.child_by_field_name("body")
        assert body is not None
        for node in walk(body):
            if node.type == "this":
                self._this(node)
            elif node.type in ("identifier", "shorthand_property_identifier_pattern"):
                text = self.source.text(node)
                if text in given and _binds(node) and not self._is_dropped(node):
                    if text != "props" or c.constructor is None or not _inside(node, c.constructor):
                        raise _Left(f"{text} means something else in line {self.source.line(node)}")
                elif text == "arguments":
                    raise _Left("it uses arguments")
        outside = {
            self.source.text(each)
            for each in walk(body)
            if each.type == "identifier" and not _inside_statics(each, c)
        }
        clash = outside & (set(c.state) | set(c.methods))
        for name in sorted(clash):
            if any(
                self.source.text(each) == name
                and not _binds(each)
                and not self._is_from_state(each)
                for each in walk(body)
                if each.type == "identifier"
            ):
                raise _Left(f"{name} is also a name from outside of it")
        for method in (c.unmounted,):
            if method is not None and re.search(r"this\.(state|props)", self.source.text(method)):
                raise _Left("its clean-up reads what may have changed since")

    def _this(self, node: Node) -> None:
        c = self.component
        if c.constructor is not None and _inside(node, c.constructor):
            return
        member = node.parent
        if member is None or member.type != "member_expression":
            raise _Left(f"it uses `this` as a value (line {self.source.line(node)})")
        name = _field_text(member, "property", self.source)
        line = self.source.line(node)
        around = member.parent
        if name == "setState":
            if self._set(member) is None:
                raise _Left(f"setState in line {line} is not that of plain keys")
        elif name == "state":
            if self._state_read(member) is None:
                raise _Left(f"its state is used as a whole in line {line}")
            self._refuse_late(member, line)
        elif name == "props":
            self._refuse_late(member, line)
        elif name in c.methods:
            if around is not None and around.child_by_field_name("left") == member:
                raise _Left(f"{name} is replaced in line {line}")
        elif name == "refs":
            raise _Left("it uses refs")
        else:
            raise _Left(f"it keeps {name} on the instance (line {line})")
        plain = node.parent
        while plain is not None and plain.id != c.node.id:
            is_inner = plain.type == "class_body" and plain.parent != c.node
            if is_inner or plain.type in ("function_expression", "function_declaration"):
                raise _Left(f"`this` in line {line} may be another one")
            plain = plain.parent

    def _refuse_late(self, member: Node, line: int) -> None:
        """Refuse what is read in a function that runs later than the method around it."""
        around = member.parent
        c = self.component
        while around is not None and around.id != c.node.id:
            if c.render is not None and around.id == c.render.id:
                return
            if around.type in _FUNCTIONS and around not in c.methods.values():
                call = around.parent.parent if around.parent is not None else None
                if not self._is_at_once(call):
                    raise _Left(
                        f"a function in line {line} reads what may have changed when it runs"
                    )
            around = around.parent

    def _is_at_once(self, call: Node | None) -> bool:
        """Whether a call runs the function that it is given before it returns."""
        function = None if call is None else call.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return False
        at_once = (
            "map",
            "filter",
            "forEach",
            "some",
            "every",
            "find",
            "findIndex",
            "reduce",
            "sort",
        )
        return _field_text(function, "property", self.source) in at_once

    def _state_read(self, member: Node) -> str | None:
        """`this.state.key`, or `const { key } = this.state`, by the names of the state."""
        around = member.parent
        if around is None:
            return None
        if around.type == "member_expression" and around.child_by_field_name("object") == member:
            key = _field_text(around, "property", self.source)
            target = around.parent
            writes = (
                "assignment_expression",
                "augmented_assignment_expression",
                "update_expression",
            )
            if target is not None and target.type in writes and target.children[0] == around:
                return None
            if target is not None and target.type == "update_expression":
                return None
            return key if key in self.component.state else None
        if self._destructuring(around) is not None:
            return ""
        return None

    def _destructuring(self, declarator: Node) -> Node | None:
        """The statement that only takes keys of the state under their own names."""
        pattern = declarator.child_by_field_name("name")
        statement = declarator.parent
        if declarator.type != "variable_declarator" or pattern is None or statement is None:
            return None
        if pattern.type != "object_pattern" or statement.named_child_count != 1:
            return None
        for each in pattern.named_children:
            if each.type != "shorthand_property_identifier_pattern":
                return None
            if self.source.text(each) not in self.component.state:
                return None
        return statement

    def _is_dropped(self, node: Node) -> bool:
        """Whether a name is bound by a statement that goes away."""
        pattern = node.parent
        declarator = None if pattern is None else pattern.parent
        if declarator is None or declarator.type != "variable_declarator":
            return False
        value = declarator.child_by_field_name("value")
        from_state = value is not None and self.source.text(value) == "this.state"
        return from_state and self._destructuring(declarator) is not None

    def _is_from_state(self, node: Node) -> bool:
        """Whether a name was taken from the state by a statement in the same method."""
        name = self.source.text(node)
        around = node.parent
        while around is not None and around.id != self.component.node.id:
            if around.type in ("method_definition", "arrow_function"):
                for each in walk(around):
                    if (
                        each.type == "shorthand_property_identifier_pattern"
                        and self.source.text(each) == name
                        and self._is_dropped(each)
                    ):
                        return True
            around = around.parent
        return False

    def _set(self, member: Node) -> list[tuple[str, Node]] | None:
        """The keys that a call of `setState` gives a value, None if it is another kind of call."""
        call = member.parent
        if call is None or call.type != "call_expression" or call.parent is None:
            return None
        if call.parent.type not in ("expression_statement", "arrow_function"):
            return None
        arguments = call.child_by_field_name("arguments")
        if arguments is None or arguments.named_child_count != 1:
            return None
        value = arguments.named_children[0]
        if value.type != "object" or not value.named_children:
            return None
        if call.parent.type == "arrow_function" and value.named_child_count != 1:
            return None
        found = []
        for pair in value.named_children:
            key = pair.child_by_field_name("key")
            inner = pair.child_by_field_name("value")
            name = self.source.text(pair if key is None else key)
            is_short = pair.type == "shorthand_property_identifier"
            if name not in self.component.state or not (is_short or inner is not None):
                return None
            if is_short:
                return None  # The short form means a local name, which the state's would hide.
            assert inner is not None
            found.append((name, inner))
        return found

    # ---- writing

    def _rule(self, node: Node, rewriter: Rewriter) -> str | None:
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            if function is not None and self.source.text(function) == "this.setState":
                found = self._set(function)
                if found is not None:
                    separator = f";\n{self.source.indent(node)}"
                    return separator.join(f"{_setter(k)}({rewriter.render(v)})" for k, v in found)
        if node.type == "member_expression":
            text = self.source.text(node)
            if text == "this.props":
                return "props"
            direct = re.fullmatch(r"this\.(\w+)", text)
            if direct is not None and direct[1] in self.component.methods:
                return direct[1]
            read = re.fullmatch(r"this\.state\.(\w+)", text)
            return read[1] if read is not None else None
        if node.type in ("lexical_declaration", "variable_declaration"):
            only = node.named_children[0]
            value = only.child_by_field_name("value")
            if value is not None and self.source.text(value) == "this.state":
                return "" if self._destructuring(only) is not None else None
        return None

    def _written(self) -> list[Replacement]:
        c, source = self.component, self.source
        rewriter = Rewriter(source, self._rule)
        unit = _unit(source, c.node)
        lines: list[str] = []
        for name, value in c.state.items():
            lines.append(
                f"const [{name}, {_setter(name)}] = {self.prefix}useState({self._initial(value, rewriter)});"
            )
        blocks = ["\n".join(f"{unit}{line}" for line in lines)] if lines else []
        for name, node in c.methods.items():
            comment = self._comment(node)
            blocks.append(comment + self._function(name, node, rewriter))
        effect = self._effect(rewriter, unit)
        if effect:
            blocks.append(effect)
        assert c.render is not None
        rendered = self._body(c.render, rewriter)
        if rendered:
            blocks.append(self._comment(c.render) + rendered)
        indent = source.indent(c.node)
        uses_props = any("props" in block for block in blocks)
        head = f"function {c.name}({'props' if uses_props else ''}) {{"
        text = head + "\n" + "\n\n".join(blocks) + f"\n{indent}}}"
        for each in c.statics:
            name = _field_text(each, "property", source) or _field_text(each, "name", source)
            given = _shifted(_field_text(each, "value", source).replace("\r", ""), unit)
            text += f"\n\n{indent}{c.name}.{name} = {given};"
        for each in walk(c.node):
            if each.type == "comment" and source.text(each).replace("\r", "") not in text:
                raise _Left(f"the comment in line {source.line(each)} would have no place")
        return [Replacement(c.node.start_byte, c.node.end_byte, text)]

    def _initial(self, value: Node, rewriter: Rewriter) -> str:
        """The first value of a state; what takes long is not asked for at every rendering."""
        text = rewriter.render(value)
        if any(each.type in ("call_expression", "new_expression") for each in walk(value)):
            return f"() => {f'({text})' if value.type == 'object' else text}"
        return f"() => {text}" if value.type in _FUNCTIONS else text

    def _comment(self, node: Node) -> str:
        """The comments right above a member."""
        member = node if node.type == "method_definition" else node.parent
        found: list[str] = []
        before = None if member is None else member.prev_sibling
        while before is not None and before.type in ("comment", ";"):
            if before.type == "comment":
                if before.start_point[0] == (before.prev_sibling or before).end_point[0] and (
                    before.prev_sibling is not None
                ):
                    break
                found.insert(
                    0, f"{self.source.indent(before)}{self.source.text(before)}\n".replace("\r", "")
                )
            before = before.prev_sibling
        return "".join(found)

    def _function(self, name: str, node: Node, rewriter: Rewriter) -> str:
        indent = self.source.indent(node)
        if node.type == "method_definition":
            parameters, body = (
                node.child_by_field_name("parameters"),
                node.child_by_field_name("body"),
            )
            assert parameters is not None
            assert body is not None
            return f"{indent}function {name}{rewriter.render(parameters)} {self._block(body, rewriter)}"
        return f"{indent}const {name} = {self._cleaned(rewriter.render(node))};"

    def _effect(self, rewriter: Rewriter, unit: str) -> str:
        c = self.component
        if c.mounted is None and c.unmounted is None:
            return ""
        lines = [f"{unit}{self.prefix}useEffect(() => {{"]
        if c.mounted is not None:
            if any(each.type == "return_statement" for each in walk(c.mounted)):
                raise _Left("componentDidMount returns early")
            lines.append(self._comment(c.mounted) + self._body(c.mounted, rewriter, deeper=unit))
        if c.unmounted is not None:
            body = self._body(c.unmounted, rewriter, deeper=unit * 2)
            lines.append(f"{unit * 2}return () => {{\n{body}\n{unit * 2}}};")
        lines.append(f"{unit}}}, []);")
        return "\n".join(line for line in lines if line)

    def _body(self, member: Node, rewriter: Rewriter, deeper: str = "") -> str:
        """The statements of a method, at the depth of the method itself or deeper."""
        body = member.child_by_field_name("body")
        assert body is not None
        inner = self._block(body, rewriter)[1:-1].strip("\n")
        unit = _unit(self.source, self.component.node)
        lines = inner.rstrip().split("\n")
        if "`" in inner:
            return "\n".join(lines)  # Lines inside of a template would change with their indent.
        return "\n".join(
            f"{deeper}{line.removeprefix(unit)}" if line.strip() else "" for line in lines
        )

    def _block(self, body: Node, rewriter: Rewriter) -> str:
        return self._cleaned(rewriter.inside(body))

    def _cleaned(self, text: str) -> str:
        """Without the lines of statements that went away."""
        text = text.replace("\r\n", "\n")
        return re.sub(
            r"(?<=[{;\n])[ \t]*\n(?=[ \t]*\n)", "", re.sub(r"\{\n(?:[ \t]*\n)+", "{\n", text)
        )


def _setter(name: str) -> str:
    return f"set{name[:1].upper()}{name[1:]}"


def _unit(source: Source, node: Node) -> str:
    """One step of indentation, as in the class."""
    body = node.child_by_field_name("body")
    members = [] if body is None else body.named_children
    outer = source.indent(node)
    inner = source.indent(members[0]) if members else f"{outer}  "
    return inner.removeprefix(outer) or "  "


def _shifted(text: str, unit: str) -> str:
    return "\n".join(line.removeprefix(unit) for line in text.split("\n"))


def _inside(node: Node, around: Node) -> bool:
    return around.start_byte <= node.start_byte and node.end_byte <= around.end_byte


def _inside_statics(node: Node, component: _Component) -> bool:
    return any(_inside(node, each) for each in component.statics)


def _binds(node: Node) -> bool:
    """Whether a name is given something here."""
    if node.type == "shorthand_property_identifier_pattern":
        return True
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("variable_declarator", "function_declaration", "class_declaration"):
        return parent.child_by_field_name("name") == node
    if parent.type == "arrow_function":
        return parent.child_by_field_name("parameter") == node
    if parent.type in ("pair_pattern", "assignment_pattern"):
        return node in (parent.child_by_field_name("value"), parent.child_by_field_name("left"))
    return parent.type in (
        *("formal_parameters", "array_pattern", "rest_pattern", "catch_clause"),
        *("required_parameter", "optional_parameter"),
    )
