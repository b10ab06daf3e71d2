"""Streams are judged as a schema registry judges them: by the cases of Apache Avro and of Karapace, and by events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from data_platform.governance.avro_schemas import find_avro_incompatibilities
from data_platform.governance.json_schema.compatibility import find_json_incompatibilities
from data_platform.governance.streams import check_stream_change
from data_platform.spec.policies.modes import Mode
from data_platform.spec.schema.document import Format, SchemaDocument
from tests.hypothesis_lanes import examples

CASES = Path(__file__).parents[3] / "shared" / "cases" / "schema_compatibility"


EVERY_EVENT_FITS = {f"karapace-json-{number}" for number in (105, 237, 289, 290, 295)}
"""Refused by that registry, though every event of the writer is valid."""


def cases(name: str) -> list[dict[str, Any]]:
    file = CASES / name
    if not file.exists():
        pytest.skip(f"the cases {name} are not beside the checkout")
    recorded: list[dict[str, Any]] = json.loads(file.read_text())
    return recorded


@pytest.mark.parametrize(
    ("name", "unread"),
    [("apache_avro.json", find_avro_incompatibilities), ("json_schema_karapace.json", find_json_incompatibilities)],
)
def test_every_case_of_a_schema_registry_is_judged_alike(name: str, unread: Any) -> None:
    wrong = [case["id"] for case in cases(name) if (not unread(case["reader"], case["writer"])) != case["compatible"]]
    assert set(wrong) <= EVERY_EVENT_FITS


def record(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "Event", "fields": list(fields)}


ID = {"name": "id", "type": "long"}


def told(old: Any, new: Any, mode: Mode, form: Format = Format.AVRO) -> list[str]:
    findings = check_stream_change(SchemaDocument(form, old), SchemaDocument(form, new), mode)
    return [f"{'.'.join(finding.path)}: {finding.message}" for finding in findings]


def test_an_avro_field_without_a_default_is_refused_backward_and_may_be_removed() -> None:
    grown = record(ID, {"name": "note", "type": "string"})
    (why,) = told(record(ID), grown, Mode.BACKWARD)
    assert why == "note: old events under the new schema: is read without a default, and not written"
    assert told(grown, record(ID), Mode.BACKWARD) == []
    (why,) = told(grown, record(ID), Mode.FORWARD)
    assert why == "note: new events under the old schema: is read without a default, and not written"
    assert told(record(ID), grown, Mode.NONE) == []


def test_an_avro_alias_renames_and_a_default_stands_in() -> None:
    old = record(ID, {"name": "mail", "type": "string"})
    renamed = record(ID, {"name": "email", "type": "string", "aliases": ["mail"]})
    assert told(old, renamed, Mode.BACKWARD) == []
    assert told(old, record(ID, {"name": "mail", "type": "string", "default": ""}), Mode.FULL) == []


def test_a_logical_type_of_another_meaning_is_found_where_the_bytes_would_pass() -> None:
    def at(logical: str) -> dict[str, Any]:
        return record({"name": "at", "type": ["null", {"type": "long", "logicalType": logical}]})

    (why,) = told(at("timestamp-millis"), at("timestamp-micros"), Mode.BACKWARD)
    assert why.endswith("is written as timestamp-millis, and read as timestamp-micros")


def test_what_is_inside_an_event_is_named_by_its_path() -> None:
    def event(kind: str) -> dict[str, Any]:
        lines = {"type": "array", "items": {"type": "record", "name": "Line", "fields": [{"name": "n", "type": kind}]}}
        return record({"name": "lines", "type": lines})

    (why,) = told(event("long"), event("int"), Mode.BACKWARD)
    assert why.startswith("lines.element.n: ")
    assert told(event("int"), event("long"), Mode.BACKWARD) == []


def test_a_json_object_is_open_unless_it_says_that_it_is_closed() -> None:
    def event(closed: bool, **fields: Any) -> dict[str, Any]:
        more = {"additionalProperties": False} if closed else {}
        return {"type": "object", "properties": fields, **more}

    number = {"type": "integer"}
    for closed, fits in ((True, True), (False, False)):
        old, new = event(closed, id=number), event(closed, id=number, note={"type": "string"})
        assert (told(old, new, Mode.BACKWARD, Format.JSON_SCHEMA) == []) == fits
        assert (told(new, old, Mode.BACKWARD, Format.JSON_SCHEMA) == []) == (not closed)


def test_a_json_schema_may_refer_to_itself_and_what_leads_nowhere_is_no_yes() -> None:
    def tree(kind: str) -> dict[str, Any]:
        node = {"type": "object", "properties": {"n": {"type": kind}, "next": {"$ref": "#/$defs/node"}}}
        return {"$ref": "#/$defs/node", "$defs": {"node": node}}

    assert find_json_incompatibilities(tree("number"), tree("integer")) == []
    assert ("n",) in [finding.path for finding in find_json_incompatibilities(tree("integer"), tree("number"))]
    (why,) = find_json_incompatibilities({"$ref": "#/$defs/none"}, {"type": "object"})
    assert "cannot be compared" in why.message


def test_another_format_is_another_stream() -> None:
    old, new = SchemaDocument(Format.AVRO, record(ID)), SchemaDocument(Format.JSON_SCHEMA, {"type": "object"})
    (finding,) = check_stream_change(old, new, Mode.FORWARD)
    assert finding.message == "the format was changed from Avro to JSON Schema"


def _bounded(kind: str, low: str, high: str) -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.dictionaries(st.sampled_from([low, high]), st.integers(0, 3))
    return bounds.map(lambda words: {"type": kind, **words})


_values = (
    _bounded("integer", "minimum", "maximum")
    | _bounded("number", "exclusiveMinimum", "exclusiveMaximum")
    | _bounded("string", "minLength", "maxLength")
    | st.lists(st.sampled_from([0, 1, "a", "aa", None]), min_size=1, unique=True).map(lambda values: {"enum": values})
    | st.lists(st.sampled_from(["integer", "number", "string", "null"]), min_size=1, unique=True).map(
        lambda names: {"type": names}
    )
)


@st.composite
def _events(draw: st.DrawFn) -> dict[str, Any]:
    fields = draw(st.dictionaries(st.sampled_from("abc"), _values, min_size=1))
    required = draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    rest = draw(st.sampled_from([{}, {"additionalProperties": False}, {"additionalProperties": {"type": "integer"}}]))
    return {"type": "object", "properties": fields, "required": required, **rest}


@given(
    _events(),
    _events(),
    st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.sampled_from([0, 1, 2, 0.5, "", "a", "aa", None])), min_size=12
    ),
)
@settings(max_examples=examples(80), deadline=None)
def test_what_is_readable_validates_every_event_of_the_writer(
    reader: dict[str, Any], writer: dict[str, Any], events: list[dict[str, Any]]
) -> None:
    assert find_json_incompatibilities(writer, writer) == []
    if not find_json_incompatibilities(reader, writer):
        valid = Draft202012Validator(writer).is_valid
        assert [event for event in filter(valid, events) if not Draft202012Validator(reader).is_valid(event)] == []


@given(_events(), _events())
@settings(max_examples=examples(40), deadline=None)
def test_what_full_allows_backward_and_forward_allow(old: dict[str, Any], new: dict[str, Any]) -> None:
    messages = {mode: set(told(old, new, mode, Format.JSON_SCHEMA)) for mode in Mode}
    assert messages[Mode.FULL] == messages[Mode.BACKWARD] | messages[Mode.FORWARD]
    assert messages[Mode.NONE] == set()
