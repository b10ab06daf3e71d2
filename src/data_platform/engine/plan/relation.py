"""What each DataFrame method does to a plan: checked when called, run never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.language.column import default_name
from data_platform.engine.language.dialect import data_type
from data_platform.engine.language.types import spark_type
from data_platform.engine.plan.analysis import analyse, filter_condition, row_by_row
from data_platform.engine.plan.names import Field, find, new_id, resolve, slotted, unknown
from data_platform.engine.plan.nodes import Aggregate, Distinct, Filter, Limit, Outputs, Plan, Project, Sort, Union
from data_platform.engine.spark.types import common_type, is_nested, spark_like
from data_platform.errors import FrameError

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
        return [each.name for each in self.fields]


def select(rel: Rel, expressions: Sequence[exp.Expr]) -> Rel:
    """Columns computed from columns, or one row of aggregates; `*` and `alias.*` stand for all."""
    expanded = [item for each in expressions for item in _expanded(each, rel.fields)]
    fields, outputs, aggregates = analyse(expanded, rel.fields)
    return Rel(Aggregate(rel.plan, (), outputs) if aggregates else Project(rel.plan, outputs), fields)


def with_columns(rel: Rel, added: Mapping[str, exp.Expr]) -> Rel:
    """All columns, with those of `added` replaced or put at the end."""
    named = {name: _aliased(value, name) for name, value in added.items()}
    same = {each.name.casefold(): each.name for each in rel.fields}
    replaced = {same[name.casefold()]: value for name, value in named.items() if name.casefold() in same}
    new = [value for name, value in named.items() if name.casefold() not in same]
    return select(rel, [replaced.get(each.name) or _reference(each) for each in rel.fields] + new)


def rename(rel: Rel, names: Mapping[str, str]) -> Rel:
    """The same columns under other names; FrameError for one that is not there."""
    new = {find(old, rel.fields).slot: name for old, name in names.items()}
    renamed = [replace(each, name=new[each.slot], id=new_id()) if each.slot in new else each for each in rel.fields]
    return _project(rel, rel.fields, renamed)


def drop(rel: Rel, names: Sequence[str | exp.Expr]) -> Rel:
    """The columns without those named; FrameError for one that is not there."""
    gone = {_dropped(name, rel.fields).slot for name in names}
    kept = [each for each in rel.fields if each.slot not in gone]
    return _project(rel, kept, kept)


def filter_rows(rel: Rel, condition: exp.Expr) -> Rel:
    """The rows for which the condition is true."""
    return Rel(Filter(rel.plan, filter_condition(condition, rel.fields)), rel.fields)


def sort(rel: Rel, keys: Sequence[exp.Ordered]) -> Rel:
    """The rows in the order of `keys`."""
    fields, outputs = row_by_row([key.this for key in keys], rel.fields)
    for each in fields:
        if is_nested(each.type):
            raise FrameError(f"{each.name}: rows are not put in order by {spark_type(each.type)} here")
    resolved = tuple(
        exp.Ordered(this=value, desc=key.args["desc"], nulls_first=key.args["nulls_first"])
        for key, (_, value) in zip(keys, outputs, strict=True)
    )
    return Rel(Sort(rel.plan, resolved), rel.fields)


def limit(rel: Rel, count: int | None, offset: int = 0) -> Rel:
    """At most `count` rows after the first `offset`."""
    if (count is not None and count < 0) or offset < 0:
        raise FrameError(f"rows are counted from 0: limit {count}, offset {offset}")
    for name, number in (("limit", count or 0), ("offset", offset)):
        if number > MOST_ROWS:
            raise FrameError(f"{name} is too large: {number}", hint=f"the largest is {MOST_ROWS}")
    return Rel(Limit(rel.plan, count, offset), rel.fields)


def distinct(rel: Rel, names: Sequence[str] = ()) -> Rel:
    """One row of those equal in all columns, or in `names` (then any one of them)."""
    on = tuple(find(name, rel.fields).slot for name in names)
    return Rel(Distinct(rel.plan, tuple(each.slot for each in rel.fields), on), rel.fields)


def union(left: Rel, right: Rel) -> Rel:
    """The rows of both, column by column in order; types become their common type."""
    if len(left.fields) != len(right.fields):
        raise FrameError(
            f"a union needs as many columns on both sides: {len(left.fields)} and {len(right.fields)}",
            hint="select the same columns, or use unionByName",
        )
    types = [_common(one, two) for one, two in zip(left.fields, right.fields, strict=True)]
    left, right = _as_types(left, types), _as_types(right, types)
    fields = tuple(Field(each.name, each.slot, type_) for each, type_ in zip(left.fields, types, strict=True))
    slots = tuple(each.slot for each in right.fields)
    return Rel(Union(left.plan, right.plan, tuple(each.slot for each in left.fields), slots), fields)


def union_by_name(left: Rel, right: Rel, *, allow_missing: bool = False) -> Rel:
    """The rows of both, columns matched by name; missing ones become null if allowed."""
    extra = [each for each in right.fields if each.name.casefold() not in _folded(left)]
    missing = [each for each in left.fields if each.name.casefold() not in _folded(right)]
    if (extra or missing) and not allow_missing:
        names = ", ".join(repr(each.name) for each in [*missing, *extra])
        raise FrameError(f"only one side of the union has {names}", hint="allowMissingColumns=True fills nulls")
    left = with_columns(left, {each.name: exp.Null() for each in extra})
    right = with_columns(right, {each.name: exp.Null() for each in missing})
    return union(left, select(right, [_reference(find(each.name, right.fields)) for each in left.fields]))


def alias(rel: Rel, name: str) -> Rel:
    """The same rows, their columns also known as `name.column`; a self-join tells its sides apart by this."""
    return Rel(
        Project(rel.plan, tuple((each.slot, each.column()) for each in rel.fields)),
        tuple(replace(each, qualifier=name, id=new_id()) for each in rel.fields),
    )


def _project(rel: Rel, old: Sequence[Field], new: Sequence[Field]) -> Rel:
    final = slotted(new)
    outputs: Outputs = tuple((to.slot, of.column()) for to, of in zip(final, old, strict=True))
    return Rel(Project(rel.plan, outputs), final)


def _dropped(name: str | exp.Expr, fields: Sequence[Field]) -> Field:
    if isinstance(name, str):
        return find(name, fields)
    value = resolve(name, fields)
    if not isinstance(value, exp.Column):
        raise FrameError(f"{default_name(name)} is computed: only a column can be dropped")
    return next(each for each in fields if each.slot == value.name)


def _expanded(expression: exp.Expr, fields: Sequence[Field]) -> list[exp.Expr]:
    parts = expression.meta.get("parts") or tuple(part.name for part in getattr(expression, "parts", ()))
    if isinstance(expression, exp.Star) or parts in (("*",), ["*"]):
        return [_reference(each) for each in fields]
    if isinstance(expression, exp.Column) and parts[-1] == "*":
        found = [each for each in fields if each.qualifier and each.qualifier.casefold() == parts[0].casefold()]
        if not found:
            raise unknown(".".join(parts), [f"{each.qualifier}.*" for each in fields if each.qualifier])
        return [_reference(each) for each in found]
    return [expression]


def _reference(each: Field) -> exp.Column:
    node = exp.Column(this=exp.to_identifier(each.name, quoted=True))
    node.meta.update(parts=(each.name,), whole=each.name, field=each.id)
    return node


def _aliased(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value.unalias(), alias=exp.to_identifier(name, quoted=True))


def _folded(rel: Rel) -> set[str]:
    return {each.name.casefold() for each in rel.fields}


def _common(one: Field, two: Field) -> pa.DataType:
    if one.type == two.type:
        return one.type
    both = common_type(spark_like(one.type), spark_like(two.type))
    if both is None:
        raise FrameError(
            f"a union cannot hold {one.type} and {two.type} in one column ({one.name!r}, {two.name!r})",
            hint="cast one side",
        )
    return both


def _as_types(rel: Rel, types: Sequence[pa.DataType]) -> Rel:
    """The columns cast to these types, where they are of others."""
    if all(each.type == type_ for each, type_ in zip(rel.fields, types, strict=True)):
        return rel
    made = [
        reference if each.type == type_ else exp.Cast(this=reference, to=data_type(spark_type(type_)))
        for each, type_ in zip(rel.fields, types, strict=True)
        for reference in [_reference(each)]
    ]
    return select(rel, made)
