"""What a schema says about a column: not_pii with its reason, anonymised with its sources and method, its term."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data_platform.errors import InvalidSpec
from data_platform.governance.change_descriptions import list_differences
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.avro import read_avro_schema
from data_platform.spec.schema.avro.writer import write_avro_schema
from data_platform.spec.schema.json_form import restore_schema, serialize_schema
from data_platform.spec.schema.json_schema import read_json_schema
from data_platform.spec.schema.json_schema.writer import write_json_schema
from data_platform.spec.schema.types import Anonymised, SchemaColumn, TableSchema
from data_platform.spec.standards.document import View, parse_document
from data_platform.spec.standards.odcs.columns_in import read_columns
from data_platform.spec.standards.odcs.columns_out import convert_column

FROM_EMAIL = {"from": "people.t.email", "method": "its domain alone"}
REASON = "order numbers that look like phone numbers"


def read(column: dict[str, Any]) -> TableSchema:
    return read_json_schema(json.dumps({"type": "object", "properties": {"c": column}}), "t.json")


def read_property(written: dict[str, Any]) -> SchemaColumn:
    document = parse_document(Path("t.odcs.yaml"), json.dumps(written))
    (column,) = read_columns([View(document, (), document.root)])
    return column


def problems(column: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidSpec) as refused:
        read(column)
    return [problem.message for problem in refused.value.problems]


def test_a_reason_and_an_anonymisation_are_kept_in_every_form() -> None:
    schema = read({"type": "string", "not_pii": REASON, "anonymised": FROM_EMAIL})
    (column,) = schema
    assert column.not_pii == REASON
    assert column.anonymised == Anonymised(("people.t.email",), "its domain alone")
    assert restore_schema(json.loads(json.dumps(serialize_schema(schema)))) == schema
    assert read_json_schema(json.dumps(write_json_schema(schema, "t")), "t.json") == schema
    assert read_avro_schema(json.dumps(write_avro_schema(schema, "t")), "t.avsc").columns == schema.columns
    ours = {entry["property"]: entry["value"] for entry in convert_column(column)["customProperties"]}
    assert ours == {"not_pii": REASON, "anonymised": {"from": ["people.t.email"], "method": "its domain alone"}}


def test_a_term_is_kept_in_every_form_and_is_the_business_name_of_odcs() -> None:
    schema = read({"type": "string", "term": " Order   Number "})
    (column,) = schema
    assert column.term == "Order Number"
    assert restore_schema(json.loads(json.dumps(serialize_schema(schema)))) == schema
    assert read_json_schema(json.dumps(write_json_schema(schema, "t")), "t.json") == schema
    assert read_avro_schema(json.dumps(write_avro_schema(schema, "t")), "t.avsc").columns == schema.columns
    written = convert_column(column)
    assert written["businessName"] == "Order Number"
    assert read_property(written) == column
    assert read_property({**written, "customProperties": []}).term is None


def test_fields_inside_a_column_have_terms_of_their_own() -> None:
    inner = {"type": "object", "properties": {"city": {"type": "string", "term": "City"}}}
    (column,) = read({"type": "array", "items": inner, "term": "Addresses"})
    assert dict(column.list_terms()) == {"c": "Addresses", "c.city": "City"}


def test_fields_inside_a_column_have_reasons_of_their_own() -> None:
    inner = {"type": "object", "properties": {"ref": {"type": "string", "not_pii": REASON}}}
    (column,) = read({"type": "array", "items": inner, "not_pii": "the whole"})
    assert dict(column.list_not_pii()) == {"": "the whole", "ref": REASON}


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"type": "string", "not_pii": True}, "not_pii is the reason why, not True"),
        ({"type": "string", "not_pii": "  "}, "not_pii is the reason why"),
        ({"type": "string", "not_pii": REASON, "pii": True}, "the column is both pii and not_pii"),
        ({"type": "string", "anonymised": FROM_EMAIL, "tags": ["PII"]}, "the column is both pii and anonymised"),
        ({"type": "string", "anonymised": {"from": "people.t", "method": "x"}}, "anonymised says from which"),
        ({"type": "string", "term": 7}, "term is text"),
        ({"type": "string", "term": "  "}, "term is the name of a term"),
        ({"type": "string", "term": "x" * 121}, "term is the name of a term"),
        ({"type": "string", "anonymised": {"from": [], "method": "x"}}, "anonymised says from which"),
        ({"type": "string", "anonymised": {"from": "people.t.email"}}, "anonymised says from which"),
        ({"type": "string", "anonymised": "people.t.email"}, "anonymised says from which"),
        ({"type": "array", "items": {"type": "string", "not_pii": REASON}}, "not_pii belongs to a column"),
        (
            {"type": "object", "properties": {"a": {"type": "string", "anonymised": FROM_EMAIL}}},
            "anonymised belongs to a column, not to a field inside one",
        ),
    ],
)
def test_what_says_nothing_is_reported(column: dict[str, Any], message: str) -> None:
    assert any(problem.startswith(message) for problem in problems(column))


def test_a_changed_reason_is_a_change_in_words() -> None:
    product = Product("orders", "sales", "ana@x", (Output("t"),))
    plain = read({"type": "string"})
    before, after = (Contract(product, {"t": schema}) for schema in (plain, read({"type": "string", "not_pii": "no"})))
    assert list(map(str, list_differences(before, after))) == ["t.c: not_pii none → no"]


def test_pii_columns_contradict_a_reason(tmp_path: Path) -> None:
    (tmp_path / "product.yaml").write_text(
        "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n    schema: t.json\npii_columns: [c]\n"
    )
    schema = {"type": "object", "properties": {"c": {"type": "string", "not_pii": REASON}}}
    (tmp_path / "t.json").write_text(json.dumps(schema))
    with pytest.raises(InvalidSpec) as refused:
        load_product(tmp_path)
    (problem,) = refused.value.problems
    assert (problem.line, problem.message) == (7, '`pii_columns` names "c", and the schema of t says not_pii')


def test_a_column_says_nothing_by_default() -> None:
    (column,) = read({"type": "string"})
    assert isinstance(column, SchemaColumn) and (column.not_pii, column.anonymised) == (None, None)
