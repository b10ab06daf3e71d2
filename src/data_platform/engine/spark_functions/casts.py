"""CAST and TRY_CAST with Spark's values: a fraction is cut off, text is read strictly, what does not fit is refused."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTERVAL,
    NULL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    is_array,
    is_decimal,
    is_float,
    is_integral,
    is_moment,
    is_number,
    to_duckdb_type,
)
from data_platform.engine.spark_functions.value import Value, build_sql, make_text_literal
from data_platform.errors import FrameError

_SPACE = r"[\x00-\x20]*"
_INTEGER = rf"{_SPACE}[+-]?[0-9]+{_SPACE}"
_NUMBER = (
    rf"{_SPACE}([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?"
    rf"|(?i:[+-]?(inf|infinity))|(?i:nan)){_SPACE}"
)
_DECIMAL = rf"{_SPACE}[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?{_SPACE}"
_DAY = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_DATE = rf"{_SPACE}{_DAY}([ T].*)?{_SPACE}"
_PERHAPS_DATE = rf"{_SPACE}[+-]?[0-9]{{4,7}}(-[0-9]{{1,2}}){{0,2}}([ T].*)?{_SPACE}|.*[0-9]:[0-9].*"
"""Text that Spark may read as a date or timestamp, beside what is read here."""
_TIME = r"[ T][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]{1,6})?"
_ZONE = r"( ?(Z|UTC|[+-][0-9]{2}:[0-9]{2}))?"
_MOMENT = rf"{_SPACE}{_DAY}({_TIME}{{zone}})?{_SPACE}"


def cast(value: Value, to: pa.DataType, *, lenient: bool = False) -> Value:
    """The value as another type; what does not fit fails the action, or gives null where `lenient`.

    FrameError for types that Spark does not cast into each other.
    """
    if value.type == to:
        return value
    if value.type == NULL:
        return build_sql(f"CAST(NULL AS {to_duckdb_type(to)})", type=to)
    caster = _find_caster(value.type, to)
    if caster is None:
        raise FrameError(f"{to_spark_type(value.type)} cannot be cast to {to_spark_type(to)}")
    return caster(value, to, "TRY_CAST" if lenient else "CAST")


def cast_argument(
    name: str, value: Value, to: pa.DataType, is_accepted: Callable[[pa.DataType], bool], what: str
) -> Value:
    """An argument of the function `name`, cast as Spark does by itself; FrameError for what is neither text nor so."""
    if value.type not in (STRING, NULL) and not is_accepted(value.type):
        raise FrameError(f"{name}: {to_spark_type(value.type)} is not a {what}")
    return cast(value, to)


_Caster = Callable[[Value, pa.DataType, str], Value]


def _find_caster(of: pa.DataType, to: pa.DataType) -> _Caster | None:
    if to == STRING:
        return _to_string if not (is_array(of) or pa.types.is_struct(of) or pa.types.is_map(of)) else None
    if of == STRING:
        return _from_string(to)
    if is_number(of) and is_number(to):
        return _cast_number
    if BOOLEAN in (of, to) and (is_number(of) or is_number(to)):
        return _cast_plainly
    if is_moment(of) and is_moment(to):
        return _cast_plainly
    if is_array(of) and is_array(to):
        return (
            _cast_elements
            if _find_caster(of.value_type, to.value_type) or of.value_type in (to.value_type, NULL)
            else None
        )
    if of == TIMESTAMP and (to == DOUBLE or is_integral(to)):
        return _cast_to_seconds
    return None


def _cast_plainly(value: Value, to: pa.DataType, cast_: str) -> Value:
    return build_sql(f"{cast_}({{0}} AS {to_duckdb_type(to)})", value, type=to)


def _cast_number(value: Value, to: pa.DataType, cast_: str) -> Value:
    target = to_duckdb_type(to)
    if is_integral(to) and not is_integral(value.type):
        return build_sql(f"{cast_}(trunc({{0}}) AS {target})", value, type=to)
    if is_decimal(to) and is_float(value.type):
        # through its shortest text: Spark rounds that, and not the binary fraction
        return build_sql(f"{cast_}(CAST({{0}} AS VARCHAR) AS {target})", value, type=to)
    if to == FLOAT and value.type != FLOAT:
        # a value beyond a float's range is infinity in Spark, and an error in DuckDB
        largest = "3.4028235677973366e38"
        return build_sql(
            f"CASE WHEN abs({{0}}) >= {largest} AND NOT isnan(CAST({{0}} AS DOUBLE))"
            " THEN sign({0}) * CAST('inf' AS FLOAT) ELSE CAST({0} AS FLOAT) END",
            value,
            type=to,
        )
    return _cast_plainly(value, to, cast_)


def _cast_elements(value: Value, to: pa.DataType, cast_: str) -> Value:
    element = Value(build_sql("_element", type=value.type.value_type).sql, value.type.value_type)
    inner = cast(element, to.value_type, lenient=cast_ == "TRY_CAST")
    return build_sql("list_transform({0}, lambda _element: {1})", value, inner, type=to)


def _cast_to_seconds(value: Value, to: pa.DataType, cast_: str) -> Value:
    if to == DOUBLE:
        return build_sql("epoch({0})", value, type=to)
    return build_sql(f"{cast_}(floor(epoch_us({{0}}) / 1000000) AS {to_duckdb_type(to)})", value, type=to)


def _to_string(value: Value, to: pa.DataType, _: str) -> Value:
    if value.type == BINARY:
        return build_sql("decode({0})", value, type=to)
    if value.type == INTERVAL:
        raise FrameError("an interval cannot be cast to string")
    if is_float(value.type):
        return _format_float(value)
    if value.type == TIMESTAMP:
        return build_sql("CAST(timezone('UTC', {0}) AS VARCHAR)", value, type=to)
    return build_sql("CAST({0} AS VARCHAR)", value, type=to)


def _format_float(value: Value) -> Value:
    """As Java writes it: 1.0E10 from ten million on and below a thousandth, else 0.001 and 9999999.0."""
    plain = "abs({0}) >= 0.001 AND abs({0}) < 10000000"
    # DuckDB's shortest digits with an exponent for any size, such as 1.5e+10, are converted to Java's format
    digits = "replace(ltrim(regexp_replace(replace(CAST(abs({0}) AS VARCHAR), '.', ''), 'e.*', ''), '0'), ' ', '')"
    mantissa = f"rtrim({digits}, '0')"
    exponent = "CAST(regexp_extract(format('{{:e}}', abs({0})), 'e(.*)', 1) AS INTEGER)"
    return build_sql(
        "CASE WHEN isnan({0}) THEN 'NaN' WHEN isinf({0}) THEN if({0} > 0, 'Infinity', '-Infinity')"
        f" WHEN {{0}} = 0 OR ({plain}) THEN CAST({{0}} AS VARCHAR)"
        f" WHEN {{0}} IS NOT NULL THEN if({{0}} < 0, '-', '') || left({mantissa}, 1) || '.'"
        f" || if(length({mantissa}) > 1, substring({mantissa}, 2), '0') || 'E' || {exponent} END",
        value,
        type=STRING,
    )


def _from_string(to: pa.DataType) -> _Caster | None:
    if is_integral(to):
        return lambda value, to, cast_: _read(value, to, cast_, _INTEGER)
    if is_float(to):
        return lambda value, to, cast_: _read(value, to, cast_, _NUMBER, _WITHOUT_SUFFIX)
    if is_decimal(to):
        return lambda value, to, cast_: _read(value, to, cast_, _DECIMAL)
    if to == DATE:
        return _read_date
    if to in (TIMESTAMP, TIMESTAMP_NTZ):
        return _read_moment
    if to == BOOLEAN:
        return _read_boolean
    return (lambda value, to, cast_: build_sql("encode({0})", value, type=to)) if to == BINARY else None


_WITHOUT_SUFFIX = r"regexp_replace(trim({0}, {3}), '([0-9.])[dDfF]$', '\1')"
_NO_ASCII = r"[^\x00-\x7F]"


def _read(
    value: Value,
    to: pa.DataType,
    cast_: str,
    pattern: str,
    text: str = "trim({0}, {3})",
    perhaps: str = "",
) -> Value:
    """Text that matches the pattern, cast by DuckDB; other text is refused, or null by TRY_CAST.

    What Spark may read though it does not match (digits of other scripts, and `perhaps`) is refused by TRY_CAST too.
    """
    other = "error('the text ''' || {0} || ''' is not of type ' || {2})"
    if cast_ == "TRY_CAST":
        unsure = "regexp_matches({0}, {4})" + (" OR regexp_full_match({0}, {5})" if perhaps else "")
        other = f"if({unsure}, error('the text ''' || {{0}} || ''' cannot be read as ' || {{2}}), NULL)"
    blanks = "".join(map(chr, range(1, 33)))
    return build_sql(
        f"{cast_}(CASE WHEN regexp_full_match({{0}}, {{1}}) THEN {text}"
        f" WHEN {{0}} IS NOT NULL THEN {other} END AS {to_duckdb_type(to)})",
        value,
        make_text_literal(pattern),
        make_text_literal(to_spark_type(to)),
        make_text_literal(blanks),
        make_text_literal(_NO_ASCII),
        make_text_literal(perhaps),
        type=to,
    )


def _read_date(value: Value, to: pa.DataType, cast_: str) -> Value:
    return _read(value, to, cast_, _DATE, "regexp_extract({0}, '[0-9-]+')", _PERHAPS_DATE)


def _read_moment(value: Value, to: pa.DataType, cast_: str) -> Value:
    pattern = _MOMENT.replace("{zone}", _ZONE if to == TIMESTAMP else "")
    return _read(value, to, cast_, pattern, perhaps=_PERHAPS_DATE)


def _read_boolean(value: Value, to: pa.DataType, cast_: str) -> Value:
    other = "NULL" if cast_ == "TRY_CAST" else "error('the text ''' || {0} || ''' is not a boolean')"
    return build_sql(
        "CASE WHEN regexp_full_match({0}, {1}) THEN true WHEN regexp_full_match({0}, {2}) THEN false"
        f" WHEN {{0}} IS NOT NULL THEN {other} END",
        value,
        make_text_literal(rf"(?i:{_SPACE}(t|true|y|yes|1){_SPACE})"),
        make_text_literal(rf"(?i:{_SPACE}(f|false|n|no|0){_SPACE})"),
        type=to,
    )
