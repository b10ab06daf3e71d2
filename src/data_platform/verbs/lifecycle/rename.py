"""rename: gives a product another name; the old name redirects to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.errors import AccessDenied, BadInput, ContractMoved, Refused
from data_platform.lineage.facets.envelope import Json
from data_platform.record.catalog import products, redirects
from data_platform.record.catalog.products import ProductRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.renaming import refile_history, rename_product
from data_platform.spec.text.names import name_problem, quote_text, suggest_valid_name
from data_platform.verbs.contracts.register import describe_revision
from data_platform.verbs.core.authorization.authorize import authorized_transaction, refuse_hidden_name
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events import lineage_bodies
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.lifecycle.transfer import can_act_for
from data_platform.verbs.policies import violations
from data_platform.verbs.results import Renamed


@dataclass(frozen=True, slots=True)
class Rename(Request[Renamed]):
    """Rename the product to `to`."""

    product: str
    to: str


def rename(context: Context, request: Rename) -> Renamed:
    """The product under its new name, with all that is known of it, in one transaction that has the record to itself.

    A publish that is under way fails when it ends, and is tried again under the new name. Raises NotFound, BadInput for
    what is no name, Refused for a name that is taken, AccessDenied for everybody but the owner, ContractMoved.
    """
    problem = name_problem(request.to)
    if problem is not None:
        near = suggest_valid_name(request.to)
        raise BadInput(f"{quote_text(request.to)} {problem}", hint=f"write {near}" if near else None)
    try:
        with authorized_transaction(context) as tx:
            refile_history.lock_all_tables(tx)
            row = resolve_product(tx, request.product)
            _require_owner(context, tx, row)
            _require_free(context, tx, row, request.to)
            after = _record_rename(context, tx, row, request.to)
            former = redirects.list_names(tx, after.name)[1:]
    finally:
        context.remember_redirects(None)
    return Renamed(after.name, row.name, after.revision, after.registered_at, former)


def _require_owner(context: Context, conn: Connection, row: ProductRow) -> None:
    who = context.principal.name
    if not can_act_for(context, conn, row.owner):
        raise AccessDenied(f"{who} may not rename {row.name}: it belongs to {row.owner} (domain {row.domain})")


def _require_free(context: Context, conn: Connection, row: ProductRow, name: str) -> None:
    """Raises unless no other product has or had the name."""
    if name == row.name:
        raise BadInput(f"{name} is its name already", hint="name another one")
    refuse_hidden_name(context, conn, name)
    taken = products.find(conn, name)
    if taken is not None:
        raise Refused(f"{name} is a product of {taken.owner} (domain {taken.domain})", hint="choose another name")
    former = redirects.find(conn, name)
    if former is not None and former.product != row.name:
        raise Refused(f"{name} leads to {former.product}, which had that name", hint="choose another name")


def _record_rename(context: Context, tx: Connection, row: ProductRow, name: str) -> ProductRow:
    """The same contract under another name, as its next revision."""
    now, who = context.clock(), context.principal.name
    rename_product.rename(tx, row.name, name, now, who)
    context.remember_redirects(redirects.list_all(tx))
    contract = replace(row.contract, product=replace(row.contract.product, name=name))
    after = row.revise(contract, now, who)
    changes = (f"renamed from {row.name} to {name}",)
    if not products.replace(tx, after, row.revision, changes):
        raise ContractMoved(f"{row.name} was registered again just now", hint="rename it again")
    settled = violations.evaluate_product(context, tx, name)
    registration = describe_revision(context, tx, after, changes)
    record_outcomes(context, tx, *_describe_rename(context, after, row.name), registration, *settled.outcomes)
    return after


def _describe_rename(context: Context, after: ProductRow, formerly: str) -> tuple[ActOutcome, ActOutcome]:
    """One outcome for each name: who follows the former name, such as the search index, drops it."""

    def build_body() -> list[Json]:
        return lineage_bodies.build_rename_body(context, after.contract, formerly)

    left = ActOutcome(EventKind.NAME_LEFT, Subject(formerly), {"to": after.name})
    return left, ActOutcome(EventKind.RENAMED, Subject(after.name), {"formerly": formerly}, build_body)
