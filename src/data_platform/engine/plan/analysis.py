"""An expression a user wrote, made sense of: names resolved to slots, types known, the result's name and identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.language.column import default_name
from data_platform.engine.language.types import spark_type
from data_platform.engine.plan.names import Field, resolve, slotted
from data_platform.engine.plan.nodes import Outputs
from data_platform.engine.plan.typed import typed
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
    """What `expressions` give over `fields`; with `keys` (resolved) they are aggregates, one row a group.

    `unnamed` fields are there for keys to use, and no name means them. FrameError for unknown names and for whatever
    DuckDB refuses to bind.
    """
    inputs = {_INPUT: [*fields, *unnamed]}
    values = [tidy(resolve(each.unalias(), fields)) for each in expressions]
    types, aggregates = typed(values, inputs, keys)
    by_slot = {each.slot: each for each in fields}
    result = []
    for written, value, type_ in zip(expressions, values, types, strict=True):
        bare = by_slot[value.name] if isinstance(value, exp.Column) else None
        result.append(_field(written, value, bare, type_))
    final = slotted(result)
    filled = tuple((each.slot, value) for each, value in zip(final, values, strict=True))
    return Analysed(final, filled, aggregates)


def row_by_row(expressions: Sequence[exp.Expr], fields: Sequence[Field]) -> tuple[tuple[Field, ...], Outputs]:
    """What `expressions` give for each row; FrameError for an aggregate, which has no row of its own."""
    result, outputs, aggregates = analyse(expressions, fields)
    if aggregates:
        names = ", ".join(map(default_name, expressions))
        raise FrameError(
            f"{names}: an aggregate is not allowed here", hint="compute it with agg() first, or .over(window)"
        )
    return result, outputs


def condition(expression: exp.Expr, inputs: Mapping[str, Sequence[Field]]) -> exp.Expr:
    """A resolved condition over one or more tables' fields, checked to bind."""
    fields = [each for group in inputs.values() for each in group]
    value = tidy(resolve(expression.unalias(), fields))
    return checked_condition(value, inputs)


def checked_condition(value: exp.Expr, inputs: Mapping[str, Sequence[Field]]) -> exp.Expr:
    """The same condition with its DuckDB form; FrameError for an aggregate, or what is no boolean."""
    [type_], aggregates = typed([value], inputs)
    if aggregates:
        raise FrameError(f"{default_name(value)}: an aggregate is not allowed here", hint="compute it with agg() first")
    if type_ not in (pa.bool_(), pa.null(), pa.int32()) or (type_ == pa.int32() and not isinstance(value, exp.Null)):
        raise FrameError(f"{default_name(value)} is no condition: it is {spark_type(type_)}, not boolean")
    return value


def filter_condition(expression: exp.Expr, fields: Sequence[Field]) -> exp.Expr:
    """A resolved condition over one frame's fields, checked to bind."""
    return condition(expression, {_INPUT: fields})


def tidy(expression: exp.Expr) -> exp.Expr:
    """Without parentheses where nothing binds tighter: `SUM((a * b))` becomes `SUM(a * b)`."""
    for paren in list(expression.find_all(exp.Paren)):
        if paren is not expression and isinstance(paren.parent, exp.Func) and not isinstance(paren.parent, exp.Binary):
            paren.replace(paren.this)
    return expression.unnest()


def _field(written: exp.Expr, value: exp.Expr, bare: Field | None, type_: pa.DataType) -> Field:
    if isinstance(value, exp.Dot) and isinstance(written, exp.Column | exp.Dot):
        return Field(str(value.name), "", type_)  # a struct's field is named by its own name
    if bare is None:
        return Field(default_name(written), "", type_)
    # the very column, handed on: it keeps its identity and its Arrow type to the letter
    return Field(str(written.alias), "", bare.type) if isinstance(written, exp.Alias) else bare
