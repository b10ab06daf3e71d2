"""storage: which products store how much."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.access.relations import Relationship
from data_platform.errors import BadInput
from data_platform.record.operations import storage
from data_platform.verbs.core.authorization.own_domains import list_own_domains
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.lifecycle.domains import find_domains
from data_platform.verbs.results import ProductStorage

_ANSWERABLE = frozenset([Relationship.DOMAIN_OWNER, Relationship.GOVERNOR, Relationship.ADMIN])


@dataclass(frozen=True, slots=True)
class ListStorage(Request[list[ProductStorage]]):
    """What products store; with `domain`, those of one domain. `limit` None is all of them."""

    domain: str | None = None
    limit: int | None = None


def list_storage(context: Context, request: ListStorage) -> list[ProductStorage]:
    """The products with versions, the largest first, of the domains that the caller answers for.

    Who neither owns a domain nor governs it sees none: a size can tell of rows that an access rule hides. Raises
    NotFound for a domain that there is not, BadInput for a limit below 0.
    """
    if request.limit is not None and request.limit < 0:
        raise BadInput(f"a list of {request.limit} products cannot be", hint="limit is 0 or more, or None for all")
    with context.record.reading() as conn:
        listing = find_domains(context, conn, request.domain)
        answerable = list_own_domains(context, conn, listing.domains, _ANSWERABLE)
        among = find_visible_part(context, conn).products
        return [ProductStorage(*row) for row in storage.list_by_product(conn, answerable, among, request.limit)]
