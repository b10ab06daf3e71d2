"""subscribe, unsubscribe, changes: who follows a product hears what happens to its contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record.catalog import outputs, products, subscriptions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ContractRevision
from data_platform.record.catalog.subscriptions import Subscription
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.product.output_names import OutputName
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.resolve import resolve_product, with_major
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import ContractChange, Following


@dataclass(frozen=True, slots=True)
class Subscribe(Request[Following]):
    """Follow a product from now on; who follows it already has seen what happened so far."""

    product: str


@dataclass(frozen=True, slots=True)
class Unsubscribe(Request[None]):
    """Follow a product no more."""

    product: str


@dataclass(frozen=True, slots=True)
class Subscriptions(Request[list[Following]]):
    """The products that the caller follows."""


@dataclass(frozen=True, slots=True)
class Changes(Request[list[ContractChange]]):
    """All that happened to a product's contract; without one, the news of every product that is followed.

    News are news once: they count as seen afterwards, unless they are to `stay_new`.
    """

    product: str | None = None
    stay_new: bool = False


def subscribe(context: Context, request: Subscribe) -> Following:
    """The new subscription; raises NotFound."""
    now, who = context.clock(), context.principal.name
    with context.record.transaction() as tx:
        resolve_product(tx, request.product)
        subscriptions.save(tx, Subscription(request.product, who, now, now))
        record_outcomes(context, tx, ActOutcome(EventKind.SUBSCRIBED, Subject(request.product)))
        mine = _list_subscriptions_of(tx, who)[request.product]
    return _build_following(mine)


def unsubscribe(context: Context, request: Unsubscribe) -> None:
    """Ends the subscription; raises NotFound where there is none."""
    who = context.principal.name
    with context.record.transaction() as tx:
        if not subscriptions.end(tx, request.product, who):
            followed = ", ".join(_list_subscriptions_of(tx, who)) or "nothing"
            raise NotFound(f"{who} does not follow {request.product}", hint=f"followed: {followed}")
        record_outcomes(context, tx, ActOutcome(EventKind.UNSUBSCRIBED, Subject(request.product)))


def list_subscriptions(context: Context, request: Subscriptions) -> list[Following]:
    """The subscriptions, by product."""
    with context.record.reading() as conn:
        return [_build_following(row) for row in _list_subscriptions_of(conn, context.principal.name).values()]


def list_changes(context: Context, request: Changes) -> list[ContractChange]:
    """What happened, the newest first; raises NotFound."""
    now, who = context.clock(), context.principal.name
    if request.product is not None:
        with context.record.reading() as conn:
            resolve_product(conn, request.product)
            mine = _list_subscriptions_of(conn, who).get(request.product)
            changes = _list_history(conn, request.product, mine.seen if mine else now)
        return _sort_newest_first(changes)
    with context.record.transaction() as tx:
        followed = _list_subscriptions_of(tx, who).values()
        news = [change for row in followed for change in _list_history(tx, row.product, row.seen) if change.new]
        for row in () if request.stay_new else followed:
            subscriptions.save(tx, replace(row, seen=now))
    return _sort_newest_first(news)


def _list_subscriptions_of(conn: Connection, who: str) -> dict[str, Subscription]:
    return {row.product: row for row in subscriptions.list_by_principal(conn, who)}


def _build_following(row: Subscription) -> Following:
    return Following(row.product, row.principal, row.since, row.seen)


def _list_history(conn: Connection, product: str, seen: datetime) -> list[ContractChange]:
    row = resolve_product(conn, product)
    changes = [*map(_build_revision, products.list_revisions(conn, product))]
    for output in outputs.list_by_product(conn, product):
        changes += _list_ends(with_major(output, row))
    return [replace(change, new=change.at > seen) for change in changes]


def _build_revision(row: ContractRevision) -> ContractChange:
    return ContractChange(
        product=row.product,
        at=row.registered_at,
        happened="changed" if row.revision > 1 else "registered",
        by=row.registered_by,
        revision=row.revision,
        version=row.contract.product.effective_version,
        changes=row.changes,
    )


def _list_ends(row: OutputRow) -> Iterator[ContractChange]:
    """The announced end of a major, and its end; a major that a draft dropped has neither."""
    output = str(OutputName(row.base, row.major))
    if row.deprecated_at is not None:
        ends_at = None if row.retired else row.ends_at
        yield ContractChange(row.product, row.deprecated_at, "deprecated", output=output, ends_at=ends_at)
    if row.retired and row.ends_at is not None:
        yield ContractChange(row.product, row.ends_at, "retired", output=output)


def _sort_newest_first(changes: list[ContractChange]) -> list[ContractChange]:
    return sorted(changes, key=lambda change: (change.at, change.revision or 0), reverse=True)
