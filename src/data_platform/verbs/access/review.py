"""access review: which grants are still needed, by what their holders really read, and narrowing one to that."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.access.actions import Action
from data_platform.errors import AccessDenied, NotFound, Refused
from data_platform.record.access import grants
from data_platform.record.access.grants import GrantRow
from data_platform.record.identity import teams
from data_platform.record.operations import usage
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.access.capacities import list_capacities
from data_platform.verbs.access.granting import NARROWED, replace_grant
from data_platform.verbs.access.lookup import lock_grant, may_know, no_grant_error
from data_platform.verbs.access.requested_outputs import OfferedOutput, find_requested_output, find_visible_product
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import list_majors
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import ReviewedGrant

UNUSED, WIDER, PAST_REVIEW = "unused", "wider than used", "past its review date"
_SETTLED = timedelta(days=30)
"""Until then a grant without a read, or with unread columns, is too young to be called unused."""


@dataclass(frozen=True, slots=True)
class ReviewGrants(Request[list[ReviewedGrant]]):
    """The open grants about whose output the caller may decide, with their use; `product`: of it alone."""

    product: str | None = None


@dataclass(frozen=True, slots=True)
class NarrowGrant(Request[ReviewedGrant]):
    """Narrow a grant to the columns that its holder really read."""

    id: str


def review_grants(context: Context, request: ReviewGrants) -> list[ReviewedGrant]:
    """By product, output and id; raises NotFound for an unknown product."""
    now = context.clock()
    with context.record.reading() as conn:
        named = request.product
        product = None if named is None else find_visible_product(context, conn, Action.READ, named).name
        rows = grants.list_open(conn, now, product=product)
        offered = {place: find_requested_output(conn, *place) for place in {(row.product, row.output) for row in rows}}
        mine = {
            place: output
            for place, output in offered.items()
            if output is not None and list_capacities(context, conn, output)
        }
        reviewed = [
            _review(conn, row, mine[row.product, row.output], now) for row in rows if (row.product, row.output) in mine
        ]
    return sorted(reviewed, key=lambda one: (one.product, one.output, one.id))


def narrow_grant(context: Context, request: NarrowGrant) -> ReviewedGrant:
    """The narrower grant that replaces it.

    Raises NotFound, AccessDenied, and Refused for a grant that is not open, not used, or no wider than its use.
    """
    now = context.clock()
    with context.record.transaction() as tx:
        row, view = lock_grant(context, tx, request.id)
        if not may_know(context, tx, view):
            raise no_grant_error(row.id)
        offered = find_requested_output(tx, row.product, row.output)
        if offered is None:
            raise NotFound(f"there is no output {row.product}.{row.output} any more")
        if not list_capacities(context, tx, offered):
            raise AccessDenied(f"{context.principal.name} may not change the grant {row.id}")
        if not row.is_open(now):
            raise Refused(f"the grant {row.id} is not open")
        review = _review(tx, row, offered, now)
        if not review.read_columns:
            raise Refused(
                f"{row.holder} has read nothing by the grant {row.id}", hint=f"data-platform access revoke {row.id}"
            )
        if not review.unread_columns:
            raise Refused(f"{row.holder} has read every column of the grant {row.id}")
        successor = replace_grant(context, tx, row, NARROWED, columns=review.read_columns)
        details = {
            "request": row.request,
            "holder": row.holder,
            "grant": successor.id,
            "replaces": row.id,
            "columns": list(review.read_columns),
        }
        record_outcomes(context, tx, ActOutcome(EventKind.ACCESS_NARROWED, Subject(row.product, row.output), details))
        return _review(tx, successor, offered, now)


def _review(conn: Connection, row: GrantRow, output: OfferedOutput, now: datetime) -> ReviewedGrant:
    """A grant with the successful reads of its holder, or of the members of the team that has it, since it began."""
    holders = {row.holder, *teams.list_members(conn, row.holder)}
    since = _find_beginning(conn, row)
    reads = [read for read in _list_reads(conn, row, since) if read.principal in holders]
    read_columns = {column for read in reads for column in read.columns}
    granted = output.columns if row.columns is None else row.columns
    used = tuple(column for column in granted if column in read_columns)
    unread = tuple(column for column in granted if column not in read_columns)
    return ReviewedGrant(
        id=row.id,
        product=row.product,
        output=row.output,
        holder=row.holder,
        purpose=row.purpose,
        columns=row.columns,
        opens_personal_data=row.opens_personal_data,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        review_at=row.review_at,
        reads=sum(read.reads for read in reads),
        last_read_at=max((read.last_at for read in reads), default=None),
        read_columns=used,
        unread_columns=unread,
        advice=tuple(_advise(row, since, used, unread, now)),
    )


def _find_beginning(conn: Connection, row: GrantRow) -> datetime:
    """When the first grant of the same output and request began: what replaced it goes on with its use."""
    family = [grant for grant in grants.list_by_requests(conn, [row.request]) if grant.position == row.position]
    return min(grant.begins_at for grant in family)


def _list_reads(conn: Connection, row: GrantRow, since: datetime) -> Iterator[usage.ColumnReads]:
    for major in list_majors(conn, row.product, row.output):
        yield from usage.list_column_reads(conn, since, row.product, major.name)


def _advise(
    row: GrantRow, since: datetime, used: Collection[str], unread: Collection[str], now: datetime
) -> Iterator[str]:
    if now - since >= _SETTLED:
        if not used:
            yield UNUSED
        elif unread:
            yield WIDER
    if row.review_at is not None and row.review_at <= now:
        yield PAST_REVIEW
