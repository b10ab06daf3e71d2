"""The objects that a condition's code reads: the contract with its parts connected, built once for all policies.

A column without anything nested is the contract's own; one with fields inside, and each of those, is a Field.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from data_platform.governance.facts import Consumer, Facts, Missing, QualityFact, Unknown, measure_age
from data_platform.spec.access.model import ColumnClass, ReaderEntry
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import (
    ENCRYPTION,
    Constraints,
    DataType,
    Decimal,
    Fixed,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
    iterate_fields,
)


@dataclass(frozen=True, slots=True)
class FieldView:
    """A column with fields inside, or one of them; fields of an encrypted column are encrypted."""

    name: str
    path: str
    type: DataType
    required: bool
    description: str | None
    tags: tuple[str, ...]
    encryption: str | None
    pii: bool
    constraints: Constraints
    nested: bool


class SchemaView:
    """An output's columns with all that is nested in them, from the outside to the inside."""

    __slots__ = ("columns", "description")

    def __init__(self, schema: TableSchema) -> None:
        self.description = schema.description
        self.columns: tuple[SchemaColumn | FieldView, ...] = schema.columns
        if any(type(column.type) in _NESTING for column in schema.columns):
            self.columns = tuple(_with_nested(schema.columns))


_NESTING = frozenset([ListOf, MapOf, Struct])


def _with_nested(columns: Sequence[SchemaColumn]) -> Iterator[SchemaColumn | FieldView]:
    for column in columns:
        if type(column.type) in _NESTING:
            sealed = ENCRYPTION if column.encrypted else None
            yield from _expand_field(column, column.name, sealed, nested=False)
        else:
            yield column


def _expand_field(column: SchemaColumn, path: str, sealed: str | None, *, nested: bool) -> Iterator[FieldView]:
    shared = (column.required, column.description, column.tags, sealed, column.pii, column.constraints)
    yield FieldView(column.name, path, column.type, *shared, nested)
    for inner in iterate_fields(column.type):
        yield from _expand_field(inner, f"{path}.{inner.name}", sealed, nested=True)


class QualityView:
    """An output's newest judgement, with its age now."""

    __slots__ = ("_dimensions", "age", "outcome", "score")

    def __init__(self, quality: QualityFact, now: datetime) -> None:
        self.score, self.outcome, self.age = quality.score, quality.outcome, now - quality.at
        self._dimensions = quality.dimensions

    def get_score(self, dimension: str) -> float | None:
        """The score of one dimension."""
        return self._dimensions.get(dimension)


class ConsumerView:
    """A reader, with the time since its last read."""

    __slots__ = ("columns", "domain", "idle", "name", "output", "owner")

    def __init__(self, consumer: Consumer, now: datetime) -> None:
        self.name, self.output = consumer.name, consumer.output
        self.owner, self.domain, self.columns = consumer.owner, consumer.domain, consumer.columns
        self.idle = measure_age(consumer.last_read, now)


class OutputView:
    """An output with its schema and its judgement; `label` distinguishes the majors of an output."""

    __slots__ = ("_quality", "access", "label", "opens_personal_data", "output", "schema")

    def __init__(self, output: Output, label: str, contract: Contract, quality: Callable[[str], QualityView]) -> None:
        schema = contract.schemas.get(label)
        self.output = output
        self.label = label
        self.schema = None if schema is None else SchemaView(schema)
        self.access = contract.product.find_access(output)
        personal = {*contract.product.pii_columns, *(() if schema is None else schema.masked)}
        self.opens_personal_data = any(_opens_any(entry, personal) for entry in self.access.readers or ())
        self._quality = quality

    @property
    def quality(self) -> QualityView:
        """Its newest judgement; Missing before the first."""
        return self._quality(self.label)


def _opens_any(entry: ReaderEntry, personal: Collection[str]) -> bool:
    """Whether a line of readers opens one of the columns."""
    columns = entry.effective_columns
    if entry.deny or not personal:
        return False
    return columns is ColumnClass.ALL if isinstance(columns, ColumnClass) else not set(columns).isdisjoint(personal)


class ProductView:
    """A product with its outputs."""

    __slots__ = ("outputs", "product")

    def __init__(self, contract: Contract, quality: Callable[[str], QualityView]) -> None:
        self.product = contract.product
        self.outputs = [
            OutputView(output, contract.product.label(output), contract, quality) for output in contract.product.outputs
        ]


class EvaluationContext:
    """The facts of one product as conditions read them; reading an UNKNOWN fact raises Missing."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.product = ProductView(facts.contract, self._read_quality)

    @cached_property
    def previous(self) -> ProductView | None:
        """The product before, or None."""
        if isinstance(self.facts.previous, Unknown):
            raise Missing("the contract before this change is not known here")
        return None if self.facts.previous is None else ProductView(self.facts.previous, _refuse_quality)

    @cached_property
    def consumers(self) -> Sequence[ConsumerView]:
        """Who reads the product."""
        if isinstance(self.facts.consumers, Unknown):
            raise Missing("who reads the product is not known here")
        return [ConsumerView(consumer, self.facts.now) for consumer in self.facts.consumers]

    @property
    def undeclared_inputs(self) -> Sequence[str]:
        """What the data was made from, and `inputs` does not name."""
        if isinstance(self.facts.undeclared_inputs, Unknown):
            raise Missing("what the data was made from is not known here")
        return self.facts.undeclared_inputs

    def _read_quality(self, output: str) -> QualityView:
        if isinstance(self.facts.quality, Unknown):
            raise Missing("quality is not known here")
        if output not in self.facts.quality:
            raise Missing(f"the quality of {output} has not been measured yet")
        return QualityView(self.facts.quality[output], self.facts.now)


def _refuse_quality(output: str) -> QualityView:
    raise Missing(f"the quality of {output} before this change is not known")


def format_path(column: SchemaColumn | FieldView) -> str:
    """The column's name with those around it."""
    return column.path if isinstance(column, FieldView) else column.name


def is_nested(column: SchemaColumn | FieldView) -> bool:
    """Whether it lies inside another."""
    return isinstance(column, FieldView) and column.nested


def get_encryption(column: SchemaColumn | FieldView) -> str | None:
    """How its bytes are sealed, None in clear."""
    return None if column.encryption == "none" else column.encryption


def name_kind(data_type: DataType) -> str:
    """The type's name without parameters."""
    return data_type.kind.value if isinstance(data_type, Primitive) else _KINDS[type(data_type)]


_KINDS: Mapping[type, str] = {Decimal: "decimal", Fixed: "fixed", ListOf: "list", MapOf: "map", Struct: "struct"}


def get_retention(product: Product) -> timedelta | None:
    """How long data is kept."""
    return None if product.retention_days is None else timedelta(days=product.retention_days)


def format_promise(value: object) -> str | None:
    """A promised value as text."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


HELPERS: Mapping[str, object] = {
    "path": format_path,
    "nested": is_nested,
    "sealing": get_encryption,
    "kind": name_kind,
    "retention": get_retention,
    "written": format_promise,
    "str": str,
    "len": len,
    "sum": sum,
    "any": any,
    "all": all,
    "bool": bool,
}
"""All functions that the generated code can call."""
