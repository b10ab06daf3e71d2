"""A contract as it is registered: the product, and the schema of every output that has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_platform.spec.product.model import Product, restore_product, serialize_product
from data_platform.spec.schema.document import SchemaDocument
from data_platform.spec.schema.json_form import restore_schema, serialize_schema
from data_platform.spec.schema.types import TableSchema


@dataclass(frozen=True, slots=True)
class Contract:
    """What readers rely on; an output without a schema has none here until its first publish.

    Outputs go by their labels (`Product.label`), so that two majors of one can exist together. `documents` are the
    schema files of streams as they were written.
    """

    product: Product
    schemas: Mapping[str, TableSchema]
    documents: Mapping[str, SchemaDocument] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The contract as the record stores it."""
        schemas = {name: serialize_schema(schema) for name, schema in self.schemas.items()}
        stored = {"product": serialize_product(self.product), "schemas": schemas}
        documents = {name: document.to_json() for name, document in self.documents.items()}
        return {**stored, "documents": documents} if documents else stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Contract:
        """The contract that `to_json` wrote."""
        schemas = {name: restore_schema(schema) for name, schema in stored["schemas"].items()}
        documents = {name: SchemaDocument.from_json(document) for name, document in stored.get("documents", {}).items()}
        return cls(restore_product(stored["product"]), schemas, documents)
