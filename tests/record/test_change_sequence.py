"""The change sequence under concurrency: a reader misses no event and sees each once.

On Postgres ids are given out before they become visible: here transactions are held open so that a later id, or a later
transaction, is visible first.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from data_platform.errors import RecordFailed
from data_platform.record.catalog import domains
from data_platform.record.catalog.domains import Domain
from data_platform.record.db.history_triggers import allow_rewriting
from data_platform.record.db.schema import EVENTS, OUTBOX
from data_platform.record.operations import events, outbox
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.events import BEGINNING, Event
from data_platform.record.operations.outbox import QueuedEvent
from data_platform.record.store import Record
from tests.record.given import NOON
from tests.record.test_store import children

WRITERS = 8


class Follower:
    """Reads the sequence a few events at a time, as the search index does, and keeps what it saw."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.cursor = BEGINNING
        self.seen: list[tuple[str, int]] = []

    def look(self, limit: int = 7) -> int:
        """Goes on where it stopped; how many events there were."""
        with self.record.reading() as conn:
            found = events.list_after(conn, self.cursor, limit)
            touched = events.list_products_after(conn, self.cursor, EventKind)
        assert {event.product for event in found} <= touched
        self.seen += [(event.product, number_of(event)) for event in found]
        if found:
            self.cursor = found[-1].cursor
        return len(found)


def number_of(event: Event) -> int:
    assert event.body is not None
    number: int = event.body[0]["number"]
    return number


def add(conn: Connection, name: str, number: int = 0) -> int:
    return events.add(conn, Event(0, 0, name, "published", NOON, "ana", [{"number": number}]))


def begin(conn: Connection, name: str) -> None:
    """Gives the transaction its number, by a write of something else."""
    domains.save(conn, Domain(name, None, None, (), NOON))


@pytest.mark.long
def test_eight_writers_and_a_reader_that_misses_nothing_and_sees_each_once(record: Record, url: str) -> None:
    times, dawdle = ("12", "0.01") if url.startswith("sqlite") else ("60", "0.06")
    follower = Follower(record)
    with children(*[("tell", url, str(writer), times, dawdle) for writer in range(WRITERS)]) as started:
        release(started)
        while any(child.poll() is None for child in started):
            follower.look()
            time.sleep(0.001)
        assert [child.returncode for child in started] == [0] * WRITERS
    while follower.look():
        pass
    with record.reading() as conn:
        written = [(event.product, number_of(event)) for event in events.list_after(conn, limit=10_000)]
    assert len(written) >= WRITERS * int(times)
    assert Counter(follower.seen) == Counter(written)
    assert max(Counter(follower.seen).values()) == 1
    assert follower.seen == written
    for writer in range(WRITERS):
        mine = [number for product, number in follower.seen if product == f"writer-{writer}"]
        assert mine == list(range(len(mine)))


def release(started: list[subprocess.Popen[str]]) -> None:
    for child in started:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()


@pytest.mark.engines
def test_a_smaller_id_that_is_committed_later_is_not_missed(postgres_url: str) -> None:
    with Record.open(postgres_url) as record, ExitStack() as open_ones:
        slow = open_ones.enter_context(record.transaction())
        first = add(slow, "slow")
        with record.transaction() as quick:
            second = add(quick, "quick")
        assert first < second
        follower = Follower(record)
        assert follower.look() == 0, "what is committed waits for the older transaction"
        open_ones.close()
        while follower.look(limit=1):
            pass
        assert [product for product, _ in follower.seen] == ["slow", "quick"]


@pytest.mark.engines
def test_an_older_transaction_that_writes_later_comes_first(postgres_url: str) -> None:
    """The older transaction gets the larger id; a reader that went by ids would have passed it by."""
    with Record.open(postgres_url) as record, ExitStack() as open_ones:
        older = open_ones.enter_context(record.transaction())
        begin(older, "older")
        with record.transaction() as younger:
            small = add(younger, "younger")
        assert add(older, "older") > small
        follower = Follower(record)
        assert follower.look() == 0
        open_ones.close()
        follower.look()
        assert [product for product, _ in follower.seen] == ["older", "younger"]


@pytest.mark.engines
def test_a_transaction_that_is_given_up_holds_nothing_back(postgres_url: str) -> None:
    with Record.open(postgres_url) as record:
        follower = Follower(record)
        with pytest.raises(ZeroDivisionError), record.transaction() as slow:
            add(slow, "given up")
            with record.transaction() as quick:
                add(quick, "quick")
            assert follower.look() == 0
            raise ZeroDivisionError
        follower.look()
        assert [product for product, _ in follower.seen] == ["quick"]


@pytest.mark.engines
def test_a_transaction_that_only_reads_holds_nothing_back(postgres_url: str) -> None:
    with Record.open(postgres_url) as record, record.reading() as conn:
        assert domains.list_all(conn) == ()
        with record.transaction() as quick:
            add(quick, "quick")
        assert Follower(record).look() == 1


@pytest.mark.engines
def test_messages_of_one_key_leave_in_the_order_in_which_they_will_be_seen(postgres_url: str) -> None:
    """The outbox, too: a message whose older sibling is not yet committed stays."""

    def queue(conn: Connection, number: int) -> None:
        outbox.add(conn, [QueuedEvent(add(conn, "orders", number), "marquez", "orders.t")], NOON)

    def taken(record: Record) -> list[int]:
        with record.transaction() as conn:
            found = outbox.claim(conn, "marquez", NOON, NOON + timedelta(minutes=1))
            for message in found:
                outbox.remove_delivered(conn, message.id)
        return [number_of(message.event) for message in found]

    with Record.open(postgres_url) as record, ExitStack() as open_ones:
        slow = open_ones.enter_context(record.transaction())
        queue(slow, 1)
        with record.transaction() as quick:
            queue(quick, 2)
        assert taken(record) == []
        open_ones.close()
        assert [taken(record), taken(record), taken(record)] == [[1], [2], []]


@pytest.mark.engines
def test_a_record_that_was_restored_into_another_server_begins_its_numbers_anew(postgres_url: str) -> None:
    """Its events bear numbers that this server may reach in years: no reader would see them until then."""
    elsewhere = 10**12
    with Record.open(postgres_url) as record:
        with record.transaction() as conn:
            for name in ("first", "second"):
                outbox.add(conn, [QueuedEvent(add(conn, name), "marquez", name)], NOON)
            with allow_rewriting(conn, EVENTS):
                conn.execute(update(EVENTS).values(xid=elsewhere + EVENTS.c.id))
            conn.execute(update(OUTBOX).values(xid=elsewhere))
        with record.reading() as conn:
            assert events.list_after(conn) == ()
            assert events.has_foreign_numbers(conn)
            place = conn.execute(select(EVENTS.c.id, EVENTS.c.xid)).first()
    with Record.open(postgres_url) as record:
        with record.transaction() as conn:
            add(conn, "third")
        follower = Follower(record)
        follower.look()
        assert [product for product, _ in follower.seen] == ["first", "second", "third"]
        with record.transaction() as conn:
            assert not events.has_foreign_numbers(conn)
            assert [message.key for message in outbox.claim(conn, "marquez", NOON, NOON)] == ["first", "second"]
            assert place is not None
            assert conn.scalar(select(EVENTS.c.xid).where(EVENTS.c.id == place.id)) == 0
        with pytest.raises((DBAPIError, RecordFailed), match="history"), record.transaction() as conn:
            conn.execute(update(EVENTS).values(at=NOON))
