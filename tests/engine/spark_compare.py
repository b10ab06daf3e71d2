"""Holds what a frame of ours gives against what Spark answered."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

import data_platform.functions as F
from data_platform.engine.expressions.dialect import parse_data_type
from data_platform.engine.frame import DataFrame, from_table
from data_platform.engine.spark_functions.types import to_arrow_type
from data_platform.errors import FrameError
from data_platform.functions import Window, col, expr, lit, when
from tests.engine.spark_cases import TABLES

REFUSED = {"refused": True}


def frame_of(name: str) -> DataFrame:
    """A table of the cases as a frame."""
    columns = TABLES[name]
    count = len(next(iter(columns.values()))[1])
    data = {"k": pa.array(range(count), pa.int32())}
    for column, (type_, values) in columns.items():
        arrow = to_arrow_type(parse_data_type(type_))
        items = [list(value.items()) if isinstance(value, dict) else value for value in values]
        data[column] = pa.array(items, arrow)
    return from_table(pa.table(data))


def encoded(value: Any, type_: pa.DataType) -> Any:
    """A value of ours as ask_spark.py writes Spark's."""
    if value is None:
        return None
    if pa.types.is_map(type_):
        pairs = ([encoded(key, type_.key_type), encoded(item, type_.item_type)] for key, item in value)
        return {"map": sorted(pairs, key=json.dumps)}
    if pa.types.is_struct(type_):
        return {"struct": [[field.name, encoded(value[field.name], field.type)] for field in type_]}
    if pa.types.is_list(type_):
        return {"list": [encoded(item, type_.value_type) for item in value]}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"timestamp": value.replace(tzinfo=None).isoformat(sep=" "), "zone": False}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, timedelta):
        return {"interval": value // timedelta(microseconds=1)}
    if hasattr(value, "nanoseconds"):
        return {"interval": value.days * 86_400_000_000 + value.nanoseconds // 1000}
    return {"bytes": base64.b16encode(value).decode()} if isinstance(value, bytes) else value


def ours(frame: DataFrame, kind: str, text: str, *, alone: bool = True) -> tuple[Any, list[Any]]:
    """The types and values of our answer; REFUSED replaces a row that is refused alone."""
    names = {"F": F, "col": col, "lit": lit, "when": when, "expr": expr, "Window": Window, "df": frame}
    made = eval(text, names)
    if kind == "frame":
        return _rows(made, text)
    if kind == "aggregate":
        return _rows(frame.agg(made.alias("o")), text)
    result = frame.select("k", made.alias("o"))
    if "explode" in text:
        return _rows(result, text)
    try:
        table = result.to_arrow().sort_by("k")
        return result.dtypes[-1][1], [encoded(value, table.schema.types[1]) for value in _python(table["o"])]
    except FrameError:
        if kind == "window" or not alone:
            raise
    return result.dtypes[-1][1], [_one(result, number) for number in range(frame.count())]


def _one(result: DataFrame, number: int) -> Any:
    try:
        table = result.filter(col("k") == number).to_arrow()
        return encoded(_python(table["o"])[0], table.schema.types[1])
    except FrameError:
        return REFUSED


def _place(row: Any) -> str:
    """The sort key of a row; both zeros are the same."""
    return json.dumps(row).replace('"-0.0"', '"0.0"')


def _python(column: pa.ChunkedArray) -> list[Any]:
    """The values; a date that Python has not is refused, as `collect` does it."""
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError) as error:
        raise FrameError(str(error)) from error


def _rows(result: DataFrame, text: str) -> tuple[Any, list[Any]]:
    table = result.to_arrow()
    columns = [[encoded(value, column.type) for value in _python(column)] for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    if "orderBy" not in text:
        rows.sort(key=_place)
    return [type_ for _, type_ in result.dtypes], rows


def differences(
    frame: DataFrame, kind: str, text: str, answer: dict[str, Any], *, alone: bool = False
) -> Iterator[str]:
    """What is not as Spark answered: a value or a type; nothing where ours is refused.

    Where one row is refused, the others are looked at only if `alone`, each in an action of its own.
    """
    try:
        types, values = ours(frame, kind, text, alone=alone)
    except FrameError:
        return
    spark = answer["ansi"]
    if "type" in spark and types != spark["type"]:
        yield f"type {types}, Spark {spark['type']}"
    if "legacy" in answer:
        spark = answer["legacy"]
    if "values" not in spark:
        if any(value is not None and value != REFUSED and value != [None] for value in values):
            yield f"{values[:3]}, where Spark has an error: {spark.get('error')}"
        return
    answers = spark["values"] if isinstance(types, str) or "orderBy" in text else sorted(spark["values"], key=_place)
    if len(values) != len(answers):
        yield f"{len(values)} rows, Spark {len(answers)}"
    for number, (value, theirs) in enumerate(zip(values, answers, strict=False)):
        if "collect_set" in text and "sort_array" not in text:
            value, theirs = _in_order(value), _in_order(theirs)
        if value != REFUSED and not is_same(value, theirs) and not _may_be_null(value, theirs):
            yield f"row {number}: {short(value)}, Spark {short(theirs)}"


def _in_order(value: Any) -> Any:
    """Lists in one order, for a set has none."""
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if isinstance(value, dict) and "list" in value:
        return {"list": sorted(value["list"], key=lambda item: json.dumps(item).replace("-0.0", "0.0"))}
    return value


def _may_be_null(value: Any, theirs: Any) -> bool:
    """Whether Spark had an error, for which null is accepted; or a timestamp that pyspark cannot return."""
    return is_error(theirs) and (value is None or theirs["error"] in ("ValueError", "OverflowError"))


def is_error(value: Any) -> bool:
    """Whether Spark had no value."""
    return isinstance(value, dict) and "error" in value


def is_same(one: Any, two: Any) -> bool:
    """Equality that distinguishes 0.0 from -0.0 and ignores the last digits of a double."""
    if isinstance(one, dict) and isinstance(two, dict):
        if one.keys() == two.keys() == {"float"}:
            return _same_float(float(one["float"]), float(two["float"]))
        if "timestamp" in one and "timestamp" in two:
            return bool(one["timestamp"] == two["timestamp"])
        return one.keys() == two.keys() and all(is_same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(is_same, one, two))
    return type(one) is type(two) and one == two


def _same_float(one: float, two: float) -> bool:
    if math.isnan(one) or math.isnan(two):
        return math.isnan(one) and math.isnan(two)
    if one == 0 and two == 0:
        return True
    return math.isclose(one, two, rel_tol=1e-12, abs_tol=1e-300)


def short(value: Any) -> str:
    """A value in few characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 90 else text[:90] + "…"
