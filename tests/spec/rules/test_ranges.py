"""What Arrow can carry and no column can hold is refused with its row and the reason, at any depth."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import SchemaMismatch
from data_platform.spec.casting.cast import CastArguments, Caster
from data_platform.spec.casting.conversion.ranges import RANGES
from data_platform.spec.casting.conversion.text_formats import STANDARD_FORMATS
from data_platform.spec.casting.survey import count_misfits
from data_platform.spec.schema.arrow import to_arrow_type
from data_platform.spec.schema.types import DataType, Kind, ListOf, MapOf, Primitive, SchemaColumn, Struct, TableSchema

DATE, TIMESTAMP, TIME = Primitive(Kind.DATE), Primitive(Kind.TIMESTAMP), Primitive(Kind.TIME)
TIMESTAMPTZ, TEXT = Primitive(Kind.TIMESTAMPTZ), Primitive(Kind.STRING)


def integers(kind: pa.DataType, *values: int | None) -> pa.Array:
    """An array of a date or time type made of the integers that it keeps."""
    return pa.array(values, pa.int32() if kind == pa.date32() else pa.int64()).view(kind)


def text(*values: bytes) -> pa.Array:
    """Text made of any bytes."""
    binary = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(binary), binary.buffers())


def cast(kind: DataType, array: pa.Array, *, pii: bool = False) -> pa.Array:
    schema = TableSchema((SchemaColumn("v", kind, tags=("pii",) if pii else ()),))
    batch = pa.record_batch({"v": array})
    return Caster(schema, batch.schema, "p.t").cast(batch).column(0)


def refusal(kind: DataType, array: pa.Array, *, pii: bool = False) -> str:
    with pytest.raises(SchemaMismatch) as refused:
        cast(kind, array, pii=pii)
    (mismatch,) = refused.value.mismatches
    return mismatch.message


YEARS = "it lies outside the years 1 to 9999"
OUT_OF_RANGE = {
    "infinite date": (DATE, integers(pa.date32(), 0, 2**31 - 1), "infinity in row 2"),
    "minus infinite date": (DATE, integers(pa.date32(), 0, -(2**31) + 1), "-infinity in row 2"),
    "year 0": (DATE, integers(pa.date32(), None, -719_163), "0000-12-31 in row 2"),
    "year 10000": (DATE, integers(pa.date32(), 0, 2_932_897), "10000-01-01 in row 2"),
    "infinite timestamp": (TIMESTAMP, integers(pa.timestamp("us"), 0, 2**63 - 1), "infinity in row 2"),
    "infinite instant": (TIMESTAMPTZ, integers(pa.timestamp("us", "UTC"), 0, -(2**63) + 1), "-infinity in row 2"),
    "seconds": (TIMESTAMP, integers(pa.timestamp("s"), 0, 253_402_300_800), "10000-01-01 00:00:00 in row 2"),
    "seconds beyond any": (TIMESTAMP, integers(pa.timestamp("s"), 0, 2**60), "in row 2"),
    "milliseconds": (DATE, integers(pa.date64(), 0, 253_402_300_800_000), "10000-01-01 in row 2"),
}


@pytest.mark.parametrize("case", OUT_OF_RANGE)
def test_dates_and_timestamps_outside_the_years_1_to_9999(case: str) -> None:
    kind, array, place = OUT_OF_RANGE[case]
    message = refusal(kind, array)
    assert place in message and f"does not fit {kind}" in message
    if "beyond" not in case:
        assert YEARS in message
    assert "not shown" in refusal(kind, array, pii=True)


def test_a_time_ends_before_24_00() -> None:
    day = 24 * 60 * 60 * 10**6
    for value in (day, -1):
        assert "is not a time of day" in refusal(TIME, integers(pa.time64("us"), 0, value))
    assert cast(TIME, integers(pa.time64("us"), day - 1)).to_pylist() == [dt.time(23, 59, 59, 999_999)]


def test_inside_lists_maps_and_structs() -> None:
    dates = integers(pa.date32(), 0, 2**31 - 1)
    lists = pa.ListArray.from_arrays([0, 1, 2], dates)
    assert "row 2" in refusal(ListOf(DATE), lists) and YEARS in refusal(ListOf(DATE), lists)
    maps = pa.MapArray.from_arrays([0, 1, 2], pa.array(["a", "b"]), dates)
    assert "row 2" in refusal(MapOf(TEXT, DATE), maps)
    structs = pa.StructArray.from_arrays([dates], names=["d"])
    assert "row 2" in refusal(Struct((SchemaColumn("d", DATE),)), structs)
    assert "row 2" in refusal(ListOf(TEXT), pa.ListArray.from_arrays([0, 1, 2], text(b"a", b"\xff")))


def test_what_a_null_hides_is_no_value() -> None:
    hidden = pa.Array.from_buffers(
        pa.date32(), 2, [pa.py_buffer(b"\x01"), integers(pa.date32(), 0, 2**31 - 1).buffers()[1]]
    )
    assert cast(DATE, hidden).to_pylist() == [dt.date(1970, 1, 1), None]


def test_text_is_utf_8() -> None:
    message = refusal(TEXT, text(b"a", b"\xff\xfe"))
    assert "b'\\xff\\xfe' in row 2 does not fit string: it is not valid UTF-8 text" in message
    assert "xff" not in refusal(TEXT, text(b"a", b"\xff\xfe"), pii=True)


def test_offsets_that_lead_nowhere_are_refused_before_they_are_followed() -> None:
    offsets = pa.array([0, 9, 1], pa.int32()).buffers()[1]
    lists = pa.Array.from_buffers(pa.list_(pa.int64()), 2, [None, offsets], children=[pa.array([1])])
    assert "is not a valid value of its Arrow type" in refusal(ListOf(Primitive(Kind.LONG)), lists)
    texts = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"a")])
    assert refusal(TEXT, texts).startswith("a value in row 1 does not fit string: it is not a valid value")


def test_what_a_slice_leaves_out_is_no_value() -> None:
    lists = pa.ListArray.from_arrays([0, 1, 2], text(b"\xff", b"a"))
    assert cast(ListOf(TEXT), lists[1:]).to_pylist() == [["a"]]


def test_a_survey_says_why() -> None:
    schema = TableSchema((SchemaColumn("v", DATE),))
    batch = pa.record_batch({"v": integers(pa.date32(), 0, 2**31 - 1)})
    arguments: CastArguments = {"untyped": False, "formats": STANDARD_FORMATS, "file": None}
    _, (misfit,) = count_misfits(schema, batch.schema, [batch], arguments)
    assert YEARS in misfit.message and misfit.examples == ((2, "infinity"),)


@given(st.sampled_from(sorted(RANGES)), st.data())
def test_what_python_can_hold_passes_and_nothing_else(kind: Kind, data: st.DataObject) -> None:
    target = to_arrow_type(Primitive(kind))
    bits, (least, greatest), _ = RANGES[kind]
    edges = st.sampled_from([least - 1, least, greatest, greatest + 1])
    limit = 2 ** (bits.bit_width - 1)
    array = integers(target, data.draw(edges | st.integers(-limit, limit - 1)))
    try:
        array.to_pylist()
        fits = True
    except (ValueError, OverflowError):
        fits = False
    if fits and least <= array.view(bits)[0].as_py() <= greatest:
        assert cast(Primitive(kind), array).equals(array)
    else:
        assert "does not fit" in refusal(Primitive(kind), array)
