"""What another process does to a record: `python child.py VERB URL …`, started by the tests."""

from __future__ import annotations

import dataclasses
import random
import sys
import time
import uuid
from datetime import UTC, datetime

from sqlalchemy import Connection

from data_platform.record.audit_log import log
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.entry import Deed
from data_platform.record.catalog import domains, outputs, versions
from data_platform.record.catalog.domains import Domain
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.db.stored_json import StoredSchema
from data_platform.record.operations import events
from data_platform.record.operations.events import Event
from data_platform.record.store import Record


def ready() -> None:
    """Waits until the test lets all children go at once."""
    print("ready", flush=True)
    sys.stdin.readline()


def open_(url: str) -> None:
    """Opens the record at the same moment as others."""
    ready()
    Record.open(url).close()


def swap(url: str, times: str, locking: str) -> None:
    """Publishes `times` versions; without a lock, a lost compare-and-swap is tried again."""
    with Record.open(url) as record:
        ready()
        done = 0
        while done < int(times):
            with record.transaction() as conn:
                look = outputs.lock if locking == "lock" else outputs.find
                now = look(conn, "orders", "orders_fact")
                assert now is not None
                row = version(now.version + 1)
                if outputs.swap(conn, *key(row), now.metadata_location, row.metadata_location, row.version):
                    versions.add(conn, row)
                    done += 1
                else:
                    assert locking != "lock"


def hold(url: str) -> None:
    """Writes inside a transaction that never ends."""
    with Record.open(url) as record, record.transaction() as conn:
        domains.save(conn, Domain("half-written", None, None, (), datetime.now(UTC)))
        now = outputs.lock(conn, "orders", "orders_fact")
        outputs.swap(conn, "orders", "orders_fact", now.metadata_location, "half.json", now.version + 1)
        print("ready", flush=True)
        time.sleep(600)


def tell(url: str, writer: str, times: str, dawdle: str) -> None:
    """Records `times` events in transactions of one to three, some of which are given up.

    Each stays open for up to `dawdle` seconds before it begins to write, after it wrote, or both.
    """
    chance = random.Random(int(writer))
    with Record.open(url) as record:
        ready()
        number = 0
        while number < int(times):
            several = chance.randint(1, 3)
            try:
                with record.transaction() as conn:
                    _tell_slowly(conn, f"writer-{writer}", range(number, number + several), chance, float(dawdle))
                    if chance.random() < 0.2:
                        raise InterruptedError
            except InterruptedError:
                continue
            number += several


def _tell_slowly(conn: Connection, writer: str, numbers: range, chance: random.Random, dawdle: float) -> None:
    domains.save(conn, Domain(writer, None, None, (), datetime.now(UTC)))  # the transaction has its number from here on
    time.sleep(dawdle * chance.random() ** 3)
    for number in numbers:
        events.add(conn, Event(0, 0, writer, "published", datetime.now(UTC), "ana", [{"number": number}]))
    time.sleep(dawdle * chance.random() ** 3)


def act(url: str, writer: str, times: str) -> None:
    """Acts `times` times, each with its entry in the audit log; some acts are given up after it was written."""
    chance = random.Random(int(writer))
    with Record.open(url) as record:
        ready()
        done = 0
        while done < int(times):
            try:
                with record.transaction() as conn:
                    _act(conn, f"w{writer}-{done}")
                    if chance.random() < 0.2:
                        raise InterruptedError
            except InterruptedError:
                continue
            done += 1


def act_and_hang(url: str) -> None:
    """Acts inside a transaction that never ends."""
    with Record.open(url) as record, record.transaction() as conn:
        _act(conn, "half-done")
        print("ready", flush=True)
        time.sleep(600)


def _act(conn: Connection, name: str) -> None:
    now = datetime.now(UTC)
    domains.save(conn, Domain(name, None, None, (), now))
    log.append(conn, Deed(now, "ana", False, Act.DOMAIN, f"domain:{name}", "python", "host", "user"))


def key(row: VersionRow) -> tuple[str, str]:
    """Which output the version is of."""
    return row.product, row.output


def version(number: int) -> VersionRow:
    """A version with names that no other process uses."""
    name = uuid.uuid4().hex
    fields = {field.name: None for field in dataclasses.fields(VersionRow)}
    text = dict.fromkeys(("contract_version", "outcome", "published_by", "manifest_list"), "x")
    numbers = dict.fromkeys(("contract_revision", "snapshot_id", "rows", "bytes", "files"), 1)
    return VersionRow(
        **fields
        | text
        | numbers
        | {"product": "orders", "output": "orders_fact", "version": number, "stage_id": name}
        | {"metadata_location": name, "statistics": {}, "published_at": datetime.now(UTC)}
        | {"stored_schema": StoredSchema("{}")}
    )


if __name__ == "__main__":
    verb, *words = sys.argv[1:]
    {"open": open_, "swap": swap, "hold": hold, "tell": tell, "act": act, "act_and_hang": act_and_hang}[verb](*words)
