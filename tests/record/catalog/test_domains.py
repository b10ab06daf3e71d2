from __future__ import annotations

from dataclasses import replace

from data_platform.record.catalog import domains
from data_platform.record.catalog.domains import Domain
from data_platform.record.store import Record
from tests.record.given import NOON, later

SALES = Domain("sales", "orders and invoices", "ana", ("ana", "bo"), NOON)


def test_a_saved_domain_is_found_as_it_was(record: Record) -> None:
    with record.transaction() as conn:
        domains.save(conn, SALES)
    with record.reading() as conn:
        assert domains.find(conn, "sales") == SALES
        assert domains.find(conn, "Sales") is None


def test_saving_again_changes_all_but_the_birthday(record: Record) -> None:
    with record.transaction() as conn:
        domains.save(conn, SALES)
        domains.save(conn, replace(SALES, owner=None, members=(), created_at=later(days=1)))
        assert domains.find(conn, "sales") == replace(SALES, owner=None, members=())


def test_all_are_ordered_by_code_point_on_every_database(record: Record) -> None:
    names = ["a_b", "aa", "ab", "b", "É", "Z"]
    with record.transaction() as conn:
        for name in names:
            domains.save(conn, replace(SALES, name=name))
        assert [domain.name for domain in domains.list_all(conn)] == sorted(names)


def test_hostile_names_are_not_found_and_break_nothing(record: Record) -> None:
    with record.transaction() as conn:
        domains.save(conn, SALES)
        for name in ("sales' OR '1'='1", "sales\x00", "\ud800", '"; DROP TABLE domains; --', "%", "s" * 100_000):
            assert domains.find(conn, name) is None
        assert domains.list_all(conn) == (SALES,)
