from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest

from data_platform.engine.frame import from_table
from data_platform.errors import FrameError
from data_platform.functions import col, expr, lit, to_timestamp, year

MOMENT = datetime(2024, 2, 29, 13, 45, 10, 123456)
EVERY_TYPE = {
    "boolean": pa.array([True, None], pa.bool_()),
    "int": pa.array([1, None], pa.int32()),
    "long": pa.array([2**63 - 1, None], pa.int64()),
    "float": pa.array([1.5, None], pa.float32()),
    "double": pa.array([0.1, None], pa.float64()),
    "dec4": pa.array([Decimal("12.34"), None], pa.decimal128(4, 2)),
    "dec38": pa.array([Decimal("-1e-10"), None], pa.decimal128(38, 10)),
    "date": pa.array([MOMENT.date(), None], pa.date32()),
    "time": pa.array([MOMENT.time(), None], pa.time64("us")),
    "timestamp": pa.array([MOMENT, None], pa.timestamp("us")),
    "timestamptz": pa.array([MOMENT.replace(tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
    "string": pa.array(["é\x00ก", None], pa.string()),
    "large": pa.array(["x", None], pa.large_string()),
    "binary": pa.array([b"\x00\xff", None], pa.binary()),
    "fixed": pa.array([b"0123456789abcdef", None], pa.binary(16)),
    "list": pa.array([[1, None], None], pa.list_(pa.field("element", pa.int32()))),
    "struct": pa.array(
        [{"a": [{"b": Decimal("1.0")}]}, None], pa.struct([("a", pa.list_(pa.struct([("b", pa.decimal128(5, 1))])))])
    ),
    "map": pa.array([[("k", 1.5)], None], pa.map_(pa.string(), pa.float64())),
}


@pytest.fixture
def every(published):
    return published("every", pa.table(EVERY_TYPE))


def test_types_and_values_come_out_as_they_went_in(every):
    table = pa.table(EVERY_TYPE)
    assert every.schema == table.schema
    for handed_on in (every, every.select("*"), every.filter("1 = 1"), every.limit(9), every.union(every).limit(2)):
        assert handed_on.to_arrow().schema == table.schema
        assert handed_on.to_arrow().to_pylist() == table.to_pylist()
    assert every.to_batches().read_all().equals(table)


def test_types_survive_joins_groups_and_distinct(every):
    hashable = every.drop("map", "struct", "list")
    joined = hashable.join(hashable.select("long").alias("o"), "long")
    assert joined.select(*hashable.columns).schema == hashable.schema
    assert hashable.groupBy(*hashable.columns).count().drop("count").to_arrow().schema == hashable.schema
    assert hashable.distinct().to_arrow().schema == hashable.schema


def test_renaming_and_recasting_keep_the_exact_type(every):
    frame = every.select(col("fixed").alias("f"), col("large").alias("l"), col("dec4").alias("d"))
    assert frame.to_arrow().schema.types == [pa.binary(16), pa.large_string(), pa.decimal128(4, 2)]


def test_empty_tables(published):
    table = pa.table(EVERY_TYPE)
    empty = published("empty", table.schema.empty_table())
    assert empty.to_arrow().schema == table.schema
    assert empty.count() == 0
    assert empty.first() is None
    assert empty.collect() == empty.take(3) == []
    assert empty.isEmpty()
    assert empty.to_batches().read_all().schema == table.schema


def test_no_files_at_all_is_an_empty_table():
    from data_platform.engine.frame import scan
    from data_platform.engine.origin import Origin
    from data_platform.engine.source import ParquetSource

    schema = pa.schema([("a", pa.int64())])
    frame = scan(ParquetSource((), schema), Origin("product", "p", "o", 1), lambda _: None)
    assert frame.to_arrow() == schema.empty_table()
    assert frame.count() == 0


def test_frames_without_columns_still_have_rows(every):
    nothing = every.select()
    assert nothing.columns == []
    assert nothing.count() == 2
    assert nothing.to_arrow().num_rows == 2
    assert nothing.collect() == [(), ()]
    assert every.drop(*every.columns).count() == 2
    assert sum(batch.num_rows for batch in nothing.to_batches()) in (0, 2)


def test_python_values_keep_their_types():
    frame = from_table(pa.table({"i": pa.array([1], pa.int32())}))
    values = {
        "float": (1.5, "double"),
        "whole": (2.0, "double"),
        "tiny": (1e-300, "double"),
        "negative": (-0.5, "double"),
        "nan": (float("inf"), "double"),
        "int": (1, "int"),
        "big": (2**40, "bigint"),
        "decimal": (Decimal("-1.250"), "decimal(4,3)"),
        "text": ("it's", "string"),
        "bytes": (b"\x00'", "binary"),
        "bool": (True, "boolean"),
        "date": (date(2024, 2, 29), "date"),
        "moment": (MOMENT, "timestamp_ntz"),
        "zoned": (MOMENT.replace(tzinfo=UTC), "timestamp"),
        "list": ([1, 2], "array<int>"),
    }
    made = frame.select(*(lit(value).alias(name) for name, (value, _) in values.items()))
    assert dict(made.dtypes) == {name: type_ for name, (_, type_) in values.items()}
    row = made.first()
    assert row.asDict() == {name: value for name, (value, _) in values.items()}
    assert frame.select(col("i") * 1.5).dtypes[0][1] == "double"
    assert frame.filter(col("i") == 1.0).count() == 1
    with pytest.raises(FrameError, match="object"):
        lit(object())


def test_casts_are_strict_in_both_languages():
    frame = from_table(pa.table({"s": ["1", "x"]}))
    for strict in (col("s").cast("int"), expr("CAST(s AS INT)")):
        with pytest.raises(FrameError, match="the text 'x' is not of type int"):
            frame.select(strict).collect()
    for lenient in (col("s").try_cast("int"), expr("TRY_CAST(s AS INT)")):
        assert frame.select(lenient.alias("n")).collect() == [(1,), (None,)]
    assert frame.select(col("s").cast("long")).dtypes == [("s", "bigint")]
    with pytest.raises(FrameError, match="'nonsense' is not a type"):
        col("s").cast("nonsense")


def test_moments_are_utc_whatever_the_machine_s_zone(published, monkeypatch):
    import time as clock

    monkeypatch.setenv("TZ", "Asia/Bangkok")
    clock.tzset()
    try:
        frame = published("m", {"s": ["2024-01-01 00:00:00"], "z": pa.array([0], pa.timestamp("us", tz="UTC"))})
        row = frame.select(to_timestamp("s").alias("t"), year("z").alias("y")).to_arrow()
        assert row["t"][0].as_py() == datetime(2024, 1, 1, tzinfo=UTC)
        assert row["y"].to_pylist() == [1970]
    finally:
        monkeypatch.undo()
        clock.tzset()


def test_dtypes_speak_spark(every):
    types = dict(every.dtypes)
    assert types["list"] == "array<int>"
    assert types["struct"] == "struct<a:array<struct<b:decimal(5,1)>>>"
    assert types["map"] == "map<string,double>"
    assert (types["timestamp"], types["timestamptz"], types["fixed"]) == ("timestamp_ntz", "timestamp", "binary")
    assert time.max is not None
