"""groupBy: one row a group of equal keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.language.column import Column, default_name
from data_platform.engine.language.dialect import column
from data_platform.engine.language.window import reference
from data_platform.engine.plan.analysis import analyse, row_by_row
from data_platform.engine.plan.names import Field, resolve, slotted
from data_platform.engine.plan.nodes import Aggregate, Project
from data_platform.engine.plan.relation import Rel
from data_platform.errors import FrameError

Frame = TypeVar("Frame")

_BY_NAME = {"sum": "sum", "avg": "avg", "mean": "avg", "min": "min", "max": "max", "count": "count"}


class GroupedData(Generic[Frame]):
    """Groups waiting for their aggregates: `.agg(…)`, or one of the shortcuts."""

    def __init__(self, rel: Rel, keys: Sequence[exp.Expr], wrap: Callable[[Rel], Frame]) -> None:
        self._rel, self._keys, self._wrap = rel, tuple(keys), wrap
        for key in self._keys:
            resolve(key.unalias(), rel.fields)  # so that a mistaken name is told where it is written

    def __repr__(self) -> str:
        return f"GroupedData[{', '.join(map(default_name, self._keys))}]"

    def agg(self, *aggregates: Any) -> Frame:
        """The keys and one column for each aggregate: Columns such as `sum("x").alias("total")`, or `{"x": "sum"}`.

        Raises:
            FrameError: no aggregate, an unknown column, or a column that is neither key nor aggregated.
        """
        if len(aggregates) == 1 and isinstance(aggregates[0], Mapping):
            aggregates = tuple(_by_name(function, name) for name, function in aggregates[0].items())
        if not aggregates:
            raise FrameError("agg() needs an aggregate", hint='such as agg(sum("quantity").alias("total"))')
        return self._wrap(aggregate(self._rel, self._keys, [reference(each) for each in aggregates]))

    def count(self) -> Frame:
        """The keys and `count`, the number of rows."""
        counted = exp.Alias(this=exp.Count(this=exp.Star()), alias=exp.to_identifier("count", quoted=True))
        return self._wrap(aggregate(self._rel, self._keys, [counted]))

    def sum(self, *names: str) -> Frame:
        """The keys and `sum(x)` of each named column, or of all numeric ones."""
        return self._each("sum", names)

    def avg(self, *names: str) -> Frame:
        """The keys and `avg(x)` of each named column, or of all numeric ones."""
        return self._each("avg", names)

    mean = avg

    def min(self, *names: str) -> Frame:
        """The keys and `min(x)` of each named column, or of all numeric ones."""
        return self._each("min", names)

    def max(self, *names: str) -> Frame:
        """The keys and `max(x)` of each named column, or of all numeric ones."""
        return self._each("max", names)

    def _each(self, function: str, names: Sequence[str]) -> Frame:
        return self.agg(*(_by_name(function, name) for name in names or self._numeric()))

    def _numeric(self) -> list[str]:
        keys = {default_name(key).casefold() for key in self._keys}
        return [e.name for e in self._rel.fields if _is_number(e.type) and e.name.casefold() not in keys]


def aggregate(rel: Rel, keys: Sequence[exp.Expr], aggregates: Sequence[exp.Expr]) -> Rel:
    """One row a group. Keys that are expressions are computed first, so that a group key is always a column."""
    wider, key_fields = _with_keys(rel, keys)
    key_columns = [each.column() for each in key_fields]
    fields, outputs, aggregated = analyse(aggregates, rel.fields, key_columns, wider.fields[len(rel.fields) :])
    if not keys and not aggregated:
        raise FrameError(f"{', '.join(map(default_name, aggregates))}: agg() needs aggregates, such as sum or max")
    final = slotted([*key_fields, *fields])
    values = [*key_columns, *(value for _, value in outputs)]
    filled = tuple((each.slot, value) for each, value in zip(final, values, strict=True))
    return Rel(Aggregate(wider.plan, filled[: len(keys)], filled), final)


def _with_keys(rel: Rel, keys: Sequence[exp.Expr]) -> tuple[Rel, list[Field]]:
    """The relation with every key as a field; the new fields stand behind those that names can mean."""
    fields, outputs = row_by_row(keys, rel.fields)
    known = {(each.id, each.name): each for each in rel.fields}
    new = [(each, value) for each, (_, value) in zip(fields, outputs, strict=True) if (each.id, each.name) not in known]
    if not new:
        return rel, [known[each.id, each.name] for each in fields]
    wider = slotted([*rel.fields, *(each for each, _ in new)])
    values = [*(each.column() for each in rel.fields), *(value for _, value in new)]
    plan = Project(rel.plan, tuple((each.slot, value) for each, value in zip(wider, values, strict=True)))
    known.update({(each.id, each.name): each for each in wider})
    return Rel(plan, wider), [known[each.id, each.name] for each in fields]


def _by_name(function: str, name: str) -> Column:
    kind = _BY_NAME.get(function)
    if kind is None:
        raise FrameError(f"there is no aggregate {function!r}", hint=f"by name: {', '.join(_BY_NAME)}")
    if name == "*":
        return Column(exp.Count(this=exp.Star()))
    return Column(exp.Anonymous(this=kind, expressions=[column(name)]))


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))
