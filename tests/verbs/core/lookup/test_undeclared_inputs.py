"""A product that reads what its inputs do not name is told so, or refused where a policy says so."""

from __future__ import annotations

import pytest

from data_platform.errors import PolicyViolation
from tests.meshes import IDS, ROWS, World

POLICY = """\
policies:
  - name: declared-inputs
    enforcement: {enforcement}
    rule: {{type: metadata-check, condition: ASSERT undeclared_inputs IS NULL}}
"""
INPUT = "inputs: [{data_product: a, output: t}]"


@pytest.fixture(autouse=True)
def _source(world: World) -> None:
    world.product("a", IDS).publish("t", ROWS)


def apply(world: World, enforcement: str) -> None:
    file = world.root / "policies.yaml"
    file.write_text(POLICY.format(enforcement=enforcement))
    world.platform.apply_policies(file)


def lineage_point(world: World) -> tuple[str, str]:
    point = next(each for each in world.platform.checklist("b").points if each.key == "lineage")
    return point.verdict.value, point.measured


@pytest.mark.long
@pytest.mark.parametrize("collected", [False, True])
def test_a_pipeline_that_reads_what_inputs_does_not_name_is_warned(world: World, collected: bool) -> None:
    product = world.product("b", IDS)

    @product.pipeline(output="t")
    def build() -> object:
        frame = product.consume("a", "t")
        return [{"id": row["id"]} for row in frame.collect()] if collected else frame

    done = product.run("t")
    assert [each for each in done.warnings if "reads a.t, and `inputs` does not name it" in each]
    assert lineage_point(world) == ("not met", "the newest data comes from a.t, which `inputs` does not name")
    declared = world.product("b", IDS, more=INPUT)
    assert not declared.publish("t", declared.consume("a", "t")).warnings
    assert lineage_point(world)[0] == "met"


@pytest.mark.long
def test_what_a_pipeline_only_looked_at_is_told_too(world: World) -> None:
    world.product("c", IDS).publish("t", ROWS)
    product = world.product("b", IDS, more=INPUT)

    @product.pipeline(output="t")
    def build() -> object:
        product.consume("c", "t").count()
        return product.consume("a", "t")

    assert [each for each in product.run("t").warnings if "reads c.t" in each]


def test_lineage_given_by_hand_and_sources_that_are_no_products(world: World) -> None:
    product = world.product("b", IDS)
    assert "reads a.t" in product.publish("t", ROWS, lineage=["a.t"]).warnings[0]
    assert not product.publish("t", ROWS).warnings


def test_a_policy_refuses_it_and_a_declared_input_keeps_it(world: World) -> None:
    apply(world, "blocking")
    with pytest.raises(PolicyViolation, match=r'undeclared_inputs is "a\.t"'):
        world.product("b", IDS).publish("t", ROWS, lineage=["a.t"])
    world.product("b", IDS, more=INPUT).publish("t", ROWS, lineage=["a.t"])
    assert {each.status for each in world.platform.explain_policies("b")} == {"kept"}
    with pytest.raises(PolicyViolation):
        world.product("b", IDS).register()


def test_a_warning_has_an_incident_until_the_input_is_declared(world: World) -> None:
    world.product("b", IDS).publish("t", ROWS, lineage=["a.t"])
    apply(world, "warning")
    assert [each.product for each in world.platform.incidents(open_only=True)] == ["b"]
    world.product("b", IDS, more=INPUT).register()
    assert not world.platform.incidents(open_only=True)
