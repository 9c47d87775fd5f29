"""What a name means: from the facts of many Python files to definitions and light types."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Expression, Op
from nootropic_lsp.index.languages.python import containers
from nootropic_lsp.index.languages.python.bindings import bound, infer_member
from nootropic_lsp.index.languages.python.calls import infer_call, keyword_parameter
from nootropic_lsp.index.languages.python.declared import instance_of
from nootropic_lsp.index.languages.python.inference import Inference, Reader
from nootropic_lsp.index.languages.python.listing import Listing
from nootropic_lsp.index.languages.python.members import member
from nootropic_lsp.index.languages.python.names import Found
from nootropic_lsp.index.languages.python.returns import awaited, entered, is_coroutine
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    Value,
    Values,
    classes,
    instances,
    module_value,
)
from nootropic_lsp.index.units import Site, Trail, Unit, World

# A look-up in a class costs something in functions that run for every name.
_NAME = Op.NAME
_MEMBER = Op.MEMBER


class Resolver:
    """Answers for one state of the world. Make a new one when any file has changed."""

    def __init__(self, world: World) -> None:
        self.inference = Inference(world, _READERS, bound)
        self.touched: Trail = self.inference.touched
        self._listing = Listing(self.inference)
        # What uses of members show, behind imports, and the trail of following those.
        self._members: dict[tuple[Unit, int, str], Found] = {}

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of this file needed."""
        self.inference.forget(unit)

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [self._members, *self.inference.remembered(), *self._listing.remembered()]

    def definitions(self, unit: Unit, index: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined, best first. `follow` goes through imports."""
        inference = self.inference
        names = inference.names
        expression = unit.expressions[index]
        operator, _, position, name, operand = expression
        if operator == _MEMBER:
            for value in inference.infer(unit, operand):
                found = self._members_of(value, name) if follow else member(inference, value, name)
                if found:
                    return found
            return []
        if operator == _NAME:
            sites = names.named(unit, name, operand, position)
            return names.follow(sites) if follow else sites
        if operator == Op.MODULE:
            return names.module_site(names.path_of(unit, expression))
        return keyword_parameter(inference, unit, name, operand)

    def _members_of(self, value: Value, name: str) -> list[Site]:
        """Where a member of a value is defined, behind imports."""
        if value.kind != INSTANCE or value.unit is None:
            inference = self.inference
            return inference.names.follow(member(inference, value, name))
        key = (value.unit, value.at if value.receiver is None else ~value.at, name)
        touched = self.touched
        known = self._members.get(key)
        if known is None:
            outer, touched.mask = touched.mask, 0
            inference = self.inference
            found = inference.names.follow(member(inference, value, name))
            known = self._members[key] = (found, touched.mask)
            touched.mask |= outer
        else:
            touched.mask |= known[1]
        return known[0]

    def types(self, unit: Unit, index: int) -> list[Site]:
        """The definitions of the types that an expression may have."""
        return classes(self.inference.infer(unit, index))

    def types_of(self, site: Site) -> list[Site]:
        """The definitions of the types that a definition may have."""
        return classes(self.inference.value_of(site))

    def followed(self, site: Site) -> list[Site]:
        """What an import stands for; any other definition stands for itself."""
        return self.inference.names.follow([site])

    def bases(self, site: Site) -> list[Site]:
        """The direct base classes of a class."""
        return [
            Site(value.unit, value.at)
            for base in site.definition.related
            for value in self.inference.infer(site.unit, base)[:1]
            if value.kind == CLASS and value.unit is not None
        ]

    # ---- what could be written

    def visible(self, unit: Unit, scope: int, position: int) -> list[Candidate]:
        """Every bare name that can be used at a position of a scope, the nearest first."""
        return self._listing.visible(unit, scope, position)

    def members(self, unit: Unit, index: int) -> list[Candidate]:
        """Every member of the values that an expression may have, the nearest first."""
        return self._listing.members(unit, index)

    def held(self, site: Site) -> list[Candidate]:
        """Every member of the values that a definition may stand for, the nearest first."""
        return self._listing.held(site)

    def modules(self, unit: Unit, dotted: str, level: int) -> list[str]:
        """The modules and packages directly below one, "" being the roots."""
        return self._listing.modules(unit, dotted, level)

    def exported(self, unit: Unit, dotted: str, level: int) -> list[Candidate]:
        """The names that can be imported from a module, its submodules included."""
        return self._listing.exported(unit, dotted, level)


def _infer_module(inference: Inference, unit: Unit, expression: Expression) -> Values:
    return module_value(inference.names.path_of(unit, expression))


def _infer_literal(inference: Inference, _unit: Unit, expression: Expression) -> Values:
    return inference.builtin(expression[1])


def _infer_function(_inference: Inference, unit: Unit, expression: Expression) -> Values:
    return (Value(FUNCTION, unit, expression[1]),)


def _infer_awaited(inference: Inference, unit: Unit, expression: Expression) -> Values:
    # A coroutine is taken for what it returns, as annotations have it.
    values = inference.infer(unit, expression[1])
    return values if is_coroutine(inference, unit, expression[1]) else awaited(inference, values)


def _infer_entered(inference: Inference, unit: Unit, expression: Expression) -> Values:
    return entered(inference, inference.infer(unit, expression[1]))


def _infer_new(inference: Inference, unit: Unit, expression: Expression) -> Values:
    return instances(inference.infer(unit, expression[1]))


# Bare names are not here: `Inference` looks them up itself.
_READERS: dict[int, Reader] = {
    Op.MEMBER: infer_member,
    Op.MODULE: _infer_module,
    Op.CALL: infer_call,
    Op.ITEM: containers.infer_item,
    Op.ELEMENT: containers.infer_element,
    Op.UNPACK: containers.infer_unpacked,
    Op.ENTER: _infer_entered,
    Op.AWAIT: _infer_awaited,
    Op.LITERAL: _infer_literal,
    Op.DISPLAY: containers.infer_display,
    Op.EITHER: containers.infer_either,
    Op.INSTANCE: instance_of,
    Op.BINARY: containers.infer_binary,
    Op.YIELD: containers.infer_yield,
    Op.FUNCTION: _infer_function,
    Op.NEW: _infer_new,
}
