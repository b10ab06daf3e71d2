from __future__ import annotations

from dataclasses import replace

from data_platform.record.catalog import transfers
from data_platform.record.catalog.transfers import Transfer
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

OFFER = Transfer("orders", "bo", NOON, "ana")


def test_a_product_has_one_offer_and_it_ends_once(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        transfers.offer(conn, OFFER)
        later_one = replace(OFFER, to_owner="cy", offered_at=later(hours=1))
        transfers.offer(conn, later_one)
        assert transfers.list_all(conn) == (later_one,)
        assert not transfers.close(conn, "orders", "bo")
        assert transfers.close(conn, "orders", "cy")
        assert transfers.find(conn, "orders") is None
