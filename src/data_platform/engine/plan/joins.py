"""Joins: on names, which keep one key column, or on a condition, which keeps both sides' columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from data_platform.engine.plan.analysis import check_condition, resolve_condition
from data_platform.engine.plan.names import Field, add_slots, create_id, find
from data_platform.engine.plan.nodes import Join
from data_platform.engine.plan.relation import Rel
from data_platform.engine.plan.typed import infer_types
from data_platform.errors import FrameError

_HOW = {
    "inner": "inner",
    **dict.fromkeys(("left", "leftouter"), "left"),
    **dict.fromkeys(("right", "rightouter"), "right"),
    **dict.fromkeys(("outer", "full", "fullouter"), "full"),
    **dict.fromkeys(("semi", "leftsemi"), "semi"),
    **dict.fromkeys(("anti", "leftanti"), "anti"),
}
_CROSS_HINT = "name a column that both sides have, or a condition; every row with every row is .crossJoin(other)"


def join(left: Rel, right: Rel, on: Sequence[str] | exp.Expr | None, how: str) -> Rel:
    """Pairs of rows whose keys are equal (`on` is names), or for which the condition `on` is true."""
    kind = _HOW.get(how.lower().replace("_", "").replace(" ", ""))
    if kind is None:
        raise FrameError(f"there is no join {how!r}", hint=f"how= is one of {', '.join(_HOW)}")
    if on is None or (not isinstance(on, exp.Expr) and not on):
        raise FrameError("a join needs a key", hint=_CROSS_HINT)
    if isinstance(on, exp.Expr):
        return _join_on_condition(left, right, on, kind)
    return _join_on_names(left, right, on, kind)


def join_all_pairs(left: Rel, right: Rel) -> Rel:
    """Every row of one side with every row of the other."""
    return _build_join(left, right, "cross", None, [*_mark_side(left, "l"), *_mark_side(right, "r")])


def _join_on_names(left: Rel, right: Rel, names: Sequence[str], kind: str) -> Rel:
    lefts, rights = _mark_side(left, "l"), _mark_side(right, "r")
    keys = [(_find_key("left", name, lefts), _find_key("right", name, rights)) for name in names]
    equal = [exp.EQ(this=one.to_column(), expression=two.to_column()) for one, two in keys]
    on = check_condition(exp.and_(*equal), {"l": lefts, "r": rights})
    key_slots = {(field.side, field.slot) for pair in keys for field in pair}
    rest = [field for field in lefts + rights if (field.side, field.slot) not in key_slots]
    if kind in ("semi", "anti"):
        return _build_join(left, right, kind, on, [one for one, _ in keys] + [e for e in rest if e.side == "l"])
    merged: list[Field | tuple[Field, exp.Expr]] = [_merge_keys(one, two, kind) for one, two in keys]
    return _build_join(left, right, kind, on, [*merged, *rest])


def _join_on_condition(left: Rel, right: Rel, on: exp.Expr, kind: str) -> Rel:
    lefts, rights = _mark_side(left, "l"), _mark_side(right, "r")
    resolved = resolve_condition(on, {"l": lefts, "r": rights})
    sides = {column.table for column in resolved.find_all(exp.Column)}
    if sides != {"l", "r"}:
        raise FrameError("a join's condition must use columns of both sides", hint=_CROSS_HINT)
    kept = lefts if kind in ("semi", "anti") else lefts + rights
    return _build_join(left, right, kind, resolved, kept)


def _build_join(
    left: Rel, right: Rel, kind: str, on: exp.Expr | None, outputs: Sequence[Field | tuple[Field, exp.Expr]]
) -> Rel:
    pairs = [item if isinstance(item, tuple) else (item, item.to_column()) for item in outputs]
    fields = add_slots(field for field, _ in pairs)
    filled = tuple((new.slot, value) for new, (_, value) in zip(fields, pairs, strict=True))
    return Rel(Join(left.plan, right.plan, kind, on, filled), fields)


def _merge_keys(one: Field, two: Field, kind: str) -> tuple[Field, exp.Expr]:
    """The single key column: of the side that always has a value, or of both by `coalesce` in a full join."""
    if kind == "full":
        both = exp.Anonymous(this="coalesce", expressions=[one.to_column(), two.to_column()])
        [type_], _ = infer_types([both], {"l": [one], "r": [two]})
        return replace(one, type=type_, id=create_id()), both
    kept = two if kind == "right" else one
    return replace(kept, name=one.name), kept.to_column()


def _find_key(side: str, name: str, fields: Sequence[Field]) -> Field:
    """The key column of one side; the error says of which."""
    try:
        return find(name, fields)
    except FrameError as error:
        raise FrameError(f"{error.message} on the {side} side of the join", hint=error.hint) from error


def _mark_side(rel: Rel, side: str) -> list[Field]:
    return [replace(field, side=side) for field in rel.fields]
