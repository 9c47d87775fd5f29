"""How names are found in Rust."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Kind, Role
from nootropic_lsp.index.languages.queries.files import file_at, folder_of
from nootropic_lsp.index.languages.queries.neighbours import names_in, units_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import NOTHING, PLACE, Value, Values
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit, World

_ROOTS = ("lib.rs", "main.rs")
_VERSION = re.compile(r"-\d[\w.+-]*\Z")


def _place(site: Site) -> Values:
    return (Value(PLACE, site, site.unit.path),)


def _special(resolver: Lookups, unit: Unit, name: str, scope: int, position: int) -> Values:
    """`crate`, `super`, and `self` where it is the module."""
    if name == "crate":
        return _root(resolver, unit)
    if name == "super":
        inner = _inline(unit, scope)
        if inner is not None:
            outer = _inline(unit, unit.scopes[unit.definitions[inner.index].scope].parent)
            here = unit.definitions[inner.index].scope
            if here == 0:
                return _place(Site(unit, 0))
            return _place(outer or Site(unit, unit.scopes[here].owner))
        return _parent(resolver, unit)
    if name == "self" and not _in_type(unit, scope):
        return _place(_inline(unit, scope) or Site(unit, 0))
    return NOTHING


def _in_type(unit: Unit, scope: int) -> bool:
    while scope > 0:
        owner = unit.scopes[scope].owner
        if unit.scopes[scope].kind == 1 and owner >= 0:
            return unit.definitions[owner].kind != Kind.NAMESPACE
        scope = unit.scopes[scope].parent
    return False


def _inline(unit: Unit, scope: int) -> Site | None:
    """The `mod x { }` around a scope."""
    while scope > 0:
        owner = unit.scopes[scope].owner
        if owner >= 0 and unit.definitions[owner].kind == Kind.NAMESPACE:
            return Site(unit, owner)
        scope = unit.scopes[scope].parent
    return None


def _root(resolver: Lookups, unit: Unit) -> Values:
    folder = folder_of(unit)
    while folder:
        for name in _ROOTS:
            found = file_at(resolver, f"{folder}/{name}")
            if found:
                return found
        if folder.endswith(("/src", "/tests", "/examples", "/benches")):
            break
        folder = folder.rpartition("/")[0]
    return _place(Site(unit, 0))


def _parent(resolver: Lookups, unit: Unit) -> Values:
    folder, _, name = unit.path.rpartition("/")
    if name in ("mod.rs", *_ROOTS):
        folder = folder.rpartition("/")[0] if name == "mod.rs" else folder
        outer = unit.path.rpartition("/")[0]
        candidates = [f"{folder}/mod.rs", f"{folder}.rs", *(f"{folder}/{root}" for root in _ROOTS)]
        if outer == folder:
            return NOTHING
    else:
        candidates = [f"{folder}/mod.rs", f"{folder}.rs", *(f"{folder}/{root}" for root in _ROOTS)]
    for path in candidates:
        found = file_at(resolver, path)
        if found:
            return found
    return NOTHING


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    """Level 1 is `mod path;`, level 0 the name of a crate."""
    if level == 0:
        return _crate(resolver, path)
    folder, _, name = unit.path.rpartition("/")
    stem = name.removesuffix(".rs")
    resolver.touched.add_modules(path)
    inside = folder if name in ("mod.rs", *_ROOTS) else f"{folder}/{stem}"
    for start in dict.fromkeys((inside, folder)):
        for tail in (f"{path}.rs", f"{path}/mod.rs"):
            found = file_at(resolver, f"{start}/{tail}")
            if found:
                return found
    return NOTHING


def _crate_folders(world: World) -> Iterator[str]:
    """The folders that may be those of crates."""
    for root in world.folders:
        for group in (root, f"{root}/crates", *world.subfolders(root)):
            yield from (group, *world.subfolders(group))


def _crate(resolver: Lookups, name: str) -> Values:
    """A crate of the workspace, by the name of its folder."""

    def make() -> Values:
        world = resolver.world
        for folder in _crate_folders(world):
            last = _VERSION.sub("", folder.rpartition("/")[2])
            if last.replace("-", "_") == name:
                for start in (f"{folder}/src/lib.rs", f"{folder}/lib.rs"):
                    found = file_at(resolver, start)
                    if found:
                        return found
        return NOTHING

    resolver.touched.add_modules("lib")
    return resolver.noted(("crate", name), make)


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    """A name in a module, also one that it imports or takes from others with a star."""
    if place.site is None:
        return []
    return _in_module(resolver, place.site, name, unit, set())


def _in_module(
    resolver: Lookups, module: Site, name: str, unit: Unit, seen: set[Site]
) -> list[Site]:
    seen.add(module)
    there, body = module.unit, module.definition.body
    resolver.touched.add((there, name))
    entry = there.names[body].get(name, ()) if body >= 0 else ()
    found = [Site(there, at) for at in entry if there.definitions[at].kind != Kind.PARAMETER]
    # A module and a function may share a name; what is defined comes before what is imported.
    found.sort(key=lambda site: site.definition.kind == Kind.IMPORT)
    if found:
        return found
    for star in there.stars:
        for value in resolver.infer(there, star):
            if value.site is None or value.site in seen:
                continue
            if value.kind == PLACE:
                found = _in_module(resolver, value.site, name, unit, seen)
            else:
                found = resolver.own(value.site, name)
            if found:
                return found
    if body == 0 or there.definitions[module.index].kind == Kind.MODULE:
        return _macro(resolver, there, name)
    return []


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """Star imports, crates and macros."""
    special = _special(resolver, unit, name, scope, position)
    if special:
        return [value.site for value in special if value.site is not None]
    for star in unit.stars:
        if unit.expressions[star][2] == position:
            continue
        for value in resolver.infer(unit, star):
            if value.site is None:
                continue
            found = (
                _in_module(resolver, value.site, name, unit, {Site(unit, 0)})
                if value.kind == PLACE
                else resolver.own(value.site, name)
            )
            if found:
                return found
    if role != Role.TYPE:
        crate = [value.site for value in _crate(resolver, name) if value.site is not None]
        if crate:
            return crate
        if role == Role.CALL:
            return _macro(resolver, unit, name)
    return []


def _macro(resolver: Lookups, unit: Unit, name: str) -> list[Site]:
    """A macro of the same crate; one that hides the standard library's only in its own file."""
    macros = [site for site in resolver.named(name) if site.definition.kind == Kind.MACRO]
    here = [site for site in macros if site.unit is unit]
    if here or name in _STANDARD_MACROS:
        return here
    root = _root(resolver, unit)
    return [site for site in macros if _root(resolver, site.unit) == root] or (
        macros if len(macros) == 1 else []
    )


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    """Modules around, star imports, macros of this folder and the crate's, crates."""
    for word in ("crate", "self", "super"):
        for value in _special(resolver, unit, word, scope, -1):
            if value.site is not None:
                yield [(word, value.site)]
    for star in unit.stars:
        for value in resolver.infer(unit, star):
            if value.kind == PLACE:
                yield _contents(resolver, value, unit)
            elif value.site is not None:
                yield names_in(value.site.unit, value.site.definition.body)
    roots = [value.site.unit for value in _root(resolver, unit) if value.site is not None]
    for folder in dict.fromkeys(map(folder_of, (unit, *roots))):
        for other in units_in(resolver, folder):
            yield names_in(other, 0, lambda each: each.kind == Kind.MACRO)
    yield _crates(resolver).items()


def _crates(resolver: Lookups) -> dict[str, Site]:
    """The crates of the workspace."""

    def make() -> dict[str, Site]:
        found = {}
        for folder in _crate_folders(resolver.world):
            name = _VERSION.sub("", folder.rpartition("/")[2]).replace("-", "_")
            for value in _crate(resolver, name) if name not in found else ():
                if value.site is not None:
                    found[name] = value.site
        return found

    return resolver.noted("crates", make)


def _contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """What a module holds: its own, what it imports, and what its stars bring in."""
    pending = [place.site] if place.site is not None else []
    for module in pending:
        there, body = module.unit, module.definition.body
        for name, entry in there.names[body].items() if body >= 0 else ():
            yield name, Site(there, entry[0])
        for star in there.stars:
            for value in resolver.infer(there, star):
                if value.site is None or value.site in pending:
                    continue
                if value.kind == PLACE:
                    pending.append(value.site)
                else:
                    yield from names_in(value.site.unit, value.site.definition.body)


def _below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """What a module holds; at level 1 the files that `mod` can name."""
    if level == 1:
        for name in resolver.world.entries(folder_of(unit)):
            own = unit.path.rpartition("/")[2]
            if name.endswith(("/", ".rs")) and name not in ("mod.rs", *_ROOTS, own):
                yield name.removesuffix(".rs").rstrip("/")
    elif not path:
        yield from ("crate", "self", "super", *_crates(resolver))
    else:
        for value in _walked(resolver, unit, path):
            for name, _ in _contents(resolver, value, unit):
                yield name


def _walked(resolver: Lookups, unit: Unit, path: str) -> Values:
    """What a dotted path names that is not written anywhere yet."""
    first, *rest = path.replace("::", ".").split(".")
    values = _special(resolver, unit, first, 0, -1) or tuple(
        value
        for site in resolver.name(unit, first, 0, -1, Role.IMPORT)
        for value in resolver.value(site)
    )
    for name in rest:
        values = tuple(
            inner
            for value in values
            for site in resolver.member(value, name, unit, Role.IMPORT)
            for inner in resolver.value(site)
        )
    return values


_STANDARD_MACROS = words(
    "assert assert_eq assert_ne debug_assert debug_assert_eq debug_assert_ne format panic print "
    "println eprint eprintln todo unimplemented unreachable vec write writeln matches dbg env "
    "include include_str include_bytes concat stringify cfg try line file column"
)


RULES = Rules(
    family="rust",
    outside=_outside,
    module=_module,
    inside=_inside,
    around=_around,
    contents=_contents,
    below=_below,
    special=_special,
    extended=True,
    guess_on_known=True,
    this=frozenset({"self"}),
    this_type=frozenset({"Self"}),
    transparent=words(
        "Box Rc Arc RefCell Cell Mutex RwLock Cow Ref RefMut Pin MutexGuard Lazy OnceCell"
    ),
    common=words(
        "new len push pop get insert remove iter iter_mut into_iter map filter collect unwrap expect "
        "clone into from as_ref as_mut as_str to_string to_owned is_empty is_some is_none is_ok "
        "is_err ok err next contains extend fmt eq ne cmp partial_cmp hash drop deref deref_mut "
        "default and_then or_else unwrap_or unwrap_or_else unwrap_or_default ok_or take replace "
        "split trim starts_with ends_with find position any all fold sum min max rev zip chain "
        "enumerate skip last first sort sort_by dedup join lines chars bytes as_bytes as_slice "
        "write read flush borrow borrow_mut lock send recv try_from try_into parse append clear "
        "keys values entry or_insert get_mut swap truncate resize drain retain with_capacity "
        "capacity reserve copied cloned count nth peekable to_vec by_ref push_str to_lowercase"
    ),
)
