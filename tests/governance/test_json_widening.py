"""Whatever only takes demands away is no break, and what is called readable validates every event that was written."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from data_platform.governance.json_schema.compatibility import find_json_incompatibilities
from tests.hypothesis_lanes import examples

Schema = Any
FIELDS = st.sampled_from(["a", "b", "x", "ab"])
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 2, 3, 0.5, 1.0, "", "a", "ab", "b1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "x", "ab"]), inner, max_size=3)
    ),
    max_leaves=6,
)
LEAVES = st.one_of(
    st.builds(
        lambda kind, words: {"type": kind, **words},
        st.sampled_from(["integer", "number"]),
        st.dictionaries(
            st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
            st.integers(1, 3),
            max_size=2,
        ),
    ),
    st.builds(
        lambda words, pattern: {"type": "string", **words, **({"pattern": pattern} if pattern else {})},
        st.dictionaries(st.sampled_from(["minLength", "maxLength"]), st.integers(0, 3), max_size=2),
        st.sampled_from([None, "^a", "[0-9]"]),
    ),
    st.lists(st.sampled_from([0, 1, 1.0, "a", None, True]), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
    st.lists(st.sampled_from(["integer", "number", "string", "null", "boolean"]), min_size=1, unique=True).map(
        lambda types: {"type": types}
    ),
    st.sampled_from([True, False, {}]),
)


NAMES = [
    True, False, {}, {"enum": ["a", "b"]}, {"enum": ["b", 1]}, {"const": "x"}, {"maxLength": 1}, {"minLength": 2},
    {"pattern": "^a"}, {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer"}, {"not": {"const": "a"}},
    {"anyOf": [{"const": "a"}, {"minLength": 2}]},
]  # fmt: skip
"""Schemas of the names of fields."""


def _objects(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
            "required": st.lists(st.sampled_from("ab"), unique=True, max_size=2),
            "additionalProperties": st.sampled_from([True, False, {"type": "integer"}]),
            "dependentRequired": st.dictionaries(
                st.sampled_from("abx"), st.lists(st.sampled_from("abx"), unique=True, max_size=2), max_size=2
            ),
            "dependentSchemas": st.dictionaries(
                st.sampled_from("abx"), st.sampled_from([{"required": ["b"]}, True, {"minProperties": 2}]), max_size=2
            ),
            "minProperties": st.integers(0, 2),
            "propertyNames": st.sampled_from(NAMES),
        },
    )


def _arrays(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "prefixItems": st.lists(inner, max_size=2),
            "items": inner,
            "unevaluatedItems": inner,
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 3),
            "uniqueItems": st.booleans(),
        },
    )


def _combined(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    parts = st.lists(inner, min_size=1, max_size=2)
    return parts.map(lambda schemas: {"allOf": schemas}) | parts.map(lambda schemas: {"anyOf": schemas})


SCHEMAS = st.recursive(LEAVES, lambda inner: _objects(inner) | _arrays(inner) | _combined(inner), max_leaves=5)
DROPPED = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "required", "dependentRequired", "dependentSchemas", "minProperties", "minItems", "maxItems", "uniqueItems",
    "propertyNames",
)  # fmt: skip


def without_keyword(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    for word in [word for word in DROPPED if word in schema and draw(st.booleans())]:
        del schema[word]


def without_dependents(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    for word in ("dependentRequired", "dependentSchemas"):
        for name in [name for name in schema.get(word, {}) if draw(st.booleans())]:
            del schema[word][name]


def with_free_property(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    if schema.get("type") == "object" and "x" not in schema.get("properties", {}):
        schema.setdefault("properties", {})["x"] = draw(st.sampled_from([True, {}]))


def without_impossible_property(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    for name in [name for name, value in schema.get("properties", {}).items() if value is False]:
        del schema["properties"][name]


def opened(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]


def covered_item(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    if schema.get("type") == "array" and "items" not in schema and isinstance(schema.get("unevaluatedItems"), dict):
        schema.setdefault("prefixItems", []).append(copy.deepcopy(schema["unevaluatedItems"]))


def plain_array(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    if "prefixItems" in schema:
        for word in ("prefixItems", "items", "unevaluatedItems"):
            schema.pop(word, None)


def wider_values(draw: st.DrawFn, schema: dict[str, Any]) -> None:
    if "enum" in schema:
        schema["enum"].append("more")
    elif isinstance(schema.get("type"), list):
        schema["type"] = sorted({*schema["type"], "string"})


STEPS: list[Callable[[st.DrawFn, dict[str, Any]], None]] = [
    without_keyword,
    without_dependents,
    with_free_property,
    without_impossible_property,
    opened,
    covered_item,
    plain_array,
    wider_values,
]


def _inner(schema: Any) -> list[dict[str, Any]]:
    """The schema and those inside it that a value must meet, for whom less demand is never more."""
    if not isinstance(schema, dict):
        return []
    inner = [*schema.get("properties", {}).values(), *schema.get("prefixItems", [])]
    inner += [schema[word] for word in ("items",) if word in schema] + schema.get("anyOf", []) + schema.get("allOf", [])
    return [schema, *(nested for child in inner for nested in _inner(child))]


def _event(schema: Schema) -> Schema:
    """An object that holds it: at the top a registry takes what names no type for an object."""
    return {"type": "object", "properties": {"a": schema}}


@st.composite
def widened(draw: st.DrawFn, step: Callable[[st.DrawFn, dict[str, Any]], None]) -> tuple[Schema, Schema]:
    """A schema, and another that only demands less."""
    old = draw(SCHEMAS)
    new = copy.deepcopy(old)
    for schema in _inner(new):
        step(draw, schema)
    return old, new


def _fits(schema: Schema, value: Any) -> bool:
    return Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("step", STEPS)
@given(data=st.data())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_demands_less_is_readable(
    step: Callable[[st.DrawFn, dict[str, Any]], None], data: st.DataObject
) -> None:
    old, new = data.draw(widened(step))
    findings = [
        finding for finding in find_json_incompatibilities(new, old) if "cannot be compared" not in finding.message
    ]
    witness = data.draw(VALUES)
    assert not (_fits(old, witness) and not _fits(new, witness)), "the step does not widen"
    assert findings == []


@given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=10, max_size=20))
@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_readable_validates_whatever_was_written(reader: Schema, writer: Schema, values: list[Any]) -> None:
    assert find_json_incompatibilities(writer, writer) == []
    if not find_json_incompatibilities(_event(reader), _event(writer)):
        assert [value for value in values if _fits(writer, value) and not _fits(reader, value)] == []


CLOSED = {"type": "object", "properties": {"a": {}, "ab": {}}, "additionalProperties": False}
NAMED = {"type": "object", "propertyNames": {"enum": ["a", "ab"]}}


@pytest.mark.parametrize(
    ("reader", "writer", "message"),
    [
        ({"type": "object", "propertyNames": {"pattern": "^a"}}, CLOSED, None),
        ({"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}, CLOSED, None),
        ({"type": "object", "propertyNames": {"maxLength": 2}}, CLOSED, None),
        ({"type": "object", "propertyNames": {"maxLength": 1}}, CLOSED, "the field ab is written, and readers take no"),
        ({"type": "object", "propertyNames": {"pattern": "^b"}}, CLOSED, "the field a is written, and readers take no"),
        ({"type": "object", "propertyNames": {"maxLength": 1}}, {"type": "object"}, "readers demand maxLength 1"),
        ({"type": "object", "propertyNames": False}, NAMED, "is written as string, and read as nothing"),
        ({"type": "object", "propertyNames": {"pattern": "a*"}}, {"type": "object"}, None),
        (CLOSED, NAMED, None),
        ({**CLOSED, "properties": {"a": {}}}, NAMED, "is written, and readers take no field of that name"),
        ({"type": "object", "propertyNames": {"maxLength": 9}}, NAMED, None),
        ({"type": "object"}, NAMED, None),
        (NAMED, {"type": "object", "propertyNames": {"enum": ["a"]}}, None),
        (NAMED, {"allOf": [NAMED, {"propertyNames": {"pattern": "b$"}}]}, None),
    ],
)
def test_names_of_fields_are_compared(reader: Schema, writer: Schema, message: str | None) -> None:
    findings = [finding.message for finding in find_json_incompatibilities(reader, writer)]
    assert (findings == []) if message is None else findings and findings[0].startswith(message)


OBJECT = {"type": "object"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OBJECT, {**OBJECT, "properties": {"x": True}}),
        (OBJECT, {**OBJECT, "properties": {"x": {}}}),
        (
            {**OBJECT, "additionalProperties": False, "properties": {"x": False}},
            {**OBJECT, "additionalProperties": False},
        ),
        ({**OBJECT, "dependencies": {"a": ["b"], "c": ["d"]}}, {**OBJECT, "dependencies": {"a": ["b"]}}),
        ({**OBJECT, "dependencies": {"a": ["b", "c"]}}, {**OBJECT, "dependentRequired": {"a": ["b"]}}),
        ({**OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}}, OBJECT),
        (
            {"type": "array", "items": [{"type": "integer"}, {"type": "integer"}], "additionalItems": False},
            {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        ),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, {"type": "number"}),
        ({"allOf": [{"type": ["string", "number"]}, {"type": ["string", "null"]}]}, {"type": "string"}),
        ({"allOf": [{"minimum": 1, "type": "number"}, {"minimum": 3}]}, {"type": "number", "minimum": 2}),
        (
            {"type": "array", "prefixItems": [{"type": "integer"}], "unevaluatedItems": {"type": "string"}},
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "unevaluatedItems": {"type": "string"},
            },
        ),
        ({"if": {"type": "string"}, "then": {"minLength": 1}, "type": "string"}, {"type": "string"}),
    ],
)
def test_every_old_event_fits(old: Schema, new: Schema) -> None:
    assert find_json_incompatibilities(new, old) == []
    kind = Draft7Validator if "additionalItems" in str(old) or "dependencies" in str(old) else Draft202012Validator
    kind.check_schema(old)


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        (OBJECT, {**OBJECT, "dependencies": {"a": ["b"]}}),
        ({**OBJECT, "dependentRequired": {"a": ["b"]}}, {**OBJECT, "dependentRequired": {"a": ["b", "c"]}}),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, {"type": "array", "items": {"type": "integer"}}),
        (
            {"allOf": [{"properties": {"a": True}}, {"properties": {"b": True}}], "type": "object"},
            {"allOf": [{"properties": {"a": True}}, {"additionalProperties": False}], "type": "object"},
        ),
    ],
)
def test_a_further_demand_is_found(writer: Schema, reader: Schema) -> None:
    assert find_json_incompatibilities(reader, writer)
