"""Resolves names to a frame's fields; an error lists the fields that exist.

A reference made by `df["x"]` means exactly that column, also after later operations. Every other name is looked up,
first case-sensitively and then, as in Spark, case-insensitively: as a whole (`a.b` may be a column's name), as
`alias.column`, and as a column followed by struct fields.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import pyarrow as pa
from sqlglot import exp

from data_platform.errors import FrameError

_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a frame: the name it shows, the `slot` that is its unique name in the plan, and its type.

    `id` stays with a column through every operation that hands it on unchanged. `side` says from which side of a join
    it comes, while that join's condition is being read.
    """

    name: str
    slot: str
    type: pa.DataType
    id: int = field(default_factory=lambda: next(_ids))
    qualifier: str | None = None
    side: str | None = None

    def to_column(self) -> exp.Column:
        """The plan's reference to this field."""
        return exp.column(exp.to_identifier(self.slot, quoted=True), table=self.side)


def create_id() -> int:
    """An id that no field has."""
    return next(_ids)


def resolve(expression: exp.Expr, fields: Sequence[Field]) -> exp.Expr:
    """A copy of `expression` that refers to slots; FrameError for what cannot be found or is ambiguous."""
    return _resolve(expression.copy(), fields, frozenset())


def _resolve(node: exp.Expr, fields: Sequence[Field], locals_: frozenset[str]) -> exp.Expr:
    if isinstance(node, exp.Column):
        return _resolve_column(node, fields, locals_)
    if isinstance(node, exp.Lambda):
        locals_ = locals_ | {parameter.name for parameter in node.expressions}
    for key, child in list(node.args.items()):
        if isinstance(child, exp.Expr):
            node.set(key, _resolve(child, fields, locals_))
        elif isinstance(child, list):
            node.set(key, [_resolve(item, fields, locals_) if isinstance(item, exp.Expr) else item for item in child])
    return node


def _resolve_column(node: exp.Column, fields: Sequence[Field], locals_: frozenset[str]) -> exp.Expr:
    parts = node.meta.get("parts") or tuple(part.name for part in node.parts)
    if parts[0] in locals_:
        return _build_path(exp.to_identifier(parts[0]), parts[1:])
    if isinstance(node.this, exp.Star):
        raise FrameError("* means all columns and is allowed in select() and count() only")
    bound = [item for item in fields if item.id == node.meta.get("field")]
    if len(bound) > 1:
        raise _make_ambiguous_error(bound, parts[-1])
    target, path = (bound[0], ()) if bound else find_path(parts, fields, node.meta.get("whole"))
    return _build_path(target.to_column(), path)


def _build_path(base: exp.Expr, path: Sequence[str]) -> exp.Expr:
    for name in path:
        base = exp.Dot(this=base, expression=exp.to_identifier(name, quoted=True))
    return base


def find_path(parts: Sequence[str], fields: Sequence[Field], whole: str | None = None) -> tuple[Field, tuple[str, ...]]:
    """The field that a dotted name means, and the struct fields below it."""
    dotted = ".".join(parts)
    for name, candidates, path in _list_readings(parts, fields, (whole or dotted, dotted)):
        named = [candidate for candidate in candidates if _is_same(candidate.name, name)]
        exact = [item for item in named if item.name == name] or named
        if len(exact) > 1:
            raise _make_ambiguous_error(exact, name)
        if exact:
            return exact[0], tuple(path)
    raise make_unknown_column_error(dotted, [item.name for item in fields])


def _list_readings(
    parts: Sequence[str], fields: Sequence[Field], wholes: Sequence[str]
) -> Iterator[tuple[str, Sequence[Field], Sequence[str]]]:
    """The meanings of a dotted name in order: a column's name, the fields to search, the struct path below it."""
    for whole in dict.fromkeys(wholes):
        yield whole, fields, ()
    if len(parts) > 1:
        yield parts[1], [item for item in fields if item.qualifier and _is_same(item.qualifier, parts[0])], parts[2:]
        yield parts[0], fields, parts[1:]


def find(name: str, fields: Sequence[Field]) -> Field:
    """The field of that very name (no dots read into it)."""
    return find_path((name,), fields, name)[0]


def _is_same(one: str, other: str) -> bool:
    return one == other or one.casefold() == other.casefold()


def make_unknown_column_error(name: str, names: Iterable[str]) -> FrameError:
    """The error for a name that is none of `names`, with the nearest one."""
    available = list(dict.fromkeys(names))
    by_fold = {item.casefold(): item for item in available}
    near = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    listed = ", ".join(available[:20]) + (", …" if len(available) > 20 else "")
    hint = f"did you mean {by_fold[near[0]]!r}?" if near else f"the columns are: {listed or '(none)'}"
    return FrameError(f"there is no column {name!r}", hint=hint)


def _make_ambiguous_error(candidates: Sequence[Field], name: str) -> FrameError:
    count = len(candidates)
    if all(candidate.name == candidates[0].name for candidate in candidates):
        message = f"column {name!r} is ambiguous: {count} columns have this name"
        hint = 'say which: left["x"] of the frame it came from, or .alias("a") before the join and col("a.x") after'
        return FrameError(message, hint=hint)
    return FrameError(
        f"column {name!r} is ambiguous: {', '.join(repr(candidate.name) for candidate in candidates)} differ in case"
    )


def add_slots(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields with slots made unique without regard to case, as SQL engines compare names."""
    taken: set[str] = set()
    result = []
    for item in fields:
        slot, number = item.name or "_", 2
        while slot.casefold() in taken:
            slot, number = f"{item.name}_{number}", number + 1
        taken.add(slot.casefold())
        result.append(replace(item, slot=slot, side=None))
    return tuple(result)
