from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from data_platform.record.catalog import inputs
from data_platform.record.catalog.inputs import DeclaredInput
from data_platform.record.lineage import impact, lineage
from data_platform.record.lineage.impact import Responsible, Ways
from data_platform.record.lineage.lineage import Edge
from data_platform.record.store import Record
from tests.record.given import published, registered

Looking = Callable[[Connection], Ways]
both_ways = pytest.mark.parametrize("looking", [impact.query_ways, impact.load_ways])


@pytest.fixture
def mesh(record: Record) -> Record:
    """orders.orders_fact → sales (recorded) → forecast (declared) → orders (declared); orders.daily → report."""
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "daily")
        for name in ("sales", "forecast", "report", "apart"):
            registered(conn, name)
        published(conn, 1)
        published(conn, 1, "sales")
        published(conn, 1, "report")
        lineage.add(conn, [Edge("sales", "orders_fact", 1, "product", "orders", "orders_fact", 1, ("order_id",))])
        lineage.add(conn, [Edge("report", "orders_fact", 1, "product", "orders", "daily", 1, ())])
        lineage.add(conn, [Edge("report", "orders_fact", 1, "source", "orders", "orders_fact", None, ())])
        inputs.replace(conn, "forecast", [DeclaredInput("forecast", "sales", "orders_fact")])
        inputs.replace(conn, "orders", [DeclaredInput("orders", "forecast", "orders_fact")])
    return record


@both_ways
def test_it_goes_down_recorded_and_declared_ways_and_ends_in_a_circle(mesh: Record, looking: Looking) -> None:
    with mesh.reading() as conn:
        assert impact.walk_downstream(looking(conn), "orders", "daily") == {"report": 1}
        assert impact.walk_downstream(looking(conn), "apart", "orders_fact") == {}
        assert impact.walk_downstream(looking(conn), "sales", "orders_fact") == {
            "forecast": 1,
            "orders": 2,
            "report": 3,
        }
        assert impact.walk_downstream(looking(conn), "orders", "orders_fact") == {
            "sales": 1,
            "forecast": 2,
            "report": 4,
        }


@both_ways
def test_edges_of_older_versions_lead_nowhere(mesh: Record, looking: Looking) -> None:
    with mesh.transaction() as conn:
        published(conn, 2, "sales")
        assert impact.walk_downstream(looking(conn), "orders", "orders_fact") == {}


def test_whose_the_products_are(mesh: Record) -> None:
    with mesh.reading() as conn:
        known = impact.find_responsible(conn, ["orders", "unknown", *(f"p{number}" for number in range(1200))])
    assert known == {"orders": Responsible("sales", "ana")}
