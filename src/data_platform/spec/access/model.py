"""What `access:` of a product or an output says: who may read it, which columns and rows, and who decides.

What is undeclared is None or empty. An output overrides its product field by field; `effective_…` is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum

from data_platform.spec.access.masks import Mask
from data_platform.spec.access.row_filters import Condition


class Visibility(StrEnum):
    """Who may read without an entry of `readers` and without a grant. Public still needs sign-in."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


class ColumnClass(StrEnum):
    """A class of columns that is opened at once."""

    ALL = "all"
    NON_PERSONAL = "non_personal"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """A condition with the text that it was written as."""

    text: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class ReaderConditions:
    """Who is meant: each field that is not empty must have one of its values."""

    teams: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " and ".join(
            f"{one.name} {', '.join(getattr(self, one.name))}" for one in fields(self) if getattr(self, one.name)
        )


@dataclass(frozen=True, slots=True)
class ReaderEntry:
    """An entry of `readers`: it opens columns and rows to those who meet `who`, or denies them everything.

    `columns` None are those without personal data, `rows` None are all. `line` is that of product.yaml.
    """

    who: ReaderConditions
    columns: ColumnClass | tuple[str, ...] | None = None
    rows: RowFilter | None = None
    deny: bool = False
    line: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        columns = self.effective_columns
        opened = columns.value if isinstance(columns, ColumnClass) else ", ".join(columns)
        rows = "" if self.rows is None else f", rows {self.rows.text}"
        return f"{self.who}: {'denied' if self.deny else f'columns {opened}{rows}'}"

    @property
    def effective_columns(self) -> ColumnClass | tuple[str, ...]:
        """The columns that it opens."""
        return ColumnClass.NON_PERSONAL if self.columns is None else self.columns


@dataclass(frozen=True, slots=True)
class AccessSpec:
    """The fields of `access`. `lines` are their lines in product.yaml.

    `rows` counts for every reader but the owner. `approvers` decide about requests instead of the owner.
    `auto_approve` are conditions of which one suffices; personal data is never opened by them.
    """

    visibility: Visibility | None = None
    discoverable: bool | None = None
    readers: tuple[ReaderEntry, ...] | None = None
    rows: RowFilter | None = None
    masks: Mapping[str, Mask] = field(default_factory=dict, hash=False)
    auto_approve: tuple[ReaderConditions, ...] | None = None
    max_duration: timedelta | None = None
    max_duration_text: str | None = None
    terms: str | None = None
    approvers: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def effective_visibility(self) -> Visibility:
        """The visibility; internal when none is declared."""
        return self.visibility or Visibility.INTERNAL

    def list_conditions(self) -> tuple[ReaderConditions, ...]:
        """Whom the entries of `readers` and of `auto_approve` mean."""
        return (*(entry.who for entry in self.readers or ()), *(self.auto_approve or ()))

    @property
    def is_discoverable(self) -> bool:
        """Whether those who may not read it learn that it exists; yes when nothing is declared."""
        return self.discoverable is not False


NOTHING_DECLARED = AccessSpec()
FIELDS = tuple(one.name for one in fields(AccessSpec) if one.name != "lines")
"""The fields that a product declares."""


def list_declared(access: AccessSpec) -> frozenset[str]:
    """The fields that are declared; lists of readers and of automatic approvals may be declared empty."""
    return frozenset(name for name in FIELDS if getattr(access, name) != getattr(NOTHING_DECLARED, name))


def override_access(product: AccessSpec, output: AccessSpec) -> AccessSpec:
    """The access of an output: its own fields, and its product's where it declares none."""
    own = list_declared(output)
    values = {name: getattr(output if name in own else product, name) for name in FIELDS}
    lines = {name: line for name, line in product.lines.items() if name not in own} | dict(output.lines)
    return AccessSpec(**values, lines=lines)
