"""Lists of the record that are limited to some products, before their limit, for any number of names."""

from __future__ import annotations

from datetime import timedelta

from data_platform.record.audit_log import log
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.entry import Deed
from data_platform.record.audit_log.log import EntryFilter
from data_platform.record.store import Record
from tests.record.given import NOON

MANY = frozenset(f"p{number}" for number in range(40_000))


def append(record: Record, *subjects: str) -> None:
    with record.transaction() as conn:
        for at, subject in enumerate(subjects):
            moment = NOON + timedelta(seconds=at)
            log.append(conn, Deed(moment, "ana", True, Act.DOMAIN, subject, "python", "host", "user"))


def list_subjects(record: Record, which: EntryFilter, limit: int | None = None) -> list[str]:
    with record.reading() as conn:
        return [entry.subject for entry in log.list_newest(conn, which, limit)]


def test_the_audit_log_of_some_products_has_their_outputs_and_domains(record: Record) -> None:
    append(record, "orders", "orders.t@1", "order", "orders2.t", "domain:sales", "domain:vault", "principal:ana")
    orders = frozenset(["orders"])
    assert list_subjects(record, EntryFilter(among=orders, domains=frozenset())) == ["orders.t@1", "orders"]
    listed = list_subjects(record, EntryFilter(among=orders, domains=frozenset(["sales"])))
    assert listed == ["domain:sales", "orders.t@1", "orders"]
    assert "principal:ana" in list_subjects(record, EntryFilter(among=orders))
    assert list_subjects(record, EntryFilter(among=orders, domains=frozenset()), limit=1) == ["orders.t@1"]


def test_there_may_be_more_products_than_a_statement_has_parameters(record: Record) -> None:
    append(record, "p7", "q7")
    assert list_subjects(record, EntryFilter(among=MANY, domains=frozenset())) == ["p7"]
    assert list_subjects(record, EntryFilter(among=frozenset(), domains=frozenset())) == []
