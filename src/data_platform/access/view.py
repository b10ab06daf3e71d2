"""What a reader sees of a table: its visible rows, with the values of some columns masked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data_platform.spec.access.columns import list_condition_columns
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.row_filters import EVERY_ROW, NO_ROW, Condition


@dataclass(frozen=True, slots=True)
class TableView:
    """The rows that meet `condition`, with `masks` in place of the values of those columns.

    The condition reads the unmasked values and holds no attribute of the principal any more. Everything that a reader
    computes sees only what is left: the filter is applied first, then the masks, then the reader's own query.
    """

    masks: Mapping[str, Mask] = field(default_factory=lambda: MappingProxyType({}))
    condition: Condition = EVERY_ROW

    @property
    def constants(self) -> frozenset[str]:
        """The columns whose values are not read: their mask is the same for every row."""
        return frozenset(name for name, mask in self.masks.items() if not mask.reads_values)

    @property
    def is_computed(self) -> bool:
        """Whether rows are left out, or masks made from values, before a query gets the rows."""
        return self.condition != EVERY_ROW or len(self.constants) < len(self.masks)

    @property
    def needs_key(self) -> bool:
        """Whether a mask is computed with the key of the mesh."""
        return any(mask.kind is MaskKind.HASH for mask in self.masks.values())

    def without_values(self, columns: Collection[str]) -> TableView:
        """The view where `columns` have no values any more: masks are as of none, and a filter over one has no row."""
        masks = {name: mask.without_value if name in columns else mask for name, mask in self.masks.items()}
        is_testable = list_condition_columns(self.condition).isdisjoint(columns)
        return TableView(masks, self.condition if is_testable else NO_ROW)


WHOLE_TABLE = TableView()
"""Every row, with nothing masked."""
