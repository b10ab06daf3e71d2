"""The state that a publish depends on, in one statement."""

from __future__ import annotations

from data_platform.record.catalog import inputs, products, publish_state
from data_platform.record.catalog.inputs import DeclaredInput
from data_platform.record.catalog.publish_state import PublishState
from data_platform.record.governance import policies
from data_platform.record.governance.policies import PolicyRevision
from data_platform.record.lineage import column_lineage, lineage
from data_platform.record.lineage.column_lineage import ColumnEdge
from data_platform.record.lineage.lineage import Edge
from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import IncidentCause
from data_platform.record.store import Record
from tests.record.given import NOON, product, published, registered

KEY = ("orders", "orders_fact", "orders_fact")


def test_an_unknown_product_has_no_revision_and_may_have_readers(record: Record) -> None:
    with record.transaction() as conn:
        assert publish_state.read(conn, *KEY) == PublishState(None, None, 0, {}, False, False, False)
        registered(conn, "returns")
        inputs.replace(conn, "returns", [DeclaredInput("returns", "orders", "orders_fact")])
        assert publish_state.read(conn, *KEY) == PublishState(None, None, 0, {"returns": 1}, False, False, False)


def test_it_tells_the_revisions_of_contract_policies_and_readers(record: Record) -> None:
    with record.transaction() as conn:
        for name in ("orders", "returns", "visits"):
            registered(conn, name)
            inputs.replace(conn, name, [DeclaredInput(name, "orders", "orders_fact" if name != "visits" else "other")])
        for revision in (1, 2, 3):
            policies.add(conn, PolicyRevision(revision, "policies: []", "policies.yaml", None, NOON, "fay"))
        assert products.replace(conn, product("returns", revision=2), 1)
        inputs.replace(conn, "returns", [DeclaredInput("returns", "orders", "orders_fact")])
        products.archive(conn, "orders", NOON)
        state = publish_state.read(conn, *KEY)
    assert state == PublishState(1, NOON, 3, {"orders": 1, "returns": 2}, False, False, False)


def test_it_tells_whether_the_newest_version_of_that_major_has_lineage(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "orders_fact@2")
        published(conn, 1, output="orders_fact")
        published(conn, 1, output="orders_fact@2")
        lineage.add(conn, [Edge("orders", "orders_fact", 1, "source", "db", "orders", None, ())])
        state = publish_state.read(conn, *KEY)
        assert (state.has_lineage, state.has_column_lineage) == (True, False)
        column = ("source", "db", "orders", None, "id", "DIRECT", "IDENTITY", False)
        column_lineage.add(conn, [ColumnEdge("orders", "orders_fact", 1, "id", *column)])  # type: ignore[arg-type]
        assert publish_state.read(conn, *KEY).has_column_lineage
        other = publish_state.read(conn, "orders", "orders_fact", "orders_fact@2")
        assert (other.has_lineage, other.has_column_lineage) == (False, False)
        published(conn, 2, output="orders_fact")
        state = publish_state.read(conn, *KEY)
        assert (state.has_lineage, state.has_column_lineage) == (False, False)


def test_it_tells_whether_an_incident_of_that_major_is_open(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "orders_fact@2")
        cause = IncidentCause("orders", "orders_fact", "publish refused", "a rule failed", "low")
        incidents.record_occurrence(conn, cause, NOON, "ana")
        assert publish_state.read(conn, *KEY).has_incidents
        assert not publish_state.read(conn, "orders", "orders_fact", "orders_fact@2").has_incidents
        incidents.resolve(conn, "orders", "orders_fact", {"publish refused"}, NOON, "ana", "a good publish")
        assert not publish_state.read(conn, *KEY).has_incidents


def test_a_product_comes_with_the_policies_in_force(record: Record) -> None:
    with record.transaction() as conn:
        assert products.find_with_policies(conn, "orders") is None
        registered(conn, "orders")
        assert products.find_with_policies(conn, "orders") == (products.find(conn, "orders"), 0)
        policies.add(conn, PolicyRevision(1, "policies: []", "policies.yaml", None, NOON, "fay"))
        assert products.find_with_policies(conn, "orders") == (products.find(conn, "orders"), 1)
