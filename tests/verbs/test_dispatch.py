"""A caller whom nothing allows is denied before anything is looked up, and learns nothing of what is there."""

from __future__ import annotations

import pytest

from data_platform import Platform
from data_platform.access.actions import Action, Resource
from data_platform.access.decision import PRODUCT, Decision, Opening, ReadView
from data_platform.access.facts import ResourceFacts
from data_platform.access.reading import Occasion
from data_platform.errors import AccessDenied, BadInput, SchemaMismatch
from data_platform.platform import InProcess
from data_platform.record.catalog.redirects import Redirect
from data_platform.sentences import Sentence
from data_platform.settings import Principal
from data_platform.verbs.core.authorization import authorize
from data_platform.verbs.core.context import Caller
from tests.meshes import IDS, ROWS, World


@pytest.fixture
def redirects() -> list[Redirect]:
    return []


@pytest.fixture
def stranger(world: World, redirects: list[Redirect]) -> Platform:
    """A principal who did not open the home, on a mesh with a product, an incident and a former name."""
    world.product(columns=IDS).publish("t", ROWS)
    with pytest.raises(SchemaMismatch, match="does not fit"):
        world.product(columns=IDS).publish("t", [{"id": "x"}])
    world.write("secret", (world.root / "products/orders/product.yaml").read_text().replace("orders", "secret"))
    world.become("ana@x").rename("orders", "secret")
    return Platform(InProcess(world.mesh, caller=Caller(Principal("eve@x"), "python", redirects.append)))


def test_a_former_name_is_denied_as_it_was_given(stranger: Platform, redirects: list[Redirect]) -> None:
    with pytest.raises(AccessDenied, match="may not read orders") as denied:
        stranger.show("orders")
    assert "secret" not in str(denied.value)
    assert redirects == []


@pytest.mark.parametrize("id", [1, 2])
def test_an_incident_is_denied_whether_it_exists_or_not(stranger: Platform, id: int) -> None:
    for call in (stranger.incident, stranger.acknowledge_incident, stranger.resolve_incident):
        with pytest.raises(AccessDenied) as denied:
            call(id)
        assert "secret" not in str(denied.value)
        assert "orders" not in str(denied.value)


@pytest.mark.parametrize("query", ["SELECT 1", "SELECT * FROM secret", "SELECT * FROM nothing", "SELECT * FROM orders"])
def test_no_query_runs_nor_tells_what_is_there(stranger: Platform, query: str) -> None:
    with pytest.raises(AccessDenied) as denied:
        stranger.sql(query)
    assert str(denied.value).startswith("eve@x may not consume data")


def test_a_value_that_cannot_be_written_is_named_by_its_type(world: World) -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(BadInput, match="product must be text, and not a list"):
        world.platform.archive(deep)  # type: ignore[arg-type]


def decide_always(monkeypatch: pytest.MonkeyPatch, decision: Decision) -> None:
    """Access rules that are not there yet: every request gets that decision."""

    def decide(
        principal: Principal, action: Action, resource: Resource, facts: ResourceFacts, occasion: Occasion
    ) -> Decision:
        return decision

    monkeypatch.setattr(authorize, "decide", decide)


def test_the_masks_of_a_decision_hold_in_every_read_that_asks_for_clear_data(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {**IDS, "email": {"type": "string"}, "town": {"type": "string"}}
    world.product(columns=columns, more="pii_columns: [email]").publish(
        "t", [{"id": 1, "email": "ana@example.com", "town": "Bern"}]
    )
    view = ReadView((Opening("a test", frozenset({"id", "email"}), personal=True),))
    decide_always(monkeypatch, Decision(True, Sentence("", "granted with a mask"), views={PRODUCT: (view,)}))

    for row in (
        world.platform.consume("orders", "t").collect()[0],
        world.platform.consume("orders", "t", columns=["email", "town"]).collect()[0],
        world.platform.sql("SELECT email, town FROM orders.t").to_arrow().to_pylist()[0],
    ):
        assert (row["email"], row["town"]) == ("ana@example.com", "***")
    (row,) = world.platform.consume("orders", "t", mask=True).collect()
    assert (row["email"], row["town"]) == ("***", "***")
    assert world.platform.consume("orders", "t").filter("town = 'Bern'").count() == 0
    assert "town" not in world.platform.consume("orders", "t").statistics
