"""owners: which principal the `owner` texts of products and domains belong to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.catalog import domains, products
from data_platform.record.identity import owners, principals
from data_platform.record.identity.owners import OwnerClaim
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import PrincipalKind
from data_platform.spec.product.yaml.vocabulary.limits import OWNER_LENGTH
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import change_identities, describe_kind, find_principal, subject_of
from data_platform.verbs.results import OwnerInfo

_HOLDERS = frozenset([PrincipalKind.PERSON, PrincipalKind.TEAM])


@dataclass(frozen=True, slots=True)
class ListOwners(Request[list[OwnerInfo]]):
    """The owners of registered products and of domains, and those that are claimed; or the `unclaimed` ones alone."""

    unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class ClaimOwner(Request[OwnerInfo]):
    """Give an address to a person or a team, which acts as the owner from now on."""

    address: str
    holder: str


@dataclass(frozen=True, slots=True)
class ReleaseOwner(Request[OwnerInfo]):
    """End the claim of an address."""

    address: str


def list_owners(context: Context, request: ListOwners) -> list[OwnerInfo]:
    """By address."""
    with context.record.reading() as conn:
        listed = _list_owners(conn, find_visible_part(context, conn))
    return [owner for owner in listed if owner.holder is None or not request.unclaimed]


def claim_owner(context: Context, request: ClaimOwner) -> OwnerInfo:
    """The claimed owner; idempotent.

    Raises NotFound for a holder that is no principal, BadInput for one that is neither a person nor a team, Refused for
    an address that belongs to another one.
    """
    address = request.address.strip()
    if not address or len(address) > OWNER_LENGTH or not address.isprintable():
        raise BadInput(f"an owner is printable text of 1 to {OWNER_LENGTH} characters")
    with change_identities(context) as tx:
        holder = find_principal(tx, request.holder)
        if holder.kind not in _HOLDERS:
            raise BadInput(f"{holder.name} is {describe_kind(holder)}", hint="an owner is a person or a team")
        _refuse_taken(tx, address, holder.name)
        if owners.claim(tx, OwnerClaim(address, holder.name, context.clock(), context.principal.name)):
            outcome = ActOutcome(EventKind.OWNER_CLAIMED, subject_of(holder.name), {"address": address})
            record_outcomes(context, tx, outcome)
        else:
            _refuse_taken(tx, address, holder.name)  # another one may have claimed it just now
        return _find_owner(tx, find_visible_part(context, tx), address)


def release_owner(context: Context, request: ReleaseOwner) -> OwnerInfo:
    """The owner, which is unclaimed again; raises NotFound for one that is not claimed."""
    with change_identities(context) as tx:
        claim = owners.find(tx, request.address)
        if claim is None:
            raise NotFound(f"{request.address} is not claimed", hint="data-platform owners")
        owners.release(tx, claim.address)
        outcome = ActOutcome(EventKind.OWNER_RELEASED, subject_of(claim.holder), {"address": claim.address})
        record_outcomes(context, tx, outcome)
        return _find_owner(tx, find_visible_part(context, tx), claim.address)


def _refuse_taken(conn: Connection, address: str, holder: str) -> None:
    """Raises Refused for an address that another principal has claimed, or is called."""
    claim = owners.find(conn, address)
    if claim is not None and claim.holder != holder:
        hint = f"data-platform owners release {address!r} ends that claim"
        raise Refused(f"{address} belongs to {claim.holder} since {claim.claimed_at:%Y-%m-%d}", hint=hint)
    if address != holder and principals.find(conn, address) is not None:
        raise Refused(f"{address} is a principal itself, and owns what is of that name")


def _find_owner(conn: Connection, part: VisiblePart, address: str) -> OwnerInfo:
    listed = (owner for owner in _list_owners(conn, part) if owner.address == address)
    return next(listed, OwnerInfo(address, None, None, None, (), ()))


def _list_owners(conn: Connection, part: VisiblePart) -> list[OwnerInfo]:
    """The owners of what is visible; a claim of an address that owns nothing visible is the whole mesh's."""
    owned_products, owned_domains = defaultdict(list), defaultdict(list)
    for product in part.select(products.list_all(conn), lambda row: row.name):
        owned_products[product.owner].append(product.name)
    for domain in domains.list_all(conn):
        if domain.owner is not None and part.shows_domain(domain.name):
            owned_domains[domain.owner].append(domain.name)
    claims = {claim.address: claim for claim in owners.list_all(conn)}
    names = {row.name for row in principals.list_all(conn)}
    listed = []
    for address in sorted({*owned_products, *owned_domains, *(claims if part.is_whole_mesh else ())}):
        claim = claims.get(address)
        listed.append(
            OwnerInfo(
                address,
                claim.holder if claim else address if address in names else None,
                claim.claimed_at if claim else None,
                claim.claimed_by if claim else None,
                tuple(owned_products[address]),
                tuple(owned_domains[address]),
            )
        )
    return listed
