"""groupBy: one row a group of equal keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.column import Column, name_expression
from data_platform.engine.expressions.dialect import parse_column
from data_platform.engine.expressions.window import to_reference
from data_platform.engine.plan.analysis import analyse, resolve_rows
from data_platform.engine.plan.names import Field, add_slots, resolve
from data_platform.engine.plan.nodes import Aggregation, Project
from data_platform.engine.plan.relation import Rel
from data_platform.errors import FrameError

Frame = TypeVar("Frame")

_BY_NAME = {"sum": "sum", "avg": "avg", "mean": "avg", "min": "min", "max": "max", "count": "count"}


class GroupedData(Generic[Frame]):
    """Groups waiting for their aggregates: `.agg(…)`, or one of the shortcuts."""

    def __init__(self, rel: Rel, keys: Sequence[exp.Expr], wrap: Callable[[Rel], Frame]) -> None:
        self._rel, self._keys, self._wrap = rel, tuple(keys), wrap
        for key in self._keys:
            resolve(key.unalias(), rel.fields)  # raises for an unknown name at once

    def __repr__(self) -> str:
        return f"GroupedData[{', '.join(map(name_expression, self._keys))}]"

    def agg(self, *aggregates: Any) -> Frame:
        """The keys and one column for each aggregate: Columns such as `sum("x").alias("total")`, or `{"x": "sum"}`.

        Raises:
            FrameError: no aggregate, an unknown column, or a column that is neither key nor aggregated.
        """
        if len(aggregates) == 1 and isinstance(aggregates[0], Mapping):
            aggregates = tuple(_build_by_name(function, name) for name, function in aggregates[0].items())
        if not aggregates:
            raise FrameError("agg() needs an aggregate", hint='such as agg(sum("quantity").alias("total"))')
        return self._wrap(group_rows(self._rel, self._keys, [to_reference(value) for value in aggregates]))

    def count(self) -> Frame:
        """The keys and `count`, the number of rows."""
        counted = exp.Alias(this=exp.Count(this=exp.Star()), alias=exp.to_identifier("count", quoted=True))
        return self._wrap(group_rows(self._rel, self._keys, [counted]))

    def sum(self, *names: str) -> Frame:
        """The keys and `sum(x)` of each named column, or of all numeric ones."""
        return self._apply_to_columns("sum", names)

    def avg(self, *names: str) -> Frame:
        """The keys and `avg(x)` of each named column, or of all numeric ones."""
        return self._apply_to_columns("avg", names)

    mean = avg

    def min(self, *names: str) -> Frame:
        """The keys and `min(x)` of each named column, or of all numeric ones."""
        return self._apply_to_columns("min", names)

    def max(self, *names: str) -> Frame:
        """The keys and `max(x)` of each named column, or of all numeric ones."""
        return self._apply_to_columns("max", names)

    def _apply_to_columns(self, function: str, names: Sequence[str]) -> Frame:
        return self.agg(*(_build_by_name(function, name) for name in names or self._list_numeric()))

    def _list_numeric(self) -> list[str]:
        keys = {name_expression(key).casefold() for key in self._keys}
        return [e.name for e in self._rel.fields if _is_number(e.type) and e.name.casefold() not in keys]


def group_rows(rel: Rel, keys: Sequence[exp.Expr], aggregates: Sequence[exp.Expr]) -> Rel:
    """One row a group. Keys that are expressions are computed first, so that a group key is always a column."""
    wider, key_fields = _with_keys(rel, keys)
    key_columns = [key_field.to_column() for key_field in key_fields]
    fields, outputs, aggregated = analyse(aggregates, rel.fields, key_columns, wider.fields[len(rel.fields) :])
    if not keys and not aggregated:
        raise FrameError(f"{', '.join(map(name_expression, aggregates))}: agg() needs aggregates, such as sum or max")
    final = add_slots([*key_fields, *fields])
    values = [*key_columns, *(value for _, value in outputs)]
    filled = tuple((field.slot, value) for field, value in zip(final, values, strict=True))
    return Rel(Aggregation(wider.plan, filled[: len(keys)], filled), final)


def _with_keys(rel: Rel, keys: Sequence[exp.Expr]) -> tuple[Rel, list[Field]]:
    """The relation with every key as a field, and the key fields; new fields come after the existing ones."""
    fields, outputs = resolve_rows(keys, rel.fields)
    by_identity = {(field.id, field.name): field for field in rel.fields}
    new = [
        (field, value)
        for field, (_, value) in zip(fields, outputs, strict=True)
        if (field.id, field.name) not in by_identity
    ]
    if not new:
        return rel, [by_identity[field.id, field.name] for field in fields]
    wider = add_slots([*rel.fields, *(field for field, _ in new)])
    values = [*(field.to_column() for field in rel.fields), *(value for _, value in new)]
    plan = Project(rel.plan, tuple((field.slot, value) for field, value in zip(wider, values, strict=True)))
    by_identity.update({(field.id, field.name): field for field in wider})
    return Rel(plan, wider), [by_identity[field.id, field.name] for field in fields]


def _build_by_name(function: str, name: str) -> Column:
    kind = _BY_NAME.get(function)
    if kind is None:
        raise FrameError(f"there is no aggregate {function!r}", hint=f"by name: {', '.join(_BY_NAME)}")
    if name == "*":
        return Column(exp.Count(this=exp.Star()))
    return Column(exp.Anonymous(this=kind, expressions=[parse_column(name)]))


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))
