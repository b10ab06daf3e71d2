"""Whether the audit log tells all that a product did, and what stood before the log began."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Connection, delete, text, update

from data_platform.record.audit_log import log
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.trail import check_trail, find_broken_trails, hash_contract
from data_platform.record.db.schema import AUDIT_LOG
from data_platform.record.governance import judgements
from data_platform.record.store import Record
from tests.record import given as rows
from tests.record import released
from tests.record.audit_log.test_log import deed, tampering, verdict
from tests.record.given import NOON


def add_acts(conn: Connection, product: str = "orders") -> None:
    """A product with two versions and a refusal, each with its entry."""
    rows.registered(conn, product)
    row = rows.product(product)
    digest = hash_contract(row.stored_contract)
    log.append(conn, deed(product, Act.REGISTER, revision=1, contract=digest))
    for number in (1, 2):
        version = rows.published(conn, number, product)
        facts = {"stage": version.stage_id, "rows": version.rows, "metadata": version.metadata_location}
        log.append(conn, deed(f"{product}.orders_fact", Act.PUBLISH, version=number, **facts))
    refused = judgements.AuditRow(0, product, "orders_fact", None, "refused", [], "no", NOON, "ana")
    log.append(conn, deed(f"{product}.orders_fact", Act.REFUSAL, audit=judgements.add(conn, refused)))


def test_the_trail_of_a_product_is_whole_until_an_entry_is_gone(record: Record) -> None:
    with record.transaction() as conn:
        add_acts(conn)
        add_acts(conn, "customers")
        assert check_trail(conn, "orders") == (True, "4 entries of the audit log, complete and unchanged")
        assert check_trail(conn, "unknown").ok
        assert find_broken_trails(conn) == {}
    reasons = {2: "contract revision 1 has no", 3: "version 1 of", 4: "version 2 of", 5: "the refusal of"}
    for number, reason in reasons.items():
        with tampering(record) as conn:
            conn.execute(delete(AUDIT_LOG).where(AUDIT_LOG.c.number == number))
            trail = check_trail(conn, "orders")
            assert not trail.ok
            assert check_trail(conn, "customers").ok == (number != 5), "the entry behind a gap does not follow"
            assert reason in trail.reason or "does not follow" in trail.reason
            assert find_broken_trails(conn).keys() == {
                each for each in ("orders", "customers") if not check_trail(conn, each).ok
            }
            assert find_broken_trails(conn)["orders"] == trail.reason
    with tampering(record) as conn:
        conn.execute(update(AUDIT_LOG).where(AUDIT_LOG.c.number == 3).values(by="bo"))
        assert check_trail(conn, "orders").reason == "entry 3 of the audit log: its text and its columns differ in by"
    with tampering(record, "versions") as conn:
        conn.execute(text("UPDATE versions SET rows = 1 WHERE product = 'orders' AND version = 2"))
        what = "version 2 of orders_fact is not what the audit log says it was"
        assert check_trail(conn, "orders") == (False, what)
    with tampering(record, "contracts") as conn:
        conn.execute(text("UPDATE contracts SET spec = '{}' WHERE product = 'orders'"))
        assert "contract revision 1 is not" in check_trail(conn, "orders").reason


def test_a_version_without_an_entry_breaks_the_trail(record: Record) -> None:
    with record.transaction() as conn:
        add_acts(conn)
        rows.published(conn, 3)
        reason = "version 3 of orders_fact has no entry in the audit log"
        assert check_trail(conn, "orders") == (False, reason)
        assert find_broken_trails(conn) == {"orders": reason}


@pytest.mark.parametrize("revision", [each for each in released.REVISIONS if each < "0003"])
def test_an_older_record_begins_its_log_when_it_is_upgraded(url: str, revision: str) -> None:
    released.make(url, revision)
    with Record.open(url) as record, record.transaction() as conn:
        (first,) = log.list_newest(conn)
        details = json.loads(first.entry)["details"]
        assert (first.act, details["from"]) == ("opened", revision)
        assert min(details["contracts"], details["versions"], details["refusals"]) > 0
        assert check_trail(conn, "orders").ok, "what happened before has no entry, and needs none"
        assert find_broken_trails(conn) == {}
        assert verdict(conn) is None
    Record.open(url).close()
    with Record.open(url) as record, record.reading() as conn:
        assert log.find_last_number(conn) == 1
