"""Analyses an expression that a user wrote: resolves names to slots, infers types, names the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.column import name_expression
from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.plan.names import Field, add_slots, resolve
from data_platform.engine.plan.nodes import Outputs
from data_platform.engine.plan.typed import infer_types
from data_platform.errors import FrameError


class Analysed(NamedTuple):
    """The fields that expressions give, the plan's outputs that fill them, and whether they aggregate all rows."""

    fields: tuple[Field, ...]
    outputs: Outputs
    aggregates: bool


_INPUT = "input"


def analyse(
    expressions: Sequence[exp.Expr],
    fields: Sequence[Field],
    keys: Sequence[exp.Expr] = (),
    unnamed: Sequence[Field] = (),
) -> Analysed:
    """The result of `expressions` over `fields`; with `keys` (resolved) they are aggregates, one row per group.

    `unnamed` fields are available to keys only, not by name. FrameError for unknown names and for expressions that
    DuckDB refuses to bind.
    """
    inputs = {_INPUT: [*fields, *unnamed]}
    values = [strip_parentheses(resolve(expression.unalias(), fields)) for expression in expressions]
    types, aggregates = infer_types(values, inputs, keys)
    by_slot = {field.slot: field for field in fields}
    result = []
    for expression, value, type_ in zip(expressions, values, types, strict=True):
        bare = by_slot[value.name] if isinstance(value, exp.Column) else None
        result.append(_build_field(expression, value, bare, type_))
    final = add_slots(result)
    filled = tuple((field.slot, value) for field, value in zip(final, values, strict=True))
    return Analysed(final, filled, aggregates)


def resolve_rows(expressions: Sequence[exp.Expr], fields: Sequence[Field]) -> tuple[tuple[Field, ...], Outputs]:
    """The result of `expressions` for each row; FrameError for an aggregate."""
    result, outputs, aggregates = analyse(expressions, fields)
    if aggregates:
        names = ", ".join(map(name_expression, expressions))
        raise FrameError(
            f"{names}: an aggregate is not allowed here", hint="compute it with agg() first, or .over(window)"
        )
    return result, outputs


def resolve_condition(expression: exp.Expr, inputs: Mapping[str, Sequence[Field]]) -> exp.Expr:
    """A resolved condition over one or more tables' fields, checked to bind."""
    fields = [field for group in inputs.values() for field in group]
    value = strip_parentheses(resolve(expression.unalias(), fields))
    return check_condition(value, inputs)


def check_condition(value: exp.Expr, inputs: Mapping[str, Sequence[Field]]) -> exp.Expr:
    """The same condition with its DuckDB form; FrameError for an aggregate, or a value that is not boolean."""
    [type_], aggregates = infer_types([value], inputs)
    if aggregates:
        raise FrameError(
            f"{name_expression(value)}: an aggregate is not allowed here", hint="compute it with agg() first"
        )
    if type_ not in (pa.bool_(), pa.null(), pa.int32()) or (type_ == pa.int32() and not isinstance(value, exp.Null)):
        raise FrameError(f"{name_expression(value)} is not a condition: it is {to_spark_type(type_)}, not boolean")
    return value


def resolve_filter(expression: exp.Expr, fields: Sequence[Field]) -> exp.Expr:
    """A resolved condition over one frame's fields, checked to bind."""
    return resolve_condition(expression, {_INPUT: fields})


def strip_parentheses(expression: exp.Expr) -> exp.Expr:
    """Removes parentheses where nothing binds tighter: `SUM((a * b))` becomes `SUM(a * b)`."""
    for paren in list(expression.find_all(exp.Paren)):
        if paren is not expression and isinstance(paren.parent, exp.Func) and not isinstance(paren.parent, exp.Binary):
            paren.replace(paren.this)
    return expression.unnest()


def _build_field(expression: exp.Expr, value: exp.Expr, bare: Field | None, type_: pa.DataType) -> Field:
    if isinstance(value, exp.Dot) and isinstance(expression, exp.Column | exp.Dot):
        return Field(str(value.name), "", type_)  # a struct's field is named by its own name
    if bare is None:
        return Field(name_expression(expression), "", type_)
    # the same column: it keeps its identity and its exact Arrow type
    return Field(str(expression.alias), "", bare.type) if isinstance(expression, exp.Alias) else bare
