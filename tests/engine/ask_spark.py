"""Asks a real Spark every case: `python ask_spark.py answers.json`, where pyspark and Java are installed.

An answer has Spark's type and one value a row; or an error where Spark gives no value. In ANSI mode (`ansi`), and
where any row has an error there also without (`legacy`), row by row.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["TZ"] = "UTC"

import pyspark.sql.functions as F
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from spark_cases import TABLES, cases


def encoded(value):
    """A value as JSON that distinguishes what Python's equality does not."""
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"timestamp": value.replace(tzinfo=None).isoformat(sep=" "), "zone": value.tzinfo is not None}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, timedelta):
        return {"interval": value // timedelta(microseconds=1)}
    if isinstance(value, bytes | bytearray):
        return {"bytes": base64.b16encode(bytes(value)).decode()}
    if isinstance(value, dict):
        return {"map": sorted(([encoded(key), encoded(item)] for key, item in value.items()), key=json.dumps)}
    if hasattr(value, "asDict"):
        return {"struct": [[name, encoded(item)] for name, item in zip(value.__fields__, value, strict=True)]}
    if isinstance(value, list | tuple):
        return {"list": [encoded(item) for item in value]}
    return value


def row_of(row):
    return [encoded(value) for value in row]


def answered(df, kind, text, *, one_by_one):
    names = {"F": F, "col": F.col, "lit": F.lit, "when": F.when, "expr": F.expr, "Window": Window, "df": df}
    try:
        made = eval(text, names)  # our own table
        frame = {
            "row": lambda: df.select("k", made.alias("o")),
            "window": lambda: df.select("k", made.alias("o")),
            "aggregate": lambda: df.agg(made.alias("o")),
            "frame": lambda: made,
        }[kind]()
        types = [type_ for _, type_ in frame.dtypes]
    except (PySparkException, TypeError, ValueError, AttributeError) as error:
        return {"error": _name(error)}
    if kind in ("row", "window") and "explode" not in text:
        return {"type": types[-1], "values": _by_row(df, made, kind, one_by_one)}
    try:
        rows = [row_of(row) for row in frame.collect()]
    except Exception as error:  # noqa: BLE001
        return {"type": types, "error": _name(error)}
    if "orderBy" not in text:
        rows.sort(key=json.dumps)
    return {"type": types, "values": rows}


def _by_row(df, made, kind, one_by_one):
    count = df.count()
    try:
        rows = df.select("k", made.alias("o")).collect()
        return [encoded(row[1]) for row in sorted(rows, key=lambda row: row[0])]
    except Exception as error:  # noqa: BLE001
        if kind == "window" or not one_by_one:
            return [{"error": _name(error)}] * count
    return [_alone(df.where(f"k = {number}"), made) for number in range(count)]


def _alone(row, made):
    try:
        return encoded(row.select(made.alias("o")).collect()[0][0])
    except Exception as error:  # noqa: BLE001
        return {"error": _name(error)}


def _name(error):
    condition = getattr(error, "getCondition", lambda: None)()
    return condition or type(error).__name__


def _has_error(answer):
    return "error" in answer or any(isinstance(value, dict) and "error" in value for value in answer["values"])


def _frames(spark):
    made = {}
    for name, columns in TABLES.items():
        count = len(next(iter(columns.values()))[1])
        ddl = ", ".join(["k int", *(f"{column} {type_}" for column, (type_, _) in columns.items())])
        rows = [(number, *(values[number] for _, values in columns.values())) for number in range(count)]
        made[name] = _local(spark, spark.createDataFrame(rows, ddl))
    return made


def _local(spark, df):
    """The same rows inside the plan, which Spark computes over without a job: ten times as fast."""
    rows, schema = df._jdf.collectAsList(), df._jdf.schema()
    return DataFrame(spark._jsparkSession.createDataFrame(rows, schema), spark)


def write(path, version, answers):
    """One line an answer, in order, so that a change of one is seen as one."""
    pairs = (f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in sorted(answers.items()))
    # a time without a date is of today to Spark
    text = ",\n".join(pairs).replace(f"{datetime.now(UTC).date()} 10:11:12", "today 10:11:12")
    Path(path).write_text(f'{{"spark": "{version}", "answers": {{\n{text}\n}}}}\n', encoding="utf-8")


def main(path):
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.execution.arrow.pyspark.enabled", "false")
        .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    logging.disable(logging.CRITICAL)
    frames = _frames(spark)
    answers = {}
    for number, (kind, table, text) in enumerate(cases()):
        if number % 50 == 0:
            print(number, flush=True)
            write(path, spark.version, answers)
        spark.conf.set("spark.sql.ansi.enabled", "true")
        answer = {"ansi": answered(frames[table], kind, text, one_by_one=False)}
        if _has_error(answer["ansi"]):
            spark.conf.set("spark.sql.ansi.enabled", "false")
            answer["legacy"] = answered(frames[table], kind, text, one_by_one=True)
            if answer["legacy"].get("type") != answer["ansi"].get("type"):
                # another type means another computation: only ANSI mode's own values count
                spark.conf.set("spark.sql.ansi.enabled", "true")
                answer = {"ansi": answered(frames[table], kind, text, one_by_one=True)}
        answers[f"{kind} {table} {text}"] = answer
    write(path, spark.version, answers)
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
