"""Who consumes a product, and its contract as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConsumingProduct:
    """A product that reads an output: it `declares` the output as input, or its newest version, of `made_at`, has data
    of it. `columns` are those known to be read; unregistered products have no domain and owner.
    """

    product: str
    output: str
    domain: str | None
    owner: str | None
    declares: bool
    columns: tuple[str, ...]
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsumingReader:
    """A principal who read an output: which columns, how often, and when last."""

    principal: str
    output: str
    verified: bool
    columns: tuple[str, ...]
    reads: int
    last_read_at: datetime


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column that was really read, by how many principals."""

    output: str
    column: str
    readers: int


@dataclass(frozen=True, slots=True)
class ProductConsumers:
    """The consumers of a product; readers and columns are those since `since`.

    `other_readers` counts those whose names only the owner's side and the governance see.
    """

    product: str
    since: datetime
    products: tuple[ConsumingProduct, ...]
    readers: tuple[ConsumingReader, ...]
    other_readers: int
    columns: tuple[ReadColumn, ...]


@dataclass(frozen=True, slots=True)
class ContractDocuments:
    """A registered contract in a form: product, odcs, odps or dprod; `texts` are its documents by file name."""

    product: str
    version: str
    revision: int
    form: str
    texts: Mapping[str, str]
