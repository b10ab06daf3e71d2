"""Runs of pipelines. One that sends no heartbeat is read as lost at once, and recorded as lost by `settle_overdue`.

Functions that read take `cutoff`: a running run whose last heartbeat is older is overdue. An overdue run that has
published its version has succeeded: only the report of its end is missing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Case, ColumnElement, Connection, Select, and_, case, exists, not_, or_, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import PRODUCTS, RUNS

RUNNING, SUCCEEDED, REFUSED, FAILED, LOST = "running", "succeeded", "refused", "failed", "lost"
STATES = (RUNNING, SUCCEEDED, REFUSED, FAILED, LOST)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One execution of a pipeline, without its log.

    `attempt` counts the runs of one `scheduled_for`, from 1; a run without a schedule is always attempt 1. `output` is
    its key in the record. `version` is set by the transaction that makes the version current.
    """

    id: str
    product: str
    output: str
    state: str
    attempt: int
    scheduled_for: datetime | None
    by: str
    verified: bool
    door: str
    host: str
    started_at: datetime
    heartbeat_at: datetime
    publishing_at: datetime | None = None
    finished_at: datetime | None = None
    version: int | None = None
    error_kind: str | None = None
    error: str | None = None


def start(conn: Connection, row: RunRow) -> bool:
    """Adds a run; False if another run has its attempt of the scheduled time."""
    claim = ["product", "output", "scheduled_for", "attempt"]
    statement = rows.build_insert(conn, RUNS).values(rows.to_values(row)).on_conflict_do_nothing(index_elements=claim)
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def find(conn: Connection, id: str, cutoff: datetime) -> RunRow | None:
    """The run of that id."""
    return rows.fetch_one(conn, _select(cutoff).where(RUNS.c.id == id), RunRow)


def find_log(conn: Connection, id: str) -> str | None:
    """The end of the run's log."""
    log: str | None = conn.scalar(select(RUNS.c.log).where(RUNS.c.id == id))
    return log


def find_last_attempt(
    conn: Connection, product: str, output: str, scheduled_for: datetime, cutoff: datetime
) -> RunRow | None:
    """The newest attempt of a scheduled time."""
    mine = (RUNS.c.product == product, RUNS.c.output == output, RUNS.c.scheduled_for == scheduled_for)
    return rows.fetch_one(conn, _select(cutoff).where(*mine).order_by(RUNS.c.attempt.desc()).limit(1), RunRow)


def list_history(
    conn: Connection,
    cutoff: datetime,
    product: str | None = None,
    outputs: Collection[str] | None = None,
    state: str | None = None,
    limit: int | None = None,
    among: Collection[str] | None = None,
    starter: str | None = None,
    before: tuple[datetime, str | None] | None = None,
) -> tuple[RunRow, ...]:
    """The runs of the mesh, of a product or of some of its outputs, newest first.

    With `among` they are of these products. With `starter`, runs of products that are not registered are listed only
    if this principal started them, and whatever `among` is. `before` leaves out the runs that started later than a
    moment, and those of that moment up to the id (None: all of them).
    """
    query = _select(cutoff).order_by(RUNS.c.started_at.desc(), RUNS.c.id)
    if product is not None:
        query = query.where(RUNS.c.product == product)
    chosen = None if among is None else rows.is_one_of(conn, RUNS.c.product, among)
    if starter is not None:
        is_registered = exists().where(PRODUCTS.c.name == RUNS.c.product)
        of_products = is_registered if chosen is None else chosen
        chosen = or_(of_products, and_(RUNS.c.by == starter, not_(is_registered)))
    if chosen is not None:
        query = query.where(chosen)
    if outputs is not None:
        query = query.where(RUNS.c.output.in_(outputs))
    if before is not None:
        query = query.where(_is_behind(*before))
    if state is not None:
        query = query.where(_derive_state(cutoff) == state)
    return rows.fetch_all(conn, query if limit is None else query.limit(limit), RunRow)


def _is_behind(moment: datetime, id: str | None) -> ColumnElement[bool]:
    older = RUNS.c.started_at < moment
    if id is None:
        return older
    return and_(RUNS.c.started_at <= moment, or_(older, RUNS.c.id > id))  # a range, for which the index is used


def record_heartbeat(conn: Connection, id: str, now: datetime) -> bool:
    """Notes that the run is alive; False if it is not running any more."""
    return conn.execute(update(RUNS).where(*_is_running(id)).values(heartbeat_at=now)).rowcount == 1


def begin_publish(conn: Connection, id: str, now: datetime) -> bool:
    """Notes that the run publishes; False if it is not running any more, or has published before."""
    unpublished = (*_is_running(id), RUNS.c.publishing_at.is_(None))
    return conn.execute(update(RUNS).where(*unpublished).values(publishing_at=now)).rowcount == 1


def record_version(conn: Connection, id: str, output: str, version: int) -> bool:
    """Notes the version that the run has made, in the transaction that does so.

    False if it is not running any more, or if another run has the same attempt of the same time of that output.
    """
    other = RUNS.alias()
    same = (getattr(other.c, name) == RUNS.c[name] for name in ("product", "scheduled_for", "attempt"))
    taken = exists().where(*same, other.c.output == output, other.c.id != id)
    statement = update(RUNS).where(*_is_running(id), ~taken).values(output=output, version=version)
    return conn.execute(statement).rowcount == 1


def finish(
    conn: Connection, id: str, state: str, now: datetime, error_kind: str | None, error: str | None, log: str
) -> bool:
    """Records the end of a running run; False if it is not running any more."""
    values = {"state": state, "finished_at": now, "error_kind": error_kind, "error": error, "log": log or None}
    return conn.execute(update(RUNS).where(*_is_running(id)).values(values)).rowcount == 1


def settle_overdue(conn: Connection, cutoff: datetime, now: datetime) -> tuple[RunRow, ...]:
    """Records the end of every overdue run, and returns those runs."""
    overdue = (RUNS.c.state == RUNNING, RUNS.c.heartbeat_at < cutoff)
    query = _select(cutoff).where(*overdue).order_by(RUNS.c.id).with_for_update(of=RUNS)
    overdue_rows = rows.fetch_all(conn, query, RunRow)
    for row in overdue_rows:
        conn.execute(update(RUNS).where(*_is_running(row.id)).values(state=row.state, finished_at=now))
    return tuple(replace(row, finished_at=now) for row in overdue_rows)


def _is_running(id: str) -> tuple[ColumnElement[bool], ...]:
    return RUNS.c.id == id, RUNS.c.state == RUNNING


def _select(cutoff: datetime) -> Select[tuple[object, ...]]:
    state = _derive_state(cutoff).label("state")
    return select(*(state if column.name == "state" else column for column in rows.select_columns(RUNS, RunRow)))


def _derive_state(cutoff: datetime) -> Case[str]:
    """The state, where an overdue run is lost, or has succeeded if there is a version."""
    overdue = and_(RUNS.c.state == RUNNING, RUNS.c.heartbeat_at < cutoff)
    return case((and_(overdue, RUNS.c.version.is_(None)), LOST), (overdue, SUCCEEDED), else_=RUNS.c.state)
