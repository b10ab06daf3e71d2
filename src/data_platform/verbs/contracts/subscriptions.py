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
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product, with_major
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import to_utc
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

    News stay new until the caller acknowledges them.
    """

    product: str | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgeChanges(Request[Following]):
    """The caller has seen the changes of a product that it follows, up to the one of the moment `until`."""

    product: str
    until: datetime


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
        subscriptions.end(tx, _require_subscription(tx, request.product, who).product, who)
        record_outcomes(context, tx, ActOutcome(EventKind.UNSUBSCRIBED, Subject(request.product)))


def list_subscriptions(context: Context, request: Subscriptions) -> list[Following]:
    """The subscriptions, by product."""
    with context.record.reading() as conn:
        followed = _list_subscriptions_of(conn, context.principal.name).values()
        visible = find_visible_part(context, conn).select(followed, lambda row: row.product)
    return [_build_following(row) for row in visible]


def list_changes(context: Context, request: Changes) -> list[ContractChange]:
    """What happened, the newest first; raises NotFound."""
    now, who = context.clock(), context.principal.name
    with context.record.reading() as conn:
        followed = _list_subscriptions_of(conn, who)
        if request.product is not None:
            mine = followed.get(resolve_product(conn, request.product).name)
            return _sort_newest_first(_list_history(conn, request.product, mine.seen if mine else now))
        visible = find_visible_part(context, conn).select(followed.values(), lambda row: row.product)
        news = [row for mine in visible for row in _list_history(conn, mine.product, mine.seen) if row.new]
    return _sort_newest_first(news)


def acknowledge_changes(context: Context, request: AcknowledgeChanges) -> Following:
    """The subscription; idempotent, and never takes a later acknowledgement back. Raises NotFound without one.

    No change after the present moment is acknowledged: nobody has seen it.
    """
    until = min(to_utc(request.until), context.clock())
    with context.record.transaction() as tx:
        mine = _require_subscription(tx, request.product, context.principal.name)
        mine = replace(mine, seen=max(mine.seen, until))
        subscriptions.save(tx, mine)
    return _build_following(mine)


def _list_subscriptions_of(conn: Connection, who: str) -> dict[str, Subscription]:
    return {row.product: row for row in subscriptions.list_by_principal(conn, who)}


def _require_subscription(conn: Connection, product: str, who: str) -> Subscription:
    followed = _list_subscriptions_of(conn, who)
    if product not in followed:
        raise NotFound(f"{who} does not follow {product}", hint=f"followed: {', '.join(followed) or 'nothing'}")
    return followed[product]


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
    named = sorted(changes, key=lambda change: (change.product, change.output or "", change.happened))
    return sorted(named, key=lambda change: (change.at, change.revision or 0), reverse=True)
