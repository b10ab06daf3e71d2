"""What a condition's code reads: the contract with its parts tied together, made once for all policies of a product.

A column without anything nested is the contract's own; one with fields inside, and each of those, is a Field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from data_platform.governance.facts import Consumer, Facts, Missing, Quality, Unknown, since
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import (
    ENCRYPTION,
    Column,
    Constraints,
    DataType,
    Decimal,
    Fixed,
    ListOf,
    MapOf,
    Primitive,
    Struct,
    TableSchema,
    fields_of,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column with fields inside, or one of them; sealed is what lies in a column that is."""

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
        self.columns: tuple[Column | Field, ...] = schema.columns
        if any(type(column.type) in _NESTING for column in schema.columns):
            self.columns = tuple(_with_nested(schema.columns))


_NESTING = frozenset([ListOf, MapOf, Struct])


def _with_nested(columns: Sequence[Column]) -> Iterator[Column | Field]:
    for column in columns:
        if type(column.type) in _NESTING:
            sealed = ENCRYPTION if column.encrypted else None
            yield from _fields(column, column.name, sealed, nested=False)
        else:
            yield column


def _fields(column: Column, path: str, sealed: str | None, *, nested: bool) -> Iterator[Field]:
    shared = (column.required, column.description, column.tags, sealed, column.pii, column.constraints)
    yield Field(column.name, path, column.type, *shared, nested)
    for inner in fields_of(column.type):
        yield from _fields(inner, f"{path}.{inner.name}", sealed, nested=True)


class QualityView:
    """An output's newest judgement, seen now."""

    __slots__ = ("_dimensions", "age", "outcome", "score")

    def __init__(self, quality: Quality, now: datetime) -> None:
        self.score, self.outcome, self.age = quality.score, quality.outcome, now - quality.at
        self._dimensions = quality.dimensions

    def part(self, dimension: str) -> float | None:
        """The score of one dimension."""
        return self._dimensions.get(dimension)


class ConsumerView:
    """A reader, seen now."""

    __slots__ = ("columns", "domain", "idle", "name", "output", "owner")

    def __init__(self, consumer: Consumer, now: datetime) -> None:
        self.name, self.output = consumer.name, consumer.output
        self.owner, self.domain, self.columns = consumer.owner, consumer.domain, consumer.columns
        self.idle = since(consumer.last_read, now)


class OutputView:
    """An output with its schema and its judgement; `label` tells it from its namesakes of other majors."""

    __slots__ = ("_quality", "label", "output", "schema")

    def __init__(self, output: Output, label: str, contract: Contract, quality: Callable[[str], QualityView]) -> None:
        schema = contract.schemas.get(label)
        self.output = output
        self.label = label
        self.schema = None if schema is None else SchemaView(schema)
        self._quality = quality

    @property
    def quality(self) -> QualityView:
        """Its newest judgement; Missing before the first."""
        return self._quality(self.label)


class ProductView:
    """A product with its outputs."""

    __slots__ = ("outputs", "product")

    def __init__(self, contract: Contract, quality: Callable[[str], QualityView]) -> None:
        self.product = contract.product
        self.outputs = [
            OutputView(output, contract.product.label(output), contract, quality) for output in contract.product.outputs
        ]


class Context:
    """The facts of one product as conditions read them; what is UNKNOWN is Missing when it is asked for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.product = ProductView(facts.contract, self._quality)

    @cached_property
    def previous(self) -> ProductView | None:
        """The product before, or None."""
        if isinstance(self.facts.previous, Unknown):
            raise Missing("the contract before this change is not known here")
        return None if self.facts.previous is None else ProductView(self.facts.previous, _no_quality)

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

    def _quality(self, output: str) -> QualityView:
        if isinstance(self.facts.quality, Unknown):
            raise Missing("quality is not known here")
        if output not in self.facts.quality:
            raise Missing(f"the quality of {output} has not been measured yet")
        return QualityView(self.facts.quality[output], self.facts.now)


def _no_quality(output: str) -> QualityView:
    raise Missing(f"the quality of {output} before this change is not known")


def path(column: Column | Field) -> str:
    """The column's name with those around it."""
    return column.path if isinstance(column, Field) else column.name


def nested(column: Column | Field) -> bool:
    """Whether it lies inside another."""
    return isinstance(column, Field) and column.nested


def sealing(column: Column | Field) -> str | None:
    """How its bytes are sealed, None in clear."""
    return None if column.encryption == "none" else column.encryption


def kind(data_type: DataType) -> str:
    """The type's name without parameters."""
    return data_type.kind.value if isinstance(data_type, Primitive) else _KINDS[type(data_type)]


_KINDS: Mapping[type, str] = {Decimal: "decimal", Fixed: "fixed", ListOf: "list", MapOf: "map", Struct: "struct"}


def retention(product: Product) -> timedelta | None:
    """How long data is kept."""
    return None if product.retention_days is None else timedelta(days=product.retention_days)


def written(value: object) -> str | None:
    """A promised value as text."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


HELPERS: Mapping[str, object] = {
    "path": path,
    "nested": nested,
    "sealing": sealing,
    "kind": kind,
    "retention": retention,
    "written": written,
    "str": str,
    "len": len,
    "sum": sum,
    "any": any,
    "all": all,
    "bool": bool,
}
"""All that the generated code can call beside its constants."""
