"""JSON and JSON lines: every value as it is written, or a refusal that names the row and shows no value."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from decimal import Decimal as Number
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import DataPlatformError, SchemaMismatch, UnreadableData
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.types import DataType, Decimal, Fixed, ListOf, MapOf, SchemaColumn, Struct
from data_platform.tables.intake import open_data, text_source
from data_platform.tables.intake.json import scan
from tests.casting import BINARY, BOOLEAN, DATE, DOUBLE, LONG, STAMP, STAMPTZ, TEXT, TIME
from tests.hypothesis_lanes import examples
from tests.tables.intake.reading import contract, publish_rows, write

ID = contract(id=LONG)
SECRET = "ana@example.com"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1}\nnull\n', "row 2 (line 2) is not an object"),
        ('{"id": 1}\n[2]\n', "row 2 (line 2) is not an object"),
        (f'{{"id": 1}}\n\n{{"id": 2, "x": "{SECRET}', "row 2 (line 3) is not JSON"),
        (f'{{"id": 1}}\n{{"id": "{SECRET}\n{{"id": 2}}\n', "row 2 (line 2) is not JSON: a line break or a tab"),
        ('{"id": 1} {"id": 2}\n', "row 1 (line 1) is followed by something else on its line"),
        ('{"id": 1},\n{"id": 2}\n', "row 1 (line 1) is followed by something else on its line"),
        ('{"id": 1}\n{"id": 2, "id": 3}\n', 'row 2 (line 2) has the key "id" twice in one object'),
        ('{"id": 1, "x": [{"a": 1, "a": 1}]}\n', 'row 1 (line 1) has a key inside "x" twice in one object'),
        ('[{"id": 1, "id": 1}]', 'row 1 (line 1) has the key "id" twice in one object'),
        ('{"id": NaN}\n', "row 1 (line 1) holds NaN, which is no JSON"),
        ('[{"id": -Infinity}]', "row 1 (line 1) holds -Infinity, which is no JSON"),
        ('{"x": "\\ud800"}\n', "row 1 (line 1) holds half a surrogate pair"),
        ('{"\\udfff": 1}\n', "row 1 (line 1) holds half a surrogate pair"),
        ('{"id": 1}\n{"id": ' + "7" * 5000 + "}\n", "row 2 (line 2) holds a number of too many digits"),
        ('{"id": 1}\n{"x": ' + "[" * 200_000, "row 2 (line 2) is nested too deeply"),
        ('{"x": ' + '{"x": ' * 200_000, "row 1 (line 1) is nested too deeply"),
        ("[" * 200_000, "row 1 (line 1) is not an object"),
        ('[{"id": 1}\n, {"id": 2}', "ends too early: its array is not closed (line 2)"),
        ('[{"id": 1}\n {"id": 2}]', "has no comma after row 1 (line 2)"),
        ('[{"id": 1},]', "row 2 (line 1) is missing: a comma comes before the end"),
        ('[{"id": 1}]\n[]', "has text after the end of its array (line 2)"),
        ('[{"id": 1}] x', "has text after the end of its array (line 1)"),
        (b'{"id": 1}\n{"x": "\xff"}\n', "is not text in UTF-8: see line 2"),
        ('{"id": 1}\n'.encode("utf-16"), "is text in UTF-16"),
        ("{'id': 1}\n", "row 1 (line 1) is not JSON"),
        ('{"id": 01}\n', "row 1 (line 1) is not JSON"),
        ('{"id": 1}\n\0\0\0', "is no text"),
    ],
)
@pytest.mark.parametrize("block", [7, 1 << 20])
def test_what_is_no_json_is_refused_with_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes, said: str, block: int
) -> None:
    if len(content) > 1000 and block == 7:
        block = 1000
    monkeypatch.setattr(text_source, "BLOCK", block)
    for schema in (ID, None):
        with pytest.raises(UnreadableData) as caught:
            publish_rows(write(tmp_path, "a.json", content), schema)
        if block > 1000 or isinstance(content, str):
            assert said in str(caught.value) or ("\0" in str(content) and "is not an object" in str(caught.value))
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("block", [5, 10, 1 << 20])
def test_arrays_and_lines_packed_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(text_source, "BLOCK", block)
    rows = [{"id": 1}, {"id": None}, {"id": -3}]
    texts = {
        "a.json": json.dumps(rows),
        "b.json": json.dumps(rows, indent=2),
        "c.jsonl": "\n".join(map(json.dumps, rows)),
        "d.ndjson": "\ufeff" + "".join(f" {json.dumps(row)} \r\n\n" for row in rows),
        "e.json": "\n".join(json.dumps(row, indent=2) for row in rows),
    }
    for name, text in texts.items():
        for schema in (ID, None):
            assert publish_rows(write(tmp_path, name, text), schema) == rows
            assert publish_rows(write(tmp_path, f"{name}.gz", gzip.compress(text.encode())), schema) == rows
    assert (
        publish_rows(write(tmp_path, "f.json", "[]"), ID) == publish_rows(write(tmp_path, "g.json", " [ ] "), ID) == []
    )


def test_an_empty_object_is_a_row_of_nulls_where_nothing_is_required(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{}\n{"id": 1}\n{}\n')
    assert publish_rows(path, ID) == [{"id": None}, {"id": 1}, {"id": None}]
    assert publish_rows(write(tmp_path, "b.jsonl", "{}\n{}\n"), ID) == [{"id": None}] * 2
    required = contract()
    required = type(required)((SchemaColumn("id", LONG, required=True),))
    with pytest.raises(
        SchemaMismatch,
        match=r'"a\.jsonl" does not fit the contract of p\.t:\n  id: is null in 2 of 3 rows, first in row 1',
    ):
        publish_rows(path, required)
    with pytest.raises(SchemaMismatch, match="id: is missing"):
        publish_rows(write(tmp_path, "c.jsonl", '{"x": 1}\n'), required)


def test_every_column_that_does_not_fit_is_named_with_its_row(tmp_path: Path) -> None:
    schema = contract(
        a=LONG, b=TEXT, c=ListOf(LONG), d=Struct((SchemaColumn("e", TEXT),)), f=BOOLEAN, m=MapOf(TEXT, LONG)
    )
    good = '{"a": 1, "b": "x", "c": [1], "d": {"e": "y"}}\n'
    bad = '{"a": {}, "b": 2, "c": [1, [3]], "d": {"e": 4}, "f": 1, "m": []}\n'
    with pytest.raises(SchemaMismatch) as caught:
        publish_rows(write(tmp_path, "a.jsonl", good + bad), schema)
    kinds = {m.column: m.message.partition(" in row 2")[0] for m in caught.value.mismatches}
    assert kinds == {
        "a": "is an object",
        "b": "is a number",
        "c.element": "is an array",
        "d.e": "is a number",
        "f": "is a number",
        "m": "is an array",
    }
    assert "which does not fit boolean" in str(caught.value)
    assert "a.jsonl" in str(caught.value)


def test_members_that_the_contract_lacks_are_named_however_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "MOST_ROWS", 10)
    schema = contract(id=LONG, d=Struct((SchemaColumn("e", TEXT),)))
    with pytest.raises(SchemaMismatch) as caught:
        publish_rows(write(tmp_path, "a.jsonl", '{"id": 1}\n' * 35 + '{"ids": 1, "d": {"f": 2}}\n'), schema)
    assert {m.column: m.kind for m in caught.value.mismatches} == {"ids": "extra", "d.f": "extra"}
    assert "did you mean" in str(caught.value)


NESTED_KINDS: list[tuple[DataType, str, Any]] = [
    (LONG, "9007199254740993", 9007199254740993),
    (LONG, "1.0", 1),
    (Decimal(20, 2), "12345678901234567.89", Number("12345678901234567.89")),
    (Decimal(38, 0), "9" * 38, Number("9" * 38)),
    (DOUBLE, "0.30000000000000004", 0.30000000000000004),
    (STAMPTZ, '"2026-01-31T09:30:00+02:00"', dt.datetime(2026, 1, 31, 7, 30, tzinfo=dt.UTC)),
    (STAMP, '"2026-01-31T09:30:00"', dt.datetime(2026, 1, 31, 9, 30)),
    (TEXT, '"2026-01-31"', "2026-01-31"),
    (TEXT, '"\\ud83d\\ude00\\\\ud800\\u0000"', "😀\\ud800\0"),
    (BOOLEAN, "true", True),
]
REFUSED: list[tuple[DataType, str]] = [
    (LONG, "1.5"),
    (LONG, "9223372036854775808"),
    (DOUBLE, "9007199254740993"),
    (DOUBLE, "1e400"),
    (DOUBLE, "123456789012345678901234567890"),
    (Decimal(20, 2), "1.005"),
    (STAMP, '"2026-01-31T09:30:00+02:00"'),
    (STAMPTZ, '"2026-01-31T09:30:00"'),
    (DATE, '"0000-01-01"'),
]


def wrapped(kind: DataType, text: str) -> list[tuple[DataType, str]]:
    """The value as a column, and at each place inside one."""
    return [
        (kind, text),
        (Struct((SchemaColumn("v", kind),)), f'{{"v": {text}}}'),
        (ListOf(kind), f"[{text}]"),
        (MapOf(TEXT, kind), f'{{"v": {text}}}'),
        (Struct((SchemaColumn("l", ListOf(Struct((SchemaColumn("v", kind),)))),)), f'{{"l": [{{"v": {text}}}]}}'),
    ]


def innermost(value: Any) -> Any:
    while isinstance(value, dict | list | tuple):
        value = value[-1] if isinstance(value, list | tuple) else next(iter(value.values()))
    return value


@pytest.mark.parametrize(("kind", "text", "expected"), NESTED_KINDS)
def test_a_value_is_the_same_at_every_depth_beside_any_other(
    tmp_path: Path, kind: DataType, text: str, expected: Any
) -> None:
    for outer, inner in wrapped(kind, text):
        for name, content in (
            ("a.jsonl", f'{{"c": {inner}}}\n{{"c": null}}\n'),
            ("a.json", f'[{{"c": {inner}}}, {{}}]'),
        ):
            first, second = publish_rows(write(tmp_path, name, content), contract(c=outer))
            assert innermost(first["c"]) == expected
            assert second == {"c": None}


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_does_not_fit_is_refused_at_every_depth(tmp_path: Path, kind: DataType, text: str) -> None:
    for outer, inner in wrapped(kind, text):
        with pytest.raises(SchemaMismatch, match=r"^.*\n  c.* in row 2 does not fit"):
            publish_rows(write(tmp_path, "a.jsonl", f'{{"c": null}}\n{{"c": {inner}}}\n'), contract(c=outer))


def test_nulls_in_maps_are_kept_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"c": {"a": 1, "b": null}}\n')
    assert publish_rows(path, contract(c=MapOf(TEXT, LONG))) == [{"c": [("a", 1), ("b", None)]}]
    with pytest.raises(SchemaMismatch, match=r"c.value: is null in row 1"):
        publish_rows(path, contract(c=MapOf(TEXT, LONG, value_required=True)))


INFERRED = {
    '{"v": 1}\n{"v": 2}': ("long", [1, 2]),
    '{"v": 1}\n{"v": 2.5}': ("double", [1.0, 2.5]),
    '{"v": 9007199254740993}\n{"v": 1.5}': ("decimal(38,1)", [Number("9007199254740993.0"), Number("1.5")]),
    '{"v": 12345678901234567890}\n{"v": 1}': ("decimal(38,0)", [Number("12345678901234567890"), Number(1)]),
    '{"v": 1e5}\n{"v": 2E07}': ("double", [1e5, 2e7]),
    '{"v": "2026-01-31"}\n{"v": "x"}': ("string", ["2026-01-31", "x"]),
    '{"v": "2026-01-31T09:30:00+02:00"}': ("timestamptz", [dt.datetime(2026, 1, 31, 7, 30, tzinfo=dt.UTC)]),
    '{"v": "2026-01-31T09:30:00"}\n{"v": "2026-01-31T09:30:00Z"}': (
        "string",
        ["2026-01-31T09:30:00", "2026-01-31T09:30:00Z"],
    ),
    '{"v": "2026-01-31"}': ("date", [dt.date(2026, 1, 31)]),
    '{"v": "007"}\n{"v": "42"}': ("string", ["007", "42"]),
    '{"v": {"at": "2026-01-31"}}': ("struct<at: string>", [{"at": "2026-01-31"}]),
    '{"v": {"a": 1}}\n{"v": {"b": [1, 2.5]}}': (
        "struct<a: long, b: list<double>>",
        [{"a": 1, "b": None}, {"a": None, "b": [1.0, 2.5]}],
    ),
    '{"v": [{"at": "2026-01-31T09:30:00+02:00"}, null]}': (
        "list<struct<at: string>>",
        [[{"at": "2026-01-31T09:30:00+02:00"}, None]],
    ),
    '{"v": true}\n{"v": null}': ("boolean", [True, None]),
}


@pytest.mark.parametrize("text", INFERRED)
def test_without_a_contract_types_take_every_value_exactly(tmp_path: Path, text: str) -> None:
    kind, values = INFERRED[text]
    path = write(tmp_path, "a.jsonl", text)
    (column,) = from_arrow(open_data(path, None).schema)
    assert str(column.type) == kind
    assert [row["v"] for row in publish_rows(path, None)] == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"v": 1}\n{"v": "a"}', r"v: its values are of several types: a number \(row 1\) and text \(row 2\)"),
        ('{"v": true}\n{"v": 1}', "of several types"),
        ('{"v": [1, 2]}\n{"v": [3, "x"]}', r"v\.element: .*: a number \(row 1\) and text \(row 2\)"),
        ('{}\n{"v": [{"a": 1}, {"a": {}}]}', r"v\.element\.a: .*a number \(row 2\)"),
        ('{"v": {"a": [1]}}\n{"v": {"a": ["x"]}}', r"v\.a\.element: its values are of several types"),
        ('{"v": 1' + "0" * 40 + "}", "too large or too precise"),
        ('{"v": 1e400}', "too large or too precise"),
        ('{"v": null}', "nothing but null"),
        ('{"v": {"a": []}}', "nothing but null"),
        ('{"v": ' + "[" * 40 + "]" * 40 + "}", "nested deeper than 32"),
    ],
)
def test_without_a_contract_values_without_a_common_type_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SchemaMismatch, match=said):
        publish_rows(write(tmp_path, "a.jsonl", text), None)


def test_formats_and_zones_are_for_json_too(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"d": "1.2.2026", "t": {"at": "2026-01-31T09:30:00"}}\n')
    schema = contract(d=DATE, t=Struct((SchemaColumn("at", STAMPTZ),)))
    options = ReadOptions(date_format="%d.%m.%Y", zone="Asia/Bangkok")
    moment = dt.datetime(2026, 1, 31, 2, 30, tzinfo=dt.UTC)
    assert publish_rows(path, schema, options) == [{"d": dt.date(2026, 2, 1), "t": {"at": moment}}]


LEAVES: list[tuple[DataType, st.SearchStrategy[Any]]] = [
    (LONG, st.integers(-(2**63), 2**63 - 1)),
    (DOUBLE, st.floats(allow_nan=False, allow_infinity=False)),
    (Decimal(20, 3), st.decimals(-(10**17) + 1, 10**17 - 1, places=3)),
    (TEXT, st.text(st.characters(codec="utf-8"), max_size=8)),
    (BOOLEAN, st.booleans()),
    (DATE, st.dates()),
    (TIME, st.times()),
    (STAMP, st.datetimes()),
    (STAMPTZ, st.datetimes(dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29), timezones=st.just(dt.UTC))),
    (BINARY, st.binary(min_size=1, max_size=5)),
    (Fixed(3), st.binary(min_size=3, max_size=3)),
]


def nullable(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def columns(depth: int) -> st.SearchStrategy[tuple[DataType, st.SearchStrategy[Any]]]:
    """A type, and the strategy of its values."""
    leaf = st.sampled_from(LEAVES)
    if not depth:
        return leaf
    inner = columns(depth - 1)
    return st.one_of(
        leaf,
        inner.map(lambda c: (ListOf(c[0]), st.lists(nullable(c[1]), max_size=3))),
        inner.map(lambda c: (MapOf(TEXT, c[0]), st.dictionaries(st.text(max_size=3), nullable(c[1]), max_size=3))),
        st.tuples(inner, inner).map(
            lambda two: (
                Struct((SchemaColumn("a", two[0][0]), SchemaColumn("b", two[1][0]))),
                st.fixed_dictionaries({"a": nullable(two[0][1]), "b": nullable(two[1][1])}),
            )
        ),
    )


def as_json(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {as_json(item)}" for name, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_json, value)) + "]"
        case Number():
            return f"{value:f}"
        case bytes():
            return json.dumps(base64.b64encode(value).decode())
        case dt.date() | dt.time():
            return json.dumps(value.isoformat())
        case _:
            return json.dumps(value)


def as_read(value: Any, kind: DataType) -> Any:
    match kind:
        case _ if value is None:
            return None
        case MapOf():
            return [(name, as_read(item, kind.value)) for name, item in value.items()]
        case ListOf():
            return [as_read(item, kind.element) for item in value]
        case Struct(fields):
            return {field.name: as_read(value[field.name], field.type) for field in fields}
        case _:
            return value


@given(st.data(), columns(2), st.sampled_from(["lines", "array"]), st.integers(20, 200))
@settings(deadline=None, max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_goes_in_comes_out_for_every_type(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject, column: Any, layout: str, block: int
) -> None:
    kind, strategy = column
    values = data.draw(st.lists(nullable(strategy), min_size=1, max_size=4))
    monkeypatch.setattr(text_source, "BLOCK", block)
    rows = [f'{{"c": {as_json(value)}}}' for value in values]
    text = "\n".join(rows) if layout == "lines" else f"[{', '.join(rows)}]"
    with TemporaryDirectory() as folder:
        try:
            found = publish_rows(write(Path(folder), "a.json", text), contract(c=kind))
        except DataPlatformError:
            whole = [v for v in values if isinstance(v, float) and v.is_integer() and abs(v) > 2**53]
            assert whole, "only a whole number that JSON writes beyond 2^53 may be refused"
            return
    assert [row["c"] for row in found] == [as_read(value, kind) for value in values]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"id":1,\n', 1),
        ('{"id":1,', 1),
        ('{"id":1\n{"id":2}\n', 1),
        ('{"id":1,\n{"id":2}\n', 1),
        ('{"id":1}\n{"id":2,\n\n\n', 2),
        ('[{"id":1},\n{"id":2,\n\n', 2),
    ],
)
def test_a_row_that_is_cut_is_reported_in_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(text)
    with pytest.raises(UnreadableData, match=rf"\(line {line}\) is not JSON"):
        list(open_data(file, None).batches)
