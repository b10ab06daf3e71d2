"""The matrix counts every product of a domain once for each policy, and the violations are those that are open."""

from __future__ import annotations

from pathlib import Path

from tests.meshes import IDS, World

POLICIES = """\
policies:
  - name: data-retention
    enforcement: blocking
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
  - name: reviewed-by-legal
    enforcement: warning
domain_policies:
  finance:
    - name: described
      enforcement: warning
      rule: {type: metadata-check, condition: ASSERT product.description IS NOT NULL}
"""


def apply(world: World) -> None:
    file: Path = world.root / "policies.yaml"
    file.write_text(POLICIES)
    world.platform.apply_policies(file)


def count(world: World) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    return {
        (row.policy, row.domain): (row.products, row.kept, row.violated, row.waived, row.attested)
        for row in world.platform.policy_matrix()
    }


def test_every_product_of_a_domain_is_counted_once_for_each_policy(world: World) -> None:
    world.product("kept", IDS, more="retention_days: 9").register()
    world.product("bare", IDS).register()
    world.product("ledger", IDS, domain="finance").register()
    assert not count(world)
    apply(world)
    assert count(world) == {
        ("data-retention", "finance"): (1, 0, 1, 0, 0),
        ("data-retention", "sales"): (2, 1, 1, 0, 0),
        ("described", "finance"): (1, 0, 1, 0, 0),
        ("reviewed-by-legal", "finance"): (1, 0, 1, 0, 0),
        ("reviewed-by-legal", "sales"): (2, 0, 2, 0, 0),
    }
    world.platform.attest_policy("bare", "reviewed-by-legal", "ticket 7", "30 days")
    request = world.platform.waive_policy("bare", "data-retention", "until the archive moves", "30 days")
    assert count(world)["data-retention", "sales"] == (2, 1, 1, 0, 0)
    world.become("bea@x")
    world.platform.approve_waiver(request.id)
    assert count(world)["data-retention", "sales"] == (2, 1, 0, 1, 0)
    assert count(world)["reviewed-by-legal", "sales"] == (2, 0, 1, 0, 1)
    world.platform.archive("kept")
    assert count(world)["data-retention", "sales"] == (1, 0, 0, 1, 0)


def test_violations_are_chosen_by_policy_domain_and_product(world: World) -> None:
    world.product("bare", IDS).register()
    world.product("ledger", IDS, domain="finance").register()
    apply(world)
    listed = world.platform.violations()
    assert len(listed) == 5 and len(world.platform.violations(limit=2)) == 2
    (one,) = world.platform.violations("data-retention", "finance")
    assert (one.product, one.enforcement) == ("ledger", "blocking") and "retention_days" in one.reason
    assert one.incident in {incident.id for incident in world.platform.incidents("ledger")}
    assert {row.policy for row in world.platform.violations(product="bare")} == {"data-retention", "reviewed-by-legal"}
