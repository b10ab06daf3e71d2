"""`data_platform.functions`: each exported function gives what PySpark's documentation says."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

import data_platform.functions as F
from data_platform.engine.frame import from_table
from data_platform.errors import FrameError
from data_platform.functions import Window, col, lit, when

TABLE = pa.table(
    {
        "i": [-3, 5],
        "j": [2, 2],
        "d": [0.5, -0.25],
        "p": [1.26, 2.5],
        "s": ["héllo World", " x,y "],
        "u": ["l", "b"],
        "l": [[3, 1, 2], [1]],
        "m": [[1, 9], [9]],
        "n": [[[1], [2, 3]], [[4]]],
        "w": [["a", "b"], ["c"]],
        "day": [date(2024, 1, 31), date(2023, 12, 5)],
        "ts": [datetime(2024, 1, 31, 13, 45, 10), datetime(2023, 12, 5)],
        "b": [True, False],
        "z": [None, 7],
        "iso": ["2024-02-29", "2023-01-01"],
    }
)
# function: (arguments, first row's value, Spark's type)
SCALARS = {
    "abs": (("i",), 3, "bigint"),
    "acos": (("d",), pytest.approx(1.0471975511965979), "double"),
    "add_months": (("day", 1), date(2024, 2, 29), "date"),
    "array": (("i", "j"), [-3, 2], "array<bigint>"),
    "array_contains": (("l", 1), True, "boolean"),
    "array_distinct": (("m",), {1, 9}, "array<bigint>"),
    "array_except": (("l", "m"), {2, 3}, "array<bigint>"),
    "array_intersect": (("l", "m"), [1], "array<bigint>"),
    "array_join": (("w", "-"), "a-b", "string"),
    "array_max": (("l",), 3, "bigint"),
    "array_min": (("l",), 1, "bigint"),
    "array_position": (("l", 1), 2, None),
    "array_sort": (("l",), [1, 2, 3], "array<bigint>"),
    "array_union": (("l", "m"), {1, 2, 3, 9}, "array<bigint>"),
    "ascii": (("s",), 104, "int"),
    "asin": (("d",), pytest.approx(0.5235987755982989), "double"),
    "atan": (("d",), pytest.approx(0.4636476090008061), "double"),
    "atan2": (("d", "d"), pytest.approx(0.7853981633974483), "double"),
    "ceil": (("p",), 2, "bigint"),
    "coalesce": (("z", "j"), 2, "bigint"),
    "concat": (("s", "u"), "héllo Worldl", "string"),
    "concat_ws": (("-", "s", "u"), "héllo World-l", "string"),
    "contains": (("s", "u"), True, "boolean"),
    "cos": (("d",), pytest.approx(0.8775825618903728), "double"),
    "date_add": (("day", 1), date(2024, 2, 1), "date"),
    "date_format": (("ts", "yyyy-MM-dd HH:mm:ss"), "2024-01-31 13:45:10", "string"),
    "date_sub": (("day", 1), date(2024, 1, 30), "date"),
    "date_trunc": (("month", "ts"), datetime(2024, 1, 1), "timestamp_ntz"),
    "datediff": ((lit("2024-02-02").cast("date"), "day"), 2, "int"),
    "dayofmonth": (("day",), 31, "int"),
    "dayofweek": (("day",), 4, "int"),
    "dayofyear": (("day",), 31, "int"),
    "degrees": (("d",), pytest.approx(28.64788975654116), "double"),
    "element_at": (("l", 1), 3, "bigint"),
    "endswith": (("s", lit("World")), True, "boolean"),
    "exp": (("d",), pytest.approx(1.6487212707001282), "double"),
    "filter": (("l", lambda x: x > 1), [3, 2], "array<bigint>"),
    "flatten": (("n",), [1, 2, 3], "array<bigint>"),
    "floor": (("p",), 1, "bigint"),
    "greatest": (("i", "j", "z"), 2, "bigint"),
    "hour": (("ts",), 13, "int"),
    "ifnull": (("z", "j"), 2, "bigint"),
    "initcap": (("s",), "Héllo World", "string"),
    "instr": (("s", "W"), 7, "int"),
    "isnan": (("d",), False, "boolean"),
    "isnotnull": (("z",), False, "boolean"),
    "isnull": (("z",), True, "boolean"),
    "last_day": (("day",), date(2024, 1, 31), "date"),
    "least": (("i", "j", "z"), -3, "bigint"),
    "left": (("s", "j"), "hé", "string"),
    "length": (("s",), 11, "int"),
    "levenshtein": (("u", lit("la")), 1, "int"),
    "ln": (("j",), pytest.approx(0.6931471805599453), "double"),
    "log": (("j",), pytest.approx(0.6931471805599453), "double"),
    "log10": (("j",), pytest.approx(0.3010299956639812), "double"),
    "log2": (("j",), 1.0, "double"),
    "lower": (("s",), "héllo world", "string"),
    "lpad": (("u", 3, "0"), "00l", "string"),
    "ltrim": (("s",), "héllo World", "string"),
    "make_date": ((lit(2024), "j", "j"), date(2024, 2, 2), "date"),
    "md5": (("u",), "2db95e8e1a9267b7a1188556b2013b33", "string"),
    "minute": (("ts",), 45, "int"),
    "month": (("day",), 1, "int"),
    "months_between": (("day", lit("2023-12-31").cast("date")), 1.0, "double"),
    "nullif": (("j", lit(2)), None, "bigint"),
    "nvl": (("z", "j"), 2, "bigint"),
    "pow": (("i", "j"), 9.0, "double"),
    "quarter": (("day",), 1, "int"),
    "radians": (("d",), pytest.approx(0.008726646259971648), "double"),
    "regexp_extract": (("s", "([a-z]+) ", 1), "llo", "string"),
    "regexp_replace": (("s", "l+", "L"), "héLo WorLd", "string"),
    "repeat": (("u", 3), "lll", "string"),
    "replace": (("s", lit("l"), lit("L")), "héLLo WorLd", "string"),
    "reverse": (("s",), "dlroW olléh", "string"),
    "right": (("s", "j"), "ld", "string"),
    "round": (("p", 1), 1.3, "double"),
    "rpad": (("u", 3, "0"), "l00", "string"),
    "rtrim": (("s",), "héllo World", "string"),
    "second": (("ts",), 10, "int"),
    "sequence": ((lit(1), "j"), [1, 2], "array<bigint>"),
    "sha2": (("u", 256), "acac86c0e609ca906f632b0e2dacccb2b77d22b0621f20ebece1a4835b93f6f0", "string"),
    "sin": (("d",), pytest.approx(0.479425538604203), "double"),
    "size": (("l",), 3, "int"),
    "slice": (("l", 1, 2), [3, 1], "array<bigint>"),
    "sort_array": (("l", False), [3, 2, 1], "array<bigint>"),
    "split": (("s", " "), ["héllo", "World"], "array<string>"),
    "sqrt": (("j",), pytest.approx(1.4142135623730951), "double"),
    "startswith": (("s", lit("hé")), True, "boolean"),
    "struct": (("i", "j"), {"i": -3, "j": 2}, "struct<i:bigint,j:bigint>"),
    "substring": (("s", 2, 3), "éll", "string"),
    "tan": (("d",), pytest.approx(0.5463024898437905), "double"),
    "to_date": (("iso",), date(2024, 2, 29), "date"),
    "to_timestamp": (("iso", "yyyy-MM-dd"), None, None),
    "transform": (("l", lambda x: x + 1), [4, 2, 3], "array<bigint>"),
    "translate": (("s", "lW", "1w"), "hé11o wor1d", "string"),
    "trim": (("s",), "héllo World", "string"),
    "upper": (("s",), "HÉLLO WORLD", "string"),
    "weekofyear": (("day",), 5, "int"),
    "year": (("day",), 2024, "int"),
}
AGGREGATES = {
    "any_value": (("j",), 2, "bigint"),
    "approx_count_distinct": (("i",), 2, "bigint"),
    "avg": (("i",), 1.0, "double"),
    "bool_and": (("b",), False, "boolean"),
    "bool_or": (("b",), True, "boolean"),
    "collect_list": (("i",), [-3, 5], "array<bigint>"),
    "collect_set": (("j",), [2], "array<bigint>"),
    "corr": (("i", "d"), pytest.approx(-1.0), "double"),
    "count": (("z",), 1, "bigint"),
    "count_distinct": (("j",), 1, "bigint"),
    "countDistinct": (("i", "j"), 2, "bigint"),
    "count_if": (("b",), 1, "bigint"),
    "covar_pop": (("i", "d"), -1.5, "double"),
    "covar_samp": (("i", "d"), -3.0, "double"),
    "first": (("i",), -3, "bigint"),
    "kurtosis": (("d",), -2.0, "double"),
    "last": (("i",), 5, "bigint"),
    "max": (("i",), 5, "bigint"),
    "max_by": (("u", "i"), "b", "string"),
    "mean": (("i",), 1.0, "double"),
    "median": (("i",), 1.0, "double"),
    "min": (("i",), -3, "bigint"),
    "min_by": (("u", "i"), "l", "string"),
    "mode": (("j",), 2, "bigint"),
    "percentile": (("i", 0.5), 1.0, "double"),
    "percentile_approx": (("j", 0.5), 2, "bigint"),
    "skewness": (("d",), 0.0, "double"),
    "stddev": (("i",), pytest.approx(5.656854249492381), "double"),
    "stddev_pop": (("i",), 4.0, "double"),
    "stddev_samp": (("i",), pytest.approx(5.656854249492381), "double"),
    "sum": (("i",), 2, "bigint"),
    "sum_distinct": (("j",), 2, "bigint"),
    "sumDistinct": (("j",), 2, "bigint"),
    "var_pop": (("i",), 16.0, "double"),
    "var_samp": (("i",), 32.0, "double"),
    "variance": (("i",), 32.0, "double"),
}
RANKINGS = {
    "cume_dist": ((), 0.5, "double"),
    "dense_rank": ((), 1, "int"),
    "lag": (("i",), None, "bigint"),
    "lead": (("i", 1, 0), 5, "bigint"),
    "ntile": ((2,), 1, "int"),
    "percent_rank": ((), 0.0, "double"),
    "rank": ((), 1, "int"),
    "row_number": ((), 1, "int"),
}
TESTED_BELOW = {"asc", "desc", "col", "lit", "expr", "when", "explode", "current_date", "current_timestamp"}


@pytest.fixture(scope="module")
def frame():
    return from_table(TABLE)


def check(frame, made, value, type_):
    result = frame.select(made.alias("x")) if not isinstance(made, tuple) else made[0]
    actual = result.to_arrow()["x"][0].as_py()
    assert (set(actual) if isinstance(value, set) else actual) == value
    assert type_ is None or result.dtypes == [("x", type_)]


@pytest.mark.parametrize("name", sorted(set(SCALARS) - {"to_timestamp"}))
def test_functions_of_a_row(frame, name):
    arguments, value, type_ = SCALARS[name]
    check(frame, getattr(F, name)(*arguments), value, type_)


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_aggregates(frame, name):
    arguments, value, type_ = AGGREGATES[name]
    check(frame, (frame.agg(getattr(F, name)(*arguments).alias("x")),), value, type_)


@pytest.mark.parametrize("name", sorted(RANKINGS))
def test_window_functions(frame, name):
    arguments, value, type_ = RANKINGS[name]
    ranked = getattr(F, name)(*arguments).over(Window.orderBy("i"))
    check(frame, (frame.orderBy("i").select(ranked.alias("x")),), value, type_)


def test_every_exported_function_is_tested():
    functions = {name for name in F.__all__ if name[0].islower()}
    assert functions == set(SCALARS) | set(AGGREGATES) | set(RANKINGS) | TESTED_BELOW
    assert all(callable(getattr(F, name)) and getattr(F, name).__doc__ for name in F.__all__)


def test_moments(frame):
    assert frame.select(F.to_timestamp("iso").alias("t")).dtypes == [("t", "timestamp")]
    row = frame.select(F.current_timestamp().alias("current_timestamp"), F.current_date().alias("current_date")).first()
    assert row.current_timestamp.date() == row.current_date
    assert frame.select(F.date_trunc("day", F.current_timestamp())).dtypes[0][1] == "timestamp"


def test_explode_makes_a_row_of_each_element(frame):
    exploded = frame.select("u", F.explode("l").alias("e"))
    assert exploded.collect() == [("l", 3), ("l", 1), ("l", 2), ("b", 1)]
    assert frame.select(F.explode("l")).columns == ["col"]


def test_when_and_otherwise(frame):
    size = when(col("i") < 0, "neg").when(col("i") == 0, "none").otherwise("pos")
    assert frame.select(size.alias("x")).collect() == [("neg",), ("pos",)]
    assert frame.select(when(col("i") < 0, 1).alias("x")).collect() == [(1,), (None,)]
    with pytest.raises(FrameError, match=r"belongs after functions.when"):
        col("i").otherwise(1)


def test_columns_methods(frame):
    tested = frame.select(
        col("s").like("h%"),
        col("s").ilike("H%"),
        col("s").rlike("W.r"),
        col("s").startswith("hé"),
        col("s").endswith("World"),
        col("s").contains("lo"),
        col("s").substr(1, 2),
        col("l")[0],
        col("d").isNaN(),
        (col("i") % 2 + 1) ** 2,
        2 - col("i"),
        1 / col("j"),
        -col("i"),
    )
    assert tested.first() == (True, True, True, True, True, True, "hé", 3, False, 0.0, 5, 0.5, 3)
    assert frame.orderBy(F.desc("i")).first().i == 5
    assert frame.orderBy(F.asc("i")).first().i == -3
    assert repr(col("i") + 1) == "Column<'(i + 1)'>"


def test_names_follow_pyspark(frame):
    made = frame.select(
        F.round("p", 1),
        F.upper("u"),
        F.coalesce("z", lit(0)),
        F.datediff("day", "day"),
        F.mean("i").over(Window.partitionBy("u")),
    )
    assert made.columns == [
        "round(p, 1)",
        "upper(u)",
        "coalesce(z, 0)",
        "datediff(day, day)",
        "avg(i) OVER (PARTITION BY u)",
    ]


def test_wrong_arguments_are_told(frame):
    with pytest.raises(FrameError, match="round"):
        F.round()
    with pytest.raises(FrameError, match="no column 'nope'"):
        frame.select(F.upper("nope"))


SQL_VALUES = {
    "dayofweek(day)": (4, "int"),
    "weekday(day)": (2, "int"),
    "date_add(day, 1)": (date(2024, 2, 1), "date"),
    "CAST(p * 10 / 7 AS INT)": (1, "int"),
    "CAST(-2.7 AS BIGINT)": (-2, "bigint"),
    "TRY_CAST(2.7D AS INT)": (2, "int"),
    "CAST('7' AS INT)": (7, "int"),
    "concat(s, z)": (None, "string"),
    "concat_ws('-', u, z)": ("l", "string"),
    "1 / 0": (None, "double"),
    "i / j": (-1.5, "double"),
    "i div j": (-1, "bigint"),
    "-7 % 3": (-1, "int"),
    "u <=> NULL": (False, "boolean"),
    'concat(u, "x")': ("lx", "string"),
    "size(array(1, 2))": (2, "int"),
    "array(1, 2)[0]": (1, "int"),
    "if(i < 0, 'neg', 'pos')": ("neg", "string"),
    "CAST('2024-01-01' AS TIMESTAMP_NTZ)": (datetime(2024, 1, 1), "timestamp_ntz"),
}


@pytest.mark.parametrize("text", SQL_VALUES)
def test_spark_sql_text_has_spark_s_values(frame, text):
    check(frame, F.expr(text), *SQL_VALUES[text])


def test_casts_of_fractions_cut_off_as_in_spark(frame):
    assert frame.select(col("p").cast("int"), (-col("p")).cast("bigint"), col("p").try_cast("int")).collect() == [
        (1, -1, 1),
        (2, -2, 2),
    ]
    assert "TRUNC" not in frame.select(col("p").cast("int")).sql("spark")
    assert frame.filter(col("p").cast("int") == 2).count() == 1


def test_decimals_stay_decimals():
    frame = from_table(pa.table({"d": pa.array([Decimal("2.50")], pa.decimal128(10, 2))}))
    assert frame.select((col("d") * 2).alias("x")).first() == (Decimal("5.00"),)
    assert frame.select((col("d") * Decimal("1.1")).alias("x")).first() == (Decimal("2.750"),)


def test_the_functions_load_no_library_beyond_the_frame_s_own():
    code = """
import sys, data_platform.functions as F
F.upper("x")
assert not {"duckdb", "pandas", "polars"} & set(sys.modules), sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
