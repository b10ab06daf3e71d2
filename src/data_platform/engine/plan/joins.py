"""Joins: on names, which keep one key column, or on a condition, which keeps both sides' columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from data_platform.engine.plan.analysis import checked_condition, condition
from data_platform.engine.plan.names import Field, find, new_id, slotted
from data_platform.engine.plan.nodes import Join
from data_platform.engine.plan.relation import Rel
from data_platform.engine.plan.typed import typed
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
        return _on_condition(left, right, on, kind)
    return _on_names(left, right, on, kind)


def cross_join(left: Rel, right: Rel) -> Rel:
    """Every row of one side with every row of the other."""
    return _joined(left, right, "cross", None, [*_side(left, "l"), *_side(right, "r")])


def _on_names(left: Rel, right: Rel, names: Sequence[str], kind: str) -> Rel:
    lefts, rights = _side(left, "l"), _side(right, "r")
    keys = [(_key("left", name, lefts), _key("right", name, rights)) for name in names]
    equal = [exp.EQ(this=one.column(), expression=two.column()) for one, two in keys]
    on = checked_condition(exp.and_(*equal), {"l": lefts, "r": rights})
    key_slots = {(each.side, each.slot) for pair in keys for each in pair}
    rest = [each for each in lefts + rights if (each.side, each.slot) not in key_slots]
    if kind in ("semi", "anti"):
        return _joined(left, right, kind, on, [one for one, _ in keys] + [e for e in rest if e.side == "l"])
    merged: list[Field | tuple[Field, exp.Expr]] = [_merged(one, two, kind) for one, two in keys]
    return _joined(left, right, kind, on, [*merged, *rest])


def _on_condition(left: Rel, right: Rel, on: exp.Expr, kind: str) -> Rel:
    lefts, rights = _side(left, "l"), _side(right, "r")
    resolved = condition(on, {"l": lefts, "r": rights})
    sides = {column.table for column in resolved.find_all(exp.Column)}
    if sides != {"l", "r"}:
        raise FrameError("a join's condition must look at both sides", hint=_CROSS_HINT)
    kept = lefts if kind in ("semi", "anti") else lefts + rights
    return _joined(left, right, kind, resolved, kept)


def _joined(
    left: Rel, right: Rel, kind: str, on: exp.Expr | None, outputs: Sequence[Field | tuple[Field, exp.Expr]]
) -> Rel:
    pairs = [item if isinstance(item, tuple) else (item, item.column()) for item in outputs]
    fields = slotted(each for each, _ in pairs)
    filled = tuple((new.slot, value) for new, (_, value) in zip(fields, pairs, strict=True))
    return Rel(Join(left.plan, right.plan, kind, on, filled), fields)


def _merged(one: Field, two: Field, kind: str) -> tuple[Field, exp.Expr]:
    """The one key column: the side that always has a value, or whichever has one in a full join."""
    if kind == "full":
        both = exp.Anonymous(this="coalesce", expressions=[one.column(), two.column()])
        [type_], _ = typed([both], {"l": [one], "r": [two]})
        return replace(one, type=type_, id=new_id()), both
    kept = two if kind == "right" else one
    return replace(kept, name=one.name), kept.column()


def _key(side: str, name: str, fields: Sequence[Field]) -> Field:
    """The key column of one side; the error says of which."""
    try:
        return find(name, fields)
    except FrameError as error:
        raise FrameError(f"{error.message} on the {side} side of the join", hint=error.hint) from error


def _side(rel: Rel, side: str) -> list[Field]:
    return [replace(each, side=side) for each in rel.fields]
