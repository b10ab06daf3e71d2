"""transfer: changes the owner of a product. Its owner offers it, and the new owner accepts.

A team cannot act itself: members of a domain act for the domain's owner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.errors import AccessDenied, BadInput, ContractMoved, NotFound, Refused
from data_platform.record.catalog import departures, domains, products, transfers
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.transfers import Transfer
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.product.yaml.vocabulary.limits import OWNER_LENGTH
from data_platform.verbs.contracts.register import describe_revision
from data_platform.verbs.core.authorization.authorize import authorize_again
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.incidents import ownerless_products
from data_platform.verbs.policies import violations
from data_platform.verbs.results import TransferInfo


@dataclass(frozen=True, slots=True)
class OfferTransfer(Request[TransferInfo]):
    """Offer a product to another owner; an earlier offer of it is forgotten."""

    product: str
    to_owner: str


@dataclass(frozen=True, slots=True)
class AcceptTransfer(Request[TransferInfo]):
    """Take the product that was offered."""

    product: str


@dataclass(frozen=True, slots=True)
class WithdrawTransfer(Request[TransferInfo]):
    """Take an offer back, or decline it."""

    product: str


@dataclass(frozen=True, slots=True)
class ListTransfers(Request[list[TransferInfo]]):
    """Every open offer."""


def offer_transfer(context: Context, request: OfferTransfer) -> TransferInfo:
    """The offer; raises NotFound, BadInput, Refused for a new owner who is gone, AccessDenied for whose it is not."""
    to, now, who = request.to_owner.strip(), context.clock(), context.principal.name
    with context.record.transaction() as tx:
        row = _lock_product(context, tx, request.product)
        if not to or to == row.owner:
            raise BadInput(f"{row.name} belongs to {row.owner}", hint="name another owner")
        if len(to) > OWNER_LENGTH or not to.isprintable():
            raise BadInput(f"an owner is printable text of at most {OWNER_LENGTH} characters")
        if departures.find(tx, to):
            raise Refused(f"{to} is gone, and cannot take {row.name}")
        if not _can_offer(context, tx, row):
            raise AccessDenied(f"{who} may not offer {row.name}: it belongs to {row.owner} (domain {row.domain})")
        offer = Transfer(row.name, to, now, who)
        transfers.offer(tx, offer)
        record_outcomes(context, tx, _describe_transfer(EventKind.TRANSFER_OFFERED, row, offer))
    return _build_info(row, offer, "offered")


def accept_transfer(context: Context, request: AcceptTransfer) -> TransferInfo:
    """The product is the new owner's, under a new contract revision that says so.

    From then on product.yaml must name the new owner. Raises NotFound, AccessDenied, ContractMoved.
    """
    who = context.principal.name
    with context.record.transaction() as tx:
        row = _lock_product(context, tx, request.product)
        offer = _find_offer(tx, row.name)
        if not can_act_for(context, tx, offer.to_owner):
            raise AccessDenied(
                f"{who} may not accept {row.name}: it is offered to {offer.to_owner}",
                hint=f"who accepts is {offer.to_owner}, or a member of a domain whose owner that is",
            )
        transfers.close(tx, row.name, offer.to_owner)
        registration = _record_new_owner(context, tx, row, offer.to_owner)
        changes = ownerless_products.update_incidents(context, tx)
        changes.add(violations.evaluate_product(context, tx, row.name))
        acceptance = _describe_transfer(EventKind.TRANSFER_ACCEPTED, row, offer)
        record_outcomes(context, tx, acceptance, registration, *changes.outcomes)
    return _build_info(row, offer, "accepted")


def withdraw_transfer(context: Context, request: WithdrawTransfer) -> TransferInfo:
    """The withdrawn offer; raises NotFound, and AccessDenied for others than its two parties."""
    who = context.principal.name
    with context.record.transaction() as tx:
        row = _lock_product(context, tx, request.product)
        offer = _find_offer(tx, row.name)
        if not (_can_offer(context, tx, row) or can_act_for(context, tx, offer.to_owner)):
            raise AccessDenied(f"{who} may not end the offer of {row.name} by {offer.offered_by} to {offer.to_owner}")
        transfers.close(tx, row.name, offer.to_owner)
        record_outcomes(context, tx, _describe_transfer(EventKind.TRANSFER_WITHDRAWN, row, offer))
    return _build_info(row, offer, "withdrawn")


def list_transfers(context: Context, request: ListTransfers) -> list[TransferInfo]:
    """By product."""
    with context.record.reading() as conn:
        offers = find_visible_part(context, conn).select(transfers.list_all(conn), lambda offer: offer.product)
        return [_build_info(resolve_product(conn, offer.product), offer, "offered") for offer in offers]


def _record_new_owner(context: Context, tx: Connection, row: ProductRow, owner: str) -> ActOutcome:
    """Saves the same contract, of another owner, as its next revision, and returns what is to be recorded of it."""
    contract = replace(row.contract, product=replace(row.contract.product, owner=owner))
    after = row.revise(contract, context.clock(), context.principal.name)
    changes = (f"owner changed from {row.owner} to {owner}",)
    if not products.replace(tx, after, row.revision, changes):
        raise ContractMoved(f"{row.name} was registered again just now", hint="accept it again")
    return describe_revision(context, tx, after, changes)


def _describe_transfer(kind: EventKind, row: ProductRow, offer: Transfer) -> ActOutcome:
    return ActOutcome(kind, Subject(row.name), {"owner": row.owner, "to": offer.to_owner})


def _lock_product(context: Context, tx: Connection, name: str) -> ProductRow:
    """The product, which no other transfer changes until the transaction ends; the caller may still do what it asks."""
    products.lock(tx, resolve_product(tx, name).name)
    authorize_again(context, tx)
    return resolve_product(tx, name)


def _find_offer(conn: Connection, product: str) -> Transfer:
    offer = transfers.find(conn, product)
    if offer is None:
        raise NotFound(f"{product} has no open offer", hint=f"data-platform transfer {product} --to OWNER")
    return offer


def _can_offer(context: Context, conn: Connection, row: ProductRow) -> bool:
    """The owner and the product's domain may; everyone, where the owner has left."""
    domain, who = domains.find(conn, row.domain), context.principal.name
    of_domain = domain is not None and who in (domain.owner, *domain.members)
    return of_domain or can_act_for(context, conn, row.owner) or departures.find(conn, row.owner) is not None


def can_act_for(context: Context, conn: Connection, owner: str) -> bool:
    """Whether the caller is the owner, or a member of a domain whose owner that is: a team is no person who acts.

    It is a question of names for who opened the home. For everyone else `access/decide` has answered it.
    """
    who = context.principal.name
    if not context.principal.local:
        return True
    return who == owner or any(domain.owner == owner and who in domain.members for domain in domains.list_all(conn))


def _build_info(row: ProductRow, offer: Transfer, state: str) -> TransferInfo:
    return TransferInfo(row.name, row.owner, offer.to_owner, offer.offered_at, offer.offered_by, state)
