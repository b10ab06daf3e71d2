"""The audit log: gapless and chained, in the act's own transaction; whatever is done to it behind its back is found."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from data_platform.errors import RecordFailed
from data_platform.record.audit_log import chain as audit_chain
from data_platform.record.audit_log import log as audit_log
from data_platform.record.audit_log import reads
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.chain import Anchor, Chain, ChainBreak
from data_platform.record.audit_log.entry import Deed, encode_canonical, encode_entry, is_canonical
from data_platform.record.audit_log.log import EntryFilter
from data_platform.record.catalog import domains
from data_platform.record.catalog.domains import Domain
from data_platform.record.db.schema import AUDIT_LOG, EVENTS
from data_platform.record.operations import events
from data_platform.record.operations.events import Event
from data_platform.record.store import Record
from tests.hypothesis_lanes import examples
from tests.record.given import NOON, later
from tests.record.test_change_sequence import release
from tests.record.test_store import children

WRITERS, TIMES = 8, 6


def deed(subject: str = "orders", act: str = Act.DOMAIN, **details: Any) -> Deed:
    return Deed(NOON, "ana", False, act, subject, "python", "host", "user", details)


def append(record: Record, *deeds: Deed) -> None:
    for each in deeds:
        with record.transaction() as conn:
            audit_log.append(conn, each)


def verdict(conn: Connection, anchor: Anchor | None = None) -> ChainBreak | None:
    """What a walk over the whole log finds, a few entries at a time, reads included."""
    chain = Chain()
    while page := audit_chain.read_page(conn, chain.number, limit=3):
        for stored in page:
            broken = chain.take(stored, anchor)
            if broken is not None:
                return broken
            if chain.act == Act.READS and (what := reads.find_fault(conn, chain.details)):
                return ChainBreak(chain.number, what)
    return chain.end(anchor)


def anchored(conn: Connection) -> Anchor:
    head = audit_log.find_head(conn)
    assert head is not None
    return Anchor(head.number, head.hash, head.at)


@contextmanager
def behind_its_back(conn: Connection, table: str = "audit_log") -> Iterator[None]:
    """Whoever owns the database can take its triggers away; SQLite's DDL is transactional too."""
    if conn.dialect.name == "postgresql":
        conn.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_are_history"))
    else:
        conn.execute(text(f"DROP TRIGGER IF EXISTS {table}_are_history"))
    yield


class Undone(Exception):
    """Ends a transaction that a test only looks into."""


@contextmanager
def tampering(record: Record, table: str = "audit_log") -> Iterator[Connection]:
    """A transaction that is given up at its end."""
    with pytest.raises(Undone), record.transaction() as conn, behind_its_back(conn, table):
        yield conn
        raise Undone


def test_every_log_begins_by_saying_what_stood_before(record: Record) -> None:
    with record.reading() as conn:
        (first,) = audit_log.list_newest(conn)
    assert (first.number, first.act, first.by) == (1, "opened", "data-platform")
    assert json.loads(first.entry)["details"] | {"revision": ""} == {
        "contracts": 0,
        "from": None,
        "refusals": 0,
        "revision": "",
        "until": None,
        "versions": 0,
    }


def test_entries_are_canonical_chained_and_read_back_by_filters(record: Record) -> None:
    append(record, deed("orders", Act.REGISTER, revision=1), deed("orders.t", Act.PUBLISH), deed("ordersx"))
    with record.reading() as conn:
        assert verdict(conn) is None
        found = audit_log.list_newest(conn)
        assert [row.number for row in found] == [4, 3, 2, 1]
        assert [row.number for row in audit_log.list_newest(conn, EntryFilter("orders"))] == [3, 2]
        assert [row.number for row in audit_log.list_newest(conn, EntryFilter(act=Act.PUBLISH, by="ana"))] == [3]
        assert [
            row.number for row in audit_log.list_after(conn, 2, EntryFilter(since=NOON, until=later(seconds=1)))
        ] == [3, 4]
        assert audit_log.list_newest(conn, EntryFilter(by="bo")) == ()
    for row, before in pairwise(found):
        entry = json.loads(row.entry)
        again = rfc8785.dumps(entry)
        assert sha256(again).hexdigest() == row.hash
        assert entry["previous"] == before.hash


def test_an_act_and_its_entry_are_there_together_or_not_at_all(record: Record) -> None:
    with pytest.raises(ZeroDivisionError), record.transaction() as conn:
        domains.save(conn, Domain("sales", None, None, (), NOON))
        audit_log.append(conn, deed("domain:sales"))
        raise ZeroDivisionError
    append(record, deed("domain:crm"))
    with record.reading() as conn:
        assert domains.list_all(conn) == ()
        assert [row.subject for row in audit_log.list_newest(conn)] == ["domain:crm", "mesh:"]
        assert verdict(conn) is None


def test_a_killed_process_leaves_neither(record: Record, url: str) -> None:
    with children(("act_and_hang", url)) as (child,):
        child.send_signal(signal.SIGKILL)
        child.wait()
        append(record, deed())
        with record.reading() as conn:
            assert domains.list_all(conn) == ()
            assert [row.number for row in audit_log.list_newest(conn)] == [2, 1]
            assert verdict(conn) is None


@pytest.mark.long
def test_eight_writers_leave_no_gap(record: Record, url: str) -> None:
    with children(*[("act", url, str(writer), str(TIMES)) for writer in range(WRITERS)]) as started:
        release(started)
        assert [child.wait(60) for child in started] == [0] * WRITERS
    with record.reading() as conn:
        assert verdict(conn) is None
        assert audit_log.find_last_number(conn) == 1 + WRITERS * TIMES
        logged = [row.subject for row in audit_log.list_after(conn, 1)]
        assert sorted(logged) == sorted(f"domain:{domain.name}" for domain in domains.list_all(conn))


def test_the_database_refuses_to_rewrite_an_entry(record: Record) -> None:
    with pytest.raises((DBAPIError, RecordFailed), match="history"), record.transaction() as conn:
        conn.execute(update(AUDIT_LOG).values(by="bo"))


HOSTILE = st.text(max_size=20)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(by=HOSTILE, subject=HOSTILE, name=HOSTILE, value=HOSTILE | st.integers() | st.floats() | st.booleans())
def test_any_text_can_be_logged_and_verifies(record: Record, by: str, subject: str, name: str, value: object) -> None:
    with pytest.raises(Undone), record.transaction() as conn:
        audit_log.append(conn, Deed(NOON, by, True, "act", subject, "d", "h", "u", {name: [value, {name: value}]}))
        assert verdict(conn) is None
        raise Undone


def test_numbers_that_json_readers_take_apart_are_text() -> None:
    numbers = {"b": 2**53 - 1, "a": 2**53, "c": 0.5}
    assert encode_canonical(numbers) == '{"a":"9007199254740992","b":9007199254740991,"c":"0.5"}'
    with pytest.raises(TypeError, match="no form in the audit log"):
        encode_canonical(object())


ASTRAL, PRIVATE = "\U0001f600", "\ue000"
"""By code point the emoji is the larger one; by UTF-16, as RFC 8785 sorts, the smaller."""


def by_code_point(value: object) -> str:
    """The JSON that earlier releases wrote."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_keys_are_sorted_as_rfc_8785_does() -> None:
    assert encode_canonical({PRIVATE: 1, ASTRAL: 2, "a": 3}) == f'{{"a":3,"{ASTRAL}":2,"{PRIVATE}":1}}'


def test_entries_of_earlier_releases_verify(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    append(record, deed(columns={PRIVATE: 1, ASTRAL: 2}))

    def write_earlier(deed: Deed, number: int, previous: str) -> str:
        entry = json.loads(encode_entry(deed, number, previous))
        return by_code_point(entry | {"details": {PRIVATE: 1, ASTRAL: 2, "rows": 2**53}})

    with monkeypatch.context() as earlier:
        earlier.setattr(audit_log, "encode_entry", write_earlier)
        append(record, deed())
    append(record, deed(columns={PRIVATE: 1, ASTRAL: 2}))
    with record.reading() as conn:
        assert verdict(conn) is None
        entries = [row.entry for row in audit_log.list_after(conn, 1)]
    assert [entry.index(ASTRAL) < entry.index(PRIVATE) for entry in entries] == [True, False, True]
    assert entries[1] == by_code_point(json.loads(entries[1]))


def test_no_other_order_of_keys_verifies(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_unsorted(deed: Deed, number: int, previous: str) -> str:
        return (
            json.dumps(json.loads(encode_entry(deed, number, previous)) | {"act": "x"}, separators=(",", ":"))[:-1]
            + " }"
        )

    monkeypatch.setattr(audit_log, "encode_entry", write_unsorted)
    append(record, deed())
    with record.reading() as conn:
        broken = verdict(conn)
    assert broken is not None
    assert broken.what == "its text is not the JSON that was written"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda items: st.lists(items) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), items),
)


@given(JSON)
def test_canonical_text_is_recognized(value: object) -> None:
    assert is_canonical(value, by_code_point(value))
    text = rfc8785.dumps(value).decode()  # type: ignore[arg-type]
    assert json.loads(text) == value
    assert is_canonical(value, text)
    assert not is_canonical(value, f"{text} ")


@pytest.fixture
def log(record: Record) -> Record:
    """A log of six entries, the last of which seals three reads."""
    append(record, deed("orders", Act.REGISTER, revision=1, changes=["é", "b"]), deed("orders.t", Act.PUBLISH, rows=3))
    for number in range(3):
        read(record, str(number))
    assert seal(record) == 3
    append(record, deed("customers"), deed("customers", Act.INCIDENT, id=7))
    with record.reading() as conn:
        assert verdict(conn) is None
    return record


def read(record: Record, who: str, product: str = "orders") -> int:
    with record.transaction() as conn:
        return events.add(conn, Event(0, 0, product, "consumed", NOON, who, [{"run": {"runId": who}}]))


def seal(record: Record, limit: int = 100) -> int:
    with record.reading() as conn:
        mark = reads.mark(conn)
    with record.transaction() as conn:
        batch = reads.make_batch(conn, mark.id, limit) if reads.is_final(conn, mark) else None
        if batch is None:
            return 0
        audit_log.append(conn, deed("mesh:reads", Act.READS, **batch.details))
        return batch.count


TEXTS = ("by", "act", "subject", "entry", "hash")


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(number=st.integers(1, 6), column=st.sampled_from(TEXTS), where=st.integers(0, 999), by=st.integers(1, 255))
def test_any_changed_byte_is_found(log: Record, number: int, column: str, where: int, by: int) -> None:
    with tampering(log) as conn:
        row = AUDIT_LOG.c.number == number
        stored = bytearray(conn.scalars(select(AUDIT_LOG.c[column]).where(row)).one().encode())
        stored[where % len(stored)] ^= by
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql(
                f"UPDATE audit_log SET {column} = CAST(? AS TEXT) WHERE number = ?", (bytes(stored), number)
            )
        else:
            try:
                changed = stored.decode()
            except UnicodeDecodeError:
                return  # Postgres holds no such bytes
            if "\0" in changed:
                return
            conn.execute(update(AUDIT_LOG).where(row).values({column: changed}))
        assert verdict(conn) is not None


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(number=st.integers(1, 6), where=st.integers(0, 25), byte=st.integers(1, 127))
def test_any_changed_byte_of_a_moment_is_found(log: Record, number: int, where: int, byte: int) -> None:
    with tampering(log) as conn:
        if conn.dialect.name == "sqlite":
            stored = bytearray(conn.scalar(text(f"SELECT at FROM audit_log WHERE number = {number}")).encode())
            stored[where] ^= byte
            conn.exec_driver_sql("UPDATE audit_log SET at = CAST(? AS TEXT) WHERE number = ?", (bytes(stored), number))
        else:
            moved = {"at": later(microseconds=(where - 30) * byte)}
            conn.execute(update(AUDIT_LOG).where(AUDIT_LOG.c.number == number).values(moved))
        broken = verdict(conn)
        assert broken is not None
        assert broken.number == number
        assert len(audit_log.list_newest(conn)) == 6, "a damaged log can be read"


@pytest.mark.parametrize("number", range(1, 6))
def test_an_entry_that_is_gone_is_named(log: Record, number: int) -> None:
    with tampering(log) as conn:
        conn.execute(delete(AUDIT_LOG).where(AUDIT_LOG.c.number == number))
        broken = verdict(conn)
        assert broken is not None
        assert broken.number == number
        assert "missing" in broken.what
        conn.execute(update(AUDIT_LOG).where(AUDIT_LOG.c.number == 6).values(number=number))
        assert verdict(conn) is not None, "another one in its place"


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 5), (5, 6), (3, 4)])
@pytest.mark.parametrize("numbered", [True, False])
def test_two_entries_that_changed_places_are_found(log: Record, one: int, other: int, numbered: bool) -> None:
    """With their numbers, or only what they say."""
    with tampering(log) as conn:
        stored = {row.number: dict(row._mapping) for row in conn.execute(select(AUDIT_LOG))}
        conn.execute(delete(AUDIT_LOG).where(AUDIT_LOG.c.number.in_((one, other))))
        for number, row in ((one, stored[other]), (other, stored[one])):
            values = row | {"number": number}
            if numbered:
                values["entry"] = row["entry"].replace(f'"number":{row["number"]}', f'"number":{number}')
                values["hash"] = sha256(values["entry"].encode()).hexdigest()
            conn.execute(insert(AUDIT_LOG).values(values))
        broken = verdict(conn)
        assert broken is not None
        assert broken.number == min(one, other)


def test_a_cut_tail_and_a_rewritten_log_show_against_an_anchor(log: Record) -> None:
    with log.reading() as conn:
        anchor = anchored(conn)
        assert verdict(conn, anchor) is None
    with tampering(log) as conn:
        conn.execute(delete(AUDIT_LOG).where(AUDIT_LOG.c.number > 4))
        assert verdict(conn) is None
        broken = verdict(conn, anchor)
        assert broken is not None
        assert (broken.number, "cut" in broken.what) == (5, True)
        audit_log.append(conn, deed("forged"))
        audit_log.append(conn, deed("forged"))
        audit_log.append(conn, deed("forged"))
        assert verdict(conn) is None
        broken = verdict(conn, anchor)
        assert broken is not None
        assert (broken.number, "anew" in broken.what) == (6, True)
        conn.execute(delete(AUDIT_LOG))
        assert verdict(conn) == ChainBreak(1, "it is missing: the log is empty, and every record begins with an entry")


EDITS: dict[str, Callable[[Connection], Any]] = {
    "gone": lambda conn: conn.execute(delete(EVENTS).where(EVENTS.c.id == 2)),
    "another reader": lambda conn: conn.execute(update(EVENTS).where(EVENTS.c.id == 1).values(by="bo")),
    "another time": lambda conn: conn.execute(update(EVENTS).where(EVENTS.c.id == 3).values(at=later(seconds=1))),
    "another product": lambda conn: conn.execute(update(EVENTS).where(EVENTS.c.id == 3).values(product="customers")),
    "another output": lambda conn: conn.execute(update(EVENTS).where(EVENTS.c.id == 2).values(body=[])),
    "no read": lambda conn: conn.execute(update(EVENTS).where(EVENTS.c.id == 2).values(kind="published")),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_sealed_read_that_was_changed_is_found(log: Record, edit: str) -> None:
    with tampering(log, "events") as conn:
        EDITS[edit](conn)
        broken = verdict(conn)
        assert broken is not None
        assert (broken.number, "it sealed 3 reads" in broken.what) == (4, True)
