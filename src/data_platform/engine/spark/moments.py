"""Functions of dates and timestamps; moments are UTC."""

from __future__ import annotations

from data_platform.engine.spark.casts import cast, cast_argument
from data_platform.engine.spark.patterns import read, written
from data_platform.engine.spark.registry import rule
from data_platform.engine.spark.strings import as_int, as_text
from data_platform.engine.spark.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    duck_type,
    is_moment,
)
from data_platform.engine.spark.value import Value, constant, duck, text_literal
from data_platform.errors import FrameError


def as_date(name: str, value: Value) -> Value:
    """The value as a date, cast as Spark does by itself."""
    return cast_argument(name, value, DATE, is_moment, "date")


def as_moment(name: str, value: Value) -> Value:
    """The value as a date or timestamp."""
    return value if is_moment(value.type) else cast_argument(name, value, TIMESTAMP, is_moment, "timestamp")


def as_timestamp(name: str, value: Value) -> Value:
    """The value as a timestamp, with a zone unless it is one without."""
    value = as_moment(name, value)
    return cast(value, TIMESTAMP) if value.type == DATE else value


def _part(name: str, template: str) -> None:
    rule(name)(lambda value: duck(f"CAST({template} AS INTEGER)", as_date(name, value), type=INT))


for _name, _template in {
    "year": "year({0})", "quarter": "quarter({0})", "month": "month({0})", "day": "day({0})",
    "dayofmonth": "day({0})", "dayofyear": "dayofyear({0})", "weekofyear": "weekofyear({0})",
    # Spark counts Sunday as 1, DuckDB as 0
    "dayofweek": "dayofweek({0}) + 1", "weekday": "isodow({0}) - 1",
}.items():  # fmt: skip
    _part(_name, _template)


def _time_part(name: str) -> None:
    rule(name)(lambda value: duck(f"CAST({name}({{0}}) AS INTEGER)", as_timestamp(name, value), type=INT))


for _name in ("hour", "minute", "second"):
    _time_part(_name)


@rule("current_date", "curdate")
def _current_date() -> Value:
    return duck("CAST(now() AS DATE)", type=DATE)


@rule("current_timestamp", "now")
def _current_timestamp() -> Value:
    return duck("now()", type=TIMESTAMP)


def _moved(name: str, sign: str) -> None:
    def function(start: Value, days: Value) -> Value:
        return duck(
            f"CAST(({{0}} {sign} {{1}}) AS DATE)", as_date(name, start), cast(as_int(name, days), INT), type=DATE
        )

    rule(name)(function)


_moved("date_add", "+")
_moved("dateadd", "+")
_moved("date_sub", "-")


@rule("datediff", "date_diff")
def _datediff(end: Value, start: Value) -> Value:
    return duck("CAST({0} - {1} AS INTEGER)", as_date("datediff", end), as_date("datediff", start), type=INT)


@rule("add_months")
def _add_months(start: Value, months: Value) -> Value:
    return duck(
        "CAST({0} + to_months({1}) AS DATE)",
        as_date("add_months", start),
        cast(as_int("add_months", months), INT),
        type=DATE,
    )


@rule("last_day")
def _last_day(value: Value) -> Value:
    return duck("last_day({0})", as_date("last_day", value), type=DATE)


@rule("make_date")
def _make_date(year: Value, month: Value, day: Value) -> Value:
    values = [cast(as_int("make_date", value), INT) for value in (year, month, day)]
    return duck("make_date({0}, {1}, {2})", *values, type=DATE)


@rule("months_between")
def _months_between(end: Value, start: Value, rounded: Value | None = None) -> Value:
    rounds = True if rounded is None else constant(rounded, "months_between", "roundOff")
    one, two = (_local(as_timestamp("months_between", value)) for value in (end, start))
    months = "((year({0}) - year({1})) * 12 + month({0}) - month({1}))"
    same = "(day({0}) = day({1}) OR (day({0}) = day(last_day({0})) AND day({1}) = day(last_day({1}))))"
    seconds = "(hour({x}) * 3600 + minute({x}) * 60 + second({x}))"
    of_day = [seconds.replace("{x}", f"{{{number}}}") for number in (0, 1)]
    rest = f"((day({{0}}) - day({{1}})) * 86400 + {of_day[0]} - {of_day[1]}) / 2678400.0e0"
    exact = f"CASE WHEN {same} THEN CAST({months} AS DOUBLE) ELSE {months} + {rest} END"
    return duck(f"round({exact}, 8)" if rounds else exact, one, two, type=DOUBLE)


def _local(value: Value) -> Value:
    """A timestamp with zone as the clock of UTC shows it."""
    return duck("timezone('UTC', {0})", value, type=TIMESTAMP_NTZ) if value.type == TIMESTAMP else value


_UNITS = {
    "YEAR": "year", "YYYY": "year", "YY": "year", "QUARTER": "quarter", "MONTH": "month", "MON": "month", "MM": "month",
    "WEEK": "week", "DAY": "day", "DD": "day", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
    "MILLISECOND": "millisecond", "MICROSECOND": "microsecond",
}  # fmt: skip


@rule("date_trunc")
def _date_trunc(unit: Value, moment: Value) -> Value:
    word = str(constant(unit, "date_trunc", "the unit")).upper()
    if word not in _UNITS:
        raise FrameError(f"date_trunc: there is no unit {word!r}", hint=f"one of {', '.join(_UNITS)}")
    moment = as_timestamp("date_trunc", moment)
    return duck(f"CAST(date_trunc('{_UNITS[word]}', {{0}}) AS {duck_type(moment.type)})", moment, type=moment.type)


@rule("trunc")
def _trunc(date: Value, unit: Value) -> Value:
    word = _UNITS.get(str(constant(unit, "trunc", "the unit")).upper())
    if word not in ("year", "quarter", "month", "week"):
        raise FrameError("trunc: the unit of a date is year, quarter, month or week")
    return duck(f"CAST(date_trunc('{word}', {{0}}) AS DATE)", as_date("trunc", date), type=DATE)


@rule("date_format")
def _date_format(moment: Value, pattern: Value) -> Value:
    text = constant(pattern, "date_format", "the pattern")
    moment = _local(as_timestamp("date_format", moment))
    if text is None:
        return duck("CAST(NULL AS VARCHAR)", type=STRING)
    parts = [_written(moment, part) for part in written("date_format", text) if part]
    if not parts:
        return duck("if({0} IS NULL, NULL, '')", moment, type=STRING)
    joined = " || ".join(f"{{{number}}}" for number in range(len(parts)))
    return duck(f"({joined})", *parts, type=STRING)


def _written(moment: Value, part: str) -> Value:
    if set(part) == {"S"}:
        return duck(f"left(strftime({{0}}, '%f'), {len(part)})", moment, type=STRING)
    if part in ("Q", "QQ"):
        return duck(f"lpad(CAST(quarter({{0}}) AS VARCHAR), {len(part)}, '0')", moment, type=STRING)
    if part == "y":
        return duck("CAST(year({0}) AS VARCHAR)", moment, type=STRING)
    return duck("strftime({0}, {1})", moment, text_literal(part), type=STRING)


@rule("to_date")
def _to_date(value: Value, pattern: Value | None = None) -> Value:
    if pattern is None or value.type != STRING:
        return as_date("to_date", value)
    return cast(_parsed("to_date", value, pattern), DATE)


@rule("to_timestamp")
def _to_timestamp(value: Value, pattern: Value | None = None) -> Value:
    if pattern is None or value.type != STRING:
        return cast(as_moment("to_timestamp", value), TIMESTAMP)
    return duck("timezone('UTC', {0})", _parsed("to_timestamp", value, pattern), type=TIMESTAMP)


def _parsed(name: str, value: Value, pattern: Value) -> Value:
    text = constant(pattern, name, "the pattern")
    if text is None:
        return duck("CAST(NULL AS TIMESTAMP)", type=TIMESTAMP_NTZ)
    expression, codes = read(name, text)
    return duck(
        "CASE WHEN regexp_full_match({0}, {1}) THEN strptime({0}, {2})"
        " WHEN {0} IS NOT NULL THEN error('the text ''' || {0} || ''' is not of the pattern ' || {3}) END",
        as_text(name, value),
        text_literal(expression),
        text_literal(codes),
        text_literal(text),
        type=TIMESTAMP_NTZ,
    )


@rule("unix_timestamp")
def _unix_timestamp(value: Value) -> Value:
    value = as_moment("unix_timestamp", value)
    return duck("CAST(floor(epoch_us({0}) / 1000000) AS BIGINT)", cast(value, TIMESTAMP), type=BIGINT)
