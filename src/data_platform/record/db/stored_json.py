"""Contracts and schemas as the record stores them: JSON text, which becomes a typed value when it is first used.

Rows of thousands of products are read for their names alone, so nothing is parsed before, and the modules of the types
are loaded with the first value. The same text gives the same value, which nobody changes: a contract that many requests
read is parsed once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json
from sqlalchemy import JSON, ColumnElement, Dialect, TypeDecorator, cast, type_coerce
from sqlalchemy import Text as SqlText

from data_platform.record.db.types import to_json

if TYPE_CHECKING:
    from data_platform.spec.product.contract import Contract
    from data_platform.spec.product.model import Product
    from data_platform.spec.schema.types import TableSchema

_KEPT = 512


@dataclass(frozen=True, slots=True)
class StoredJson:
    """A JSON text; two are equal where their texts are."""

    text: str

    @property
    def json(self) -> Any:
        """The JSON value of the text, parsed at each call."""
        return parse_json(self.text)


class StoredContract(StoredJson):
    """The contract of a product."""

    __slots__ = ()

    @classmethod
    def of(cls, contract: Contract) -> StoredContract:
        """The text that the record stores of a contract."""
        return cls(to_json(contract.to_json()))

    @property
    def contract(self) -> Contract:
        """The contract; one and the same for the same text."""
        return _restore_contract(self.text)

    def is_of(self, contract: Contract) -> bool:
        """Whether it says what that contract says, whatever the form of its text."""
        value: bool = self.json == contract.to_json()
        return value

    def read_head(self) -> Product:
        """The product without its outputs, much faster than the whole contract."""
        return _restore_product({**self.json["product"], "outputs": []})

    def read_promises(self) -> Product | None:
        """The product with its outputs that have an SLA, and without their rules; None where none has one."""
        product = self.json["product"]
        promising = [{**output, "rules": ()} for output in product["outputs"] if output.get("sla")]
        return _restore_product({**product, "outputs": promising}) if promising else None


class StoredSchema(StoredJson):
    """The schema of an output, or of a version."""

    __slots__ = ()

    @classmethod
    def of(cls, schema: TableSchema) -> StoredSchema:
        """The text that the record stores of a schema."""
        return cls(to_json(import_module(_SCHEMA).serialize_schema(schema)))

    @property
    def schema(self) -> TableSchema:
        """The schema; one and the same for the same text."""
        return _restore_schema(self.text)


_PRODUCT = "data_platform.spec.product.model"
_CONTRACT = "data_platform.spec.product.contract"
_SCHEMA = "data_platform.spec.schema.json_form"


@lru_cache(maxsize=_KEPT)
def _restore_contract(text: str) -> Contract:
    contract: Contract = import_module(_CONTRACT).Contract.from_json(parse_json(text))
    return contract


@lru_cache(maxsize=_KEPT)
def _restore_schema(text: str) -> TableSchema:
    schema: TableSchema = import_module(_SCHEMA).restore_schema(parse_json(text))
    return schema


def _restore_product(stored: dict[str, Any]) -> Product:
    product: Product = import_module(_PRODUCT).restore_product(stored)
    return product


def parse_json(text: str) -> Any:
    """The JSON value of a text of the record; the databases' own decoders take three times as long."""
    try:
        return from_json(text)
    except ValueError:  # half a surrogate pair, which Python's texts may hold
        return json.loads(text)


def cast_to_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """JSON as its text, for `parse_json`."""
    return cast(column, SqlText)


class _Stored(TypeDecorator[StoredJson]):
    """A JSON column that is read as text."""

    impl = JSON(none_as_null=True)
    cache_ok = True
    kind: type[StoredJson]

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Reads the text: Postgres' driver would parse it."""
        return type_coerce(cast_to_text(column), self)

    def process_bind_param(self, value: StoredJson | None, dialect: Dialect) -> Any:
        """The JSON value, which the engine serializes."""
        return None if value is None else value.json

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], StoredJson | None]:
        """The text, not parsed."""
        kind = self.kind
        return lambda text: None if text is None else kind(text)


class ContractText(_Stored):
    """A column of contracts."""

    cache_ok = True
    kind = StoredContract


class SchemaText(_Stored):
    """A column of schemas."""

    cache_ok = True
    kind = StoredSchema
