"""How one column is made from others, in the words of OpenLineage's columnLineage facet 1-2-0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
S = TypeVar("S")

Type = Literal["DIRECT", "INDIRECT"]

ELSEWHERE = "*"
"""The field of columns whose names are known only when the query runs (PIVOT, a table function)."""


@dataclass(frozen=True, slots=True, order=True)
class ColumnUse(Generic[T]):
    """One column of one table, and what it does there: an `inputField` with one of its `transformations`.

    A DIRECT use gives its value: IDENTITY, TRANSFORMATION or AGGREGATION. An INDIRECT one decides about it: JOIN,
    GROUP_BY, FILTER, SORT, WINDOW or CONDITIONAL. `masking` is true where no row's own value can be read from the
    result: hashes, counts, and statistics over many rows.
    """

    table: T
    column: str
    type: Type
    subtype: str
    masking: bool = False

    @property
    def hands_on(self) -> bool:
        """Whether values of the column can be read from the result."""
        return self.type == "DIRECT" and not self.masking


@dataclass(frozen=True, slots=True)
class ColumnLineage(Generic[T]):
    """What each output column is made from, and in `dataset` what decides which rows there are and in what order.

    A constant column has an empty set; of a column that is missing nothing is known.
    """

    fields: Mapping[str, frozenset[ColumnUse[T]]] = field(default_factory=dict)
    dataset: frozenset[ColumnUse[T]] = frozenset()

    def of(self, column: str) -> frozenset[ColumnUse[T]]:
        """All that can change the values of a column; KeyError for one that is not there."""
        return self.fields[column] | self.dataset

    def map_uses(self, change: Callable[[ColumnUse[T]], ColumnUse[S] | None]) -> ColumnLineage[S]:
        """The same with other uses; those for which `change` gives None are left out."""

        def map_set(uses: frozenset[ColumnUse[T]]) -> frozenset[ColumnUse[S]]:
            return frozenset(use for use in map(change, uses) if use is not None)

        return ColumnLineage({name: map_set(uses) for name, uses in self.fields.items()}, map_set(self.dataset))
