"""The two forms of an expression: Spark's, in the plan, and DuckDB's, which runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.plan.binder import bind
from data_platform.engine.plan.names import Field
from data_platform.engine.spark_functions.lowering import translate_expression
from data_platform.engine.spark_functions.types import NULL, to_duckdb_type
from data_platform.engine.spark_functions.value import Value, build_sql

_RUNS = "runs"


class _Form:
    """DuckDB's form of an expression, in its metadata: a copy of the expression shares it."""

    def __init__(self, expression: exp.Expr) -> None:
        self.expression = expression

    def __deepcopy__(self, memo: object) -> _Form:
        return self


def find_form(expression: exp.Expr) -> exp.Expr:
    """The form that runs in DuckDB; a bare column's is the column."""
    form = expression.meta.get(_RUNS)
    return form.expression if isinstance(form, _Form) else expression


def infer_types(
    expressions: Sequence[exp.Expr], inputs: Mapping[str, Sequence[Field]], keys: Sequence[exp.Expr] = ()
) -> tuple[list[pa.DataType], bool]:
    """Adds the DuckDB form to resolved expressions; returns their types, and whether they aggregate all rows.

    With `keys` they are aggregates, one row a group. FrameError for what Spark or DuckDB refuses.
    """
    columns = {(item.side or "", item.slot): item.type for fields in inputs.values() for item in fields}
    values = [translate_expression(item, columns) for item in expressions]
    select = exp.select(*(value.sql.copy() for value in values))
    if keys:
        select = select.group_by(*(key.copy() for key in keys))
    bound, aggregates = bind(select, inputs) if values else ([], False)
    types = []
    for expression, value, (_, arrow) in zip(expressions, values, bound, strict=True):
        if isinstance(expression, exp.Column):
            types.append(columns[expression.text("table"), expression.name])
            continue
        value = _cast_to_type(value, arrow)
        expression.meta[_RUNS] = _Form(value.sql)
        types.append(arrow if value.type == NULL else value.type)
    return types, aggregates


def _cast_to_type(value: Value, arrow: pa.DataType) -> Value:
    if arrow == value.type or value.type == NULL or isinstance(value.sql, exp.Explode):
        return value
    return build_sql(f"CAST({{0}} AS {to_duckdb_type(value.type)})", value, type=value.type)
