"""The numbered templates of all prompts, and how they are filled in."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from nootropic_lsp.core.chat import Message, Role
from nootropic_lsp.safety.fences import as_data

API_VERSION = "prompts.nootropic.ai/v1"
KIND = "PromptRegistry"


class Quoted(NamedTuple):
    """Text that somebody else has written, and where it is from, as in "shop/cart.py"."""

    source: str
    text: str


Filling = str | int | Quoted | Sequence[Quoted]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is said to a model, and by which template."""

    name: str
    version: str
    messages: tuple[Message, ...]


def render(name: str, values: Mapping[str, Filling], *, version: str | None = None) -> Prompt:
    """A prompt that comes with nootropic, in its newest version unless another one is named."""
    return packaged().render(name, values, version=version)


@cache
def packaged() -> Registry:
    """The prompts that come with nootropic."""
    return Registry(Path(__file__).parent / "registry.yaml")


def numbered(text: str, first: int) -> str:
    """A text with the number before each of its lines, to be cited."""
    return "\n".join(f"{number} {line}" for number, line in enumerate(text.splitlines(), first))


class Template(NamedTuple):
    """One version of a prompt.

    `values` says what each value is: "text" of ours and the user's, a "name" that others may have
    chosen, or "data" of theirs.
    """

    name: str
    version: str
    digest: str
    values: Mapping[str, str]
    path: Path


class Registry:
    """A registry file with the templates beside it, which are read when they are needed."""

    def __init__(self, path: Path) -> None:
        self.templates = _templates(path)
        self._parts: dict[Path, list[tuple[Role, str]]] = {}

    def template(self, name: str, version: str | None = None) -> Template:
        """A template by its name, the newest unless a version is named."""
        found = [each for each in self.templates if each.name == name]
        if version is not None:
            found = [each for each in found if each.version == version]
        if not found:
            raise ValueError(f"there is no prompt {name} {version or ''}".rstrip())
        return max(found, key=lambda each: _number(each.version))

    def render(
        self, name: str, values: Mapping[str, Filling], *, version: str | None = None
    ) -> Prompt:
        """The messages of a prompt. Every value has to be given, and no other one.

        Raises `ValueError`, for only we can have made the mistake.
        """
        template = self.template(name, version)
        if values.keys() != template.values.keys():
            missing = ", ".join(sorted(template.values.keys() - values.keys())) or "nothing"
            unknown = ", ".join(sorted(values.keys() - template.values.keys())) or "nothing"
            raise ValueError(f"prompt {name} misses {missing} and does not know {unknown}")
        filled = {
            key: _filled(template, key, value, template.values[key])
            for key, value in values.items()
        }
        messages = tuple(
            # In one go, so that what is filled in is not looked at again.
            Message(role, _GAP.sub(lambda gap: filled[gap[1]], text))
            for role, text in self._parts_of(template)
        )
        return Prompt(template.name, template.version, messages)

    def _parts_of(self, template: Template) -> list[tuple[Role, str]]:
        if template.path not in self._parts:
            text = template.path.read_text(encoding="utf-8")
            first, *rest = _PART.split(text)
            parts = [
                (cast("Role", role), part.strip())
                for role, part in zip(rest[::2], rest[1::2], strict=True)
            ]
            if first.strip() or not parts:
                raise ValueError(
                    f"{template.path} does not begin with a line such as --- system ---"
                )
            gaps = {gap for _, part in parts for gap in _GAP.findall(part)}
            if gaps != template.values.keys():
                raise ValueError(f"{template.path} has other gaps than the registry says")
            self._parts[template.path] = parts
        return self._parts[template.path]


_GAP = re.compile(r"\{\{(\w+)\}\}")
_LONGEST_NAME = 300
_PART = re.compile(r"^--- (system|user|assistant) ---$", re.MULTILINE)
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


def _filled(template: Template, key: str, value: Filling, kind: str) -> str:
    if kind == "text" and isinstance(value, (str, int)):
        return str(value)
    if kind == "name" and isinstance(value, (str, int)):
        # Files may be called what their author likes, even sentences with line breaks.
        return "".join(each if each.isprintable() else "_" for each in str(value)[:_LONGEST_NAME])
    if kind == "data" and not isinstance(value, (str, int)):
        quoted = [value] if isinstance(value, Quoted) else value
        return "\n\n".join(as_data(text, source=source) for source, text in quoted) or "(nothing)"
    raise ValueError(f"{key} of prompt {template.name} has to be {kind}, not {type(value)}")


def _templates(path: Path) -> list[Template]:
    content: Any = importlib.import_module("yaml").safe_load(path.read_text(encoding="utf-8"))
    if (content.get("apiVersion"), content.get("kind")) != (API_VERSION, KIND):
        raise ValueError(f"{path} is no {KIND} of {API_VERSION}")
    return [
        Template(
            each["name"],
            each["version"],
            each["digest"],
            each["values"],
            path.parent / "templates" / each["name"] / f"{each['version']}.md",
        )
        for each in content["spec"]["templates"]
    ]


def _number(version: str) -> tuple[int, ...]:
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"{version} is no version: it has to be major.minor.patch")
    return tuple(map(int, found.groups()))
