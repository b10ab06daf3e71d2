"""fillna and dropna: as in Spark, a NaN counts as missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.column import to_expression
from data_platform.engine.expressions.dialect import parse_column, parse_data_type
from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.plan.names import Field, find
from data_platform.engine.plan.relation import Rel, filter_rows, with_columns
from data_platform.errors import FrameError


def fill(rel: Rel, value: Any, subset: Sequence[str] | None) -> Rel:
    """Missing values replaced by `value` in the columns of its kind, or by name with a mapping."""
    if isinstance(value, Mapping):
        chosen = [(find(name, rel.fields), new) for name, new in value.items()]
    else:
        fields = rel.fields if subset is None else [find(name, rel.fields) for name in subset]
        chosen = [(field, value) for field in fields if _can_fill(value, field.type)]
    return with_columns(rel, {field.name: _build_filled(field, new) for field, new in chosen}) if chosen else rel


def drop(rel: Rel, how: str, thresh: int | None, subset: Sequence[str] | None) -> Rel:
    """The rows with enough values in `subset` (by default everywhere)."""
    if how not in ("any", "all"):
        raise FrameError(f"how= is 'any' or 'all', not {how!r}")
    fields = rel.fields if subset is None else [find(name, rel.fields) for name in subset]
    present = [exp.Not(this=exp.Paren(this=_build_missing(field))) for field in fields]
    if not present:
        return rel
    if thresh is None:
        return filter_rows(rel, exp.and_(*present) if how == "any" else exp.or_(*present))
    ones: list[exp.Expr] = [
        exp.Case(ifs=[exp.If(this=condition, true=_make_one())], default=_make_zero()) for condition in present
    ]
    total = ones[0]
    for one in ones[1:]:
        total = exp.Add(this=total, expression=one)
    return filter_rows(rel, exp.GTE(this=total, expression=exp.Literal.number(thresh)))


def _build_filled(field: Field, value: Any) -> exp.Expr:
    new = exp.Cast(this=to_expression(value), to=parse_data_type(to_spark_type(field.type)))
    return exp.Case(ifs=[exp.If(this=_build_missing(field), true=new)], default=parse_column(field.name, field.id))


def _build_missing(field: Field) -> exp.Expr:
    null = exp.Is(this=parse_column(field.name, field.id), expression=exp.Null())
    if not pa.types.is_floating(field.type):
        return null
    return exp.or_(null, exp.Anonymous(this="isnan", expressions=[parse_column(field.name, field.id)]))


def _can_fill(value: Any, type_: pa.DataType) -> bool:
    if isinstance(value, bool):
        return bool(pa.types.is_boolean(type_))
    if isinstance(value, str):
        return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _make_one() -> exp.Expr:
    return exp.Literal.number(1)


def _make_zero() -> exp.Expr:
    return exp.Literal.number(0)
