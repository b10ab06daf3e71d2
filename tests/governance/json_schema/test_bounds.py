"""The same demand in other words breaks nobody, and no verdict lets an event pass that no longer fits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from data_platform.governance.json_schema.compatibility import find_json_incompatibilities
from tests.hypothesis_lanes import examples

Schema = dict[str, Any]
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
VALUES: list[Any] = [
    *(None, True, False, "", "a", "ab", "abc", [], [1], [1, 1], [1, 2], ["a"], [1, "a"], ["a", "a"], [1, 2, 3]),
    *(half / 2 for half in range(-4, 14)),
    *({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}, {"a": "x"}, {"a": True}, {"c": 1}, {"a": 2, "b": None}),
]
"""Every value that the schemas below tell apart, or nearly so."""


def _words(kind: str, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=optional)


SIZES = st.integers(0, 2)
NUMERIC = st.builds(
    lambda kind, words: {"type": kind, **words},
    st.sampled_from(["integer", "number"]),
    st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from([1, 2, 3, 0.5, 1.5, 2.0]), max_size=3),
)
TEXTS = _words(
    "string",
    minLength=SIZES,
    maxLength=SIZES,
    pattern=st.sampled_from(["", "^a", ".*"]),
    enum=st.lists(st.sampled_from(["", "a", "ab"]), min_size=1, max_size=2, unique=True),
)
ARRAYS = _words(
    "array",
    minItems=SIZES,
    maxItems=SIZES,
    uniqueItems=st.booleans(),
    items=st.sampled_from([True, {}, {"type": "integer"}, False]),
    contains=st.sampled_from([True, {"type": "integer"}]),
    minContains=SIZES,
    maxContains=SIZES,
)
OBJECTS = _words(
    "object",
    required=st.lists(st.sampled_from("ab"), unique=True, max_size=2),
    additionalProperties=st.sampled_from([True, False, {}]),
    minProperties=SIZES,
    maxProperties=SIZES,
    properties=st.dictionaries(
        st.sampled_from("ab"), st.sampled_from([True, {"type": "boolean"}, {"const": 1}]), max_size=2
    ),
    patternProperties=st.sampled_from([{}, {"a": True}]),
    dependentRequired=st.sampled_from([{}, {"a": []}, {"a": ["b"]}]),
)
ENUMS = st.lists(
    st.sampled_from([1, 1.0, 2, 3, 0.5, True, False, None, "a", "ab", [], [1], {}, {"a": 1}]), min_size=1, max_size=3
).map(lambda values: {"enum": values})
SIMPLE = NUMERIC | TEXTS | ARRAYS | OBJECTS | ENUMS
SCHEMAS = SIMPLE | st.one_of(
    st.lists(SIMPLE, min_size=1, max_size=2).map(lambda parts: {"anyOf": parts}),
    st.lists(SIMPLE, min_size=1, max_size=2).map(lambda parts: {"allOf": parts}),
    st.tuples(SIMPLE, SIMPLE).map(lambda pair: {**pair[0], "not": pair[1]}),
)


def _event(schema: Schema | bool) -> Schema:
    return {"type": "object", "properties": {"x": schema}}


@given(st.one_of(*(st.tuples(kind, kind) for kind in (NUMERIC, TEXTS, ARRAYS, OBJECTS, ENUMS | NUMERIC, SCHEMAS))))
@settings(max_examples=examples(400), deadline=None, suppress_health_check=list(HealthCheck))
def test_no_event_that_no_longer_fits_is_called_readable(pair: tuple[Schema, Schema]) -> None:
    reader, writer = map(Draft202012Validator, pair)
    if not find_json_incompatibilities(*map(_event, pair)):
        assert [value for value in VALUES if writer.is_valid(value) and not reader.is_valid(value)] == []


INTEGER, NUMBER, STRING = {"type": "integer"}, {"type": "number"}, {"type": "string"}
ARRAY, OBJECT = {"type": "array"}, {"type": "object"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({**INTEGER, "maximum": 5}, {**INTEGER, "exclusiveMaximum": 6}),
        ({**INTEGER, "maximum": 5.5}, {**INTEGER, "exclusiveMaximum": 5.1}),
        ({**INTEGER, "minimum": 1}, {**INTEGER, "exclusiveMinimum": 0}),
        ({**INTEGER, "minimum": 0.5}, {**INTEGER, "minimum": 1}),
        ({**INTEGER, "multipleOf": 1}, INTEGER),
        ({**INTEGER, "multipleOf": 0.25}, INTEGER),
        ({**INTEGER, "multipleOf": 1.5}, {**INTEGER, "multipleOf": 3}),
        ({**INTEGER, "minimum": 1, "maximum": 3}, {"enum": [1, 2, 3]}),
        ({**INTEGER, "minimum": 1, "maximum": 4, "multipleOf": 2}, {"enum": [2, 4]}),
        ({**NUMBER, "multipleOf": 1}, INTEGER),
        ({**NUMBER, "enum": [1, 2]}, {**INTEGER, "enum": [1, 2]}),
        ({"type": "boolean"}, {"enum": [True, False]}),
        ({"type": "null"}, {"const": None}),
        ({"type": "boolean", "enum": [True, 1, "a"]}, {"const": True}),
        ({**INTEGER, "enum": [1, 5], "maximum": 3}, {"const": 1}),
        ({"enum": [1, "a"]}, {"anyOf": [{"const": 1}, {"const": "a"}]}),
        ({**STRING, "minLength": 0}, STRING),
        ({**STRING, "pattern": ".*"}, STRING),
        ({**STRING, "minimum": 3, "minItems": 2, "maxProperties": 1, "multipleOf": 2}, STRING),
        ({**INTEGER, "minLength": 3, "pattern": "a", "uniqueItems": True}, INTEGER),
        ({**STRING, "not": {"type": "null"}}, STRING),
        ({**STRING, "not": False}, STRING),
        ({**STRING, "if": {"minLength": 2}}, STRING),
        ({**STRING, "if": {"minLength": 2}, "then": True, "else": {}}, STRING),
        ({**ARRAY, "minItems": 0, "uniqueItems": False, "items": {}}, ARRAY),
        ({**ARRAY, "uniqueItems": True, "maxItems": 1}, {**ARRAY, "maxItems": 1}),
        ({**ARRAY, "contains": True, "minContains": 2}, {**ARRAY, "minItems": 2}),
        ({**ARRAY, "contains": INTEGER, "minContains": 0}, ARRAY),
        ({**ARRAY, "contains": INTEGER, "minContains": 1}, {**ARRAY, "contains": INTEGER}),
        ({**ARRAY, "minContains": 2, "maxContains": 1}, ARRAY),
        ({**OBJECT, "required": [], "minProperties": 0, "additionalProperties": {}, "propertyNames": True}, OBJECT),
        ({**OBJECT, "required": ["a"], "minProperties": 1}, {**OBJECT, "required": ["a"]}),
        ({**OBJECT, "patternProperties": {"a": True}, "dependentRequired": {"a": ["a"]}}, OBJECT),
        ({**OBJECT, "required": ["b"], "dependentRequired": {"a": ["b"]}}, {**OBJECT, "required": ["b"]}),
    ],
)
def test_the_same_demand_in_other_words_is_read_in_both_directions(one: Schema, other: Schema) -> None:
    assert find_json_incompatibilities(_event(one), _event(other)) == []
    assert find_json_incompatibilities(_event(other), _event(one)) == []


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        ({**NUMBER, "maximum": 5}, {**NUMBER, "exclusiveMaximum": 6}),
        ({**NUMBER, "multipleOf": 1}, NUMBER),
        ({**INTEGER, "maximum": 5}, {**INTEGER, "exclusiveMaximum": 7}),
        ({"enum": [1, 2, 3]}, {**INTEGER, "minimum": 1, "maximum": 4}),
        ({**ARRAY, "contains": INTEGER}, {**ARRAY, "contains": INTEGER, "minContains": 0}),
        ({**STRING, "minLength": 1}, {**STRING, "minLength": 0}),
        ({**STRING, "not": {"minLength": 3}}, STRING),
    ],
)
def test_what_demands_more_is_found(reader: Schema, writer: Schema) -> None:
    assert find_json_incompatibilities(_event(reader), _event(writer))
