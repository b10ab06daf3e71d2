"""Policies change level by level, and what blocks is weakened on purpose alone."""

from __future__ import annotations

import pytest

from data_platform.errors import BadInput, PolicyViolation, Refused
from data_platform.verbs.results import IncidentInfo
from tests.meshes import IDS, World

RETENTION = """\
policies:
  - name: data-retention
    enforcement: {enforcement}
    rule: {{type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}}
"""
FINANCE = "domain_policies:\n  finance:\n    - {name: reviewed-by-legal}\n"


def apply(world: World, text: str, name: str = "policies.yaml") -> int:
    file = world.root / name
    file.write_text(text)
    return world.platform.apply_policies(file).revision


def retention(world: World, enforcement: str) -> int:
    return apply(world, RETENTION.format(enforcement=enforcement))


def open_ones(world: World) -> list[IncidentInfo]:
    return [each for each in world.platform.incidents(open_only=True) if each.cause.startswith("policy ")]


def test_a_file_of_one_domain_leaves_the_federations_policies_and_their_incidents(world: World) -> None:
    world.product(columns=IDS).register()
    retention(world, "blocking")
    apply(world, FINANCE, "finance.yaml")
    assert [each.cause for each in open_ones(world)] == ["policy data-retention"]
    assert "data-retention" in world.platform.policies().text
    with pytest.raises(PolicyViolation, match="data-retention"):
        world.product(name="other", columns=IDS).register()
    assert apply(world, FINANCE, "finance.yaml") == 2
    assert retention(world, "blocking") == 2
    with pytest.raises(BadInput, match="global policies"):
        world.platform.apply_policies(world.root / "policies.yaml", domain="finance")


def test_what_if_names_every_policy_that_changes_though_nothing_violates_it(world: World) -> None:
    retention(world, "blocking")
    file = world.root / "next.yaml"
    file.write_text("policies: [{name: new, enforcement: warning}]\n" + FINANCE)
    found = world.platform.what_if_policies(file)
    assert [(each.level, each.policy, each.change, each.weakens) for each in found.changes] == [
        ("global", "data-retention", "removed", True),
        ("global", "new", "added", False),
        ("finance", "reviewed-by-legal", "added", False),
    ]
    assert not found.blocked + found.warned + found.freed


@pytest.mark.parametrize(
    ("weaker", "ending"),
    [
        ("policies: []\n", "policy removed"),
        (
            RETENTION.format(enforcement="blocking").replace("NULL}", "NULL OR product.owner IS NOT NULL}"),
            "policy weakened",
        ),
        (RETENTION.format(enforcement="blocking").replace("retention_days", "owner"), "policy changed"),
    ],
)
def test_a_blocking_policy_is_weakened_on_purpose_alone_and_its_incident_says_so(
    world: World, weaker: str, ending: str
) -> None:
    world.product(columns=IDS).register()
    retention(world, "blocking")
    (incident,) = open_ones(world)
    file = world.root / "weaker.yaml"
    file.write_text(weaker)
    with pytest.raises(Refused, match=r"data-retention.*\n.*allow-weakening") as refused:
        world.platform.apply_policies(file)
    assert refused.value.exit_code == 1
    assert open_ones(world) == [incident]
    assert world.platform.apply_policies(file, allow_weakening=True).resolved == 1
    assert world.platform.incident(incident.id).timeline[-1].text == ending
    (entry, *_) = world.platform.audit_log(act="policy")
    assert entry.details["weakened"][0].startswith("data-retention (global): ")


def test_blocking_to_warning_is_weaker_and_keeps_its_incident(world: World) -> None:
    world.product(columns=IDS).register()
    retention(world, "blocking")
    with pytest.raises(Refused, match=r"blocking → warning"):
        retention(world, "warning")
    world.platform.apply_policies(world.root / "policies.yaml", allow_weakening=True)
    assert len(open_ones(world)) == 1


CASES = """\
    cases:
      - {{product: {{}}, expect: {expected}}}
"""


def test_a_file_whose_cases_fail_is_not_applied(world: World) -> None:
    text = RETENTION.format(enforcement="blocking")
    with pytest.raises(Refused, match=r"policies.yaml:6  data-retention"):
        apply(world, text + CASES.format(expected="pass"))
    assert world.platform.policy_history() == []
    assert apply(world, text + CASES.format(expected="violation")) == 1


def test_a_file_in_which_only_cases_changed_says_so(world: World) -> None:
    retention(world, "blocking")
    file = world.root / "next.yaml"
    file.write_text(RETENTION.format(enforcement="blocking") + CASES.format(expected="violation"))
    what_if = world.platform.what_if_policies(file)
    assert (what_if.changes, what_if.text_only) == ((), True)
    assert world.platform.apply_policies(file).revision == 2
    again = world.platform.what_if_policies(file)
    assert (again.changes, again.text_only) == ((), False)
