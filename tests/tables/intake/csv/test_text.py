"""CSV: every value as it is written, or a refusal that names the line and shows no value."""

from __future__ import annotations

import csv
import gzip
import io
import time
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context
from decimal import Decimal as Number
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import BadInput, DataPlatformError, SchemaMismatch, UnreadableData
from data_platform.settings.read_options import ReadOptions
from data_platform.tables.intake import text_source
from tests.casting import DATE, DOUBLE, LONG, STAMP, STAMPTZ, TEXT
from tests.hypothesis_lanes import examples
from tests.tables.intake.reading import contract, publish_rows, write

TWO = contract(id=LONG, name=TEXT)
SECRET = "ana@example.com"


def message(folder: Path, content: str | bytes, options: ReadOptions | None = None, name: str = "a.csv") -> str:
    """What is said of a file that is no table, with and without a contract."""
    found = set()
    for schema in (TWO, None):
        with pytest.raises(UnreadableData) as caught:
            publish_rows(write(folder, name, content), schema, options or ReadOptions())
        assert SECRET not in str(caught.value)
        found.add(str(caught.value))
    (said,) = found
    return said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'id,name\n1,a\n2,"{SECRET}\n3,c\n', "the quote that opens in line 3 is never closed"),
        (f'id,name\n1,"a\n2,"{SECRET}"\n', "the quote that opens in line 2 is closed in line 3, where"),
        (f'id,name\n1,"a""b\n{SECRET}', "the quote that opens in line 2 is never closed"),
        (f'id,name\n1,"a"{SECRET}\n', "the quote that opens in line 2 is closed where the value does not end"),
        ('id,name\n1,a "b"\n', "line 2 has a quote inside a value that does not begin with one"),
        (f"id,name\n1,a\n2,{SECRET},x\n3,c\n4\n", "lines 3, 5 has 3 values instead of 2"),
        ('id,name\n"1","a\nb"\n2\n', "line 4 has 1 value instead of 2"),
        ("id,name\n1,a\n2", "line 3 has 1 value instead of 2 (was the file written to its end?)"),
        ("id,name\n1,a\rb\n", "line 2 has a line end (CR) unlike the others"),
        ("id,name\r1,a\n2,b\r", "line 2 has a line end (LF) unlike the others"),
        ("id,name\n" + "1,a\n" * 2000 + "2,b\0\0\n", "line 2,002 holds a NUL byte"),
        ("id,id\n1,a\n", "the header has one name for columns 1 and 2"),
        ("id,,name, \n1,a,b,c\n", "the header names no column 2, 4"),
        ("id;name\n1;a\n", "its columns seem to be separated by a semicolon"),
        ("id\tname\n1\ta\n", "its columns seem to be separated by a tab"),
        ("id|name\n1|a\n", "its columns seem to be separated by a bar"),
        ("id,name\n1,é\n".encode("utf-16"), "is text in UTF-16"),
        ("id,name\n1,é\n".encode("utf-16-le"), "is text in UTF-16"),
        ("id,name\n1,é\n".encode("utf-32"), "is text in UTF-32"),
        (b"id,name\n" + b"1,a\n" * 3000 + b"2,\xe9\n", "is not text in UTF-8: see line 3,002"),
        (b"id,n\xe9\n1,a\n", "is not text in UTF-8: see line 1"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in message(tmp_path, content)


def test_a_wide_header_is_judged_in_a_time_that_grows_with_it(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(40_000)]
    path = write(tmp_path, "a.csv", ",".join([*names, "c39999"]) + "\n1\n")
    start = time.process_time()
    with pytest.raises(UnreadableData, match="one name for columns 40000 and 40001"):
        publish_rows(path, TWO)
    assert time.process_time() - start < 4


def test_a_packed_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"id,name\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(5000)))
    assert "was cut" in message(tmp_path, packed[:-20], name="a.csv.gz")
    damaged = packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]
    assert "cannot be unpacked" in message(tmp_path, damaged, name="a.csv.gz")


def test_one_column_has_no_empty_lines(tmp_path: Path) -> None:
    for content in ("v\n1\n\n2\n", "v\n1\n\n", 'v\n"a\n\nb"\r\n\r\n'):
        with pytest.raises(UnreadableData, match="has one column, and line"):
            publish_rows(write(tmp_path, "a.csv", content), contract(v=TEXT))
    quoted = write(tmp_path, "b.csv", 'v\n"a\n\nb"\n""\nNULL\n')
    assert publish_rows(quoted, contract(v=TEXT)) == [{"v": "a\n\nb"}, {"v": ""}, {"v": None}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(tmp_path: Path, end: str) -> None:
    content = end.join(["id,name", "1,a", '2,"b\nc\rd"', "3,", ""])
    rows = [{"id": 1, "name": "a"}, {"id": 2, "name": "b\nc\rd"}, {"id": 3, "name": None}]
    for schema in (TWO, None):
        assert publish_rows(write(tmp_path, "a.csv", content), schema) == rows
        assert publish_rows(write(tmp_path, "b.csv", content.removesuffix(end)), schema) == rows


def test_a_header_alone_is_no_row(tmp_path: Path) -> None:
    for content in ("id,name", "id,name\n", "\n\nid,name\n\n"):
        assert publish_rows(write(tmp_path, "a.csv", content), TWO) == []


@given(
    rows=st.lists(st.tuples(*[st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=6)] * 2)),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    block=st.integers(5, 60),
)
@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_writer_writes_comes_out_whatever_the_blocks_are(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str]], end: str, quoting: Any, block: int
) -> None:
    monkeypatch.setattr(text_source, "BLOCK", block)
    if quoting == csv.QUOTE_MINIMAL:  # Python's writer leaves line ends that are not its own unquoted
        rows = [(first.replace("\r", ""), second.replace("\r", "").replace("\n", "")) for first, second in rows]
        rows = [(first.replace("\n", ""), second) for first, second in rows]
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=end).writerows([("a", "b"), *rows])
    nulls = ReadOptions(nulls=("\N{BALLOON}",))
    with TemporaryDirectory() as folder:
        path = write(Path(folder), "a.csv", text.getvalue())
        found = publish_rows(path, contract(a=TEXT, b=TEXT), nulls)
    assert [(row["a"], row["b"]) for row in found] == rows


@given(st.text('ab,"\r\n', max_size=40), st.integers(3, 50))
@settings(deadline=None, max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_change_neither_rows_nor_refusals(monkeypatch: pytest.MonkeyPatch, text: str, block: int) -> None:
    found: list[Any] = []
    with TemporaryDirectory() as folder:
        path = write(Path(folder), "a.csv", f"a,b\n{text}")
        for size in (1 << 20, block):
            monkeypatch.setattr(text_source, "BLOCK", size)
            try:
                found.append(publish_rows(path, contract(a=TEXT, b=TEXT)))
            except UnreadableData:
                found.append("refused")
    assert found[0] == found[1]
    if found[0] != "refused":
        expected = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
        assert [(row["a"] or "", row["b"] or "") for row in found[0]] == expected


OPTIONS: dict[str, tuple[str | bytes, ReadOptions]] = {
    "semicolon": ("id;name\n1;a,b\n", ReadOptions(delimiter=";")),
    "tab": ("id\tname\n1\ta,b\n", ReadOptions(delimiter="\t")),
    "another quote": ("id,name\n1,'a,b'\n", ReadOptions(quote="'")),
    "UTF-16": ('id,name\n1,"a,b"\n'.encode("utf-16"), ReadOptions(encoding="utf-16")),
    "no header": ('1,"a,b"\n', ReadOptions(header=False)),
    "names": ('1,"a,b"\n', ReadOptions(columns=("id", "name"))),
    "windows-1252": (b'id,name\n1,"a,b"\n', ReadOptions(encoding="windows-1252")),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_say_how_a_file_is_structured(tmp_path: Path, name: str) -> None:
    content, options = OPTIONS[name]
    assert publish_rows(write(tmp_path, "a.csv", content), TWO, options) == [{"id": 1, "name": "a,b"}]


def test_nothing_is_quoted_where_the_file_has_no_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,name\n1,"a\n2,5" pipe\n')
    rows = [{"id": 1, "name": '"a'}, {"id": 2, "name": '5" pipe'}]
    assert publish_rows(path, TWO, ReadOptions(quote="")) == rows


def test_letters_of_another_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,name\n1,Zürich €\n".encode("windows-1252"))
    assert publish_rows(path, TWO, ReadOptions(encoding="windows-1252")) == [{"id": 1, "name": "Zürich €"}]
    with pytest.raises(UnreadableData, match="not text in shift_jis"):
        publish_rows(write(tmp_path, "b.csv", b"id,name\n1,\xff\xff\n"), TWO, ReadOptions(encoding="shift_jis"))
    with pytest.raises(UnreadableData, match="not text in utf-16"):
        publish_rows(
            write(tmp_path, "c.csv", "id,name\n1,a\n".encode("utf-16")[:-1]), TWO, ReadOptions(encoding="utf-16")
        )


FORMATS = ReadOptions(
    delimiter=";",
    date_format="%d.%m.%Y",
    timestamp_format="%d/%m/%Y %H:%M",
    decimal=",",
    thousands=".",
    zone="Europe/Zurich",
)
FORMATTED = "d;t;n;w\n1.2.2026;31/1/2026 9:05;1.234,5;1.000\n28.12.2026;01/07/2026 10:00;-0,25;7\n"


@pytest.mark.parametrize("declared", [True, False])
def test_formats_say_how_values_are_written(tmp_path: Path, declared: bool) -> None:
    schema = contract(d=DATE, t=STAMPTZ, n=DOUBLE, w=LONG) if declared else None
    rows = publish_rows(write(tmp_path, "a.csv", FORMATTED), schema, FORMATS)
    assert [str(row["d"]) for row in rows] == ["2026-02-01", "2026-12-28"]
    assert [row["t"].isoformat() for row in rows] == ["2026-01-31T08:05:00+00:00", "2026-07-01T08:00:00+00:00"]
    assert [row["n"] for row in rows] == [1234.5, -0.25]
    assert [row["w"] for row in rows] == [1000, 7]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DATE, "2026-02-01"),
        (DATE, "32.01.2026"),
        (DATE, "1.2.26"),
        (STAMP, "2026-01-31T09:05:00"),
        (DOUBLE, "1.5"),
        (DOUBLE, "1.23,5"),
        (LONG, "1.00"),
        (LONG, "1000.000"),
        (STAMPTZ, "25/10/2026 02:30"),
        (STAMPTZ, "29/03/2026 02:30"),
    ],
)
def test_what_is_not_in_the_given_format_is_refused(tmp_path: Path, kind: Any, text: str) -> None:
    with pytest.raises(SchemaMismatch, match="in row 1 does not fit"):
        publish_rows(write(tmp_path, "a.csv", f"v;w\n{text};\n"), contract(v=kind, w=TEXT), FORMATS)


def test_options_that_cannot_be_are_refused(tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [
        {"delimiter": ";;"},
        {"delimiter": '"'},
        {"encoding": "klingon"},
        {"encoding": "rot13"},
        {"date_format": "%d.%m"},
        {"date_format": "dd.mm.yyyy"},
        {"timestamp_format": "%d.%m.%Y"},
        {"decimal": ";"},
        {"decimal": ",", "thousands": ","},
        {"zone": "Mars/Olympus"},
        {"nulls": "NULL"},
        {"columns": ("a", "a")},
    ]
    for options in wrong:
        with pytest.raises(BadInput):
            ReadOptions(**options)
    with pytest.raises(BadInput, match="delimiter: JSON is not read with such an option"):
        publish_rows(write(tmp_path, "a.jsonl", "{}"), TWO, ReadOptions(delimiter=";"))
    with pytest.raises(UnreadableData, match="its first line has 3 values, and there are 2 names"):
        publish_rows(write(tmp_path, "a.csv", "1,2,3\n"), TWO, ReadOptions(header=False))


def test_a_value_that_does_not_fit_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(DataPlatformError, match="'x' in row 2 does not fit long"):
        publish_rows(write(tmp_path, "a.csv", 'id,name\n1,"a\nb"\nx,c\n'), TWO)


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
            st.integers().map(str),
            st.floats().map(repr),
            st.dates().map(str),
            st.datetimes().map(lambda moment: moment.isoformat()),
            st.sampled_from(["true", "False", "007", "0x1F", "2E07", "-0", "NaN", "2026-02-30", "0000-01-01", "1_000"]),
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(deadline=None, max_examples=examples(150))
def test_an_inferred_type_gives_back_the_value_of_every_text(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder), "a.csv", "v,w\n" + "".join(f"{text},x\n" for text in texts))
        values = [row["v"] for row in publish_rows(path, None)]
    for text, value in zip(texts, values, strict=True):
        if isinstance(value, str):
            assert value == text
        elif isinstance(value, bool):
            assert str(value).lower() == text.lower()
        elif isinstance(value, int):
            assert str(value) == text
        elif isinstance(value, Number):
            assert value == Number(text)
        elif isinstance(value, float):
            digits = len(Number(text).normalize(Context(prec=80)).as_tuple().digits)
            roundings = (ROUND_HALF_UP, ROUND_HALF_DOWN)
            assert Number(text) in {Context(digits, rounding).create_decimal(value) for rounding in roundings}
        else:
            assert value == type(value).fromisoformat(text)


@pytest.mark.parametrize("value", ["\ufeffx", "\ufeff", "\ufeff\ufeffx", '"\ufeffx"'])
@pytest.mark.parametrize("options", [ReadOptions(), ReadOptions(columns=("name", "other"))])
def test_a_byte_order_mark_in_a_value_is_kept(value: str, options: ReadOptions, tmp_path: Path) -> None:
    header = "\ufeffname,other\n" if not options.columns else "\ufeff"
    for schema in (contract(name=TEXT, other=TEXT), None):
        rows = publish_rows(write(tmp_path, "a.csv", f"{header}{value},b\n{value},c\n"), schema, options)
        assert [row["name"] for row in rows] == [value.strip('"')] * 2
