"""`Fold`: an aggregate or ranking function under construction, with the clauses of its DuckDB call."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pyarrow as pa

from data_platform.engine.spark_functions.types import BOOLEAN
from data_platform.engine.spark_functions.value import SqlTemplate, Value
from data_platform.errors import FrameError


@dataclass(frozen=True)
class OverClause:
    """OVER: its text as a template over `values`."""

    template: str
    values: tuple[Value, ...]
    ordered: bool


@dataclass(frozen=True)
class Fold:
    """The clauses around a function of many rows: DISTINCT, FILTER, IGNORE NULLS and OVER."""

    name: str
    distinct: bool = False
    ignore_nulls: bool = False
    filters: tuple[Value, ...] = ()
    window: OverClause | None = None
    used: list[bool] = field(default_factory=list)

    def filter(self, condition: Value) -> Fold:
        """The fold over the rows for which the condition is true."""
        return replace(self, filters=(*self.filters, condition))

    def exclude_nulls(self, value: Value) -> Fold:
        """The fold over the rows where the value is not null."""
        return self.filter(Value(SqlTemplate(this="({0} IS NOT NULL)", expressions=[value.sql]), BOOLEAN))

    def call(self, template: str, *values: Value, type: pa.DataType) -> Value:
        """The DuckDB aggregate of the template with all clauses; `{distinct}` marks the place of DISTINCT."""
        if self.distinct and "{distinct}" not in template:
            raise FrameError(f"{self.name}: DISTINCT is not allowed here")
        if self.distinct and self.window is not None and self.name != "collect_set":
            raise FrameError(f"{self.name}: DISTINCT is not allowed over a window")
        text = template.replace("{distinct}", "DISTINCT " if self.distinct else "")
        arguments = [value.sql for value in values]
        if self.filters:
            conditions = [f"{{{len(arguments) + number}}}" for number in range(len(self.filters))]
            arguments += [value.sql for value in self.filters]
            text += f" FILTER (WHERE {' AND '.join(conditions)})"
        if self.window is not None:
            first = len(arguments)
            numbers = [f"{{{first + number}}}" for number in range(len(self.window.values))]
            arguments += [value.sql for value in self.window.values]
            text += " OVER (" + self.window.template.format(*numbers) + ")"
        return Value(SqlTemplate(this=text, expressions=arguments), type)
