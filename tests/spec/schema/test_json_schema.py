"""Tables from JSON Schema: every type comes through, and every problem is told where it stands."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from data_platform.errors import BadInput, InvalidSpec, Problem
from data_platform.spec.schema.json_schema import read_json_schema, write_json_schema
from data_platform.spec.schema.types import (
    Constraints,
    Decimal,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from tests.hypothesis_lanes import examples
from tests.strategies import any_names, schemas


def table(properties: dict[str, Any], **words: Any) -> TableSchema:
    return read_json_schema(json.dumps({"type": "object", "properties": properties, **words}), "t.json")


def column(words: Any, **root: Any) -> SchemaColumn:
    return table({"c": words}, **root).columns[0]


def problems(properties: Any, **words: Any) -> list[Problem]:
    with pytest.raises(InvalidSpec) as caught:
        table(properties, **words)
    return list(caught.value.problems)


def problem(words: Any, **root: Any) -> str:
    found = problems({"c": words}, **root)
    assert len(found) == 1, found
    return str(found[0])


@given(schemas(any_names))
@settings(max_examples=examples(40), deadline=None)
def test_a_table_written_and_read_is_the_same_table(schema: TableSchema) -> None:
    document = write_json_schema(schema, "orders")
    Draft202012Validator.check_schema(document)
    assert read_json_schema(json.dumps(document), "t.json") == schema


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"type": "boolean"}, Primitive(Kind.BOOLEAN)),
        ({"type": "integer"}, Primitive(Kind.LONG)),
        ({"type": "integer", "format": "int64"}, Primitive(Kind.LONG)),
        ({"type": "integer", "format": "int32"}, Primitive(Kind.INT)),
        ({"type": "number"}, Primitive(Kind.DOUBLE)),
        ({"type": ["integer", "number"]}, Primitive(Kind.DOUBLE)),
        ({"type": "number", "format": "float"}, Primitive(Kind.FLOAT)),
        ({"type": "string", "format": "date"}, Primitive(Kind.DATE)),
        ({"type": "string", "format": "time"}, Primitive(Kind.TIME)),
        ({"type": "string", "format": "date-time"}, Primitive(Kind.TIMESTAMPTZ)),
        ({"type": "string", "format": "local-date-time"}, Primitive(Kind.TIMESTAMP)),
        ({"type": "string", "format": "date-time-local"}, Primitive(Kind.TIMESTAMP)),
        ({"type": "string", "format": "uuid"}, Primitive(Kind.STRING)),
        ({"type": "string", "format": "decimal", "precision": 12, "scale": 2}, Decimal(12, 2)),
        ({"type": "number", "format": "decimal", "precision": 12}, Decimal(12, 0)),
        ({"type": "string", "contentEncoding": "base64"}, Primitive(Kind.BINARY)),
        ({"type": "string", "contentEncoding": "base64", "byteLength": 16}, Fixed(16)),
        ({"enum": ["a", "b"]}, Primitive(Kind.STRING)),
        ({"const": 3}, Primitive(Kind.LONG)),
        ({"items": {"type": "string"}}, ListOf(Primitive(Kind.STRING), element_required=True)),
        (
            {"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
            MapOf(Primitive(Kind.STRING), Primitive(Kind.LONG)),
        ),
        (
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            Struct((SchemaColumn("a", Primitive(Kind.LONG), required=True),)),
        ),
    ],
)
def test_types(words: dict[str, Any], expected: object) -> None:
    assert column(words).type == expected


def test_a_column_is_required_when_it_is_in_required_and_never_null() -> None:
    nullable: dict[str, Any] = {"type": ["string", "null"]}
    schema = table({"a": {"type": "string"}, "b": nullable, "c": {"type": "string"}}, required=["a", "b"])
    assert [c.required for c in schema] == [True, False, False]


@pytest.mark.parametrize(
    "words",
    [
        {"$ref": "#/$defs/amount"},
        {"allOf": [{"$ref": "#/$defs/amount"}]},
        {"anyOf": [{"$ref": "#/$defs/amount"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/amount"}]},
        {"$ref": "#/$defs/other"},
    ],
)
def test_definitions_are_followed_and_merged_with_what_stands_beside(words: dict[str, Any]) -> None:
    definitions = {"amount": {"type": "number", "minimum": 0}, "other": {"$ref": "#/$defs/amount"}}
    found = column({**words, "tags": ["money"]}, **{"$defs": definitions})
    assert found == SchemaColumn("c", Primitive(Kind.DOUBLE), tags=("money",), constraints=Constraints(minimum=0))


def test_null_in_a_union_makes_a_column_optional() -> None:
    words = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert not column(words, required=["c"]).required


def test_draft_07_with_definitions_and_a_root_reference() -> None:
    text = json.dumps(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$ref": "#/definitions/Order",
            "definitions": {"Order": {"type": "object", "properties": {"id": {"type": "integer"}}}},
        }
    )
    assert read_json_schema(text, "t.json").names == ("id",)


def test_constraints_and_annotations() -> None:
    found = column(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 9,
            "pattern": "^a",
            "format": "email",
            "description": "Where to write.",
            "classification": "PII",
            "tags": ["contact"],
            "encryption": "aes-256-gcm",
        }
    )
    assert found.constraints == Constraints(min_length=1, max_length=9, pattern="^a", format="email")
    assert (found.description, found.tags, found.encryption) == ("Where to write.", ("contact", "pii"), "aes-256-gcm")


def test_const_is_an_enum_of_one_and_null_is_no_enum_value() -> None:
    assert column({"const": "x"}).constraints.enum == ("x",)
    assert column({"type": ["string", "null"], "enum": ["a", None]}).constraints.enum == ("a",)


def test_what_an_element_must_be_is_kept_with_the_list() -> None:
    found = column({"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1})
    assert found.type == ListOf(Primitive(Kind.LONG), True, Constraints(minimum=1))
    assert found.constraints == Constraints(min_items=1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "says no type"),
        (True, "a schema is an object"),
        ({"type": ["string", "integer"]}, "integer or string"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "2 types"),
        ({"type": "strin"}, "did you mean 'string'?"),
        ({"type": "null"}, "nothing but null"),
        ({"type": "array"}, "needs items"),
        ({"type": "object"}, "needs properties"),
        ({"type": "object", "patternProperties": {}, "properties": {"a": {"type": "string"}}}, "patternProperties"),
        ({"type": "string", "format": "datetime"}, "did you mean 'date-time'?"),
        ({"type": "string", "format": "phone"}, "write a pattern|known for string"),
        ({"type": "integer", "minLength": 3}, "minLength demands nothing of a long"),
        ({"type": "integer", "minimum": "3"}, "a bound is a number"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "nothing could pass"),
        ({"type": "integer", "multipleOf": 0}, "above 0"),
        ({"type": "string", "minLength": -1}, "0 or more"),
        ({"type": "string", "pattern": "(?=a)"}, "RE2"),
        ({"type": "integer", "enum": ["a"]}, "'a' is not a long"),
        ({"type": "string", "maxLenght": 3}, "did you mean 'maxLength'?"),
        ({"type": "string", "nullable": True}, '"null"'),
        ({"type": "string", "not": {"const": "a"}}, "quality_rules"),
        ({"type": "number", "format": "decimal"}, "precision of 1 to 38"),
        ({"type": "number", "format": "decimal", "precision": 39}, "precision of 1 to 38"),
        ({"type": "number", "precision": 3}, '"format": "decimal"'),
        ({"type": "string", "contentEncoding": "base32"}, "base64"),
        ({"$ref": "https://example.com/x.json"}, "leaves the file"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"$ref": "#"}, "comes back to itself"),
        ({"type": "string", "tags": "pii"}, "list of texts"),
        ({"type": "string", "encryption": "aes"}, "aes-256-gcm"),
        ({"type": "array", "items": {"type": "string", "classification": "pii"}}, "belongs to a column"),
        ({"type": "string", "required": True}, "write required beside properties"),
    ],
)
def test_what_no_column_can_hold_is_told_with_how_to_mend_it(words: Any, message: str) -> None:
    text = problem(words, **{"$defs": {}})
    assert text.startswith("t.json:1:")
    assert any(part in text for part in message.split("|")), text


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    properties = '"properties": {\n    "a": {},\n    "b": {"type": "strng"}\n  }'
    text = f'{{\n  "type": "object",\n  {properties},\n  "required": ["d"]\n}}'
    with pytest.raises(InvalidSpec) as caught:
        read_json_schema(text, "t.json")
    assert [(p.line, p.column) for p in caught.value.problems] == [(4, 10), (5, 19), (7, 16)]


def test_a_required_column_that_is_not_there_is_told_with_the_nearest() -> None:
    (found,) = problems({"order_id": {"type": "integer"}}, required=["orderid"])
    assert "did you mean 'order_id'?" in str(found)


def test_two_definitions_that_contradict_each_other_are_refused() -> None:
    words = {"allOf": [{"type": "string", "minLength": 1}, {"type": "string", "minLength": 2}]}
    assert "minLength is set here, and differently" in problem(words)


@pytest.mark.parametrize("name", ["a.b", 'a"b', "", " a", "a\u200bb", "a\u202eb", "a\x07", "x" * 129, "a`b"])
def test_names_that_no_column_may_have(name: str) -> None:
    assert problems({name: {"type": "string"}})


def test_names_that_differ_only_in_case_are_one_name() -> None:
    assert "one name" in str(problems({"id": {"type": "string"}, "ID": {"type": "string"}})[0])


def test_a_map_with_other_keys_cannot_be_written() -> None:
    schema = TableSchema((SchemaColumn("m", MapOf(Primitive(Kind.INT), Primitive(Kind.INT))),))
    with pytest.raises(BadInput, match="keys of type int"):
        write_json_schema(schema, "t")


@pytest.mark.parametrize("root", ["[]", "3", '"x"', "{}", '{"type": "string"}', '{"type": ["object", "null"]}'])
def test_a_root_that_is_no_table(root: str) -> None:
    with pytest.raises(InvalidSpec):
        read_json_schema(root, "t.json")


def exploding_references(levels: int) -> str:
    doubled = {
        f"d{n}": {"type": "object", "properties": {k: {"$ref": f"#/$defs/d{n + 1}"} for k in "ab"}}
        for n in range(levels)
    }
    return json.dumps({**doubled["d0"], "$defs": {**doubled, f"d{levels}": {"type": "string"}}})


def exploding_combinations(levels: int) -> str:
    doubled = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    definitions = {**doubled, f"d{levels}": {"type": "string"}}
    return json.dumps({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": definitions})


def chain_of_references(length: int) -> str:
    chain = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(length)}
    return json.dumps({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": chain})


def deep(levels: int) -> str:
    return '{"type":"object","properties":{"a":' * levels + '{"type":"string"}' + "}}" * levels


@pytest.mark.parametrize(
    "text",
    [
        exploding_references(30),
        exploding_combinations(40),
        chain_of_references(5000),
        deep(45),
        deep(20_000),
        json.dumps({"type": "object", "properties": {f"c{n}": {} for n in range(20_000)}}),
        json.dumps({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a" * 90] * 9000}),
        json.dumps({"type": "object", "properties": {f"c{n}": {"type": "string"} for n in range(20_000)}}),
        '{"type": "object", "properties": {"a": {"type": "integer", "minimum": 1' + "0" * 900_000 + "}}}",
    ],
    ids=["references", "combinations", "chain", "deep", "very deep", "problems", "required", "columns", "digits"],
)
def test_hostile_schemas_are_refused_within_a_second(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InvalidSpec) as caught:
        read_json_schema(text, "t.json")
    assert time.process_time() - start < 5  # a second on an idle machine
    assert 1 <= len(caught.value.problems) <= 101


@pytest.mark.parametrize(
    ("column", "hint"),
    [
        ({"type": "integer", "minimum": "0"}, "write 0 without quotes"),
        ({"type": "number", "multipleOf": "0.5"}, "write 0.5 without quotes"),
        ({"type": "string", "maxLength": "10"}, "write 10 without quotes"),
        ({"type": "integer", "minimum": "low"}, None),
    ],
)
def test_a_number_that_is_written_as_text_is_answered_with_the_number(
    column: dict[str, object], hint: str | None
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        read_json_schema(json.dumps({"type": "object", "properties": {"a": column}}), "s.json")
    assert [problem.hint for problem in refused.value.problems] == [hint]
