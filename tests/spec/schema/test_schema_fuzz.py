"""Whatever stands in a schema file, the answer is a table or problems with their places: never anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.spec.schema.annotations import WORDS as ANNOTATIONS
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.avro import read_avro_schema
from data_platform.spec.schema.avro.words import COMPLEX, FIELD_WORDS, LOGICAL, PRIMITIVES, REFUSED
from data_platform.spec.schema.constraints import WORDS as CONSTRAINTS
from data_platform.spec.schema.json_schema import read_json_schema
from data_platform.spec.schema.json_schema.words import COMBINERS, IMPOSSIBLE, KNOWN, STRUCTURE, TYPES
from tests.hypothesis_lanes import examples

# What the reader looks into stands more often than what it only names.
JSON_WORDS = [*sorted(KNOWN | IMPOSSIBLE.keys()), *sorted({*STRUCTURE, *COMBINERS, *CONSTRAINTS}) * 3]
AVRO_WORDS = sorted({*FIELD_WORDS, *ANNOTATIONS, "fields", "items", "values", "symbols", "size", "logicalType",
                     "precision", "scale", "namespace", "constraints"})  # fmt: skip
JSON_TEXTS = [*TYPES, "null", "date", "decimal", "base64", "#", "#/$defs/a", "#/properties/a", "pii", "none", "(", "a"]
AVRO_TEXTS = [
    *PRIMITIVES,
    *COMPLEX,
    "null",
    *(word for _, word in LOGICAL),
    *REFUSED,
    "decimal",
    "uuid",
    "a",
    "b.c",
    "pii",
]


def documents(words: list[str], texts: list[str]) -> st.SearchStrategy[Any]:
    """JSON values in which a schema's own words stand where they should, and where they should not."""
    scalars = st.sampled_from([None, True, False, 0, 1, -1, 38, 2.5, "", *texts])
    keys = st.sampled_from([*words, "a", "b"])
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5), max_leaves=12
    )


json_parts, avro_parts = documents(JSON_WORDS, JSON_TEXTS), documents(AVRO_WORDS, AVRO_TEXTS)


def _judge(read: Any, document: Any) -> None:
    text = json.dumps(document, indent=1)
    try:
        schema = read(text, "f")
    except InvalidSpec as error:
        lines = text.split("\n")
        for problem in error.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1])
            assert problem.message
    else:
        assert len(to_arrow(schema)) == len(schema.columns) > 0


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), st.dictionaries(st.sampled_from(JSON_WORDS), json_parts, max_size=4)),
    st.dictionaries(st.sampled_from(JSON_WORDS), json_parts, max_size=3),
)
@settings(max_examples=examples(150), deadline=None)
def test_json_schemas(properties: Any, root: Any) -> None:
    _judge(read_json_schema, {"type": "object", "properties": properties, **root})
    _judge(read_json_schema, root)


@given(
    st.lists(st.dictionaries(st.sampled_from(AVRO_WORDS), avro_parts, max_size=5), max_size=3),
    st.dictionaries(st.sampled_from(AVRO_WORDS), avro_parts, max_size=3),
)
@settings(max_examples=examples(150), deadline=None)
def test_avro_schemas(fields: Any, root: Any) -> None:
    named = [{"name": f"f{n}", **field} for n, field in enumerate(fields)]
    _judge(read_avro_schema, {"type": "record", "name": "R", "fields": named, **root})
    _judge(read_avro_schema, root)


@pytest.mark.parametrize("read", [read_json_schema, read_avro_schema])
@given(st.text(max_size=30))
@settings(max_examples=examples(100), deadline=None)
def test_any_text(read: Any, text: str) -> None:
    with pytest.raises(InvalidSpec):
        read(text, "f")
