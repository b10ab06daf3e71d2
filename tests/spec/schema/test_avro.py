"""Tables from Avro records: every type comes through, and every problem is told where it stands."""

from __future__ import annotations

import json
import time
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings

from data_platform.errors import BadInput, InvalidSpec
from data_platform.spec.schema.avro import read_avro_schema, write_avro_schema
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
from tests.strategies import schemas

TEXT, LONG = Primitive(Kind.STRING), Primitive(Kind.LONG)


def record(*fields: Any, **words: Any) -> str:
    return json.dumps({"type": "record", "name": "R", "fields": fields, **words})


def column(kind: Any, **words: Any) -> SchemaColumn:
    return read_avro_schema(record({"name": "c", "type": kind, **words}), "t.avsc").columns[0]


def problem(text: str) -> str:
    with pytest.raises(InvalidSpec) as caught:
        read_avro_schema(text, "t.avsc")
    assert len(caught.value.problems) == 1, caught.value.problems
    return str(caught.value)


@given(schemas())
@settings(max_examples=examples(40), deadline=None)
def test_a_table_written_and_read_is_the_same_table(schema: TableSchema) -> None:
    document = write_avro_schema(schema, "Orders", "shop.v1")
    fastavro.parse_schema(json.loads(json.dumps(document)))
    assert read_avro_schema(json.dumps(document), "t.avsc") == schema


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("boolean", Primitive(Kind.BOOLEAN)),
        ("int", Primitive(Kind.INT)),
        ("long", LONG),
        ("float", Primitive(Kind.FLOAT)),
        ("double", Primitive(Kind.DOUBLE)),
        ("bytes", Primitive(Kind.BINARY)),
        ({"type": "string"}, TEXT),
        ({"type": "int", "logicalType": "date"}, Primitive(Kind.DATE)),
        ({"type": "int", "logicalType": "time-millis"}, Primitive(Kind.TIME)),
        ({"type": "long", "logicalType": "time-micros"}, Primitive(Kind.TIME)),
        ({"type": "long", "logicalType": "timestamp-millis"}, Primitive(Kind.TIMESTAMPTZ)),
        ({"type": "long", "logicalType": "local-timestamp-micros"}, Primitive(Kind.TIMESTAMP)),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, Decimal(9, 2)),
        ({"type": "fixed", "name": "D", "size": 8, "logicalType": "decimal", "precision": 9}, Decimal(9, 0)),
        ({"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}, Fixed(16)),
        ({"type": "fixed", "name": "F", "size": 3}, Fixed(3)),
        ({"type": "long", "logicalType": "somebodys-own"}, LONG),
        ({"type": "array", "items": ["null", "long"]}, ListOf(LONG)),
        ({"type": "map", "values": "long"}, MapOf(TEXT, LONG, value_required=True)),
        (
            {"type": "record", "name": "S", "fields": [{"name": "a", "type": "long"}]},
            Struct((SchemaColumn("a", LONG, required=True),)),
        ),
    ],
)
def test_types(kind: Any, expected: object) -> None:
    assert column(kind).type == expected


def test_enum_and_uuid_are_text_with_constraints() -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
    assert column(enum) == SchemaColumn("c", TEXT, required=True, constraints=Constraints(enum=("A", "B")))
    assert column({"type": "string", "logicalType": "uuid"}).constraints == Constraints(format="uuid")


def test_a_union_with_null_is_optional_whatever_its_order() -> None:
    assert not column(["null", "long"]).required
    assert not column(["long", "null"]).required
    assert column(["long"]).required


def test_annotations() -> None:
    found = column("string", doc="Who.", tags=["pii"], encryption="none")
    assert (found.description, found.tags, found.encryption) == ("Who.", ("pii",), "none")
    assert read_avro_schema(record({"name": "c", "type": "long"}, doc="Orders."), "t").description == "Orders."


def test_a_type_defined_once_is_used_by_its_name_within_its_namespace() -> None:
    money = {"type": "record", "name": "Money", "fields": [{"name": "amount", "type": "long"}]}
    fields = [{"name": "net", "type": money}, {"name": "gross", "type": "Money"}, {"name": "tax", "type": "shop.Money"}]
    schema = read_avro_schema(record(*fields, namespace="shop"), "t.avsc")
    assert len({c.type for c in schema}) == 1


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (["long", "string"], "a union of 2 types"),
        ("null", "nothing but null"),
        ("lnog", "did you mean 'long'?"),
        (3, "is no Avro type"),
        ({"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}, "start and end"),
        ({"type": "long", "logicalType": "timestamp-nanos"}, "timestamp-micros"),
        ({"type": "int", "logicalType": "timestamp-micros"}, "written on long, not on int"),
        ({"type": "long", "logicalType": "timestamp-micro"}, "did you mean 'timestamp-micros'?"),
        ({"type": "bytes", "logicalType": "decimal"}, "precision of 1 to 38"),
        ({"type": "bytes", "logicalType": "decimal", "precision": True}, "precision of 1 to 38"),
        ({"type": "array"}, "needs items"),
        ({"type": "map"}, "needs values"),
        ({"type": "fixed", "name": "F", "size": 0}, "needs a size"),
        ({"type": "fixed", "size": 1}, "needs a name"),
        ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, "needs symbols"),
        ({"type": "enum", "name": "E"}, "needs symbols"),
        ({"type": "record", "name": "S", "fields": []}, "needs fields"),
        ({"type": "record", "name": "S", "fields": [{"name": "r", "type": "R"}]}, "'R' contains itself"),
        ({"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}, "defined twice"),
        ({"type": "long", "constraints": {"minLength": 1}}, "demands nothing of a long"),
        ({"type": "long", "constraints": {"min": 1}}, "constraints holds enum, minimum"),
        ({"type": "string", "tags": ["pii"]}, "tags belongs to a column"),
    ],
)
def test_what_no_column_can_hold_is_told_with_how_to_mend_it(kind: Any, message: str) -> None:
    assert message in problem(record({"name": "c", "type": kind}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"long"', "a table is a record"),
        ('{"type": "enum", "name": "E", "symbols": ["A"]}', "a table is a record"),
        ('{"type": "record", "fields": [{"name": "a", "type": "long"}]}', "needs a name"),
        (record(), "needs fields"),
        (record({"type": "long"}), "a field needs a name"),
        (record({"name": "1a", "type": "long"}), "a field needs a name"),
        (record({"name": "a"}), "says no type"),
        (record({"name": "a", "type": "long"}, {"name": "A", "type": "long"}), "one name to a SQL engine"),
        (record({"name": "a", "type": "long", "encrption": "none"}), "did you mean 'encryption'?"),
    ],
)
def test_records_that_are_no_table(text: str, message: str) -> None:
    assert message in problem(text)


def test_problems_know_their_place() -> None:
    text = '{"type": "record", "name": "R", "fields": [\n  {"name": "a", "type": "lng"},\n  {"name": "b"}\n]}'
    with pytest.raises(InvalidSpec) as caught:
        read_avro_schema(text, "t.avsc")
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, 25), (3, 3)]


@pytest.mark.parametrize(
    "schema",
    [
        TableSchema((SchemaColumn("straße", LONG),)),
        TableSchema((SchemaColumn("order id", LONG),)),
        TableSchema((SchemaColumn("m", MapOf(LONG, LONG)),)),
    ],
)
def test_what_avro_cannot_say_is_refused_when_written(schema: TableSchema) -> None:
    with pytest.raises(BadInput):
        write_avro_schema(schema, "R")


def doubling(levels: int) -> str:
    """A record of two fields of the record before it, and so on: 2^levels fields."""
    kind: Any = "long"
    for level in range(levels):
        again = f"R{level - 1}" if level else "long"
        fields = [{"name": "a", "type": kind}, {"name": "b", "type": again}]
        kind = {"type": "record", "name": f"R{level}", "fields": fields}
    return json.dumps(kind)


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        doubling(25),
        record({"name": "a", "type": json.loads('{"type":"array","items":' * 45 + '"long"' + "}" * 45)}),
        record(*({"name": f"c{n}", "type": "long"} for n in range(15_000))),
        record(*({"name": f"c{n}", "type": "lonk"} for n in range(15_000))),
    ],
    ids=["doubling", "deep", "fields", "problems"],
)
def test_hostile_schemas_are_refused_within_a_second(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InvalidSpec):
        read_avro_schema(text, "t.avsc")
    assert time.process_time() - start < 5  # a second on an idle machine
