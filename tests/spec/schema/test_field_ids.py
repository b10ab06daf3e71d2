"""Field ids: what stays keeps its id, what is new gets one that never was."""

from __future__ import annotations

from hypothesis import given, settings

from data_platform.spec.schema.field_ids import assign_ids, iterate_field_paths
from data_platform.spec.schema.types import Kind, ListOf, MapOf, Primitive, SchemaColumn, Struct, TableSchema
from tests.hypothesis_lanes import examples
from tests.strategies import key_types, plain_names, schemas

LONG = Primitive(Kind.LONG)


def table(*names: str) -> TableSchema:
    return TableSchema(tuple(SchemaColumn(name, LONG) for name in names))


def test_columns_come_first_then_what_is_inside_them() -> None:
    inner = Struct((SchemaColumn("x", ListOf(LONG)), SchemaColumn("y", MapOf(LONG, LONG))))
    schema = TableSchema((SchemaColumn("a", inner), SchemaColumn("b", LONG)))
    paths = ["a", "b", "a.x", "a.y", "a.x.element", "a.y.key", "a.y.value"]
    assert assign_ids(schema, {}, 0) == ({path: n for n, path in enumerate(paths, 1)}, 7)


def test_a_removed_column_that_comes_back_gets_a_new_id() -> None:
    ids, last = assign_ids(table("a", "b"), {}, 0)
    fewer, last = assign_ids(table("a"), ids, last)
    assert (fewer, last) == ({"a": 1}, 2)
    assert assign_ids(table("b", "a"), fewer, last) == ({"b": 3, "a": 1}, 3)


@given(schemas(plain_names, key_types), schemas(plain_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_paths_that_stay_keep_their_ids_and_no_id_is_given_twice(old: TableSchema, new: TableSchema) -> None:
    before, last = assign_ids(old, {}, 0)
    after, newest = assign_ids(new, before, last)
    assert list(after) == list(iterate_field_paths(new))
    assert len(set(after.values())) == len(after)
    assert all(after[path] == before[path] for path in after.keys() & before.keys())
    assert all(after[path] > last for path in after.keys() - before.keys())
    assert newest == max([last, *after.values()])
