"""How an expression uses the columns below it: passes them on, changes or aggregates them, or only decides by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from data_platform.lineage.uses import ColumnUse, Type


class How(NamedTuple):
    """The way from a column up to the place of its value."""

    type: Type
    subtype: str
    masking: bool = False

    def with_change(self, subtype: str, *, masking: bool = False) -> How:
        """The way from further below, where the value is changed too."""
        if self.type == "DIRECT" and _STRENGTH[subtype] > _STRENGTH[self.subtype]:
            return How("DIRECT", subtype, self.masking or masking)
        return self._replace(masking=self.masking or masking)

    def to_indirect(self, subtype: str) -> How:
        """The way from an expression that only decides, and gives no value."""
        return self if self.type == "INDIRECT" else How("INDIRECT", subtype)

    def apply_to(self, use: ColumnUse[str]) -> ColumnUse[str]:
        """A use from below, at the end of this way."""
        if self.type == "INDIRECT":
            return ColumnUse(use.table, use.column, "INDIRECT", self.subtype, use.masking or self.masking)
        if use.type == "INDIRECT":
            return use
        stronger = max(use.subtype, self.subtype, key=_STRENGTH.__getitem__)
        return ColumnUse(use.table, use.column, "DIRECT", stronger, use.masking or self.masking)


_STRENGTH = {"IDENTITY": 0, "TRANSFORMATION": 1, "AGGREGATION": 2}

IDENTITY = How("DIRECT", "IDENTITY")
TRANSFORMATION = How("DIRECT", "TRANSFORMATION")
JOIN = How("INDIRECT", "JOIN")
GROUP_BY = How("INDIRECT", "GROUP_BY")
FILTER = How("INDIRECT", "FILTER")
SORT = How("INDIRECT", "SORT")
WINDOW = How("INDIRECT", "WINDOW")

_HASHES = frozenset(
    {"hash", "md5", "md5_digest", "md5_number", "m_d5_number_lower64", "m_d5_number_upper64", "sha", "sha1"}
    | {"s_h_a1_digest", "sha2", "s_h_a2_digest", "sha256", "sha512", "xxhash64", "murmur_hash3", "crc32"}
    | {"farm_fingerprint", "city_hash64", "standard_hash", "minhash"}
)
_STATISTICS = frozenset(
    {
        "count",
        "count_if",
        "count_star",
        "approx_distinct",
        "sum",
        "avg",
        "mean",
        "favg",
        "fsum",
        "kahan_sum",
        "sumkahan",
    }
    | {"sum_no_overflow", "decimal_average", "product", "stddev", "stddev_pop", "stddev_samp", "variance"}
    | {"variance_pop", "corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept"}
    | {"regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "skewness", "kurtosis", "kurtosis_pop", "entropy"}
    | {"mad", "sem", "logical_and", "logical_or"}
    | {"approx_count_distinct", "var_pop", "var_samp", "std", "bool_and", "bool_or", "every", "some"}
)
_VALUE_AGGREGATES = frozenset(
    {"arbitrary", "arg_max_null", "arg_max_nulls_last", "arg_min_null", "arg_min_nulls_last", "bitstring_agg"}
    | {"first", "last", "first_value", "last_value", "any_value", "max_by", "min_by", "max", "min", "mode", "median"}
    | {"collect_list", "collect_set", "array_agg", "percentile", "percentile_approx", "lag", "lead", "nth_value"}
    | {"histogram", "histogram_exact", "lttb", "reservoir_quantile", "variant_group_object", "combine_aggr"}
)
"""Aggregates that sqlglot has no class for; what they give can be a row's own value."""

_SAME = (exp.Alias, exp.Paren, exp.IgnoreNulls, exp.RespectNulls, exp.Tuple, exp.Where, exp.Having, exp.Qualify)
Parts = Iterator[tuple[exp.Expr | None, How]]


def list_parts(node: exp.Expr, how: How) -> Parts:
    """The expressions directly below, each with the way from it."""
    if isinstance(node, _SAME):
        return ((child, how) for child in node.iter_expressions())
    if isinstance(node, exp.Case | exp.If):
        return _list_choice_parts(node, how)
    if isinstance(node, exp.Window):
        return _list_window_parts(node, how)
    if isinstance(node, exp.Filter):
        return iter([(node.this, how), (node.expression, how.to_indirect("CONDITIONAL"))])
    if isinstance(node, exp.WithinGroup):
        return _list_group_parts(node, how)
    if isinstance(node, exp.Order):
        keys = ((key, how.to_indirect("SORT")) for key in node.expressions)
        return iter([(node.this, how), *keys])
    return _list_computed_parts(node, how)


def is_aggregate(node: exp.Expr) -> bool:
    """Whether the function folds many rows into one value."""
    return isinstance(node, exp.AggFunc) or _name(node) in _STATISTICS | _VALUE_AGGREGATES


def _list_choice_parts(node: exp.Case | exp.If, how: How) -> Parts:
    """The conditions only decide; the branches give the value."""
    yield node.this, how.to_indirect("CONDITIONAL")
    for branch in node.args.get("ifs") or ():
        yield branch, how
    for name in ("true", "false", "default"):
        yield node.args.get(name), how.with_change("TRANSFORMATION")


def _list_window_parts(node: exp.Window, how: How) -> Parts:
    yield node.this, how
    beside = how.to_indirect("WINDOW")
    for key in node.args.get("partition_by") or ():
        yield key, beside
    yield node.args.get("order"), beside
    yield node.args.get("spec"), beside


def _list_group_parts(node: exp.WithinGroup, how: How) -> Parts:
    """`percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`: the ordered expression is the value."""
    yield node.this, how
    for key in node.expression.expressions:
        yield key, how.with_change("AGGREGATION", masking=_name(node.this) in _STATISTICS)


def _list_computed_parts(node: exp.Expr, how: How) -> Parts:
    name = _name(node)
    if is_aggregate(node):
        below = how.with_change("AGGREGATION", masking=name in _STATISTICS)
    else:
        null_or_not = isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
        below = how.with_change("TRANSFORMATION", masking=name in _HASHES or null_or_not)
    return ((child, below) for child in node.iter_expressions() if not isinstance(child, exp.DataType))


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return str(node.name).lower()
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else ""
