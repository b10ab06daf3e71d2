"""The sample of a stream: the same rows however they come, text at any depth, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import Kind, ListOf, MapOf, Primitive, SchemaColumn, Struct, TableSchema
from data_platform.tables.staging.sample import MOST_CHARACTERS, MOST_ELEMENTS, RowSample, list_sampled_rows
from tests.hypothesis_lanes import examples
from tests.strategies import any_names, batches, key_types, schemas

TEXT = Primitive(Kind.STRING)


def sample(schema: TableSchema, *given_batches: pa.RecordBatch) -> dict[str, tuple[list[str], list[int]]]:
    taken = RowSample(schema)
    assert list(taken.watch(iter(given_batches))) == list(given_batches)
    return {text.path: (text.values, text.rows) for text in taken.texts}


def nested() -> tuple[TableSchema, list[dict[str, object]]]:
    address = Struct((SchemaColumn("city", TEXT), SchemaColumn("tags", ListOf(TEXT)), SchemaColumn("n", LONG)))
    schema = TableSchema(
        (
            SchemaColumn("id", LONG),
            SchemaColumn("name", TEXT),
            SchemaColumn("addresses", ListOf(address)),
            SchemaColumn("extra", MapOf(TEXT, TEXT)),
        )
    )
    rows: list[dict[str, object]] = [
        {"id": 1, "name": "a", "addresses": [{"city": "x", "tags": ["t", None], "n": 1}], "extra": [("k", "v")]},
        {"id": 2, "name": None, "addresses": None, "extra": None},
        {"id": 3, "name": "c", "addresses": [{"city": None, "tags": None, "n": 2}, None], "extra": [("l", None)]},
        {"id": 4, "name": "d", "addresses": [], "extra": [("m", "w"), ("n", "z")]},
    ]
    return schema, rows


LONG = Primitive(Kind.LONG)


def test_text_is_taken_at_any_depth_with_the_number_of_its_row() -> None:
    schema, rows = nested()
    taken = sample(schema, pa.RecordBatch.from_pylist(rows, schema=to_arrow(schema)))
    assert taken["name"] == (["a", "c", "d"], [0, 2, 3])
    assert taken["addresses.city"] == (["x"], [0])
    assert taken["addresses.tags"] == (["t"], [0])
    assert sorted(zip(*taken["extra"], strict=True)) == [
        ("k", 0),
        ("l", 2),
        ("m", 3),
        ("n", 3),
        ("v", 0),
        ("w", 3),
        ("z", 3),
    ]
    assert taken.keys() == {"name", "addresses.city", "addresses.tags", "extra"}


def test_protected_columns_are_not_taken() -> None:
    schema, rows = nested()
    name = replace(schema.columns[1], tags=("pii",))
    protected = replace(schema, columns=(schema.columns[0], name, *schema.columns[2:]))
    assert "name" not in sample(protected, pa.RecordBatch.from_pylist(rows, schema=to_arrow(schema)))


def split(batch: pa.RecordBatch, at: list[int]) -> Iterator[pa.RecordBatch]:
    cuts = sorted({0, batch.num_rows, *(cut for cut in at if cut < batch.num_rows)})
    return (batch.slice(low, high - low) for low, high in pairwise(cuts))


@given(st.lists(st.integers(0, 3_000), max_size=6), st.integers(0, 3_000))
@settings(max_examples=examples(40), deadline=None)
def test_the_sample_does_not_depend_on_the_batches(cuts: list[int], count: int) -> None:
    schema = TableSchema((SchemaColumn("a", TEXT), SchemaColumn("b", ListOf(TEXT))))
    rows = [{"a": str(number), "b": [str(number), "x"]} for number in range(count)]
    whole = pa.RecordBatch.from_pylist(rows, schema=to_arrow(schema))
    once = sample(schema, whole)
    parts = sample(schema, *split(whole, cuts))
    assert {path: text for path, text in parts.items() if text[0]} == {p: text for p, text in once.items() if text[0]}
    if count:
        assert once["a"][0] == [str(number) for number in list_sampled_rows(0, count)]


@given(schemas(any_names, key_types).flatmap(lambda schema: st.tuples(st.just(schema), batches(schema))))
@settings(max_examples=examples(40), deadline=None)
def test_rows_of_any_schema_pass_unchanged(case: tuple[TableSchema, pa.RecordBatch]) -> None:
    schema, batch = case
    texts = sample(schema, batch, batch.slice(1) if batch.num_rows else batch)
    assert all(isinstance(value, str) for values, _ in texts.values() for value in values)


def test_the_sample_is_bounded() -> None:
    assert len(list(list_sampled_rows(0, 1))) == 1
    assert len(list(list_sampled_rows(0, 4_194_304))) == 512 + 13 * 64
    assert len(list(list_sampled_rows(0, 10**12))) < 2_600
    schema = TableSchema((SchemaColumn("a", ListOf(TEXT)),))
    batch = pa.RecordBatch.from_pylist([{"a": ["x" * 10_000] * 1_000}], schema=to_arrow(schema))
    values, rows = sample(schema, batch)["a"]
    assert [len(value) for value in values] == [MOST_CHARACTERS] * MOST_ELEMENTS
    assert rows == [0] * MOST_ELEMENTS
