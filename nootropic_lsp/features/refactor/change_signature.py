"""Change the parameters of a Python function, of what overrides it, and of every call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.features import lineage, types
from nootropic_lsp.features.family import Family, family_of, in_workspace
from nootropic_lsp.features.naming import complaint
from nootropic_lsp.features.possible import possible_uses
from nootropic_lsp.features.refactor.parameters import (
    Change,
    Parameter,
    Piece,
    Written,
    call_edits,
    parameters_of,
    settled,
    signature_edits,
)
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of, where
from nootropic_lsp.features.references import references_to
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import Definition, Flag, Kind, Op
from nootropic_lsp.index.nodes import Node
from nootropic_lsp.index.units import Site

_FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
# Decorators behind which a function is called with its own parameters.
_TRANSPARENT = re.compile(
    r"@(?:[\w.]+\.)?(?:staticmethod|classmethod|contextmanager|asynccontextmanager|lru_cache|cache"
    r"|abstractmethod|override|final|deprecated)\b"
)
_MAKING = re.compile(r"\bcls\(|__class__\(|type\(self\)\(|\btype\(\w+\)\(")
_LOOKING = ("isinstance", "issubclass")


def change_signature(
    snapshot: Snapshot, path: str, offset: int, parameters: Sequence[Parameter]
) -> Patch:
    """Give a function these parameters, without that for the object which a method belongs to.

    Raises `RefusedError` and says where, if a call cannot be followed.
    """
    if snapshot.incomplete is not None:
        raise RefusedError(f"a call could be missed now: {snapshot.incomplete}")
    return _Signature(snapshot, path, offset, parameters).patch()


def changeable(source: Source, offset: int) -> list[Written] | None:
    """The parameters of the function at an offset, as far as it may be changed."""
    at = source.unit.definition_at(offset)
    if not source.is_python or at < 0:
        return None
    definition = source.unit.definitions[at]
    if definition.kind not in _FUNCTIONS or definition.flags & (Flag.PROPERTY | Flag.OVERLOAD):
        return None
    node = function_at(source, definition)
    if node is None:
        return None
    found = parameters_of(node)
    return found[1:] if has_receiver(source, definition) else found


def function_at(source: Source, definition: Definition) -> Node | None:
    """The node of a function by its definition."""
    node = source.root.around(definition.start, definition.end).parent
    return node if node is not None and node.kind == "function_definition" else None


def has_receiver(source: Source, definition: Definition) -> bool:
    """Whether the first parameter is the object or class that it is called on."""
    scope = source.unit.scopes[definition.scope]
    is_member = scope.kind == 1
    return is_member and not definition.flags & Flag.STATIC


def _only_adds(names: Sequence[str], new: Sequence[Parameter]) -> bool:
    """Whether each call that was right stays so: what is new has a default and comes last."""
    last = len(names) - (bool(names) and names[-1].startswith("**"))
    kept = [*new[:last], *new[len(new) - len(names) + last :]]
    return (
        [(each.name, each.was) for each in kept] == [(name, name) for name in names]
        and len(new) > len(names)
        and all(each.default for each in new if not each.was)
    )


class _Signature:
    def __init__(
        self, snapshot: Snapshot, path: str, offset: int, parameters: Sequence[Parameter]
    ) -> None:
        self.snapshot = snapshot
        self.parameters = parameters
        self.sources: dict[str, Source] = {}
        source = self.source(path)
        at = source.unit.definition_at(offset)
        written = changeable(source, offset)
        if written is None:
            raise RefusedError("there is no function here whose parameters could be changed")
        self.only_adds = _only_adds([each.name for each in written], parameters)
        self.name = source.unit.definitions[at].name
        unit = snapshot.unit(path)
        assert unit is not None
        self.site = Site(unit, unit.definition_at(offset))
        refuse_unless(
            self.site.definition.name == self.name, "the file has changed; try again in a moment"
        )
        self.changes: dict[str, list[Change]] = {}
        self.n_calls = 0

    def source(self, path: str) -> Source:
        """A file, read once."""
        found = self.sources.get(path)
        if found is None:
            found = self.sources[path] = source_of(self.snapshot, path)
        return found

    def patch(self) -> Patch:
        """Everything that changes."""
        name = self.name
        is_constructor = name == "__init__"
        refuse_unless(
            is_constructor or not (name.startswith("__") and name.endswith("__")),
            f"`{name}` is called by Python itself",
        )
        functions = [self.site] if is_constructor else self._family()
        for function in functions:
            self._definition(function)
        if not self.only_adds:
            self._all_calls(functions)
        edits = {
            path: settled(self.source(path).text, changes) for path, changes in self.changes.items()
        }
        return patch_of(self.snapshot, edits, f"Change the parameters of {name}")

    def _add(self, path: str, changes: Iterable[Change]) -> None:
        self.changes.setdefault(path, []).extend(changes)

    # ---- what is changed together

    def _family(self) -> list[Site]:
        """The function, and the methods that override it or that it overrides."""
        snapshot = self.snapshot
        family = family_of(snapshot, self.site)
        if not self.only_adds:
            self._refuse_unknown(family)
        found = []
        for (path, scope), unit in family.bindings.items():
            for index in unit.names[scope].get(self.name, ()):
                definition = unit.definitions[index]
                if definition.kind == Kind.IMPORT:
                    continue
                refuse_unless(
                    definition.kind in _FUNCTIONS,
                    f"`{self.name}` is no function at "
                    + where(snapshot, Place(path, Span(definition.start, definition.end))),
                )
                found.append(Site(unit, index))
        return found

    def _refuse_unknown(self, family: Family) -> None:
        """Refuse if calls may be missed."""
        snapshot = self.snapshot
        refuse_unless(
            not family.uncertain,
            f"`{self.name}` may mean something else in {', '.join(sorted(family.uncertain))[-80:]}",
        )
        unknown = possible_uses(snapshot, family)
        if unknown:
            raise RefusedError(
                f"it is not known what `{self.name}` means at {where(snapshot, unknown[0])}"
            )
        holder = lineage.holder(snapshot, self.site)
        if holder is not None:
            for cls in [holder, *lineage.ancestors(snapshot, holder)]:
                known = lineage.bases(snapshot, cls)
                refuse_unless(
                    len(known) >= len(cls.definition.related),
                    f"not all that `{cls.definition.name}` inherits from is known",
                )

    def _constructed(self) -> list[Site]:
        """The classes that are made by this `__init__`."""
        holder = lineage.holder(self.snapshot, self.site)
        if holder is None:
            raise RefusedError("this is not in a class")
        found = [holder]
        for cls in types.descendants(self.snapshot, holder):
            if not lineage.members(self.snapshot, cls, "__init__"):
                found.append(cls)
            path = cls.unit.path
            refuse_unless(in_workspace(self.snapshot, path), f"{path} inherits it")
        for cls in found:
            refuse_unless(
                not lineage.members(self.snapshot, cls, "__new__"), "the class has a `__new__`, too"
            )
        for cls in [holder, *types.descendants(self.snapshot, holder)]:
            definition = cls.definition
            text = text_of(self.snapshot, cls.unit.path)
            made = _MAKING.search(text, definition.full_start, definition.full_end)
            if made is not None:
                place = Place(cls.unit.path, Span(*made.span()))
                raise RefusedError(f"{where(self.snapshot, place)} makes one by what it is told")
        return found

    # ---- definitions

    def _definition(self, site: Site) -> None:
        source = self.source(site.unit.path)
        refuse_unless(in_workspace(self.snapshot, source.path), "it is outside of the workspace")
        at = source.unit.defined_at.get(site.definition.start, -1)
        definition = source.unit.definitions[at] if at >= 0 else None
        if definition is None or definition.name != self.name:
            raise RefusedError(f"{source.path} has changed; try again in a moment")
        node = function_at(source, definition)
        if node is None:
            raise RefusedError(f"`{self.name}` is defined in a way of its own")
        here = source.where(definition.start)
        if node.parent is not None and node.parent.kind == "decorated_definition":
            for each in node.parent.named:
                if each.kind == "decorator" and not _TRANSPARENT.match(each.text):
                    raise RefusedError(f"{here}: `{each.text}` may pass other arguments")
        written = parameters_of(node)
        if has_receiver(source, definition):
            refuse_unless(
                bool(written) and written[0].is_plain, f"{here} has no parameter for the object"
            )
            written = written[1:]
        names = [each.name for each in written]
        for parameter in self.parameters:
            if parameter.was:
                refuse_unless(parameter.was in names, f"{here} has no parameter `{parameter.was}`")
        kept = [each.was for each in self.parameters if each.was]
        refuse_unless(len(set(kept)) == len(kept), "a parameter is there twice")
        body = definition.body
        self._refuse_body(source, node, body, names, kept)
        holder = node.child("parameters")
        assert holder is not None
        self._add(source.path, signature_edits(written, self.parameters, holder))
        for parameter in self.parameters:
            if parameter.was and parameter.was != parameter.name:
                self._rename(source, node, body, parameter)

    def _refuse_body(
        self, source: Source, node: Node, body: int, names: Sequence[str], kept: Sequence[str]
    ) -> None:
        here = source.where(node.start)
        for name in names:
            if name not in kept:
                plain = name.lstrip("*")
                uses = [each for each in source.variables.of((body, plain)) if plain]
                refuse_unless(len(uses) <= 1, f"{here} uses `{plain}`")
        inside = {each.name for each in source.variables.between(node.start, node.end)}
        for parameter in self.parameters:
            plain = parameter.name.lstrip("*/")
            if not plain or parameter.was == parameter.name:
                continue
            complained = complaint("python", plain, plain)
            if complained is not None:
                raise RefusedError(complained)
            refuse_unless(plain not in inside, f"{here} has a `{plain}` already")
        refuse_unless(
            "locals()" not in node.text or kept == list(names), f"{here} looks at its `locals()`"
        )

    def _rename(self, source: Source, node: Node, body: int, parameter: Parameter) -> None:
        """A new name of a parameter inside of its function."""
        was, new = parameter.was.lstrip("*"), parameter.name.lstrip("*")
        head = node.child("parameters")
        assert head is not None
        for each in source.variables.of((body, was)):
            if head.start <= each.position < head.end:
                continue
            span = Span(each.position, each.position + len(was))
            self._add(source.path, [Change(span, Piece(new))])

    # ---- calls

    def _all_calls(self, functions: Sequence[Site]) -> None:
        called = self._constructed() if self.name == "__init__" else []
        self._refuse_strings(functions)
        self._calls(functions)
        for cls in called:
            self._constructions(cls)
        holder = lineage.holder(self.snapshot, self.site)
        if holder is not None and not self.n_calls:
            raise RefusedError(
                f"nobody is known to call `{self.name}`; it may be called by its name"
            )

    def _refuse_strings(self, functions: Sequence[Site]) -> None:
        if self.name == "__init__":
            return
        quoted = re.compile(rf"""["']{re.escape(self.name)}["']""")
        paths = {site.unit.path for site in functions}
        for site in functions:
            uses = references_to(self.snapshot, [site], include_declaration=False)
            paths.update(use.place.path for use in uses)
        for path in sorted(paths):
            text = text_of(self.snapshot, path)
            unit = self.snapshot.unit(path)
            for match in quoted.finditer(text):
                if unit is not None and unit.exports and self.name in unit.exports:
                    continue
                place = Place(path, Span(*match.span()))
                raise RefusedError(f"{where(self.snapshot, place)} has its name in a string")

    def _calls(self, functions: Sequence[Site]) -> None:
        for site in functions:
            for use in references_to(self.snapshot, [site], include_declaration=False):
                self._use(use.place.path, use.place.span.start, site)

    def _use(self, path: str, start: int, function: Site) -> None:
        source = self.source(path)
        if source.unit.defined_at.get(start, -1) >= 0:
            definition = source.unit.definitions[source.unit.defined_at[start]]
            if definition.name == self.name and definition.kind in _FUNCTIONS:
                return  # what overrides it
        node = source.root.around(start, start + 1)
        if any(
            each.kind in ("import_statement", "import_from_statement") for each in node.ancestors()
        ):
            self._refuse_alias(source, node)
            return
        callee = node
        if node.parent is not None and node.parent.kind == "attribute":
            callee = node.parent
        call = callee.parent
        if call is None or call.kind != "call" or callee.field != "function":
            raise RefusedError(f"{source.where(start)} passes it on, or uses it by itself")
        unit = source.unit
        index = unit.use_at(start)
        skipped = 0
        holder = lineage.holder(self.snapshot, function)
        is_bound_to_class = bool(function.definition.flags & (Flag.STATIC | Flag.CLASS_METHOD))
        if holder is not None and not is_bound_to_class and index >= 0:
            skipped = int(self._is_through_class(source, index))
        self._call(source, call, function, skipped)

    def _is_through_class(self, source: Source, index: int) -> bool:
        expression = source.unit.expressions[index]
        if expression[0] != Op.MEMBER or expression[4] < 0:
            return False
        if source.unit.expressions[expression[4]][0] > Op.MEMBER:
            return False
        found = self.snapshot.definitions(source.unit, expression[4])
        return bool(found) and found[0].definition.kind in lineage.TYPES

    def _call(self, source: Source, call: Node, function: Site, skipped: int) -> None:
        self.n_calls += 1
        of = self.source(function.unit.path)
        at = of.unit.defined_at[function.definition.start]
        node = function_at(of, of.unit.definitions[at])
        assert node is not None
        written = parameters_of(node)
        if has_receiver(of, of.unit.definitions[at]):
            written = written[1:]
        edits = call_edits(source, call, written, self.parameters, skipped=skipped)
        self._add(source.path, edits)

    def _refuse_alias(self, source: Source, node: Node) -> None:
        for each in node.ancestors():
            if each.kind == "aliased_import":
                raise RefusedError(f"{source.where(node.start)} gives it another name")

    def _constructions(self, cls: Site) -> None:
        """The calls of a class, which call its `__init__`."""
        for use in references_to(self.snapshot, [cls], include_declaration=False):
            source = self.source(use.place.path)
            start = use.place.span.start
            node = source.root.around(start, start + 1)
            if use.role in ("import", "type", "base"):
                self._refuse_alias(source, node)
                continue
            callee = node
            while (
                callee.parent is not None
                and callee.parent.kind == "attribute"
                and (callee.parent.named[-1] is callee)
            ):
                callee = callee.parent
            parent = callee.parent
            if parent is None:
                continue
            if parent.kind == "call" and callee.field == "function":
                self._call(source, parent, self.site, 0)
            elif not _only_looks(callee, parent):
                raise RefusedError(f"{source.where(start)} passes the class on")


def _only_looks(callee: Node, parent: Node) -> bool:
    """Whether a class is used in a way that makes nothing of it."""
    if parent.kind in ("attribute", "except_clause", "type", "comparison_operator", "case_pattern"):
        return True
    holder = parent.parent if parent.kind == "tuple" else parent
    if parent.kind == "as_pattern" or (holder is not None and holder.kind == "except_clause"):
        return True
    if (holder is not None and holder.kind == "argument_list") or parent.kind == "tuple":
        call = holder if holder is None or holder.kind == "call" else holder.parent
        if parent.kind == "tuple" and parent.parent is not None:
            call = parent.parent.parent if parent.parent.kind == "argument_list" else None
        if call is not None and call.kind == "class_definition":
            return True
        function = call.child("function") if call is not None else None
        return function is not None and function.text in _LOOKING
    return any(each.kind == "type" for each in callee.ancestors())
