"""archive, retire: an archived product is readable and takes no publishes; a retired one is not readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.errors import BadInput, ContractMoved, Refused
from data_platform.record.catalog import inputs, outputs, products, transfers
from data_platform.record.catalog.products import ProductRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.product.model import ProductStatus
from data_platform.verbs.access.granting import end_grants_of_output
from data_platform.verbs.contracts.register import describe_revision
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product, with_major
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.incidents import ownerless_products
from data_platform.verbs.lifecycle.deprecate import DAYS, check_confirmation, describe_retirement, list_readers
from data_platform.verbs.results import ProductState


@dataclass(frozen=True, slots=True)
class Archive(Request[ProductState]):
    """Close a product: it is read on, and takes no more publishes and contracts; with `undo`, open it again."""

    product: str
    undo: bool = False


@dataclass(frozen=True, slots=True)
class RetireProduct(Request[ProductState]):
    """Close every output of a product without a reader in the last `days` days that no product declares as input.

    `confirm` repeats the product's name; callers of a server have to give it.
    """

    product: str
    days: int = DAYS
    confirm: str | None = None


def archive(context: Context, request: Archive) -> ProductState:
    """The changed product; idempotent. Raises NotFound."""
    with authorized_transaction(context) as tx:
        row = resolve_product(tx, request.product)
        since = row.archived_at
        if (since is None) is not request.undo:
            since = None if request.undo else context.clock()
            products.archive(tx, row.name, since)
            kind = EventKind.REOPENED if request.undo else EventKind.ARCHIVED
            record_outcomes(context, tx, ActOutcome(kind, Subject(row.name)))
    return ProductState(row.name, row.owner, row.status, since)


def retire_product(context: Context, request: RetireProduct) -> ProductState:
    """The changed product: its outputs are read and published no more, and its name stays taken.

    Raises NotFound, BadInput, and Refused with the names of those who read it.
    """
    check_confirmation(context, request.product, request.confirm)
    if not 1 <= request.days <= 3660:
        raise BadInput(f"{request.days} days are not between 1 and 3660")
    now = context.clock()
    with authorized_transaction(context) as tx:
        row = resolve_product(tx, request.product)
        if row.status == ProductStatus.RETIRED:
            raise Refused(f"{row.name} is retired already")
        rows = [output_row for output_row in outputs.lock_all(tx, row.name) if not output_row.retired]
        readers = {
            str(reader): None
            for output_row in rows
            for reader in list_readers(tx, with_major(output_row, row), now, request.days)
        }
        if readers:
            lines = "\n".join(f"  {reader}" for reader in readers)
            hint = f"it is retired once nobody has read it for {request.days} days"
            raise Refused(f"{row.name} is still read:\n{lines}", hint=hint)
        for output_row in rows:
            outputs.retire(tx, row.name, output_row.name, now)
        majors = [describe_retirement(context, with_major(output_row, row)) for output_row in rows]
        for output in sorted({with_major(output_row, row).base for output_row in rows}):
            majors += end_grants_of_output(context, tx, row.name, output)
        row = _record_retirement(context, tx, row, majors)
    return ProductState(row.name, row.owner, row.status, row.archived_at)


def _record_retirement(context: Context, tx: Connection, row: ProductRow, majors: Sequence[ActOutcome]) -> ProductRow:
    """The same contract with the status retired, as its next revision; an offer of it ends."""
    contract = replace(row.contract, product=replace(row.contract.product, status=ProductStatus.RETIRED))
    after = row.revise(contract, context.clock(), context.principal.name)
    changes = (f"status changed from {row.status} to retired",)
    if not products.replace(tx, after, row.revision, changes):
        raise ContractMoved(f"{row.name} was registered again just now", hint="retire it again")
    inputs.replace(tx, row.name, ())  # or what it read could never be retired
    offer = transfers.find(tx, row.name)
    if offer is not None:
        transfers.close(tx, row.name, offer.to_owner)
    settled = ownerless_products.update_incidents(context, tx)
    registration = describe_revision(context, tx, after, changes)
    retirement = ActOutcome(EventKind.RETIRED, Subject(row.name))
    record_outcomes(context, tx, registration, *majors, retirement, *settled.outcomes)
    return after
