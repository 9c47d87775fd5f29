"""What the Python extractor notes, and names that lead into the standard library's stubs."""

from __future__ import annotations

from index.memory_world import MemoryWorld

from nootropic_lsp.index.facts import Flag, Kind, Role
from nootropic_lsp.index.units import Unit


def test_a_slash_marks_only_the_parameters_before_it() -> None:
    unit = _unit("class C:\n    def f(self, a=lambda x: x, /, b=1): ...\ndef g(/, c): ...\n")
    positional = [each.name for each in unit.definitions if each.flags & Flag.POSITIONAL_ONLY]
    assert positional == ["self", "a"]


def test_the_strings_of_literal_are_no_types() -> None:
    unit = _unit(
        'def red(a: Literal["red"], b: "Literal[\'red\']", c: Annotated[int, "red"]): ...\n'
    )
    assert [each[3] for each in _uses(unit)] == ["Literal", "Literal", "Annotated", "int"]


def test_a_type_argument_of_a_base_is_no_base() -> None:
    unit = _unit("class Repo(Base[User]): ...\n")
    assert [(each[3], each[1]) for each in _uses(unit)] == [
        ("Base", Role.BASE),
        ("User", Role.TYPE),
    ]


def test_a_type_variable_knows_its_bounds() -> None:
    unit = _unit('T = TypeVar("T", "A", B)\nU = typing.TypeVar("U", bound="C")\n')
    bounds = {
        each.name: [unit.expressions[index][3] for index in each.related]
        for each in unit.definitions
        if each.kind == Kind.CONSTANT
    }
    assert bounds == {"T": ["A", "B"], "U": ["C"]}


def test_names_in_all_are_uses() -> None:
    unit = _unit('def a(): ...\n__all__ = ["a"]\n__all__ += ["b.c"]\n__all__.append("a")\n')
    assert [each[3] for each in _uses(unit)] == ["a", "__all__", "__all__", "append", "a"]


def test_parts_of_a_string_are_strings() -> None:
    text = 'for part in "a b".split():\n    part.upper()\nx, _, y = "a".partition("b")\ny.upper()\n'
    world = MemoryWorld({"main.py": text})
    unit = world.unit("/w/main.py")
    assert unit is not None
    resolver = world.resolver(unit)
    found = [
        resolver.definitions(unit, i) for _, i in unit.uses if unit.expressions[i][3] == "upper"
    ]
    assert [site.unit.path.rpartition("/")[2] for sites in found for site in sites] == [
        "builtins.pyi",
        "builtins.pyi",
    ]


def _unit(text: str) -> Unit:
    unit = MemoryWorld({"main.py": text}).unit("/w/main.py")
    assert unit is not None
    return unit


def _uses(unit: Unit) -> list[tuple[int, int, int, str, int]]:
    return [unit.expressions[index] for _, index in unit.uses]  # type: ignore[misc]
