"""Who owners belong to, and who answers for a product."""

from __future__ import annotations

from data_platform.record.catalog import departures, domains, transfers
from data_platform.record.catalog.departures import Departure
from data_platform.record.catalog.domains import Domain
from data_platform.record.catalog.transfers import Transfer
from data_platform.record.identity import owners, ownership, principals
from data_platform.record.identity.owners import OwnerClaim
from data_platform.record.identity.ownership import Ownership
from data_platform.record.identity.principals import PrincipalRow
from data_platform.record.renaming import rename_product
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

CLAIM = OwnerClaim("shop@x", "shop", NOON, "root")


def test_an_address_has_one_holder_until_it_is_released(record: Record) -> None:
    with record.transaction() as conn:
        assert owners.claim(conn, CLAIM)
        assert not owners.claim(conn, OwnerClaim("shop@x", "crm", later(days=1), "root"))
        assert owners.find(conn, "shop@x") == CLAIM
        assert owners.list_all(conn) == (CLAIM,)
        assert owners.release(conn, "shop@x")
        assert not owners.release(conn, "shop@x")


def test_a_claim_comes_before_the_principal_of_that_name(record: Record) -> None:
    with record.transaction() as conn:
        for name in ("shop@x", "ana"):
            principals.add(conn, PrincipalRow(name, "person", None, NOON, "root"))
        assert owners.map_holders(conn, ["shop@x", "ana", "bo"]) == {"shop@x": "shop@x", "ana": "ana"}
        owners.claim(conn, CLAIM)
        assert owners.map_holders(conn, ["shop@x", "ana"]) == {"shop@x": "shop", "ana": "ana"}
        assert owners.map_holders(conn, []) == {}


def test_who_answers_for_a_product_is_read_at_once(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        first = ownership.find_ownership(conn, "orders")
        assert first is not None
        assert (first.owner, first.domain, first.domain_members, first.registered_team) == ("ana", "sales", (), None)
        domains.save(conn, Domain("sales", None, "olga", ("shop",), NOON))
        owners.record_team(conn, "orders", "shop")
        owners.record_team(conn, "orders", "crm")
        transfers.offer(conn, Transfer("orders", "crm", NOON, "ana"))
        departures.add(conn, Departure("ana", NOON, "root"))
        now = ownership.find_ownership(conn, "orders")
        assert now == Ownership("ana", "sales", "olga", ("shop",), first.registered_by, "shop", "crm", "ana")
        rename_product.rename(conn, "orders", "receipts", NOON, "ana")
        assert ownership.find_ownership(conn, "orders") is None
        renamed = ownership.find_ownership(conn, "receipts")
        assert renamed is not None
        assert renamed.registered_team == "shop"
