"""Decisions, and what a reader sees by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data_platform.access.view import TableView, join_views
from data_platform.sentences import Sentence
from data_platform.spec.access.columns import fits_schema
from data_platform.spec.access.masks import REDACT, Mask
from data_platform.spec.access.model import ColumnClass
from data_platform.spec.access.row_filters import EVERY_ROW, NO_ROW, Condition, join_conditions, unite_conditions
from data_platform.spec.schema.types import TableSchema

PRODUCT = ""
"""The name under which a product's own access is, for outputs that it does not list."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What one line opens: columns, personal ones only if `personal`, and the rows that meet `rows`."""

    line: str
    columns: ColumnClass | frozenset[str] = ColumnClass.NON_PERSONAL
    personal: bool = False
    rows: Condition = EVERY_ROW

    def opens(self, column: str, *, is_personal: bool, is_masked: bool) -> bool:
        """Whether a column is clear: one with a declared mask only where it is named, or all are opened."""
        if is_personal and not self.personal:
            return False
        if isinstance(self.columns, frozenset):
            return column in self.columns
        return self.columns is ColumnClass.ALL or not is_masked


@dataclass(frozen=True, slots=True)
class ReadView:
    """What a reader sees of an output: rows that one of the openings opens, each with the columns that are open on it.

    So a further opening takes nothing away, and no cell is clear that none of them has clear. `rows` has to be met too;
    `masks` are those that the output declares. Without an opening nothing is seen. The conditions hold the attributes
    of the reader already.
    """

    openings: tuple[Opening, ...] = ()
    rows: Condition = EVERY_ROW
    masks: Mapping[str, Mask] = field(default_factory=dict, hash=False)

    @property
    def opens_everything(self) -> bool:
        """Whether every row is seen, and an opening has every column on all of them, personal ones too."""
        return self.rows == EVERY_ROW and any(
            opening.personal and opening.columns is ColumnClass.ALL and opening.rows == EVERY_ROW
            for opening in self.openings
        )

    def build_table_view(self, schema: TableSchema, personal: Collection[str]) -> TableView:
        """What is seen of a table; a condition that its columns do not bear is met by no row."""
        opened = [(one, rows) for one in self.openings if (rows := _fit(one.rows, schema)) != NO_ROW]
        visible = {rows for _, rows in opened}
        masks: dict[str, Mask] = {}
        clear_rows: dict[str, Condition] = {}
        for name in schema.names:
            is_personal, is_masked = name in personal, name in self.masks
            clear = [rows for one, rows in opened if one.opens(name, is_personal=is_personal, is_masked=is_masked)]
            if EVERY_ROW in clear or (clear and visible <= set(clear)):
                continue
            masks[name] = self.masks.get(name, REDACT)
            if clear:
                clear_rows[name] = unite_conditions(clear)
        rows_seen = unite_conditions([rows for _, rows in opened])
        return TableView(masks, join_conditions(_fit(self.rows, schema), rows_seen), clear_rows)


SEES_NOTHING = ReadView()
NON_PERSONAL = ReadView((Opening("non-personal columns"),))


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision and its reason.

    `views` are what is seen of each output, by its name in product.yaml: all of them limit, for an agent and its person
    see what both may see. With `hides_personal_data` some column of personal data may be masked, or some row hidden.
    `lines` are those that decided. `is_hidden`: the product is to be as if it was not there.
    """

    allowed: bool
    reason: Sentence
    hides_personal_data: bool = False
    views: Mapping[str, tuple[ReadView, ...]] = field(default_factory=lambda: MappingProxyType({}))
    lines: tuple[str, ...] = ()
    is_hidden: bool = False

    @property
    def is_by_classes(self) -> bool:
        """Whether what is seen of a column depends on whether it is personal data."""
        return bool(self.views) or self.hides_personal_data

    @property
    def is_forbidden(self) -> bool:
        """Whether a line denies it, so that no grant opens it."""
        return not self.allowed and bool(self.lines)

    def find_views(self, output: str) -> tuple[ReadView, ...]:
        """The views of an output, by its name in product.yaml with or without a major."""
        base = output.partition("@")[0]
        if not self.views:
            return (NON_PERSONAL,) if self.hides_personal_data else ()
        return self.views.get(base) or self.views.get(PRODUCT) or (SEES_NOTHING,)

    def view_columns(self, output: str, schema: TableSchema, personal: Collection[str]) -> TableView:
        """What is seen of a table of that output, whose columns `personal` are personal data."""
        return join_views(view.build_table_view(schema, personal) for view in self.find_views(output))


def _fit(condition: Condition, schema: TableSchema) -> Condition:
    return condition if fits_schema(condition, schema) else NO_ROW
