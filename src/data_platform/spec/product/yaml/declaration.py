"""The result of reading product.yaml: the product, and the claims that are checked against its schema files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from data_platform.spec.product.model import Product
from data_platform.spec.rules.model import Rule
from data_platform.spec.text.report import Place


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule and its place."""

    rule: Rule
    place: Place


@dataclass(frozen=True, slots=True)
class ColumnClaim:
    """`what` at `place` says that `output` has `column`; letter case does not matter, as in SQL."""

    output: str
    column: str
    what: str
    place: Place
    sql: bool = False

    def is_satisfied(self, columns: Collection[str]) -> bool:
        """Whether the column is one of the output's."""
        if self.sql:
            return self.column.casefold() in {column.casefold() for column in columns}
        return self.column in columns


@dataclass
class Claims:
    """What the file says about schemas: their places by output, the columns it names, the PII columns.

    `access` are the places of what `access` says of columns, such as `rows` or `masks.email`, and of the whole of it
    under the empty name: of the product or, once they are taken over, of the outputs in `output_access`.
    """

    schemas: dict[str, Place] = field(default_factory=dict)
    columns: list[ColumnClaim] = field(default_factory=list)
    pii: list[tuple[str, Place]] = field(default_factory=list)
    access: dict[str, Place] = field(default_factory=dict)
    output_access: dict[str, dict[str, Place]] = field(default_factory=dict)

    def take(self, own: Claims, label: str) -> None:
        """Adds the claims of one output under its unique label."""
        for place in own.schemas.values():
            self.schemas[label] = place
        self.output_access[label] = own.access
        self.columns += [replace(claim, output=label) for claim in own.columns]


@dataclass(frozen=True, slots=True)
class Reading:
    """A product (with empty text where the file was wrong, which the report knows) and its claims."""

    product: Product
    claims: Claims
