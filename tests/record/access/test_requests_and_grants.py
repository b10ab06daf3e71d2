"""Requests and decisions are history; a grant ends once, and a renamed product keeps both."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from data_platform.record.access import decisions, grants, requests
from data_platform.record.access.decisions import AccessDecisionRow
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.record.renaming import rename_product
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

REQUEST = AccessRequestRow(0, "bo@x", "bo@x", "bo@x", "churn model", later(days=30), NOON)
GRANT = GrantRow(
    "1.1", 1, 1, "orders", "orders_fact", "bo@x", "churn model", ("id",), False, False, NOON, later(days=30), None
)


@pytest.fixture
def request_id(record: Record) -> int:
    with record.transaction() as conn:
        registered(conn)
        id = requests.add(conn, REQUEST)
        requests.add_outputs(
            conn,
            [
                RequestedOutput(id, 1, "orders", "orders_fact", ("id",), "sha256:00"),
                RequestedOutput(id, 2, "orders", "lines"),
            ],
        )
        return id


def decision(request: int, position: int, verdict: str = "approve") -> AccessDecisionRow:
    return AccessDecisionRow(0, request, position, "ana@x", "ana@x", "owner", verdict, None, NOON)


def grant(request: int, number: int = 1) -> GrantRow:
    return replace(GRANT, id=f"{request}.{number}", request=request)


def test_a_request_is_read_back_by_its_parties_and_products(record: Record, request_id: int) -> None:
    with record.reading() as conn:
        assert requests.find(conn, request_id) == replace(REQUEST, id=request_id)
        assert requests.find(conn, request_id + 1) is None
        assert [row.id for row in requests.list_by(conn, "bo@x", [])] == [request_id]
        assert [row.id for row in requests.list_by(conn, "cy@x", ["bo@x"])] == [request_id]
        assert requests.list_by(conn, "cy@x", ["team"]) == ()
        assert [output.output for output in requests.list_outputs(conn, [request_id])] == ["orders_fact", "lines"]
        assert requests.list_ids_of_product(conn, "orders") == (request_id,)
        assert requests.list_ids_of_product(conn, "returns") == ()


def test_requests_are_unfinished_until_each_output_is_denied_or_withdrawn(record: Record, request_id: int) -> None:
    with record.transaction() as conn:
        decisions.add(conn, decision(request_id, 1))
        decisions.add(conn, decision(request_id, 1, "deny"))
        assert decisions.list_unfinished(conn) == (request_id,)
        decisions.add(conn, decision(request_id, 2, "withdraw"))
        assert decisions.list_unfinished(conn) == ()
        verdicts = [row.verdict for row in decisions.list_by_requests(conn, [request_id])]
        assert verdicts == ["approve", "deny", "withdraw"]


@pytest.mark.parametrize("table", ["access_requests", "access_request_outputs", "access_decisions"])
def test_the_database_refuses_to_change_requests_and_decisions(record: Record, request_id: int, table: str) -> None:
    with record.transaction() as conn:
        decisions.add(conn, decision(request_id, 1))
    column = "note" if table == "access_decisions" else "purpose" if table == "access_requests" else "terms"
    with pytest.raises(DatabaseError, match="are history"), record.transaction() as conn:
        conn.execute(text(f"UPDATE {table} SET {column} = 'another'"))


def test_grants_are_listed_by_holder_until_they_are_revoked_once(record: Record, request_id: int) -> None:
    with record.transaction() as conn:
        grants.add(conn, grant(request_id))
        grants.add(conn, grant(request_id, 2))
        assert grants.number_grants(conn, request_id) == 2
        assert [row.id for row in grants.list_grants(conn, "orders", {"bo@x", "team"})] == [
            f"{request_id}.1",
            f"{request_id}.2",
        ]
        assert grants.list_grants(conn, "orders", {"cy@x"}) == ()
        assert grants.revoke(conn, f"{request_id}.1", later(days=1), "ana@x", "revoked")
        assert not grants.revoke(conn, f"{request_id}.1", later(days=2), "cy@x", "revoked")
        (left,) = grants.list_grants(conn, "orders", {"bo@x"})
        assert (left.id, left.columns) == (f"{request_id}.2", frozenset(["id"]))
        row = grants.find(conn, f"{request_id}.1")
        assert row is not None
        assert (row.revoked_at, row.revoked_by) == (later(days=1), "ana@x")


def test_a_grant_counts_up_to_its_end(record: Record, request_id: int) -> None:
    with record.transaction() as conn:
        grants.add(conn, grant(request_id))
        (row,) = grants.list_grants(conn, "orders", {"bo@x"})
        assert row.is_open(NOON)
        assert not row.is_open(later(days=30))
        assert len(grants.list_open(conn, later(days=29), product="orders")) == 1
        assert grants.list_open(conn, later(days=30), holder="bo@x") == ()


def test_a_renamed_product_keeps_its_requests_and_grants(record: Record, request_id: int) -> None:
    with record.transaction() as conn:
        grants.add(conn, grant(request_id))
        rename_product.rename(conn, "orders", "sales", NOON, "ana@x")
    with record.transaction() as conn:
        assert [row.product for row in grants.list_grants(conn, "sales", {"bo@x"})] == ["sales"]
        assert requests.list_ids_of_product(conn, "sales") == (request_id,)
    with pytest.raises(DatabaseError, match="are history"), record.transaction() as conn:
        conn.execute(text("UPDATE access_request_outputs SET terms = 'another'"))
