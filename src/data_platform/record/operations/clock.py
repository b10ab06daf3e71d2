"""The clock of the mesh: which process runs periodic maintenance, and when it last ran.

Of several processes the one that claims it runs it; the claim of a process that was killed ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from data_platform.record.db import rows
from data_platform.record.db.watch_schema import CLOCK

AHEAD = timedelta(seconds=30)
"""How far the clocks of machines may be apart."""
_MAINTENANCE = "maintenance"
_MINE = CLOCK.c.name == _MAINTENANCE


@dataclass(frozen=True, slots=True)
class ClockState:
    """The process that runs maintenance until `claimed_until`, when a run last began, and when one last ended."""

    holder: str | None
    claimed_until: datetime | None
    begun_at: datetime | None
    ran_at: datetime | None

    def has_run_within(self, time: timedelta, now: datetime) -> bool:
        """Whether a run has ended in that time before `now`."""
        return self.ran_at is not None and now - self.ran_at <= time

    def is_due(self, now: datetime, interval: timedelta) -> bool:
        """Whether no run began in the interval before `now`."""
        return self.begun_at is None or not now - interval < self.begun_at <= now + AHEAD


def find_state(conn: Connection) -> ClockState:
    """The state of the clock; all is None before its first run."""
    query = select(*rows.select_columns(CLOCK, ClockState)).where(_MINE)
    return rows.fetch_one(conn, query, ClockState) or ClockState(None, None, None, None)


def claim(conn: Connection, holder: str, now: datetime, lease: timedelta, interval: timedelta) -> bool:
    """Claims the next run for a process; False while another one runs it, or if a run began in the last interval.

    What a machine wrote whose clock is far ahead counts for nothing, so that it does not silence the others.
    """
    _add_row(conn)
    is_free = or_(CLOCK.c.holder.is_(None), CLOCK.c.claimed_until <= now, CLOCK.c.claimed_until > now + lease + AHEAD)
    is_due = or_(CLOCK.c.begun_at.is_(None), CLOCK.c.begun_at <= now - interval, CLOCK.c.begun_at > now + AHEAD)
    claimed = {"holder": holder, "claimed_until": now + lease, "begun_at": now}
    return conn.execute(update(CLOCK).where(_MINE, is_free, is_due).values(claimed)).rowcount == 1


def renew(conn: Connection, holder: str, until: datetime) -> None:
    """Extends the claim of a process that still runs it."""
    conn.execute(update(CLOCK).where(_MINE, CLOCK.c.holder == holder).values(claimed_until=until))


def release(conn: Connection, holder: str) -> None:
    """Ends the claim of a process."""
    conn.execute(update(CLOCK).where(_MINE, CLOCK.c.holder == holder).values(holder=None, claimed_until=None))


def record_run(conn: Connection, at: datetime) -> None:
    """Records that maintenance has ended, in whichever process it ran."""
    _add_row(conn)
    conn.execute(update(CLOCK).where(_MINE).values(ran_at=at))


def _add_row(conn: Connection) -> None:
    row = rows.build_insert(conn, CLOCK).values(name=_MAINTENANCE)
    conn.execute(row.on_conflict_do_nothing(index_elements=["name"]))
