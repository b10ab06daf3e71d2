"""PySpark's functions for DataFrames: `from data_platform.functions import col, sum`.

Names, arguments and meaning are PySpark's (pyspark.sql.functions): text stands for a column's name, and for a value
only where PySpark takes a value (patterns, formats, separators). Several names cover Python's own on purpose, as there;
`import data_platform.functions as F` keeps them apart. Result types are Spark's where DuckDB's wider ones would not
fit a contract (`sum` of integers is a bigint, `year` an int: see engine/binder.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import expressions

from data_platform.engine.language.calls import call, signature_of
from data_platform.engine.language.column import Column, value_of
from data_platform.engine.language.dialect import column, expression
from data_platform.engine.language.window import Window, WindowSpec, reference

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
    return Column(expressions.Star() if name == "*" else column(name))


def lit(value: Any) -> Column:
    """A constant: text, number, boolean, bytes, Decimal, date, datetime, a list of these, or None."""
    return value if isinstance(value, Column) else Column(value_of(value))


def expr(text: str) -> Column:
    """An expression written in Spark SQL, such as `expr("price * quantity AS amount")`."""
    return Column(expression(text))


def when(condition: Column, value: Any) -> Column:
    """The value where the condition is true; `.when(…)` adds cases, `.otherwise(…)` says what holds else."""
    case = expressions.If(this=value_of(condition), true=value_of(value))
    return Column(expressions.Case(ifs=[case]))


def asc(name: Column | str) -> Column:
    """Ascending order, nulls first."""
    return Column(reference(name)).asc()


def desc(name: Column | str) -> Column:
    """Descending order, nulls last."""
    return Column(reference(name)).desc()


def _spark(name: str) -> Callable[..., Column]:
    def function(*arguments: Any, **options: Any) -> Column:
        return call(name, *arguments, **options)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"PySpark's `{name}{signature_of(name)}`."
    function.__signature__ = signature_of(name)  # type: ignore[attr-defined]
    return function


abs = _spark("abs")
acos = _spark("acos")
add_months = _spark("add_months")
any_value = _spark("any_value")
approx_count_distinct = _spark("approx_count_distinct")
array = _spark("array")
array_contains = _spark("array_contains")
array_distinct = _spark("array_distinct")
array_except = _spark("array_except")
array_intersect = _spark("array_intersect")
array_join = _spark("array_join")
array_max = _spark("array_max")
array_min = _spark("array_min")
array_position = _spark("array_position")
array_sort = _spark("array_sort")
array_union = _spark("array_union")
ascii = _spark("ascii")
asin = _spark("asin")
atan = _spark("atan")
atan2 = _spark("atan2")
avg = _spark("avg")
bool_and = _spark("bool_and")
bool_or = _spark("bool_or")
ceil = _spark("ceil")
coalesce = _spark("coalesce")
collect_list = _spark("collect_list")
collect_set = _spark("collect_set")
concat = _spark("concat")
concat_ws = _spark("concat_ws")
contains = _spark("contains")
corr = _spark("corr")
cos = _spark("cos")
count = _spark("count")
count_distinct = _spark("count_distinct")
count_if = _spark("count_if")
covar_pop = _spark("covar_pop")
covar_samp = _spark("covar_samp")
cume_dist = _spark("cume_dist")
current_date = _spark("current_date")
current_timestamp = _spark("current_timestamp")
date_add = _spark("date_add")
date_format = _spark("date_format")
date_sub = _spark("date_sub")
date_trunc = _spark("date_trunc")
datediff = _spark("datediff")
dayofmonth = _spark("dayofmonth")
dayofweek = _spark("dayofweek")
dayofyear = _spark("dayofyear")
degrees = _spark("degrees")
dense_rank = _spark("dense_rank")
element_at = _spark("element_at")
endswith = _spark("endswith")
exp = _spark("exp")
explode = _spark("explode")
filter = _spark("filter")
first = _spark("first")
flatten = _spark("flatten")
floor = _spark("floor")
greatest = _spark("greatest")
hour = _spark("hour")
ifnull = _spark("ifnull")
initcap = _spark("initcap")
instr = _spark("instr")
isnan = _spark("isnan")
isnotnull = _spark("isnotnull")
isnull = _spark("isnull")
kurtosis = _spark("kurtosis")
lag = _spark("lag")
last = _spark("last")
last_day = _spark("last_day")
lead = _spark("lead")
least = _spark("least")
left = _spark("left")
length = _spark("length")
levenshtein = _spark("levenshtein")
ln = _spark("ln")
log = _spark("log")
log10 = _spark("log10")
log2 = _spark("log2")
lower = _spark("lower")
lpad = _spark("lpad")
ltrim = _spark("ltrim")
make_date = _spark("make_date")
max = _spark("max")
max_by = _spark("max_by")
md5 = _spark("md5")
mean = _spark("mean")
median = _spark("median")
min = _spark("min")
min_by = _spark("min_by")
minute = _spark("minute")
mode = _spark("mode")
month = _spark("month")
months_between = _spark("months_between")
ntile = _spark("ntile")
nullif = _spark("nullif")
nvl = _spark("nvl")
percent_rank = _spark("percent_rank")
percentile = _spark("percentile")
percentile_approx = _spark("percentile_approx")
pow = _spark("pow")
quarter = _spark("quarter")
radians = _spark("radians")
rank = _spark("rank")
regexp_extract = _spark("regexp_extract")
regexp_replace = _spark("regexp_replace")
repeat = _spark("repeat")
replace = _spark("replace")
reverse = _spark("reverse")
right = _spark("right")
round = _spark("round")
row_number = _spark("row_number")
rpad = _spark("rpad")
rtrim = _spark("rtrim")
second = _spark("second")
sequence = _spark("sequence")
sha2 = _spark("sha2")
sin = _spark("sin")
size = _spark("size")
skewness = _spark("skewness")
slice = _spark("slice")
sort_array = _spark("sort_array")
split = _spark("split")
sqrt = _spark("sqrt")
startswith = _spark("startswith")
stddev = _spark("stddev")
stddev_pop = _spark("stddev_pop")
stddev_samp = _spark("stddev_samp")
struct = _spark("struct")
substring = _spark("substring")
sum = _spark("sum")
sum_distinct = _spark("sum_distinct")
tan = _spark("tan")
to_date = _spark("to_date")
to_timestamp = _spark("to_timestamp")
transform = _spark("transform")
translate = _spark("translate")
trim = _spark("trim")
upper = _spark("upper")
var_pop = _spark("var_pop")
var_samp = _spark("var_samp")
variance = _spark("variance")
weekofyear = _spark("weekofyear")
year = _spark("year")

countDistinct = count_distinct
sumDistinct = sum_distinct
