"""What a name means: columns are found among a frame's fields, or the error says which there are.

A reference made by `df["x"]` means that very column, wherever it has come to since. Every other name is looked up,
letter for letter first and then, as Spark does, without regard to case: as a whole (`a.b` may be a column's name), as
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

    def column(self) -> exp.Column:
        """The plan's reference to this field."""
        return exp.column(exp.to_identifier(self.slot, quoted=True), table=self.side)


def new_id() -> int:
    """An id that no field has."""
    return next(_ids)


def resolve(expression: exp.Expr, fields: Sequence[Field]) -> exp.Expr:
    """A copy of `expression` that refers to slots; FrameError for what cannot be found or is ambiguous."""
    return _resolve(expression.copy(), fields, frozenset())


def _resolve(node: exp.Expr, fields: Sequence[Field], locals_: frozenset[str]) -> exp.Expr:
    if isinstance(node, exp.Column):
        return _found(node, fields, locals_)
    if isinstance(node, exp.Lambda):
        locals_ = locals_ | {parameter.name for parameter in node.expressions}
    for key, child in list(node.args.items()):
        if isinstance(child, exp.Expr):
            node.set(key, _resolve(child, fields, locals_))
        elif isinstance(child, list):
            node.set(key, [_resolve(item, fields, locals_) if isinstance(item, exp.Expr) else item for item in child])
    return node


def _found(node: exp.Column, fields: Sequence[Field], locals_: frozenset[str]) -> exp.Expr:
    parts = node.meta.get("parts") or tuple(part.name for part in node.parts)
    if parts[0] in locals_:
        return _dotted(exp.to_identifier(parts[0]), parts[1:])
    if isinstance(node.this, exp.Star):
        raise FrameError("* stands for all columns and belongs in select() or count() only")
    bound = [each for each in fields if each.id == node.meta.get("field")]
    if len(bound) > 1:
        raise _ambiguous(bound, parts[-1])
    found, path = (bound[0], ()) if bound else lookup(parts, fields, node.meta.get("whole"))
    return _dotted(found.column(), path)


def _dotted(base: exp.Expr, path: Sequence[str]) -> exp.Expr:
    for name in path:
        base = exp.Dot(this=base, expression=exp.to_identifier(name, quoted=True))
    return base


def lookup(parts: Sequence[str], fields: Sequence[Field], whole: str | None = None) -> tuple[Field, tuple[str, ...]]:
    """The field that a dotted name means, and the struct fields below it."""
    dotted = ".".join(parts)
    for name, candidates, path in _readings(parts, fields, (whole or dotted, dotted)):
        named = [each for each in candidates if _same(each.name, name)]
        exact = [each for each in named if each.name == name] or named
        if len(exact) > 1:
            raise _ambiguous(exact, name)
        if exact:
            return exact[0], tuple(path)
    raise unknown(dotted, [each.name for each in fields])


def _readings(
    parts: Sequence[str], fields: Sequence[Field], wholes: Sequence[str]
) -> Iterator[tuple[str, Sequence[Field], Sequence[str]]]:
    """What a dotted name may mean, the likeliest first: a column's name, the fields it is sought in, the path below."""
    for whole in dict.fromkeys(wholes):
        yield whole, fields, ()
    if len(parts) > 1:
        yield parts[1], [each for each in fields if each.qualifier and _same(each.qualifier, parts[0])], parts[2:]
        yield parts[0], fields, parts[1:]


def find(name: str, fields: Sequence[Field]) -> Field:
    """The field of that very name (no dots read into it)."""
    return lookup((name,), fields, name)[0]


def _same(one: str, other: str) -> bool:
    return one == other or one.casefold() == other.casefold()


def unknown(name: str, names: Iterable[str]) -> FrameError:
    """The error for a name that is none of `names`, with the nearest one."""
    known = list(dict.fromkeys(names))
    by_fold = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    listed = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    hint = f"did you mean {by_fold[near[0]]!r}?" if near else f"the columns are: {listed or '(none)'}"
    return FrameError(f"there is no column {name!r}", hint=hint)


def _ambiguous(candidates: Sequence[Field], name: str) -> FrameError:
    count = len(candidates)
    if all(each.name == candidates[0].name for each in candidates):
        message = f"column {name!r} is ambiguous: {count} columns have this name"
        hint = 'say which: left["x"] of the frame it came from, or .alias("a") before the join and col("a.x") after'
        return FrameError(message, hint=hint)
    return FrameError(
        f"column {name!r} is ambiguous: {', '.join(repr(each.name) for each in candidates)} differ in case"
    )


def slotted(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields with slots made unique without regard to case, as SQL engines compare names."""
    taken: set[str] = set()
    result = []
    for each in fields:
        slot, number = each.name or "_", 2
        while slot.casefold() in taken:
            slot, number = f"{each.name}_{number}", number + 1
        taken.add(slot.casefold())
        result.append(replace(each, slot=slot, side=None))
    return tuple(result)
