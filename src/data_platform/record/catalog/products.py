"""Products and their contracts: the current state of each product, and every revision of its contract."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from data_platform.errors import ContractMoved
from data_platform.record.access import product_access
from data_platform.record.catalog import inputs, redirects
from data_platform.record.catalog.inputs import DeclaredInput
from data_platform.record.db import rows
from data_platform.record.db.schema import CONTRACTS, POLICIES, PRODUCTS
from data_platform.record.db.stored_json import StoredContract
from data_platform.record.glossary import term_columns

if TYPE_CHECKING:
    from data_platform.spec.product.contract import Contract


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product under its current contract; `version` is the contract's semver, `revision` counts 1, 2, 3…

    `archived_at` is None while the product is open; only `archive` changes it.
    """

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str
    revision: int
    stored_contract: StoredContract
    registered_at: datetime
    registered_by: str
    archived_at: datetime | None = None

    @classmethod
    def of(cls, contract: Contract, revision: int, at: datetime, by: str) -> ProductRow:
        """The product under a contract that is registered now."""
        product = contract.product
        return cls(
            name=product.name,
            domain=product.domain,
            owner=product.owner,
            description=product.description,
            tags=product.tags,
            status=product.effective_status.value,
            version=product.effective_version,
            revision=revision,
            stored_contract=StoredContract.of(contract),
            registered_at=at,
            registered_by=by,
        )

    def revise(self, contract: Contract, at: datetime, by: str) -> ProductRow:
        """The product under its next contract."""
        return dataclasses.replace(ProductRow.of(contract, self.revision + 1, at, by), archived_at=self.archived_at)

    @property
    def contract(self) -> Contract:
        """The contract, parsed when it is first used."""
        return self.stored_contract.contract


@dataclass(frozen=True, slots=True)
class ContractRevision:
    """One revision of a product's contract; `changes` describes its changes in words."""

    product: str
    revision: int
    stored_contract: StoredContract
    changes: tuple[str, ...]
    registered_at: datetime
    registered_by: str

    @property
    def contract(self) -> Contract:
        """The contract, parsed when it is first used."""
        return self.stored_contract.contract


class ProductHead(NamedTuple):
    """A product without its contract."""

    name: str
    domain: str
    owner: str
    status: str
    revision: int


_ALL = select(*rows.select_columns(PRODUCTS, ProductRow))
_HEADS = select(*(PRODUCTS.c[name] for name in ProductHead._fields))
_WITH_POLICIES = _ALL.add_columns(select(func.max(POLICIES.c.revision)).scalar_subquery())
_WITH_POLICIES = _WITH_POLICIES.where(PRODUCTS.c.name == bindparam("name"))
_CONTRACTS = select(*rows.select_columns(CONTRACTS, ContractRevision))


def find(conn: Connection, name: str) -> ProductRow | None:
    """The product of that name."""
    return rows.fetch_one(conn, _ALL.where(PRODUCTS.c.name == name), ProductRow)


def lock(conn: Connection, name: str) -> None:
    """Keeps others from changing the product, and from locking it, until the transaction ends."""
    conn.execute(select(PRODUCTS.c.name).where(PRODUCTS.c.name == name).with_for_update())


def find_with_policies(conn: Connection, name: str) -> tuple[ProductRow, int] | None:
    """The product of that name, and the revision of the policies in force (0: none): a contract is judged by both."""
    row = conn.execute(_WITH_POLICIES, {"name": name}).one_or_none()
    return None if row is None else (ProductRow(*row[:-1]), row[-1] or 0)


def find_domain(conn: Connection, name: str) -> str:
    """The domain of an existing product."""
    domain: str = conn.scalars(select(PRODUCTS.c.domain).where(PRODUCTS.c.name == name)).one()
    return domain


def list_all(conn: Connection) -> tuple[ProductRow, ...]:
    """Every product, by name."""
    return rows.fetch_all(conn, _ALL.order_by(PRODUCTS.c.name), ProductRow)


def list_named(conn: Connection, names: Collection[str]) -> tuple[ProductRow, ...]:
    """The products of these names, by name."""
    query = _ALL.where(rows.is_one_of(conn, PRODUCTS.c.name, names))
    return rows.fetch_all(conn, query.order_by(PRODUCTS.c.name), ProductRow)


def list_open_heads(conn: Connection, domain: str | None = None) -> tuple[ProductHead, ...]:
    """The products that are neither retired nor archived, of one domain or all, in no order."""
    query = _HEADS.where(PRODUCTS.c.archived_at.is_(None), PRODUCTS.c.status != "retired")
    if domain is not None:
        query = query.where(PRODUCTS.c.domain == domain)
    return tuple(map(ProductHead._make, conn.execute(query)))


def map_domains(conn: Connection) -> dict[str, str]:
    """The domain of every product, by the product's name."""
    return {row.name: row.domain for row in conn.execute(select(PRODUCTS.c.name, PRODUCTS.c.domain))}


def list_owned_by(conn: Connection, owners: Collection[str]) -> dict[str, str]:
    """The products of these owners that are not retired, by name, each with its owner."""
    if not owners:
        return {}
    query = select(PRODUCTS.c.name, PRODUCTS.c.owner).order_by(PRODUCTS.c.name)
    result = conn.execute(query.where(PRODUCTS.c.owner.in_(owners), PRODUCTS.c.status != "retired"))
    return {row.name: row.owner for row in result}


def list_owned_domains(conn: Connection) -> frozenset[tuple[str, str]]:
    """Who owns products in which domain, as (owner, domain)."""
    result = conn.execute(select(PRODUCTS.c.owner, PRODUCTS.c.domain).distinct())
    return frozenset((row.owner, row.domain) for row in result)


def list_archived(conn: Connection) -> frozenset[str]:
    """The products that are archived."""
    return frozenset(conn.scalars(select(PRODUCTS.c.name).where(PRODUCTS.c.archived_at.is_not(None))))


def list_closed(conn: Connection) -> frozenset[str]:
    """The products that are retired or archived."""
    is_closed = PRODUCTS.c.archived_at.is_not(None) | (PRODUCTS.c.status == "retired")
    return frozenset(conn.scalars(select(PRODUCTS.c.name).where(is_closed)))


def archive(conn: Connection, name: str, at: datetime | None) -> None:
    """Closes the product, or opens it again with None."""
    conn.execute(update(PRODUCTS).where(PRODUCTS.c.name == name).values(archived_at=at))


def save(conn: Connection, row: ProductRow, changes: Sequence[str] = ()) -> None:
    """Adds a new product and the first revision of its contract.

    Raises ContractMoved if the name was registered in the meantime; its domain must exist.
    """
    statement = rows.build_insert(conn, PRODUCTS).values(rows.to_values(row)).on_conflict_do_nothing()
    if not conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount:
        raise ContractMoved(f"{row.name} was registered again just now", hint="register it again")
    _save_contract(conn, row, changes)


def replace(conn: Connection, row: ProductRow, expected_revision: int, changes: Sequence[str] = ()) -> bool:
    """Replaces the product's contract by its next revision.

    Returns False and changes nothing if the current revision is not `expected_revision`.
    """
    if row.revision != expected_revision + 1:
        raise ValueError(f"revision {row.revision} of {row.name} cannot follow {expected_revision}")
    statement = (
        update(PRODUCTS)
        .where(PRODUCTS.c.name == row.name, PRODUCTS.c.revision == expected_revision)
        .values(rows.to_values(row, "name", "archived_at"))
    )
    if not conn.execute(statement).rowcount:
        return False
    _save_contract(conn, row, changes)
    return True


def _save_contract(conn: Connection, row: ProductRow, changes: Sequence[str]) -> None:
    stored = row.stored_contract
    revision = ContractRevision(row.name, row.revision, stored, tuple(changes), row.registered_at, row.registered_by)
    conn.execute(CONTRACTS.insert().values(rows.to_values(revision)))
    product_access.replace(conn, row.contract.product)
    term_columns.replace(conn, row.contract)
    entries = row.contract.product.inputs
    sources = ((redirects.resolve_name(conn, entry.data_product), entry.output) for entry in entries)
    inputs.replace(conn, row.name, (DeclaredInput(row.name, *source) for source in dict.fromkeys(sources)))


def map_newest_revisions(conn: Connection, among: Collection[str] | None = None) -> dict[str, int]:
    """The number of the current contract revision by product, of these products or all."""
    query = rows.limit_to(conn, select(PRODUCTS.c.name, PRODUCTS.c.revision), PRODUCTS.c.name, among)
    return {row.name: row.revision for row in conn.execute(query)}


def find_contract(conn: Connection, product: str, revision: int) -> ContractRevision | None:
    """That revision of the product's contract."""
    query = _CONTRACTS.where(CONTRACTS.c.product == product, CONTRACTS.c.revision == revision)
    return rows.fetch_one(conn, query, ContractRevision)


def list_revisions(conn: Connection, product: str) -> tuple[ContractRevision, ...]:
    """Every revision of the product's contract, newest first."""
    query = _CONTRACTS.where(CONTRACTS.c.product == product).order_by(CONTRACTS.c.revision.desc())
    return rows.fetch_all(conn, query, ContractRevision)
