"""What a value has that its JSON schema does not allow: the part of JSON Schema that models are asked
to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
# Who needs more has a schema that leads to itself.
_DEEPEST = 60


def problems(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """A sentence on each thing that is wrong, with its place; none if the value is right.

    Known are types, enumerations, constants, objects, arrays, lengths, bounds, patterns,
    `anyOf`, `oneOf`, `allOf` and references inside the schema. What else it says is not looked at.
    """
    return list(_problems(value, schema, "", schema, 0))


def _problems(
    value: Any, schema: Any, place: str, root: Mapping[str, Any], depth: int
) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        if schema is False:
            yield f"{place or 'the answer'}: nothing is allowed here"
        return
    where = place or "the answer"
    if "$ref" in schema:
        yield from _problems(value, _referred(schema["$ref"], root), place, root, depth + 1)
    for each in schema.get("allOf", ()):
        yield from _problems(value, each, place, root, depth + 1)
    for name in ("anyOf", "oneOf"):
        if name in schema:
            yield from _alternatives(value, schema[name], place, root, depth)
    if "const" in schema and not _equal(value, schema["const"]):
        yield f"{where}: must be {schema['const']!r}"
    if "enum" in schema and not any(_equal(value, each) for each in schema["enum"]):
        yield f"{where}: must be one of {', '.join(map(repr, schema['enum']))}"
    types = schema.get("type")
    if types is not None and not _is_of(value, [types] if isinstance(types, str) else types):
        yield f"{where}: must be of the type {types}, not {_name(value)}"
    elif isinstance(value, dict):
        yield from _object(value, schema, place, root, depth)
    elif isinstance(value, list):
        yield from _array(value, schema, place, root, depth)
    elif isinstance(value, str):
        yield from _string(value, schema, where)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(value, schema, where)


def _alternatives(
    value: Any, schemas: list[Any], place: str, root: Mapping[str, Any], depth: int
) -> Iterator[str]:
    found = [list(_problems(value, each, place, root, depth + 1)) for each in schemas]
    if found and all(found):
        # The alternative that comes nearest says most.
        yield from min(found, key=len)


def _object(
    value: dict[str, Any],
    schema: Mapping[str, Any],
    place: str,
    root: Mapping[str, Any],
    depth: int,
) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f'{place or "the answer"}: "{name}" is missing'
    others = schema.get("additionalProperties", True)
    for name, each in value.items():
        inner = f"{place}.{name}" if place else name
        if name in known:
            yield from _problems(each, known[name], inner, root, depth + 1)
        elif others is False:
            yield f'{place or "the answer"}: "{name}" is not known'
        else:
            yield from _problems(each, others, inner, root, depth + 1)


def _array(
    value: list[Any], schema: Mapping[str, Any], place: str, root: Mapping[str, Any], depth: int
) -> Iterator[str]:
    yield from _bounds(len(value), schema, place or "the answer", "Items", "entries")
    first = schema.get("prefixItems", ())
    for i, each in enumerate(value):
        of_this = first[i] if i < len(first) else schema.get("items")
        yield from _problems(each, of_this, f"{place}[{i}]", root, depth + 1)


def _string(value: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _bounds(len(value), schema, where, "Length", "characters")
    pattern = schema.get("pattern")
    if pattern is not None and re.search(pattern, value) is None:
        yield f"{where}: does not match {pattern}"


def _number(value: float, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield f"{where}: must be {schema['minimum']} or more"
    if value > schema.get("maximum", value):
        yield f"{where}: must be {schema['maximum']} or less"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield f"{where}: must be more than {schema['exclusiveMinimum']}"
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield f"{where}: must be less than {schema['exclusiveMaximum']}"


def _bounds(n: int, schema: Mapping[str, Any], where: str, suffix: str, noun: str) -> Iterator[str]:
    if n < schema.get(f"min{suffix}", n):
        yield f"{where}: needs {schema[f'min{suffix}']} {noun} or more"
    if n > schema.get(f"max{suffix}", n):
        yield f"{where}: may have {schema[f'max{suffix}']} {noun} at most"


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _is_of(value: Any, types: list[str]) -> bool:
    return any(_is_one(value, name) for name in types)


def _is_one(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))


def _equal(value: Any, other: Any) -> bool:
    # To Python, 1 is True.
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _name(value: Any) -> str:
    return next(name for name in _TYPES if _is_one(value, name))
