"""Members of something whose type is not known: found by their names, where that is safe."""

from __future__ import annotations

from nootropic_lsp.index.facts import Flag, Kind, Role, ScopeKind
from nootropic_lsp.index.languages.queries.names import last_name
from nootropic_lsp.index.languages.queries.rules import Lookups
from nootropic_lsp.index.languages.queries.values import FUNCTION_KINDS
from nootropic_lsp.index.units import Site, Unit

_WIDEST = 5  # owners of one name


def guess(resolver: Lookups, unit: Unit, name: str, role: int) -> list[Site]:
    """A member of something unknown: the only one of its name, if there is only one."""
    if name in resolver.rules.common:
        return []
    sites = [
        site
        for site in resolver.named(name)
        if _is_member(site, mixins=resolver.rules.mixins)
        and (role != Role.CALL or site.definition.kind in FUNCTION_KINDS)
    ]
    if not sites:
        return []
    owners = {_owner_name(resolver, site) for site in sites}
    if len(owners) > 1:
        here = [site for site in sites if site.unit is unit]
        owners_here = {_owner_name(resolver, site) for site in here}
        if len(owners_here) == 1 and len(owners) <= _WIDEST:
            return here
        return _declared_first(resolver, sites)
    return sites


def extension_method(resolver: Lookups, name: str) -> list[Site]:
    """The static methods of a name, if one type has them all."""
    if name in resolver.rules.common:
        return []
    sites = [
        site
        for site in resolver.named(name)
        if site.definition.kind == Kind.METHOD and site.definition.flags & Flag.STATIC
    ]
    owners = {_owner_name(resolver, site) for site in sites}
    return sites if len(owners) == 1 else []


def _owner_name(resolver: Lookups, site: Site) -> str:
    owner = resolver.owner(site)
    if owner is None:
        return ""
    definition = owner.definition
    if definition.name:
        return definition.name
    return last_name(owner.unit, definition.related[0]) if definition.related else ""


def _declared_first(resolver: Lookups, sites: list[Site]) -> list[Site]:
    """The member of the one supertype that all owners of a name share."""
    owners = [owner for site in sites if (owner := resolver.owner(site)) is not None]
    if len(owners) != len(sites) or len(sites) > _WIDEST * 2:
        return []
    types = [resolver.extended_type(owner) for owner in owners]
    for site, own in zip(sites, types, strict=True):
        if own is None:
            return []
        if all(other is not None and own in resolver.order(other) for other in types):
            return [site]
    return []


def _is_member(site: Site, *, mixins: bool) -> bool:
    scope = site.unit.scopes[site.definition.scope]
    if scope.kind != ScopeKind.CLASS or scope.owner < 0:
        return False
    return mixins or site.unit.definitions[scope.owner].kind != Kind.NAMESPACE
