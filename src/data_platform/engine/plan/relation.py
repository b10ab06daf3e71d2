"""Applies each DataFrame method to a plan: names and types are checked at once, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import index

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.column import name_expression
from data_platform.engine.expressions.dialect import parse_data_type
from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.plan.analysis import analyse, resolve_filter, resolve_rows
from data_platform.engine.plan.names import Field, add_slots, create_id, find, make_unknown_column_error, resolve
from data_platform.engine.plan.nodes import Aggregation, Distinct, Filter, Limit, Outputs, Plan, Project, Sort, UnionAll
from data_platform.engine.spark_functions.types import find_common_type, is_nested, to_spark_like
from data_platform.errors import FrameError
from data_platform.spec.text.names import quote_value

MOST_ROWS = 2**63 - 1
"""The largest limit and offset."""


@dataclass(frozen=True, eq=False)
class Rel:
    """A plan and the fields it delivers."""

    plan: Plan
    fields: tuple[Field, ...]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [field.name for field in self.fields]


def select(rel: Rel, expressions: Sequence[exp.Expr]) -> Rel:
    """Columns computed from columns, or one row of aggregates; `*` and `alias.*` mean all columns."""
    expanded = [item for expression in expressions for item in _expand(expression, rel.fields)]
    fields, outputs, aggregates = analyse(expanded, rel.fields)
    return Rel(Aggregation(rel.plan, (), outputs) if aggregates else Project(rel.plan, outputs), fields)


def with_columns(rel: Rel, added: Mapping[str, exp.Expr]) -> Rel:
    """All columns, with those of `added` replaced or put at the end."""
    named = {name: _add_alias(value, name) for name, value in added.items()}
    same = {field.name.casefold(): field.name for field in rel.fields}
    replaced = {same[name.casefold()]: value for name, value in named.items() if name.casefold() in same}
    new = [value for name, value in named.items() if name.casefold() not in same]
    return select(rel, [replaced.get(field.name) or _build_reference(field) for field in rel.fields] + new)


def rename(rel: Rel, names: Mapping[str, str]) -> Rel:
    """The same columns under other names; FrameError for one that is not there."""
    new = {find(old, rel.fields).slot: name for old, name in names.items()}
    renamed = [
        replace(field, name=new[field.slot], id=create_id()) if field.slot in new else field for field in rel.fields
    ]
    return _build_project(rel, rel.fields, renamed)


def drop(rel: Rel, names: Sequence[str | exp.Expr]) -> Rel:
    """The columns without those named; FrameError for one that is not there."""
    dropped_slots = {_find_dropped(name, rel.fields).slot for name in names}
    kept = [field for field in rel.fields if field.slot not in dropped_slots]
    return _build_project(rel, kept, kept)


def filter_rows(rel: Rel, condition: exp.Expr) -> Rel:
    """The rows for which the condition is true."""
    return Rel(Filter(rel.plan, resolve_filter(condition, rel.fields)), rel.fields)


def sort(rel: Rel, keys: Sequence[exp.Ordered]) -> Rel:
    """The rows in the order of `keys`."""
    fields, outputs = resolve_rows([key.this for key in keys], rel.fields)
    for field in fields:
        if is_nested(field.type):
            raise FrameError(f"{field.name}: rows cannot be ordered by {to_spark_type(field.type)}")
    resolved = tuple(
        exp.Ordered(this=value, desc=key.args["desc"], nulls_first=key.args["nulls_first"])
        for key, (_, value) in zip(keys, outputs, strict=True)
    )
    return Rel(Sort(rel.plan, resolved), rel.fields)


def check_count(value: object) -> int:
    """The number of rows; FrameError for what is no whole number."""
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:
        raise FrameError(f"a number of rows is a whole number, and not {quote_value(value)}") from None


def limit(rel: Rel, count: int | None, offset: int = 0) -> Rel:
    """At most `count` rows after the first `offset`."""
    count, offset = None if count is None else check_count(count), check_count(offset)
    if (count is not None and count < 0) or offset < 0:
        raise FrameError(f"rows are counted from 0: limit {count}, offset {offset}")
    for name, number in (("limit", count or 0), ("offset", offset)):
        if number > MOST_ROWS:
            raise FrameError(f"{name} is too large: {number}", hint=f"the largest is {MOST_ROWS}")
    return Rel(Limit(rel.plan, count, offset), rel.fields)


def remove_duplicates(rel: Rel, names: Sequence[str] = ()) -> Rel:
    """One row of those equal in all columns, or in `names` (then any one of them)."""
    on = tuple(find(name, rel.fields).slot for name in names)
    return Rel(Distinct(rel.plan, tuple(field.slot for field in rel.fields), on), rel.fields)


def append_rows(left: Rel, right: Rel) -> Rel:
    """The rows of both, column by column in order; types become their common type."""
    if len(left.fields) != len(right.fields):
        raise FrameError(
            f"a union needs as many columns on both sides: {len(left.fields)} and {len(right.fields)}",
            hint="select the same columns, or use unionByName",
        )
    types = [_find_common_type(one, two) for one, two in zip(left.fields, right.fields, strict=True)]
    left, right = _convert_columns(left, types), _convert_columns(right, types)
    fields = tuple(Field(field.name, field.slot, type_) for field, type_ in zip(left.fields, types, strict=True))
    slots = tuple(field.slot for field in right.fields)
    return Rel(UnionAll(left.plan, right.plan, tuple(field.slot for field in left.fields), slots), fields)


def append_rows_by_name(left: Rel, right: Rel, *, allow_missing: bool = False) -> Rel:
    """The rows of both, columns matched by name; missing ones become null if allowed."""
    extra = [field for field in right.fields if field.name.casefold() not in _fold_names(left)]
    missing = [field for field in left.fields if field.name.casefold() not in _fold_names(right)]
    if (extra or missing) and not allow_missing:
        names = ", ".join(repr(field.name) for field in [*missing, *extra])
        raise FrameError(f"only one side of the union has {names}", hint="allowMissingColumns=True fills nulls")
    left = with_columns(left, {field.name: exp.Null() for field in extra})
    right = with_columns(right, {field.name: exp.Null() for field in missing})
    return append_rows(left, select(right, [_build_reference(find(field.name, right.fields)) for field in left.fields]))


def set_alias(rel: Rel, name: str) -> Rel:
    """The same rows, their columns also known as `name.column`; used to distinguish the sides of a self-join."""
    return Rel(
        Project(rel.plan, tuple((field.slot, field.to_column()) for field in rel.fields)),
        tuple(replace(field, qualifier=name, id=create_id()) for field in rel.fields),
    )


def _build_project(rel: Rel, old: Sequence[Field], new: Sequence[Field]) -> Rel:
    final = add_slots(new)
    outputs: Outputs = tuple((to.slot, of.to_column()) for to, of in zip(final, old, strict=True))
    return Rel(Project(rel.plan, outputs), final)


def _find_dropped(name: str | exp.Expr, fields: Sequence[Field]) -> Field:
    if isinstance(name, str):
        return find(name, fields)
    value = resolve(name, fields)
    if not isinstance(value, exp.Column):
        raise FrameError(f"{name_expression(name)} is computed: only a column can be dropped")
    return next(field for field in fields if field.slot == value.name)


def _expand(expression: exp.Expr, fields: Sequence[Field]) -> list[exp.Expr]:
    parts = expression.meta.get("parts") or tuple(part.name for part in getattr(expression, "parts", ()))
    if isinstance(expression, exp.Star) or parts in (("*",), ["*"]):
        return [_build_reference(field) for field in fields]
    if isinstance(expression, exp.Column) and parts[-1] == "*":
        matches = [field for field in fields if field.qualifier and field.qualifier.casefold() == parts[0].casefold()]
        if not matches:
            raise make_unknown_column_error(
                ".".join(parts), [f"{field.qualifier}.*" for field in fields if field.qualifier]
            )
        return [_build_reference(field) for field in matches]
    return [expression]


def _build_reference(field: Field) -> exp.Column:
    node = exp.Column(this=exp.to_identifier(field.name, quoted=True))
    node.meta.update(parts=(field.name,), whole=field.name, field=field.id)
    return node


def _add_alias(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value.unalias(), alias=exp.to_identifier(name, quoted=True))


def _fold_names(rel: Rel) -> set[str]:
    return {field.name.casefold() for field in rel.fields}


def _find_common_type(one: Field, two: Field) -> pa.DataType:
    if one.type == two.type:
        return one.type
    both = find_common_type(to_spark_like(one.type), to_spark_like(two.type))
    if both is None:
        raise FrameError(
            f"a union cannot hold {one.type} and {two.type} in one column ({one.name!r}, {two.name!r})",
            hint="cast one side",
        )
    return both


def _convert_columns(rel: Rel, types: Sequence[pa.DataType]) -> Rel:
    """The columns cast to these types, where they are of others."""
    if all(field.type == type_ for field, type_ in zip(rel.fields, types, strict=True)):
        return rel
    columns = [
        reference if field.type == type_ else exp.Cast(this=reference, to=parse_data_type(to_spark_type(type_)))
        for field, type_ in zip(rel.fields, types, strict=True)
        for reference in [_build_reference(field)]
    ]
    return select(rel, columns)
