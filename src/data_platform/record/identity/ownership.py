"""Who answers for a product, in one statement: what a decision about it needs of the record."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_platform.record.db.access_schema import PRODUCT_ACCESS
from data_platform.record.db.identity_schema import REGISTRARS
from data_platform.record.db.schema import CONTRACTS, DEPARTURES, DOMAINS, PRODUCTS, TRANSFERS


@dataclass(frozen=True, slots=True)
class Ownership:
    """The owner and the domain of a product, who first registered it with which team, and whom it is offered to.

    `access` is the text of what it declares of its readers.
    """

    owner: str
    domain: str
    domain_owner: str | None
    domain_members: tuple[str, ...]
    registered_by: str | None
    registered_team: str | None
    offered_to: str | None
    owner_gone: str | None
    access: str | None = None


_OWNERSHIP = (
    select(
        PRODUCTS.c.owner,
        PRODUCTS.c.domain,
        DOMAINS.c.owner,
        DOMAINS.c.members,
        CONTRACTS.c.registered_by,
        REGISTRARS.c.team,
        TRANSFERS.c.to_owner,
        DEPARTURES.c.principal,
        PRODUCT_ACCESS.c.access,
    )
    .join(DOMAINS, DOMAINS.c.name == PRODUCTS.c.domain)
    .outerjoin(CONTRACTS, (CONTRACTS.c.product == PRODUCTS.c.name) & (CONTRACTS.c.revision == 1))
    .outerjoin(REGISTRARS, REGISTRARS.c.product == PRODUCTS.c.name)
    .outerjoin(TRANSFERS, TRANSFERS.c.product == PRODUCTS.c.name)
    .outerjoin(PRODUCT_ACCESS, PRODUCT_ACCESS.c.product == PRODUCTS.c.name)
    .outerjoin(DEPARTURES, DEPARTURES.c.principal == PRODUCTS.c.owner)
)


def find_ownership(conn: Connection, product: str) -> Ownership | None:
    """Who answers for a product; None where none of that name is registered."""
    row = conn.execute(_OWNERSHIP.where(PRODUCTS.c.name == product)).one_or_none()
    return None if row is None else Ownership(*row)
