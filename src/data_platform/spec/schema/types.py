"""The types a column may have, and the schema of a table, as plain data.

The set is Iceberg v2's (https://iceberg.apache.org/spec/#schemas-and-data-types), because that is what is stored.
The modules named after JSON Schema, Avro, Arrow and Iceberg define how each type is written there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The types without parameters, by their Iceberg names."""

    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    STRING = "string"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Primitive:
    """A type without parameters; times and timestamps count microseconds, `timestamptz` is stored in UTC."""

    kind: Kind

    def __str__(self) -> str:
        return self.kind.value


@dataclass(frozen=True, slots=True)
class Decimal:
    """A fixed-point number of `precision` digits (1 to 38), `scale` of them after the point."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True, slots=True)
class Fixed:
    """Binary of exactly `length` bytes."""

    length: int

    def __str__(self) -> str:
        return f"fixed[{self.length}]"


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a schema demands of a column's values beyond its type, in JSON Schema's words; None demands nothing."""

    enum: tuple[str | int | float | bool, ...] | None = None
    minimum: float | int | None = None
    maximum: float | int | None = None
    exclusive_minimum: float | int | None = None
    exclusive_maximum: float | int | None = None
    multiple_of: float | int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False


NO_CONSTRAINTS = Constraints()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; `element_required` says that no element is null, `constraints` what each element must be."""

    element: DataType
    element_required: bool = False
    constraints: Constraints = NO_CONSTRAINTS

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from text (or another primitive) to values; `constraints` says what each value must be."""

    key: DataType
    value: DataType
    value_required: bool = False
    constraints: Constraints = NO_CONSTRAINTS

    def __str__(self) -> str:
        return f"map<{self.key}, {self.value}>"


@dataclass(frozen=True, slots=True)
class Struct:
    """A record inside a column."""

    fields: tuple[SchemaColumn, ...]

    def __str__(self) -> str:
        return "struct<" + ", ".join(f"{f.name}: {f.type}" for f in self.fields) + ">"


DataType = Primitive | Decimal | Fixed | ListOf | MapOf | Struct
ENCRYPTION = "aes-256-gcm"


@dataclass(frozen=True, slots=True)
class Anonymised:
    """The declaration that a column made from personal data is none: from which columns, and how.

    `sources` are `product.output.column`. It counts once a governor has approved it.
    """

    sources: tuple[str, ...]
    method: str

    def __str__(self) -> str:
        return f"from {', '.join(self.sources)}: {self.method}"

    def to_json(self) -> dict[str, Any]:
        """The declaration as schemas and the record write it."""
        return {"from": list(self.sources), "method": self.method}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Anonymised:
        """The declaration that `to_json` wrote."""
        return cls(tuple(stored["from"]), stored["method"])


@dataclass(frozen=True, slots=True)
class SchemaColumn:
    """A column or nested field; `encryption` is None (not asked for), "none" (waived) or "aes-256-gcm".

    `not_pii` is the reason why values that look like personal data are none: those of the column itself, in its lists
    and maps, and not those of fields inside it, which have their own. `term` is what the column means, as the glossary
    of the mesh calls it.
    """

    name: str
    type: DataType
    required: bool = False
    description: str | None = None
    tags: tuple[str, ...] = ()
    encryption: str | None = None
    constraints: Constraints = field(default=NO_CONSTRAINTS)
    not_pii: str | None = None
    anonymised: Anonymised | None = None
    term: str | None = None

    @property
    def pii(self) -> bool:
        """Whether the column, or a field inside it, holds personal data."""
        if isinstance(self.type, Primitive):
            return "pii" in self.tags
        return "pii" in self.tags or any(inner.pii for inner in iterate_fields(self.type))

    def list_not_pii(self) -> Iterator[tuple[str, str]]:
        """The annotations `not_pii` of the column ("") and of the fields inside it, by their path from it."""
        if self.not_pii is not None:
            yield "", self.not_pii
        for inner in iterate_fields(self.type):
            for path, reason in inner.list_not_pii():
                yield f"{inner.name}.{path}" if path else inner.name, reason

    def list_terms(self) -> Iterator[tuple[str, str]]:
        """The terms of the column and of the fields inside it, by their names and paths."""
        if self.term is not None:
            yield self.name, self.term
        for inner in iterate_fields(self.type):
            for path, term in inner.list_terms():
                yield f"{self.name}.{path}", term

    @property
    def encrypted(self) -> bool:
        """Whether the column's bytes are stored encrypted; one encrypted field inside is enough for that."""
        return self.encryption not in (None, "none") or any(inner.encrypted for inner in iterate_fields(self.type))


def iterate_fields(kind: DataType) -> Iterator[SchemaColumn]:
    """The named fields directly inside a type, looking through lists and maps."""
    match kind:
        case Struct(fields):
            yield from fields
        case ListOf(element=element):
            yield from iterate_fields(element)
        case MapOf(key=key, value=value):
            yield from iterate_fields(key)
            yield from iterate_fields(value)


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The contract of an output's columns, in order."""

    columns: tuple[SchemaColumn, ...]
    description: str | None = None

    def __iter__(self) -> Iterator[SchemaColumn]:
        return iter(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def get(self, name: str) -> SchemaColumn | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def masked(self) -> tuple[str, ...]:
        """The columns whose values need clearance: PII and encrypted columns."""
        return tuple(column.name for column in self.columns if column.pii or column.encrypted)


FieldIds = dict[str, int]
"""Iceberg field ids by dotted path: `a`, `a.b` (struct), `a.element` (list), `a.key`, `a.value` (map)."""
