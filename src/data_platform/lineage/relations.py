"""The relations of a FROM, and what a name means there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from data_platform.errors import BadInput
from data_platform.lineage.meaning import FILTER, GROUP_BY, TRANSFORMATION, How
from data_platform.lineage.uses import ColumnUse

Uses = frozenset[ColumnUse[str]]
Named = tuple[tuple[str, ...], "Relation"]
"""The name of a table in FROM, its parts casefolded, and its relation."""

NONE: Uses = frozenset()


@dataclass(frozen=True)
class Relation:
    """A table or the result of a query: its columns in order, each with its uses, and what decides about its rows.

    `rest` are the uses of columns that cannot be named before the query runs; None where there are no such columns.
    """

    names: tuple[str, ...]
    uses: tuple[Uses, ...]
    rows: Uses = NONE
    rest: Uses | None = None

    @cached_property
    def columns(self) -> Mapping[str, Uses]:
        """The uses by casefolded name; of two columns of one name the first."""
        return {name.casefold(): uses for name, uses in zip(reversed(self.names), reversed(self.uses), strict=True)}

    @property
    def all_uses(self) -> Uses:
        """The uses of every column."""
        return merge_uses(self.uses) | (self.rest or NONE)

    def rename(self, names: Sequence[str]) -> Relation:
        """The relation with its first columns renamed, as `AS t(a, b)` does."""
        if not names:
            return self
        if self.rest is not None:
            return Relation(tuple(names), (self.all_uses,) * len(names), self.rows, self.rest)
        return Relation((*names, *self.names[len(names) :])[: len(self.names)], self.uses, self.rows)

    def uses_at(self, position: int) -> Uses:
        """The uses of a column by its position, from 1."""
        return self.uses[position - 1] if self.rest is None else self.all_uses

    def with_deciding(self, uses: Uses) -> Relation:
        """The relation with more that decides about its rows."""
        return self if uses <= self.rows else Relation(self.names, self.uses, self.rows | uses, self.rest)


def merge_uses(sets: Iterable[Uses]) -> Uses:
    """All uses of several sets."""
    return frozenset().union(*sets)


@dataclass
class QueryScope:
    """What names mean inside one SELECT; `outer` is the query around it, whose columns are seen as well.

    `merged` are the columns that USING made of two, `hidden` the second of the two, by the place of its source.
    """

    tables: dict[str, Relation]
    outer: QueryScope | None = None
    sources: list[Named] = field(default_factory=list)
    merged: dict[str, Uses] = field(default_factory=dict)
    hidden: set[tuple[int, str]] = field(default_factory=set)
    aliases: dict[str, Uses] = field(default_factory=dict)
    windows: Uses = NONE

    def resolve(self, parts: Sequence[str], *, aliases_first: bool = False) -> Uses | None:
        """The uses of a column by the parts of its name, casefolded; None for an unknown one."""
        candidates: list[Uses] = []
        scope: QueryScope | None = self
        while scope is not None:
            if aliases_first and len(parts) == 1 and parts[0] in scope.aliases:
                return scope.aliases[parts[0]]
            here = scope._resolve_here(parts)
            if here is not None:
                return merge_uses([*candidates, here])
            candidates += [rest for _, source in scope.sources if (rest := source.rest) is not None]
            scope = scope.outer
        return merge_uses(candidates) if candidates else None

    def has(self, qualifier: Sequence[str]) -> bool:
        """Whether `qualifier.*` means a table here."""
        return any(_is_named(name, qualifier) for name, _ in self.sources)

    def expand_star(self, qualifier: Sequence[str] = ()) -> Relation:
        """The columns of `*` or `qualifier.*`; `*` gives a column merged by USING once."""
        merged = {} if qualifier else dict(self.merged)
        selected = [
            (at, source)
            for at, (name, source) in enumerate(self.sources)
            if not qualifier or _is_named(name, qualifier)
        ]
        columns = [
            (column, merged.pop(column.casefold(), uses))
            for at, source in selected
            for column, uses in zip(source.names, source.uses, strict=True)
            if qualifier or (at, column.casefold()) not in self.hidden
        ]
        open_ = [source.rest for _, source in selected if source.rest is not None]
        names, values = zip(*columns, strict=True) if columns else ((), ())
        return Relation(names, values, rest=merge_uses(open_) if open_ else None)

    def _resolve_here(self, parts: Sequence[str]) -> Uses | None:
        first, *path = parts
        if not path and first in self.merged:
            return self.merged[first]
        for name, source in self.sources:
            for length in range(1, min(len(path), len(name)) + 1):
                uses = source.columns.get(parts[length]) if _is_named(name, parts[:length]) else None
                if uses is not None:
                    return uses if len(parts) == length + 1 else apply_way(uses)
                if _is_named(name, parts[:length]) and source.rest is not None:
                    return source.rest
        for _, source in self.sources:
            if first in source.columns:
                return apply_way(source.columns[first]) if path else source.columns[first]
        if first in self.aliases:
            return apply_way(self.aliases[first]) if path else self.aliases[first]
        whole = [source.all_uses for name, source in self.sources if not path and _is_named(name, parts)]
        return apply_way(merge_uses(whole)) if whole else None


def merge_relations(node: exp.SetOperation, left: Relation, right: Relation) -> Relation:
    """UNION, EXCEPT or INTERSECT of two; of the latter two the right side only decides which rows stay."""
    rows = left.rows | right.rows
    if not isinstance(node, exp.Union):
        rows |= apply_way(right.all_uses, FILTER)
        right = Relation(left.names, (NONE,) * len(left.names))
    result = _merge_by_name(left, right) if node.args.get("by_name") else _merge_by_position(left, right)
    if node.args.get("distinct"):
        rows |= apply_way(result.all_uses, GROUP_BY)
    return result.with_deciding(rows)


def find_uses(sources: Iterable[Named], column: str) -> Uses | None:
    """The uses of a column of the first source that has it; of one that may have it, all it is made of."""
    matches = (source.columns.get(column, source.rest) for _, source in sources)
    return next((uses for uses in matches if uses is not None), None)


def _merge_by_position(left: Relation, right: Relation) -> Relation:
    if left.rest is not None or right.rest is not None:
        return Relation((), (), rest=left.all_uses | right.all_uses)
    if len(left.names) != len(right.names):
        raise BadInput(f"the query unites {len(left.names)} with {len(right.names)} columns")
    return Relation(left.names, tuple(one | two for one, two in zip(left.uses, right.uses, strict=True)))


def _merge_by_name(left: Relation, right: Relation) -> Relation:
    if left.rest is not None or right.rest is not None:
        return Relation((), (), rest=left.all_uses | right.all_uses)
    names = {name.casefold(): name for name in (*reversed(right.names), *reversed(left.names))}
    order = list(dict.fromkeys(name.casefold() for name in (*left.names, *right.names)))
    uses = (left.columns.get(key, NONE) | right.columns.get(key, NONE) for key in order)
    return Relation(tuple(names[key] for key in order), tuple(uses))


def apply_way(uses: Uses, how: How = TRANSFORMATION) -> Uses:
    """The uses at the end of a further way."""
    return frozenset(how.apply_to(use) for use in uses)


def _is_named(name: Sequence[str], written: Sequence[str]) -> bool:
    """Whether a source is meant: `orders.fact` may be called `fact` too."""
    return tuple(name[-len(written) :]) == tuple(written)
