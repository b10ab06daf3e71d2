"""What a reader sees of a table: its visible rows, with the values of some columns masked, on all or some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data_platform.spec.access.columns import list_condition_columns, remove_columns
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.row_filters import EVERY_ROW, NO_ROW, Condition, join_conditions


@dataclass(frozen=True, slots=True)
class TableView:
    """The rows that meet `condition`, with `masks` in place of the values of those columns.

    A column of `masks` that is in `clear_rows` too keeps its value on the rows that meet the condition there, and is
    masked on the others. Conditions read the unmasked values and hold no attribute of the principal any more.
    Everything that a reader computes sees only what is left: the filter is applied first, then the masks, then the
    reader's own query.
    """

    masks: Mapping[str, Mask] = field(default_factory=lambda: MappingProxyType({}))
    condition: Condition = EVERY_ROW
    clear_rows: Mapping[str, Condition] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def constants(self) -> frozenset[str]:
        """The columns whose values are not read: their mask is the same for every row."""
        return frozenset(
            name for name, mask in self.masks.items() if not mask.reads_values and name not in self.clear_rows
        )

    @property
    def is_computed(self) -> bool:
        """Whether rows are left out, or masks made from values, before a query gets the rows."""
        return self.condition != EVERY_ROW or len(self.constants) < len(self.masks)

    @property
    def needs_key(self) -> bool:
        """Whether a mask is computed with the key of the mesh."""
        return any(mask.kind is MaskKind.HASH for mask in self.masks.values())

    def list_tested_columns(self, scanned: Collection[str] | None = None) -> frozenset[str]:
        """The columns that conditions read where the columns `scanned` are scanned; None: all of them."""
        clear = (rows for name, rows in self.clear_rows.items() if scanned is None or name in scanned)
        return list_condition_columns(self.condition).union(*map(list_condition_columns, clear))

    def without_values(self, columns: Collection[str]) -> TableView:
        """The view where `columns` have no values any more: masks are as of none, and no row meets what tests one."""
        masks = {name: mask.without_value if name in columns else mask for name, mask in self.masks.items()}
        condition = remove_columns(self.condition, columns)
        clear_rows = {
            name: remove_columns(rows, columns) for name, rows in self.clear_rows.items() if name not in columns
        }
        clear_rows = {name: rows for name, rows in clear_rows.items() if rows != NO_ROW}
        return TableView(masks, condition, clear_rows)

    def with_masks(self, masks: Mapping[str, Mask]) -> TableView:
        """The view with those columns masked on every row too; a mask of its own stays."""
        clear_rows = {name: rows for name, rows in self.clear_rows.items() if name not in masks}
        return TableView({**masks, **self.masks}, self.condition, clear_rows)


WHOLE_TABLE = TableView()
"""Every row, with nothing masked."""


def join_views(views: Iterable[TableView]) -> TableView:
    """What all of the views show: a value is clear where none of them masks it."""
    joined = list(views)
    masks = {name: mask for view in joined for name, mask in view.masks.items()}
    masking = {name: [view for view in joined if name in view.masks] for name in masks}
    clear_rows = {
        name: join_conditions(*(view.clear_rows[name] for view in those))
        for name, those in masking.items()
        if all(name in view.clear_rows for view in those)
    }
    condition = join_conditions(*(view.condition for view in joined))
    return TableView(masks, condition, clear_rows) if masks or condition != EVERY_ROW else WHOLE_TABLE
