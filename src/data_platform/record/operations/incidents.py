"""Incidents: one open incident for each cause on an output, with its timeline.

An event such as a failed rule can occur repeatedly, and each occurrence is counted (`record_occurrence`); a condition
such as a missing owner opens one incident, however often it is observed (`open_if_absent`). Concurrent writers are
safe: the database allows one open incident for a cause, and its writers wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import INCIDENT_EVENTS, INCIDENTS

SEVERITIES = ("low", "medium", "high", "critical")

Key = tuple[str, str, str]
"""A product, its output, and a cause."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A problem of an output, from `opened_at` until `resolved_at` (None while it is open).

    `severity` is None in incidents older than severities.
    """

    id: int
    product: str
    output: str
    cause: str
    summary: str
    opened_at: datetime
    resolved_at: datetime | None
    occurrences: int
    last_at: datetime
    severity: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_by: str | None = None

    @property
    def key(self) -> Key:
        """The key: at most one incident with it is open."""
        return self.product, self.output, self.cause


class OpenCause(NamedTuple):
    """The cause of an open incident of a product, and its severity."""

    product: str
    cause: str
    severity: str | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to an incident: opened, again, severity, acknowledged, comment or resolved."""

    id: int
    incident_id: int
    at: datetime
    by: str
    kind: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentCause:
    """A problem that occurred on an output, or a condition that was observed on it."""

    product: str
    output: str
    cause: str
    summary: str
    severity: str | None = None

    @property
    def key(self) -> Key:
        """The key: at most one incident with it is open."""
        return self.product, self.output, self.cause


_ALL = select(*rows.select_columns(INCIDENTS, Incident))
_TIMELINE = select(*rows.select_columns(INCIDENT_EVENTS, TimelineEntry))
_KEY = ("product", "output", "cause", "open")


def record_occurrence(conn: Connection, cause: IncidentCause, at: datetime, by: str) -> Incident:
    """Opens an incident, or increments the open one of that cause and updates its summary.

    An open one keeps its severity (`raise_severity`).
    """
    statement = rows.build_insert(conn, INCIDENTS)
    again = {
        "summary": statement.excluded["summary"],
        "last_at": statement.excluded["last_at"],
        "occurrences": INCIDENTS.c.occurrences + 1,
    }
    raising = statement.on_conflict_do_update(index_elements=_KEY, set_=again)
    (incident,) = _insert_incidents(conn, raising, [_make_row(cause, at)])
    kind = "opened" if incident.occurrences == 1 else "again"
    _add_entries(conn, [TimelineEntry(0, incident.id, at, by, kind, cause.summary)])
    return incident


def open_if_absent(conn: Connection, causes: Sequence[IncidentCause], at: datetime, by: str) -> tuple[Incident, ...]:
    """Opens an incident for each condition without an open one, and returns the new incidents."""
    if not causes:
        return ()
    opening = rows.build_insert(conn, INCIDENTS).on_conflict_do_nothing(index_elements=_KEY)
    opened = _insert_incidents(conn, opening, [_make_row(cause, at) for cause in causes])
    _add_entries(conn, [TimelineEntry(0, incident.id, at, by, "opened", incident.summary) for incident in opened])
    return opened


def raise_severity(conn: Connection, id: int, severity: str, at: datetime, by: str) -> Incident | None:
    """Raises the severity of an open incident, and returns it; None if it is not lower, or the incident is closed."""
    incident = rows.fetch_one(conn, _ALL.where(INCIDENTS.c.id == id, INCIDENTS.c.open).with_for_update(), Incident)
    if incident is None or not is_graver(severity, incident.severity):
        return None
    return _update_severity(conn, incident, severity, at, by)


def is_graver(severity: str | None, than: str | None) -> bool:
    """Whether one severity is above another; every severity is above None."""
    return _rank(severity) > _rank(than)


def resolve(
    conn: Connection, product: str, output: str, causes: Collection[str], at: datetime, by: str, text: str | None = None
) -> tuple[Incident, ...]:
    """Closes the open incidents of these causes, and returns them; those already closed are ignored."""
    mine = (INCIDENTS.c.product == product, INCIDENTS.c.output == output, INCIDENTS.c.cause.in_(causes))
    return _close(conn, mine, at, by, text)


def resolve_by_id(
    conn: Connection, ids: Collection[int], at: datetime, by: str, text: str | None = None
) -> tuple[Incident, ...]:
    """Closes the open ones of these incidents, and returns them."""
    return _close(conn, (INCIDENTS.c.id.in_(ids),), at, by, text)


def acknowledge(conn: Connection, id: int, at: datetime, by: str, text: str | None = None) -> bool:
    """Records an acknowledgement; False if the incident is closed or already acknowledged."""
    free = (INCIDENTS.c.id == id, INCIDENTS.c.open, INCIDENTS.c.acknowledged_at.is_(None))
    if conn.execute(update(INCIDENTS).where(*free).values(acknowledged_at=at, acknowledged_by=by)).rowcount == 0:
        return False
    _add_entries(conn, [TimelineEntry(0, id, at, by, "acknowledged", text)])
    return True


def add_comment(conn: Connection, id: int, at: datetime, by: str, text: str) -> None:
    """Adds a comment to the timeline of an incident, open or closed."""
    _add_entries(conn, [TimelineEntry(0, id, at, by, "comment", text)])


def find(conn: Connection, id: int) -> Incident | None:
    """That incident."""
    return rows.fetch_one(conn, _ALL.where(INCIDENTS.c.id == id), Incident)


def list_timeline(conn: Connection, id: int) -> tuple[TimelineEntry, ...]:
    """The timeline of that incident, oldest first."""
    query = _TIMELINE.where(INCIDENT_EVENTS.c.incident_id == id).order_by(INCIDENT_EVENTS.c.id)
    return rows.fetch_all(conn, query, TimelineEntry)


def list_open_causes(conn: Connection, products: Collection[str]) -> tuple[OpenCause, ...]:
    """What is wrong with these products now."""
    result = conn.execute(_build_open_causes(conn.dialect.name), rows.bind_texts(conn, products))
    return tuple(map(OpenCause._make, result))


@cache
def _build_open_causes(dialect: str) -> Select[tuple[str, str, str | None]]:
    query = select(INCIDENTS.c.product, INCIDENTS.c.cause, INCIDENTS.c.severity)
    return query.where(INCIDENTS.c.open, rows.is_bound(dialect, INCIDENTS.c.product))


def list_history(
    conn: Connection,
    product: str | None = None,
    open_only: bool = False,
    severities: Collection[str] | None = None,
    output: str | None = None,
    limit: int | None = None,
    among: Collection[str] | None = None,
) -> tuple[Incident, ...]:
    """The incidents of a product, or of all, newest first; with `among`, those of these products alone."""
    query = _ALL.order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id.desc()).limit(limit)
    if product is not None:
        query = query.where(INCIDENTS.c.product == product)
    if among is not None:
        query = query.where(rows.is_one_of(conn, INCIDENTS.c.product, among))
    if output is not None:
        query = query.where(INCIDENTS.c.output == output)
    if severities is not None:
        query = query.where(INCIDENTS.c.severity.in_(severities))
    if open_only:
        query = query.where(INCIDENTS.c.open)
    return rows.fetch_all(conn, query, Incident)


def _make_row(cause: IncidentCause, at: datetime) -> dict[str, Any]:
    opened = Incident(0, *cause.key, cause.summary, at, None, 1, at, cause.severity)
    return {**rows.to_values(opened, "id"), "open": True}


def _insert_incidents(conn: Connection, insertion: Any, new: Sequence[dict[str, Any]]) -> tuple[Incident, ...]:
    result = conn.execute(insertion.returning(*rows.select_columns(INCIDENTS, Incident)), new)
    return tuple(Incident(**row) for row in result.mappings())


def _update_severity(conn: Connection, incident: Incident, severity: str | None, at: datetime, by: str) -> Incident:
    if not is_graver(severity, incident.severity):
        return incident
    conn.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident.id).values(severity=severity))
    _add_entries(conn, [TimelineEntry(0, incident.id, at, by, "severity", severity)])
    return replace(incident, severity=severity)


def _rank(severity: str | None) -> int:
    return -1 if severity is None else SEVERITIES.index(severity)


def _close(
    conn: Connection, which: Sequence[ColumnElement[bool]], at: datetime, by: str, text: str | None
) -> tuple[Incident, ...]:
    closing = rows.fetch_all(conn, _ALL.where(*which, INCIDENTS.c.open).with_for_update(), Incident)
    if not closing:
        return ()
    ids = [incident.id for incident in closing]
    conn.execute(update(INCIDENTS).where(INCIDENTS.c.id.in_(ids)).values(resolved_at=at, resolved_by=by, open=None))
    _add_entries(conn, [TimelineEntry(0, id, at, by, "resolved", text) for id in ids])
    return closing


def _add_entries(conn: Connection, entries: Sequence[TimelineEntry]) -> None:
    if entries:
        conn.execute(insert(INCIDENT_EVENTS), [rows.to_values(entry, "id") for entry in entries])
