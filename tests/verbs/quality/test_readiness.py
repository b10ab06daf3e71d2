"""The readiness of the mesh agrees with the checklist of each product, whatever happened since the clock judged it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from data_platform.settings import ChannelSettings, Principal, Role, RoleGrant, Template
from data_platform.verbs.quality import readiness
from data_platform.verbs.quality.readiness import build_domain_readiness
from data_platform.verbs.quality.survey import Survey
from data_platform.verbs.results import DomainReadiness
from tests.meshes import IDS, ROWS, World
from tests.verbs.core.test_readers import add_grant
from tests.verbs.test_statements import run_counted

SLA = "sla: {freshness: 1 hour, availability: 99%}\nprimary_key: id"
MORE = "description: Orders\nversion: 1.0.0\ntags: [money]\noncall: [ana@x]\nalerts: ['#orders']"
COLUMNS = {"id": {"type": "integer", "description": "which"}}
HIDDEN = "access: {visibility: restricted, discoverable: false}"
INPUTS = "inputs: [{data_product: customers, output: t}]"
POLICIES = """policies:
- name: kept
  enforcement: warning
  rule: {type: metadata-check, condition: ASSERT product.description IS NOT NULL}
"""


def judge_one_by_one(world: World) -> list[DomainReadiness]:
    """The readiness as the checklists of the products say, which nothing keeps."""
    missed: dict[str, list[frozenset[str]]] = {}
    for hit in world.platform.search(limit=100):
        if world.platform.show(hit.name).archived_at:
            continue
        checklist = world.platform.checklist(hit.name)
        points = (*checklist.points, *checklist.anti_patterns)
        missed.setdefault(checklist.domain, []).append(frozenset(point.key for point in points if not point.met))
    return [build_domain_readiness(name, judged) for name, judged in sorted(missed.items())]


def send_test_message(world: World) -> None:
    """A channel takes a test message."""
    channel = ChannelSettings("#orders", Template("json://example.org", "#orders"))
    world.mesh.settings = replace(world.mesh.settings, channels={"#orders": channel})
    world.platform.send_test_alert("#orders", {"channel:#orders": lambda message: None})


def register_both(world: World) -> None:
    world.product("customers", IDS, domain="crm", owner="bo@x").register()
    world.product("orders", COLUMNS, output=SLA, more=f"{MORE}\n{INPUTS}").register()


def rename(world: World) -> None:
    root = world.context.principal
    world.become("bo@x").rename("customers", "clients")
    world.act_as(root)


def apply(world: World) -> None:
    file = world.root / "policies.yaml"
    file.write_text(POLICIES)
    world.platform.apply_policies(file)


ACTS: dict[str, Callable[[World], object]] = {
    "register": register_both,
    "publish": lambda world: world.product("customers", IDS, domain="crm", owner="bo@x").publish("t", ROWS),
    "publish with sources": lambda world: world.product(
        "orders", COLUMNS, output=SLA, more=f"{MORE}\n{INPUTS}"
    ).publish("t", ROWS, lineage=["customers.t"]),
    "policies": apply,
    "test a channel": send_test_message,
    "declare": lambda world: world.product("customers", COLUMNS, domain="crm", owner="bo@x", more=MORE).register(),
    "infer": lambda world: world.product("bare", domain="crm", owner="bo@x").publish("t", [{"id": 1, "phone": "1"}]),
    "grant": lambda world: add_grant(world, ends_at=None),
    "own two domains": lambda world: world.product("more", IDS, domain="crm").register(),
    "rename": rename,
    "the promise is broken": lambda world: world.clock.later(hours=2),
    "publish again": lambda world: world.product("orders", COLUMNS, output=SLA, more=f"{MORE}\n{INPUTS}").publish(
        "t", ROWS
    ),
    "leave": lambda world: world.platform.offboard("ana@x"),
    "archive": lambda world: world.platform.archive("bare"),
    "the clock stops": lambda world: world.clock.later(days=1),
}


def test_it_agrees_with_the_checklists_after_every_act(world: World) -> None:
    for name, act in ACTS.items():
        act(world)
        for moment in ("before the clock", "after it", "after it again"):
            assert world.platform.readiness() == judge_one_by_one(world), (name, moment)
            if name != "the clock stops":
                world.platform.tick()


@pytest.fixture
def judged(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The products that are judged, in order."""
    names: list[str] = []
    measure = Survey.measure

    def note(survey: Survey, rows):  # type: ignore[no-untyped-def]
        names.extend(row.name for row in rows)
        return measure(survey, rows)

    monkeypatch.setattr(Survey, "measure", note)
    yield names


def test_only_what_changed_since_the_clock_ran_is_judged(world: World, judged: list[str]) -> None:
    register_both(world)
    world.platform.tick()
    assert sorted(judged) == ["customers", "orders"]
    judged.clear()
    world.platform.readiness()
    world.platform.tick()
    assert judged == []
    world.product("customers", IDS, domain="crm", owner="bo@x").publish("t", ROWS)
    world.platform.readiness()
    assert judged == ["customers"]


def test_a_run_of_the_clock_judges_a_part_and_the_next_one_goes_on(
    world: World, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "MOST_JUDGED", 1)
    register_both(world)
    world.platform.tick()
    assert len(judged) == 1
    world.platform.tick()
    assert sorted(judged) == ["customers", "orders"]


def test_no_statement_is_made_for_a_product(world: World) -> None:
    def count() -> int:
        world.platform.tick()
        return len(run_counted(world, world.platform.readiness))

    register_both(world)
    with_two = count()
    for number in range(20):
        world.product(f"more-{number}", IDS).register()
    assert count() == with_two <= 20


def test_the_clock_makes_no_statement_for_a_product_whose_policies_did_not_change(world: World) -> None:
    (world.root / "policies.yaml").write_text("policies:\n- {name: reviewed, enforcement: warning}\n")
    world.platform.apply_policies(world.root / "policies.yaml")

    def count() -> int:
        world.platform.tick()
        world.platform.tick()
        return len(run_counted(world, world.platform.tick))

    register_both(world)
    with_two = count()
    assert len(world.platform.incidents()) == 2
    for number in range(20):
        world.product(f"more-{number}", IDS).register()
    assert count() == with_two


def test_who_does_not_find_a_source_gets_a_judgement_without_it(world: World) -> None:
    world.product("customers", IDS, domain="crm", owner="bo@x", more=HIDDEN).publish("t", ROWS)
    world.product("orders", COLUMNS, output=SLA, more=f"{MORE}\n{INPUTS}").publish("t", ROWS)
    world.platform.tick()
    (_, whole) = world.platform.readiness()
    assert whole.missing["lineage"] == 1
    world.act_as(Principal("eve", verified=True, roles=frozenset([RoleGrant(Role.CONSUMER)])))
    (sales,) = world.platform.readiness()
    assert [sales] == judge_one_by_one(world)
