from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from models.routing import router_of
from models.scripted import Scripted
from pydantic import BaseModel

from nootropic_lsp.core.chat import ChatRequest, Message
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models.backend import CHAT
from nootropic_lsp.models.schema import problems
from nootropic_lsp.models.structured import NotJsonError, extract_json, structured

ASKED = ChatRequest((Message("system", "You plan."), Message("user", "Plan it.")))
SCHEMA = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    "required": ["steps"],
    "additionalProperties": False,
}


class Plan(BaseModel):
    steps: list[str]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("  [1, 2]\n", [1, 2]),
        ('Sure!\n```json\n{"a": 1}\n```\nIs that right?', {"a": 1}),
        ("```\n[]\n```", []),
        ('The answer is {"a": {"b": [1]}} as asked.', {"a": {"b": [1]}}),
        ('For x[0] I say {"a": "}"} and no more {', {"a": "}"}),
        ("```python\nx = {}\n```\n```json\n[3]\n```", [3]),
    ],
)
def test_json_is_found_wherever_it_is(text: str, value: Any) -> None:
    assert extract_json(text) == value


@pytest.mark.parametrize("text", ["", "no", "{", "[" * 100_000, '{"a": NaN}', "```json\n{\n```"])
def test_where_there_is_none_that_is_said(text: str) -> None:
    with pytest.raises(NotJsonError):
        extract_json(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotJsonError):
        extract_json(text)


_leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3)
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
_types = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
_schemas = st.recursive(
    st.fixed_dictionaries({}, optional={"type": _types, "enum": st.lists(_leaves, min_size=1)})
    | st.fixed_dictionaries({"minimum": st.integers(-3, 3), "maximum": st.integers(-3, 3)})
    | st.fixed_dictionaries({"minLength": st.integers(0, 2), "pattern": st.just("^[a-z]*$")})
    | st.fixed_dictionaries({"const": _leaves}),
    lambda inner: (
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2)},
            optional={
                "required": st.lists(st.sampled_from("abc"), unique=True, max_size=2),
                "additionalProperties": st.booleans() | inner,
            },
        )
        | st.fixed_dictionaries({"items": inner, "maxItems": st.integers(0, 3)})
        | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)})
        | st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)})
    ),
    max_leaves=6,
)


@given(_values, _schemas)
def test_values_are_judged_as_by_the_reference(value: Any, schema: dict[str, Any]) -> None:
    assert (not problems(value, schema)) == Draft202012Validator(schema).is_valid(value)


def test_references_inside_a_schema_are_followed_and_circles_end() -> None:
    schema: dict[str, Any] = {
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
        "$ref": "#/$defs/node",
    }
    assert problems({"next": {"next": {}}}, schema) == []
    assert problems({"next": {"next": 3}}, schema) == [
        "next.next: must be of the type object, not integer"
    ]
    assert problems(3, {"$ref": "#"}) == []


async def test_a_value_comes_back_as_the_model_it_was_asked_for() -> None:
    backend = Scripted(scripts=[['{"steps": ["a"', ', "b"]}']])
    found = await structured(router_of(backend), ASKED, Plan)
    assert found.value == Plan(steps=["a", "b"])
    assert found.n_repairs == 0
    assert found.answered.model == "qwen2.5-coder:7b"
    (asked,) = backend.asked
    assert asked.request.sampling.schema == Plan.model_json_schema()
    assert isinstance(asked.request, ChatRequest)
    assert json.dumps(Plan.model_json_schema()) in asked.request.messages[-1].content


@pytest.mark.parametrize("shape", [Plan, SCHEMA])
@pytest.mark.parametrize("first", ["I cannot.", '{"steps": "a"}', '{"steps": [1]}', ""])
async def test_what_is_wrong_is_told_once_and_put_right(shape: Any, first: str) -> None:
    backend = Scripted(scripts=[[first], ['{"steps": ["a"]}']])
    found = await structured(router_of(backend), ASKED, shape)
    assert found.n_repairs == 1
    request = backend.asked[1].request
    assert isinstance(request, ChatRequest)
    assert [each.role for each in request.messages] == ["system", "user", "assistant", "user"]
    assert request.messages[2].content == first
    assert "not what was asked for" in request.messages[3].content


async def test_what_stays_wrong_is_an_error_with_the_reason() -> None:
    backend = Scripted(scripts=[['{"steps": []}']])
    with pytest.raises(ModelError, match="steps: needs 1 entries or more") as raised:
        await structured(router_of(backend), ASKED, SCHEMA)
    assert raised.value.failure is Failure.INFERENCE_ERROR
    assert len(backend.asked) == 2


async def test_a_server_that_cannot_follow_a_schema_is_asked_without_one() -> None:
    backend = Scripted(scripts=[['Well: {"steps": ["a"]}']], can=frozenset((CHAT,)))
    found = await structured(router_of(backend), ASKED, SCHEMA)
    assert found.value == {"steps": ["a"]}
    assert backend.asked[0].request.sampling.schema is None
