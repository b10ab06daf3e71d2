"""PySpark's functions for DataFrames: `from data_platform.functions import col, sum`.

Names, arguments and meaning are PySpark's (pyspark.sql.functions): text is a column's name, and a value only where
PySpark takes a value (patterns, formats, separators). Several names shadow Python's own on purpose, as in PySpark;
`import data_platform.functions as F` keeps them apart. Result types are Spark's where DuckDB's wider ones would not
fit a contract (`sum` of integers is a bigint, `year` an int: see engine/spark_functions).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import expressions

from data_platform.engine.expressions.calls import call, get_signature
from data_platform.engine.expressions.column import Column, to_expression
from data_platform.engine.expressions.dialect import parse_column, parse_expression
from data_platform.engine.expressions.window import Window, WindowSpec, to_reference

__all__ = [
    "Column", "Window", "WindowSpec", "abs", "acos", "add_months", "any_value", "approx_count_distinct",
    "array", "array_contains", "array_distinct", "array_except", "array_intersect", "array_join", "array_max",
    "array_min", "array_position", "array_sort", "array_union", "asc", "ascii", "asin", "atan", "atan2",
    "avg", "bool_and", "bool_or", "ceil", "coalesce", "col", "collect_list", "collect_set", "concat",
    "concat_ws", "contains", "corr", "cos", "count", "countDistinct", "count_distinct", "count_if",
    "covar_pop", "covar_samp", "cume_dist", "current_date", "current_timestamp", "date_add", "date_format",
    "date_sub", "date_trunc", "datediff", "dayofmonth", "dayofweek", "dayofyear", "degrees", "dense_rank",
    "desc", "element_at", "endswith", "exp", "explode", "expr", "filter", "first", "flatten", "floor",
    "greatest", "hour", "ifnull", "initcap", "instr", "isnan", "isnotnull", "isnull", "kurtosis", "lag",
    "last", "last_day", "lead", "least", "left", "length", "levenshtein", "lit", "ln", "log", "log2", "log10",
    "lower", "lpad", "ltrim", "make_date", "max", "max_by", "md5", "mean", "median", "min", "min_by",
    "minute", "mode", "month", "months_between", "ntile", "nullif", "nvl", "percent_rank", "percentile",
    "percentile_approx", "pow", "quarter", "radians", "rank", "regexp_extract", "regexp_replace", "repeat",
    "replace", "reverse", "right", "round", "row_number", "rpad", "rtrim", "second", "sequence", "sha2",
    "sin", "size", "skewness", "slice", "sort_array", "split", "sqrt", "startswith", "stddev", "stddev_pop",
    "stddev_samp", "struct", "substring", "sum", "sumDistinct", "sum_distinct", "tan", "to_date",
    "to_timestamp", "transform", "translate", "trim", "upper", "var_pop", "var_samp", "variance",
    "weekofyear", "when", "year",
]  # fmt: skip


def col(name: str) -> Column:
    """The column of that name; a dot means `alias.column` or a struct's field, unless a column is named so."""
    return Column(expressions.Star() if name == "*" else parse_column(name))


def lit(value: Any) -> Column:
    """A constant: text, number, boolean, bytes, Decimal, date, datetime, a list of these, or None."""
    return value if isinstance(value, Column) else Column(to_expression(value))


def expr(text: str) -> Column:
    """An expression written in Spark SQL, such as `expr("price * quantity AS amount")`."""
    return Column(parse_expression(text))


def when(condition: Column, value: Any) -> Column:
    """The value where the condition is true; `.when(…)` adds cases, `.otherwise(…)` sets the default."""
    case = expressions.If(this=to_expression(condition), true=to_expression(value))
    return Column(expressions.Case(ifs=[case]))


def asc(name: Column | str) -> Column:
    """Ascending order, nulls first."""
    return Column(to_reference(name)).asc()


def desc(name: Column | str) -> Column:
    """Descending order, nulls last."""
    return Column(to_reference(name)).desc()


def _make_function(name: str) -> Callable[..., Column]:
    def call_function(*arguments: Any, **options: Any) -> Column:
        return call(name, *arguments, **options)

    call_function.__name__ = call_function.__qualname__ = name
    call_function.__doc__ = f"PySpark's `{name}{get_signature(name)}`."
    call_function.__signature__ = get_signature(name)  # type: ignore[attr-defined]
    return call_function


abs = _make_function("abs")
acos = _make_function("acos")
add_months = _make_function("add_months")
any_value = _make_function("any_value")
approx_count_distinct = _make_function("approx_count_distinct")
array = _make_function("array")
array_contains = _make_function("array_contains")
array_distinct = _make_function("array_distinct")
array_except = _make_function("array_except")
array_intersect = _make_function("array_intersect")
array_join = _make_function("array_join")
array_max = _make_function("array_max")
array_min = _make_function("array_min")
array_position = _make_function("array_position")
array_sort = _make_function("array_sort")
array_union = _make_function("array_union")
ascii = _make_function("ascii")
asin = _make_function("asin")
atan = _make_function("atan")
atan2 = _make_function("atan2")
avg = _make_function("avg")
bool_and = _make_function("bool_and")
bool_or = _make_function("bool_or")
ceil = _make_function("ceil")
coalesce = _make_function("coalesce")
collect_list = _make_function("collect_list")
collect_set = _make_function("collect_set")
concat = _make_function("concat")
concat_ws = _make_function("concat_ws")
contains = _make_function("contains")
corr = _make_function("corr")
cos = _make_function("cos")
count = _make_function("count")
count_distinct = _make_function("count_distinct")
count_if = _make_function("count_if")
covar_pop = _make_function("covar_pop")
covar_samp = _make_function("covar_samp")
cume_dist = _make_function("cume_dist")
current_date = _make_function("current_date")
current_timestamp = _make_function("current_timestamp")
date_add = _make_function("date_add")
date_format = _make_function("date_format")
date_sub = _make_function("date_sub")
date_trunc = _make_function("date_trunc")
datediff = _make_function("datediff")
dayofmonth = _make_function("dayofmonth")
dayofweek = _make_function("dayofweek")
dayofyear = _make_function("dayofyear")
degrees = _make_function("degrees")
dense_rank = _make_function("dense_rank")
element_at = _make_function("element_at")
endswith = _make_function("endswith")
exp = _make_function("exp")
explode = _make_function("explode")
filter = _make_function("filter")
first = _make_function("first")
flatten = _make_function("flatten")
floor = _make_function("floor")
greatest = _make_function("greatest")
hour = _make_function("hour")
ifnull = _make_function("ifnull")
initcap = _make_function("initcap")
instr = _make_function("instr")
isnan = _make_function("isnan")
isnotnull = _make_function("isnotnull")
isnull = _make_function("isnull")
kurtosis = _make_function("kurtosis")
lag = _make_function("lag")
last = _make_function("last")
last_day = _make_function("last_day")
lead = _make_function("lead")
least = _make_function("least")
left = _make_function("left")
length = _make_function("length")
levenshtein = _make_function("levenshtein")
ln = _make_function("ln")
log = _make_function("log")
log10 = _make_function("log10")
log2 = _make_function("log2")
lower = _make_function("lower")
lpad = _make_function("lpad")
ltrim = _make_function("ltrim")
make_date = _make_function("make_date")
max = _make_function("max")
max_by = _make_function("max_by")
md5 = _make_function("md5")
mean = _make_function("mean")
median = _make_function("median")
min = _make_function("min")
min_by = _make_function("min_by")
minute = _make_function("minute")
mode = _make_function("mode")
month = _make_function("month")
months_between = _make_function("months_between")
ntile = _make_function("ntile")
nullif = _make_function("nullif")
nvl = _make_function("nvl")
percent_rank = _make_function("percent_rank")
percentile = _make_function("percentile")
percentile_approx = _make_function("percentile_approx")
pow = _make_function("pow")
quarter = _make_function("quarter")
radians = _make_function("radians")
rank = _make_function("rank")
regexp_extract = _make_function("regexp_extract")
regexp_replace = _make_function("regexp_replace")
repeat = _make_function("repeat")
replace = _make_function("replace")
reverse = _make_function("reverse")
right = _make_function("right")
round = _make_function("round")
row_number = _make_function("row_number")
rpad = _make_function("rpad")
rtrim = _make_function("rtrim")
second = _make_function("second")
sequence = _make_function("sequence")
sha2 = _make_function("sha2")
sin = _make_function("sin")
size = _make_function("size")
skewness = _make_function("skewness")
slice = _make_function("slice")
sort_array = _make_function("sort_array")
split = _make_function("split")
sqrt = _make_function("sqrt")
startswith = _make_function("startswith")
stddev = _make_function("stddev")
stddev_pop = _make_function("stddev_pop")
stddev_samp = _make_function("stddev_samp")
struct = _make_function("struct")
substring = _make_function("substring")
sum = _make_function("sum")
sum_distinct = _make_function("sum_distinct")
tan = _make_function("tan")
to_date = _make_function("to_date")
to_timestamp = _make_function("to_timestamp")
transform = _make_function("transform")
translate = _make_function("translate")
trim = _make_function("trim")
upper = _make_function("upper")
var_pop = _make_function("var_pop")
var_samp = _make_function("var_samp")
variance = _make_function("variance")
weekofyear = _make_function("weekofyear")
year = _make_function("year")

countDistinct = count_distinct
sumDistinct = sum_distinct
