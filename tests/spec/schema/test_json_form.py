"""A schema survives the record's JSON without loss."""

from __future__ import annotations

import json

from hypothesis import given, settings

from data_platform.spec.schema.json_form import restore_schema, serialize_schema
from data_platform.spec.schema.types import TableSchema
from tests.hypothesis_lanes import examples
from tests.strategies import any_names, key_types, schemas


@given(schemas(any_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_a_schema_stored_and_loaded_is_the_same_to_the_letter(schema: TableSchema) -> None:
    loaded = restore_schema(json.loads(json.dumps(serialize_schema(schema))))
    assert loaded == schema
    # repr tells 1 from 1.0 and True, which == does not.
    assert repr(loaded) == repr(schema)
