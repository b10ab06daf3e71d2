"""incidents: one for each cause, as grave as many would notice, and what people do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import BadInput, IncompatibleChange, NotFound, Refused, SchemaMismatch
from data_platform.quality import DataQualityError
from data_platform.settings import Principal
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.results import IncidentInfo
from tests.meshes import IDS, NOON, ROWS, World

RULES = """\
quality_rules:
  - {rule: no_negative, sql: SELECT COUNT(*) FROM t WHERE id < 0, threshold: 0}
  - {rule: plausible, sql: "SELECT max(id) FROM t", mustBeLessThan: 100, severity: warning}"""
READS_T = "inputs: [{data_product: %s, output: t}]"


def refuse(world: World, product: str = "orders") -> IncidentInfo:
    """A refused publish, and its incident."""
    with pytest.raises(DataQualityError):
        world.product(product, IDS, output=RULES).publish("t", [{"id": -1}])
    return world.platform.incidents(product)[0]


def causes(world: World, *, open_only: bool = True) -> list[str]:
    return sorted(each.cause for each in world.platform.incidents(open_only=open_only))


def read(world: World, *people: str, product: str = "orders") -> None:
    me = world.context.principal
    for name in people:
        world.act_as(Principal(name, verified=False, local=True))
        world.platform.consume(product, "t")
    world.act_as(me)


def test_data_that_does_not_fit_and_rules_that_fail_are_one_refusal(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    with pytest.raises(SchemaMismatch):
        product.publish("t", [{"wrong": 1}])
    world.clock.later(minutes=5)
    again = refuse(world)
    assert (again.cause, again.occurrences, again.opened_at) == ("publish refused", 2, NOON)
    assert "no_negative" in again.summary
    assert causes(world) == ["publish refused"]


def test_a_contract_that_is_refused_at_a_publish_is_an_incident_until_a_good_publish(world: World) -> None:
    world.product(columns=IDS | {"more": {"type": "string"}}).publish("t", [{"id": 1, "more": "x"}])
    with pytest.raises(IncompatibleChange):
        world.product(columns=IDS).publish("t", ROWS)
    (incident,) = world.platform.incidents("orders")
    assert (incident.cause, incident.output) == ("contract refused", "t")
    assert incident.summary == "the change to orders would break its readers: t.more"
    world.product(columns=IDS | {"more": {"type": "string"}}).publish("t", [{"id": 1, "more": "x"}])
    assert causes(world) == []


def test_a_rule_in_error_is_an_incident_until_it_gives_a_verdict(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    product.publish("t", [])
    (incident,) = world.platform.incidents("orders")
    assert (incident.cause, incident.summary) == ("rule in error: plausible", "it gave NULL where a number is wanted")
    product.publish("t", [])
    assert world.platform.incidents("orders")[0].occurrences == 2
    refuse(world)
    assert causes(world) == ["publish refused", "rule in error: plausible"], "a refusal proves nothing of the rule"
    product.publish("t", ROWS)
    assert causes(world) == []
    assert {each.resolved_by for each in world.platform.incidents("orders")} == {world.context.principal.name}


def test_a_rule_that_is_gone_is_in_error_no_more(world: World) -> None:
    world.product(columns=IDS, output=RULES, more="status: draft").publish("t", [])
    assert causes(world) == ["rule in error: plausible"]
    world.product(columns=IDS).publish("t", ROWS)
    assert causes(world) == []


@pytest.mark.parametrize(
    ("people", "severity"), [(0, "low"), (1, "medium"), (4, "medium"), (5, "high"), (20, "critical")]
)
def test_severity_follows_those_who_read(world: World, people: int, severity: str) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    read(world, "ana@x", *(f"reader{number}@x" for number in range(people)))
    assert refuse(world).severity == severity


def test_who_read_long_ago_does_not_count(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    read(world, "bo@x")
    world.clock.later(days=31)
    assert refuse(world).severity == "low"


def test_the_blast_radius_goes_down_the_lineage_declared_and_recorded(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    world.product("sales", IDS, owner="sue@x").publish("t", ROWS, lineage=["orders.t"])
    world.product("forecast", IDS, owner="fred@x", more=READS_T % "sales").register()
    world.product("orders_two", IDS, more=READS_T % "orders").register()
    world.product("apart", IDS).publish("t", ROWS)
    read(world, "bo@x", "bo@x", "cy@x")
    found = world.platform.incident(refuse(world).id)
    assert [(each.product, each.owner, each.distance) for each in found.products] == [
        ("orders_two", "ana@x", 1),
        ("sales", "sue@x", 1),
        ("forecast", "fred@x", 2),
    ]
    assert sorted((reader.principal, reader.reads) for reader in found.readers) == [("bo@x", 2), ("cy@x", 1)]
    assert found.incident.severity == "high"


def test_the_blast_radius_ends_where_a_circle_closes(world: World) -> None:
    orders = world.product(columns=IDS, output=RULES, more=READS_T % "loop")
    orders.register()
    world.product("loop", IDS, more=READS_T % "orders").register()
    with pytest.raises(DataQualityError):
        orders.publish("t", [{"id": -1}])
    (incident,) = world.platform.incidents("orders")
    assert [each.product for each in world.platform.incident(incident.id).products] == ["loop"]


def test_products_that_hide_themselves_change_no_severity(world: World) -> None:
    hides = "access: {visibility: restricted, discoverable: false}\n"
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    world.product("merger", IDS, owner="mia", more=hides + READS_T % "orders").register()
    world.product("beyond", IDS, owner="bea", more=READS_T % "merger").register()
    incident = refuse(world)
    world.clock.later(minutes=1)
    world.platform.tick()
    assert world.platform.incidents("orders")[0].severity == incident.severity == "low"
    assert [reached.product for reached in world.platform.incident(incident.id).products] == ["merger", "beyond"]
    token = world.platform.create_token("eve", "consumer").token
    eve = authenticate_token(world.mesh, token)
    assert eve is not None
    world.act_as(eve)
    assert world.platform.incident(incident.id).products == ()


def test_severity_rises_with_a_stroke_and_never_falls(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    assert refuse(world).severity == "low"
    read(world, *(f"reader{number}@x" for number in range(5)))
    assert refuse(world).severity == "high"
    world.clock.later(days=40)
    assert refuse(world).severity == "high"
    kinds = [event.kind for event in world.platform.incident(refuse(world).id).timeline]
    assert kinds == ["opened", "again", "severity", "again", "again"]


def test_people_acknowledge_comment_and_resolve(world: World) -> None:
    id = refuse(world).id
    world.clock.later(minutes=5)
    acknowledged = world.platform.acknowledge_incident(id, " on it ")
    assert (acknowledged.acknowledged_at, acknowledged.acknowledged_by) == (
        world.clock.now,
        world.context.principal.name,
    )
    world.platform.comment_incident(id, "the feed was late")
    resolved = world.platform.resolve_incident(id)
    assert (resolved.resolved_at, resolved.resolved_by) == (world.clock.now, world.context.principal.name)
    told = [(event.kind, event.text) for event in world.platform.incident(id).timeline]
    assert told[1:] == [("acknowledged", "on it"), ("comment", "the feed was late"), ("resolved", None)]
    assert refuse(world).id != id


def test_who_acknowledged_first_stays_and_later_words_are_comments(world: World) -> None:
    id = refuse(world).id
    first = world.platform.acknowledge_incident(id, "on it")
    world.clock.later(minutes=5)
    assert world.platform.acknowledge_incident(id) == first
    assert world.platform.acknowledge_incident(id, "me too") == first
    told = [(event.kind, event.text) for event in world.platform.incident(id).timeline]
    assert told[1:] == [("acknowledged", "on it"), ("comment", "me too")]


def test_what_cannot_be_done_is_said(world: World) -> None:
    id = refuse(world).id
    for text in ("", "  \n"):
        with pytest.raises(BadInput, match="empty"):
            world.platform.comment_incident(id, text)
    with pytest.raises(BadInput, match="too long"):
        world.platform.comment_incident(id, "x" * 10_001)
    world.platform.acknowledge_incident(id)
    world.platform.resolve_incident(id)
    for act in (world.platform.resolve_incident, world.platform.acknowledge_incident):
        with pytest.raises(Refused, match="is resolved, by"):
            act(id)
    for unknown in (id + 1, 0):
        with pytest.raises(NotFound, match="there is no incident"):
            world.platform.incident(unknown)
    with pytest.raises(BadInput, match="id is too large"):
        world.platform.incident(2**70)


def test_the_list_is_of_one_product_or_all_and_can_be_narrowed(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    read(world, "bo@x")
    first = refuse(world)
    world.clock.later(hours=1)
    second = refuse(world, "returns")
    assert [each.id for each in world.platform.incidents()] == [second.id, first.id]
    assert [each.id for each in world.platform.incidents(limit=1)] == [second.id]
    assert [each.id for each in world.platform.incidents("orders")] == [first.id]
    assert [each.id for each in world.platform.incidents(severity="medium")] == [first.id]
    assert [each.id for each in world.platform.incidents(severity="critical")] == []
    world.platform.resolve_incident(first.id)
    assert [each.id for each in world.platform.incidents(open_only=True)] == [second.id]
    with pytest.raises(BadInput, match="no severity huge"):
        world.platform.incidents(severity="huge")
    with pytest.raises(NotFound, match="no product nobody"):
        world.platform.incidents("nobody")


def test_quality_shows_those_of_its_window(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    refuse(world)
    product.publish("t", ROWS)
    world.clock.later(days=10)
    assert len(world.platform.quality_metrics("orders").incidents) == 1
    assert world.platform.quality_metrics("orders", days=7).incidents == ()
    refuse(world)
    world.clock.later(days=10)
    (standing,) = world.platform.quality_metrics("orders", days=7).incidents
    assert standing.opened_at == NOON + timedelta(days=10)
