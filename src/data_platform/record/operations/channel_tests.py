"""The last test message of each channel of alerts that was delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data_platform.record.db import rows
from data_platform.record.db.watch_schema import CHANNEL_TESTS


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """A test message that a channel took, and who sent it."""

    channel: str
    by: str
    delivered_at: datetime


def record(conn: Connection, test: ChannelTest) -> None:
    """Records a delivered test in place of the channel's last one."""
    statement = rows.build_insert(conn, CHANNEL_TESTS).values(rows.to_values(test))
    newer = {"by": test.by, "delivered_at": test.delivered_at}
    conn.execute(statement.on_conflict_do_update(index_elements=["channel"], set_=newer))


def map_all(conn: Connection) -> dict[str, ChannelTest]:
    """The tests by channel."""
    query = select(*rows.select_columns(CHANNEL_TESTS, ChannelTest))
    return {test.channel: test for test in rows.fetch_all(conn, query, ChannelTest)}
