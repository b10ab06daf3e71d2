"""fillna and dropna: as in Spark, a NaN counts as missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.language.column import value_of
from data_platform.engine.language.dialect import column, data_type
from data_platform.engine.language.types import spark_type
from data_platform.engine.plan.names import Field, find
from data_platform.engine.plan.relation import Rel, filter_rows, with_columns
from data_platform.errors import FrameError


def fill(rel: Rel, value: Any, subset: Sequence[str] | None) -> Rel:
    """Missing values replaced by `value` in the columns of its kind, or by name with a mapping."""
    if isinstance(value, Mapping):
        chosen = [(find(name, rel.fields), each) for name, each in value.items()]
    else:
        fields = rel.fields if subset is None else [find(name, rel.fields) for name in subset]
        chosen = [(each, value) for each in fields if _fits(value, each.type)]
    return with_columns(rel, {each.name: _filled(each, new) for each, new in chosen}) if chosen else rel


def drop(rel: Rel, how: str, thresh: int | None, subset: Sequence[str] | None) -> Rel:
    """The rows with enough values in `subset` (by default everywhere)."""
    if how not in ("any", "all"):
        raise FrameError(f"how= is 'any' or 'all', not {how!r}")
    fields = rel.fields if subset is None else [find(name, rel.fields) for name in subset]
    present = [exp.Not(this=exp.Paren(this=_missing(each))) for each in fields]
    if not present:
        return rel
    if thresh is None:
        return filter_rows(rel, exp.and_(*present) if how == "any" else exp.or_(*present))
    ones: list[exp.Expr] = [exp.Case(ifs=[exp.If(this=each, true=_one())], default=_zero()) for each in present]
    total = ones[0]
    for each in ones[1:]:
        total = exp.Add(this=total, expression=each)
    return filter_rows(rel, exp.GTE(this=total, expression=exp.Literal.number(thresh)))


def _filled(each: Field, value: Any) -> exp.Expr:
    new = exp.Cast(this=value_of(value), to=data_type(spark_type(each.type)))
    return exp.Case(ifs=[exp.If(this=_missing(each), true=new)], default=column(each.name, each.id))


def _missing(each: Field) -> exp.Expr:
    null = exp.Is(this=column(each.name, each.id), expression=exp.Null())
    if not pa.types.is_floating(each.type):
        return null
    return exp.or_(null, exp.Anonymous(this="isnan", expressions=[column(each.name, each.id)]))


def _fits(value: Any, type_: pa.DataType) -> bool:
    if isinstance(value, bool):
        return bool(pa.types.is_boolean(type_))
    if isinstance(value, str):
        return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _one() -> exp.Expr:
    return exp.Literal.number(1)


def _zero() -> exp.Expr:
    return exp.Literal.number(0)
