"""Functions of dates and timestamps; moments are UTC."""

from __future__ import annotations

from data_platform.engine.spark_functions.casts import cast, cast_argument
from data_platform.engine.spark_functions.patterns import translate_format, translate_input_format
from data_platform.engine.spark_functions.registry import register_rule
from data_platform.engine.spark_functions.strings import cast_to_int, cast_to_text
from data_platform.engine.spark_functions.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    is_moment,
    to_duckdb_type,
)
from data_platform.engine.spark_functions.value import Value, build_sql, make_text_literal, read_constant
from data_platform.errors import FrameError


def cast_to_date(name: str, value: Value) -> Value:
    """The value as a date, cast as Spark does by itself."""
    return cast_argument(name, value, DATE, is_moment, "date")


def cast_to_moment(name: str, value: Value) -> Value:
    """The value as a date or timestamp."""
    return value if is_moment(value.type) else cast_argument(name, value, TIMESTAMP, is_moment, "timestamp")


def cast_to_timestamp(name: str, value: Value) -> Value:
    """The value as a timestamp, with a zone unless it is one without."""
    value = cast_to_moment(name, value)
    return cast(value, TIMESTAMP) if value.type == DATE else value


def _register_date_part(name: str, template: str) -> None:
    register_rule(name)(lambda value: build_sql(f"CAST({template} AS INTEGER)", cast_to_date(name, value), type=INT))


for _name, _template in {
    "year": "year({0})", "quarter": "quarter({0})", "month": "month({0})", "day": "day({0})",
    "dayofmonth": "day({0})", "dayofyear": "dayofyear({0})", "weekofyear": "weekofyear({0})",
    # Spark counts Sunday as 1, DuckDB as 0
    "dayofweek": "dayofweek({0}) + 1", "weekday": "isodow({0}) - 1",
}.items():  # fmt: skip
    _register_date_part(_name, _template)


def _register_time_part(name: str) -> None:
    register_rule(name)(
        lambda value: build_sql(f"CAST({name}({{0}}) AS INTEGER)", cast_to_timestamp(name, value), type=INT)
    )


for _name in ("hour", "minute", "second"):
    _register_time_part(_name)


@register_rule("current_date", "curdate")
def _translate_current_date() -> Value:
    return build_sql("CAST(now() AS DATE)", type=DATE)


@register_rule("current_timestamp", "now")
def _translate_current_timestamp() -> Value:
    return build_sql("now()", type=TIMESTAMP)


def _register_shift(name: str, sign: str) -> None:
    def translate(start: Value, days: Value) -> Value:
        return build_sql(
            f"CAST(({{0}} {sign} {{1}}) AS DATE)",
            cast_to_date(name, start),
            cast(cast_to_int(name, days), INT),
            type=DATE,
        )

    register_rule(name)(translate)


_register_shift("date_add", "+")
_register_shift("dateadd", "+")
_register_shift("date_sub", "-")


@register_rule("datediff", "date_diff")
def _translate_datediff(end: Value, start: Value) -> Value:
    return build_sql(
        "CAST({0} - {1} AS INTEGER)", cast_to_date("datediff", end), cast_to_date("datediff", start), type=INT
    )


@register_rule("add_months")
def _translate_add_months(start: Value, months: Value) -> Value:
    return build_sql(
        "CAST({0} + to_months({1}) AS DATE)",
        cast_to_date("add_months", start),
        cast(cast_to_int("add_months", months), INT),
        type=DATE,
    )


@register_rule("last_day")
def _translate_last_day(value: Value) -> Value:
    return build_sql("last_day({0})", cast_to_date("last_day", value), type=DATE)


@register_rule("make_date")
def _translate_make_date(year: Value, month: Value, day: Value) -> Value:
    values = [cast(cast_to_int("make_date", value), INT) for value in (year, month, day)]
    return build_sql("make_date({0}, {1}, {2})", *values, type=DATE)


@register_rule("months_between")
def _translate_months_between(end: Value, start: Value, rounded: Value | None = None) -> Value:
    rounds = True if rounded is None else read_constant(rounded, "months_between", "roundOff")
    one, two = (_convert_to_utc(cast_to_timestamp("months_between", value)) for value in (end, start))
    months = "((year({0}) - year({1})) * 12 + month({0}) - month({1}))"
    same = "(day({0}) = day({1}) OR (day({0}) = day(last_day({0})) AND day({1}) = day(last_day({1}))))"
    seconds = "(hour({x}) * 3600 + minute({x}) * 60 + second({x}))"
    of_day = [seconds.replace("{x}", f"{{{number}}}") for number in (0, 1)]
    rest = f"((day({{0}}) - day({{1}})) * 86400 + {of_day[0]} - {of_day[1]}) / 2678400.0e0"
    exact = f"CASE WHEN {same} THEN CAST({months} AS DOUBLE) ELSE {months} + {rest} END"
    return build_sql(f"round({exact}, 8)" if rounds else exact, one, two, type=DOUBLE)


def _convert_to_utc(value: Value) -> Value:
    """A timestamp with zone as the clock of UTC shows it."""
    return build_sql("timezone('UTC', {0})", value, type=TIMESTAMP_NTZ) if value.type == TIMESTAMP else value


_UNITS = {
    "YEAR": "year", "YYYY": "year", "YY": "year", "QUARTER": "quarter", "MONTH": "month", "MON": "month", "MM": "month",
    "WEEK": "week", "DAY": "day", "DD": "day", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
    "MILLISECOND": "millisecond", "MICROSECOND": "microsecond",
}  # fmt: skip


@register_rule("date_trunc")
def _translate_date_trunc(unit: Value, moment: Value) -> Value:
    word = str(read_constant(unit, "date_trunc", "the unit")).upper()
    if word not in _UNITS:
        raise FrameError(f"date_trunc: there is no unit {word!r}", hint=f"one of {', '.join(_UNITS)}")
    moment = cast_to_timestamp("date_trunc", moment)
    return build_sql(
        f"CAST(date_trunc('{_UNITS[word]}', {{0}}) AS {to_duckdb_type(moment.type)})", moment, type=moment.type
    )


@register_rule("trunc")
def _translate_trunc(date: Value, unit: Value) -> Value:
    word = _UNITS.get(str(read_constant(unit, "trunc", "the unit")).upper())
    if word not in ("year", "quarter", "month", "week"):
        raise FrameError("trunc: the unit of a date is year, quarter, month or week")
    return build_sql(f"CAST(date_trunc('{word}', {{0}}) AS DATE)", cast_to_date("trunc", date), type=DATE)


@register_rule("date_format")
def _translate_date_format(moment: Value, pattern: Value) -> Value:
    text = read_constant(pattern, "date_format", "the pattern")
    moment = _convert_to_utc(cast_to_timestamp("date_format", moment))
    if text is None:
        return build_sql("CAST(NULL AS VARCHAR)", type=STRING)
    parts = [_format_part(moment, part) for part in translate_format("date_format", text) if part]
    if not parts:
        return build_sql("if({0} IS NULL, NULL, '')", moment, type=STRING)
    joined = " || ".join(f"{{{number}}}" for number in range(len(parts)))
    return build_sql(f"({joined})", *parts, type=STRING)


def _format_part(moment: Value, part: str) -> Value:
    if set(part) == {"S"}:
        return build_sql(f"left(strftime({{0}}, '%f'), {len(part)})", moment, type=STRING)
    if part in ("Q", "QQ"):
        return build_sql(f"lpad(CAST(quarter({{0}}) AS VARCHAR), {len(part)}, '0')", moment, type=STRING)
    if part == "y":
        return build_sql("CAST(year({0}) AS VARCHAR)", moment, type=STRING)
    return build_sql("strftime({0}, {1})", moment, make_text_literal(part), type=STRING)


@register_rule("to_date")
def _translate_to_date(value: Value, pattern: Value | None = None) -> Value:
    if pattern is None or value.type != STRING:
        return cast_to_date("to_date", value)
    return cast(_parse_moment("to_date", value, pattern), DATE)


@register_rule("to_timestamp")
def _translate_to_timestamp(value: Value, pattern: Value | None = None) -> Value:
    if pattern is None or value.type != STRING:
        return cast(cast_to_moment("to_timestamp", value), TIMESTAMP)
    return build_sql("timezone('UTC', {0})", _parse_moment("to_timestamp", value, pattern), type=TIMESTAMP)


def _parse_moment(name: str, value: Value, pattern: Value) -> Value:
    text = read_constant(pattern, name, "the pattern")
    if text is None:
        return build_sql("CAST(NULL AS TIMESTAMP)", type=TIMESTAMP_NTZ)
    expression, codes = translate_input_format(name, text)
    return build_sql(
        "CASE WHEN regexp_full_match({0}, {1}) THEN strptime({0}, {2})"
        " WHEN {0} IS NOT NULL THEN error('the text ''' || {0} || ''' is not of the pattern ' || {3}) END",
        cast_to_text(name, value),
        make_text_literal(expression),
        make_text_literal(codes),
        make_text_literal(text),
        type=TIMESTAMP_NTZ,
    )


@register_rule("unix_timestamp")
def _translate_unix_timestamp(value: Value) -> Value:
    value = cast_to_moment("unix_timestamp", value)
    return build_sql("CAST(floor(epoch_us({0}) / 1000000) AS BIGINT)", cast(value, TIMESTAMP), type=BIGINT)
