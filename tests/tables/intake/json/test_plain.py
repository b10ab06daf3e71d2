"""JSON lines read by pyarrow, where that is proved to be exact, and by the scanner give the same rows or refusals."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import DataPlatformError, SchemaMismatch
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.types import DataType, Decimal, SchemaColumn, TableSchema
from data_platform.tables.intake import cast_arguments, open_data, text_source
from data_platform.tables.intake.json import text as json_text
from data_platform.tables.intake.json.columns import ColumnBuilder
from data_platform.tables.intake.json.plain import make_plain_lines
from tests.casting import BINARY, BOOLEAN, DATE, DOUBLE, FLOAT, INT, LONG, STAMP, STAMPTZ, TEXT, TIME
from tests.hypothesis_lanes import examples
from tests.tables.intake.reading import contract, publish_rows, write

KINDS = [TEXT, BOOLEAN, INT, LONG, DOUBLE, Decimal(9, 2), Decimal(38, 0), Decimal(20, 15), DATE, TIME, STAMP, STAMPTZ]
DIGITS = st.text("0123456789", min_size=1, max_size=20).map(lambda digits: digits.lstrip("0") or "0")
NUMBERS = st.one_of(
    st.integers(-99, 99).map(str),
    st.integers(-(2**66), 2**66).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-(10**7), 10**7, places=2).map(str),
    st.tuples(DIGITS, st.text("0123456789", min_size=1, max_size=20)).map(".".join),
    st.tuples(DIGITS, st.sampled_from(["e2", "E-2", "e400", "e-400", ".50e1"])).map("".join),
    st.sampled_from(["-0", "-0.0", "-0e1", "NaN", "Infinity", "-Infinity", "007", "1.", ".5", "+1", "0x1F", "1e", "-"]),
)
TEXTS = st.one_of(
    st.sampled_from(
        ["2026-01-31", "09:30", "2026-01-31T09:30:00", "2026-01-31T09:30:00+02:00", "true", "1", "", "b: 1e5"]
    ),
    st.text(max_size=6),
).flatmap(lambda text: st.sampled_from([json.dumps(text), json.dumps(text, ensure_ascii=False)]))
STRANGE = st.sampled_from(
    ['"\\ud83d"', '"\\ud83d\\ude00"', '"\\u0000"', '"\x01"', "[]", "{}", '{"a": 1}', "[1]", "tru", '"a\nb"']
)
PLAIN = st.one_of(st.sampled_from(["null", "true", "false"]), NUMBERS, TEXTS)
NAMES = st.sampled_from(['"a"'] * 8 + ['"b"'] * 8 + ['"c"', '"\\u0061"', "a"])
SPACES = st.sampled_from([""] * 9 + [" ", "\t", "\r", "\n"])
ENDS = st.sampled_from(["\n"] * 12 + ["\r\n", "", " \n", "\n\n", ",\n", "\n{", "}\n"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    values = {name: draw(st.sampled_from([NUMBERS, TEXTS, PLAIN])) for name in ('"a"', '"b"')}
    written = []
    for _ in range(draw(st.integers(1, 5))):
        names = draw(st.sampled_from([['"a"', '"b"']] * 5 + [['"b"', '"a"']]) | st.lists(NAMES, max_size=3))
        members = []
        for name in names:
            strange = draw(st.integers(0, 12)) == 0
            value = draw(STRANGE if strange else values.get(name, PLAIN))
            members.append(f"{name}:{draw(SPACES)}{value}")
        written.append("{" + f",{draw(SPACES)}".join(members) + "}" + draw(ENDS))
    return "".join(written)


def outcome(path: Path, schema: TableSchema) -> Any:
    """The rows and a list of the columns that no row has, or what is refused and the message."""
    try:
        intake = open_data(path, schema)
        caster = Caster(schema, intake.schema, "p.t", **cast_arguments(intake))
        table = pa.Table.from_batches([caster.cast(batch) for batch in intake.batches], caster.target)
        table.validate(full=True)
        return repr(table.to_pylist()), sorted(intake.absent())
    except SchemaMismatch as error:
        return "refused", str(error)
    except DataPlatformError as error:
        return type(error), str(error)


@given(lines(), st.tuples(*[st.sampled_from(KINDS)] * 2), st.booleans(), st.sampled_from([7, 40, 1 << 20]))
@settings(deadline=None, max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_fast_way_and_the_scanner_agree(
    text: str, kinds: tuple[DataType, DataType], required: bool, block: int
) -> None:
    columns = [SchemaColumn(name, kind, required=required) for name, kind in zip("ab", kinds, strict=True)]
    schema = TableSchema(tuple(columns))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = write(Path(folder), "a.jsonl", text.encode("utf-8", "surrogatepass"))
        patch.setattr(text_source, "BLOCK", block)
        quick = outcome(path, schema)
        patch.setattr(json_text, "make_plain_lines", lambda *_: None)
        careful = outcome(path, schema)
    if block < 1 << 20 and not isinstance(quick[1], list):
        assert not isinstance(careful[1], list)  # of two refusals, the one of the first batch is reported
    else:
        assert quick == careful


def is_read(text: str, **kinds: DataType) -> bool:
    reader = make_plain_lines(contract(**kinds), ReadOptions().formats, ColumnBuilder())
    return reader is not None and reader.read(text.encode()) is not None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("12", LONG),
        ("9223372036854775807", LONG),
        ("12", DOUBLE),
        ("0.1", DOUBLE),
        ("0.30000000000000004", DOUBLE),
        ("1e-05", DOUBLE),
        ("12.34", Decimal(9, 2)),
        ("-0.01", Decimal(9, 2)),
        ("12", Decimal(9, 2)),
        ('"é \\u00e9 \\\\ \\n"', TEXT),
        ('"2026-01-31"', DATE),
        ('"2026-01-31T09:30:00Z"', STAMPTZ),
        ('"aGVsbG8="', BINARY),
        ("true", BOOLEAN),
        ("null", LONG),
    ],
)
def test_ordinary_values_are_read_fast(value: str, kind: DataType) -> None:
    for line in (f'{{"a": {value}}}', f'{{"a":{value}}}\r\n{{"a": {value}}}\r\n'):
        assert is_read(line, a=kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1.0", LONG),
        ("9223372036854775808", LONG),
        ("9007199254740993", DOUBLE),
        ("0.1000000000000000055", DOUBLE),
        ("0.1000000000000000055", Decimal(9, 2)),
        ("3.14159265358979323846", DOUBLE),
        ("1e400", DOUBLE),
        ("1e2", Decimal(9, 2)),
        ("-0", DOUBLE),
        ("0.001", Decimal(9, 2)),
        ("12345678.9", Decimal(9, 2)),
        ('"0.1"', Decimal(9, 2)),
        ('"1"', LONG),
        ("1.5", FLOAT),
        ('"\\ud83d"', TEXT),
        ("1", TEXT),
        ("NaN", DOUBLE),
        ('1, "a": 1', LONG),
        ('1, "b": 1', LONG),
        ('1}{"a": 1', LONG),
    ],
)
def test_doubtful_values_are_left_to_the_scanner(value: str, kind: DataType) -> None:
    assert not is_read(f'{{"a": {value}}}\n', a=kind)


def test_rows_are_counted_over_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_source, "BLOCK", 200)
    written = [json.dumps({"a": number, "b": f"{number}"}) for number in range(500)]
    written[100:110] = [line.replace(": ", ":\n ") for line in written[100:110]]
    written[250] = '{"a": 250.0, "b": "250"}'
    path = write(tmp_path, "a.jsonl", "\n".join(written))
    rows = publish_rows(path, contract(a=LONG, b=TEXT))
    assert rows == [{"a": number, "b": f"{number}"} for number in range(500)]
    written[400] = '{"a": 1.5, "b": "400"}'
    with pytest.raises(SchemaMismatch, match=r"'1\.5' in row 401 "):
        publish_rows(write(tmp_path, "a.jsonl", "\n".join(written)), contract(a=LONG, b=TEXT))
    written[400] = '{"a": 1, "a": 2}'
    with pytest.raises(DataPlatformError, match=r"row 401 \(line 421\) has the key .a. twice"):
        publish_rows(write(tmp_path, "a.jsonl", "\n".join(written)), contract(a=LONG, b=TEXT))
