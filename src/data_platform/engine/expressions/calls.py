"""PySpark's functions by name: what each argument may be, and the call as an expression in Spark SQL."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlglot import exp

from data_platform.engine.expressions.column import Column, name_expression, to_expression
from data_platform.engine.expressions.dialect import parse_column
from data_platform.errors import FrameError

SIGNATURES = {
    name: signature.strip()
    for line in """
    abs(col) acos(col) add_months(start, months) any_value(col, $ignoreNulls=None)
    approx_count_distinct(col, $rsd=None) array(*cols) array_contains(col, $value) array_distinct(col)
    array_except(col1, col2) array_intersect(col1, col2) array_join(col, $delimiter, $null_replacement=None)
    array_max(col) array_min(col) array_position(col, $value) array_sort(col) array_union(col1, col2) ascii(col)
    asin(col) atan(col) atan2(col1, col2) avg(col) bool_and(col) bool_or(col) ceil(col, $scale=None) coalesce(*cols)
    collect_list(col) collect_set(col) concat(*cols) concat_ws($sep, *cols) contains(left, right) corr(col1, col2)
    cos(col) count(col) count_distinct(col, *cols) count_if(col) covar_pop(col1, col2) covar_samp(col1, col2)
    cume_dist() current_date() current_timestamp() date_add(start, days) date_format(date, $format)
    date_sub(start, days) date_trunc($format, timestamp) datediff(end, start) dayofmonth(col) dayofweek(col)
    dayofyear(col) degrees(col) dense_rank() element_at(col, $extraction) endswith(str, suffix) exp(col) explode(col)
    filter(col, $f) first(col, $ignorenulls=False) flatten(col) floor(col, $scale=None) greatest(*cols) hour(col)
    ifnull(col1, col2) initcap(col) instr(str, $substr) isnan(col) isnotnull(col) isnull(col) kurtosis(col)
    lag(col, $offset=1, $default=None) last(col, $ignorenulls=False) last_day(date)
    lead(col, $offset=1, $default=None) least(*cols) left(str, len) length(col) levenshtein(left, right) ln(col)
    log($arg1, arg2=None) log10(col) log2(col) lower(col) lpad(col, $len, $pad) ltrim(col, trim=None)
    make_date(year, month, day) max(col) max_by(col, ord) md5(col) mean(col) median(col) min(col) min_by(col, ord)
    minute(col) mode(col, $deterministic=False) month(col) months_between(date1, date2, $roundOff=True) ntile($n)
    nullif(col1, col2) nvl(col1, col2) percent_rank() percentile(col, $percentage, $frequency=1)
    percentile_approx(col, $percentage, $accuracy=10000) pow(col1, col2) quarter(col) radians(col) rank()
    regexp_extract(str, $pattern, $idx) regexp_replace(string, $pattern, $replacement) repeat(col, n)
    replace(src, search, replace=None) reverse(col) right(str, len) round(col, $scale=0) row_number()
    rpad(col, $len, $pad) rtrim(col, trim=None) second(col) sequence(start, stop, step=None) sha2(col, $numBits)
    sin(col) size(col) skewness(col) slice(x, start, length) sort_array(col, $asc=True) split(str, $pattern, limit=-1)
    sqrt(col) startswith(str, prefix) stddev(col) stddev_pop(col) stddev_samp(col) struct(*cols)
    substring(str, pos, len) sum(col) sum_distinct(col) tan(col) to_date(col, $format=None)
    to_timestamp(col, $format=None) transform(col, $f) translate(srcCol, $matching, $replace) trim(col, trim=None)
    upper(col) var_pop(col) var_samp(col) variance(col) weekofyear(col) year(col)
    """.replace(") ", ")\n").splitlines()
    for name, _, signature in [line.strip().partition("(")]
    if name
}
"""PySpark's parameters; text given for one marked `$` is a value, for any other a column's name."""

_NAMED_BY_SPARK = frozenset({"count", "count_distinct", "sum_distinct", "mean", "explode", "struct"})
"""Functions whose result Spark does not name after the call as written."""


def call(name: str, *args: Any, **options: Any) -> Column:
    """The PySpark function `name`; where it takes a column, text is a column's name, elsewhere a value."""
    signature, values = _parse_signature(name)
    try:
        bound = signature.bind(*args, **options)
    except TypeError as error:
        raise FrameError(f"{name}{signature}: {error}") from error
    expressions: list[exp.Expr] = []
    for key, value in bound.arguments.items():
        parameter = signature.parameters[key]
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            arguments = value[0] if len(value) == 1 and isinstance(value[0], list | tuple) else value
            expressions += [_build_expression(name, item, is_value=False) for item in arguments]
        elif value is None and parameter.default is None:
            break
        else:
            expressions.append(_build_expression(name, value, is_value=_is_value(name, key, values, bound)))
    expression = _build_call(name, expressions)
    if name not in _NAMED_BY_SPARK:
        expression.meta["written"] = f"{name}({', '.join(map(_format_argument, (*args, *options.values())))})"
    return Column(expression)


def _is_value(name: str, key: str, values: frozenset[str], bound: inspect.BoundArguments) -> bool:
    # log("x") is of a column, and log(2, "x") to a base
    return key in values and (name != "log" or bound.arguments.get("arg2") is not None)


def _build_call(name: str, arguments: list[exp.Expr]) -> exp.Expr:
    if name == "explode":
        return exp.Explode(this=arguments[0])
    if name == "count" and isinstance(arguments[0], exp.Star):
        return exp.Count(this=exp.Star())
    if name in ("count_distinct", "sum_distinct"):
        distinct = exp.Distinct(expressions=arguments)
        return exp.Anonymous(this=name.removesuffix("_distinct"), expressions=[distinct])
    if name == "struct":
        arguments = [_build_field(number, item) for number, item in enumerate(arguments, start=1)]
    return exp.Anonymous(this="avg" if name == "mean" else name, expressions=arguments)


def _build_field(number: int, item: exp.Expr) -> exp.Expr:
    named = isinstance(item, exp.Alias | exp.Column | exp.Dot)
    name = name_expression(item) if named else f"col{number}"
    return exp.Alias(this=item.unalias(), alias=exp.to_identifier(name, quoted=True))


def _format_argument(value: Any) -> str:
    return name_expression(value.expression.unalias()) if isinstance(value, Column) else str(value)


@cache
def _parse_signature(name: str) -> tuple[inspect.Signature, frozenset[str]]:
    parameters, values = [], set()
    for text in SIGNATURES[name].removesuffix(")").split(", "):
        if text:
            key, _, default = text.lstrip("$*").partition("=")
            kind = inspect.Parameter.VAR_POSITIONAL if text.startswith("*") else inspect.Parameter.POSITIONAL_OR_KEYWORD
            empty = inspect.Parameter.empty
            parameters.append(inspect.Parameter(key, kind, default=_parse_default(default) if default else empty))
            if text.startswith("$"):
                values.add(key)
    return inspect.Signature(parameters), frozenset(values)


def get_signature(name: str) -> inspect.Signature:
    """The function's parameters."""
    return _parse_signature(name)[0]


def _parse_default(text: str) -> Any:
    return {"None": None, "True": True, "False": False}.get(text) if text[0].isalpha() else int(text)


def _build_expression(name: str, value: Any, *, is_value: bool) -> exp.Expr:
    if isinstance(value, Column):
        expression = value.expression.copy()
        return expression if name == "struct" else expression.unalias()
    if isinstance(value, str) and not is_value:
        return exp.Star() if value == "*" else parse_column(value)
    return _build_lambda(name, value) if inspect.isfunction(value) else to_expression(value)


def _build_lambda(name: str, function: Callable[..., Any]) -> exp.Expr:
    names = list(inspect.signature(function).parameters)
    body = function(*(Column(parse_column(item)) for item in names))
    if not isinstance(body, Column):
        raise FrameError(f"{name}: the function must give a Column, not {body!r}")
    return exp.Lambda(this=to_expression(body), expressions=[exp.to_identifier(item) for item in names])
