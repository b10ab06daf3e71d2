"""Policies judge what is hidden from a caller too; what they say of a product does not name it to that caller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data_platform import Platform
from data_platform.settings import Principal, Role, RoleGrant
from tests.meshes import IDS, World

HIDDEN = "access: {visibility: restricted, discoverable: false}\n"
INPUTS = "inputs:\n- {data_product: merger, output: t}\n- {data_product: suppliers, output: t}\n"
FILE = 'policies:\n- name: p\n  enforcement: ENFORCEMENT\n  rule: {type: metadata-check, condition: "CONDITION"}\n'
CONDITIONS = (
    "FOR i IN product.inputs ASSERT i.output = 'x'",
    "FOR u IN undeclared_inputs ASSERT u = 'x'",
    "FOR c IN consumers ASSERT c.name = 'x'",
)


@pytest.fixture
def mesh(world: World) -> World:
    """`derived` is made of the hidden `merger`, which reads `suppliers`; `blind` is made of it and does not say so."""
    world.product("suppliers", IDS).publish("t", [{"id": 1}])
    suppliers = "inputs:\n- {data_product: suppliers, output: t}\n"
    world.product("merger-before", IDS, more=HIDDEN + suppliers).publish("t", [{"id": 1}])
    root = world.context.principal
    world.act_as(Principal("ana@x", local=True))
    world.platform.rename("merger-before", "merger")
    world.act_as(root)
    world.product("derived", IDS, more=INPUTS.replace("merger", "merger-before")).publish("t", [{"id": 1}])
    world.product("blind", IDS).publish("t", world.platform.consume("merger", "t"))
    return world


def read_as_consumer(mesh: World) -> Platform:
    mesh.act_as(Principal("bo", verified=True, roles=frozenset([RoleGrant(Role.CONSUMER)])))
    return mesh.platform


def write(folder: Path, condition: str, enforcement: str) -> Path:
    file = folder / "policies.yaml"
    file.write_text(FILE.replace("CONDITION", condition).replace("ENFORCEMENT", enforcement))
    return file


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_if_judges_as_if_hidden_products_did_not_exist(mesh: World, condition: str) -> None:
    file = write(mesh.root, condition, "blocking")
    whole = mesh.platform.what_if_policies(file)
    assert "merger" in str(whole)
    effect = read_as_consumer(mesh).what_if_policies(file)
    assert "merger" not in str(effect)
    assert effect.products == whole.products - 1
    blocked = {affected.product for affected in effect.blocked}
    assert blocked == (
        {"suppliers"} if "consumers" in condition else {"derived"} if "inputs ASSERT i" in condition else set()
    )


READS: dict[str, Callable[[Platform], object]] = {
    "incidents": lambda mesh: mesh.incidents(),
    "an incident": lambda mesh: [mesh.incident(row.id) for row in mesh.incidents()],
    "quality": lambda mesh: [mesh.quality_metrics(name) for name in ("derived", "blind", "suppliers")],
    "policies": lambda mesh: [mesh.explain_policies(name) for name in ("derived", "blind", "suppliers")],
    "checklist": lambda mesh: [mesh.checklist(name) for name in ("derived", "blind", "suppliers")],
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_a_policy_found_names_no_hidden_product(mesh: World, condition: str) -> None:
    mesh.platform.apply_policies(write(mesh.root, condition, "warning"))
    assert "merger" in str(mesh.platform.incidents())
    consumer = read_as_consumer(mesh)
    assert {incident.cause for incident in consumer.incidents()} == {"policy p"}
    for name, read in READS.items():
        assert "merger" not in str(read(consumer)), name


def test_a_check_of_a_file_names_no_hidden_consumer_and_judges_the_inputs_that_it_names(mesh: World) -> None:
    for condition, subject in ((CONDITIONS[2], "derived"), (CONDITIONS[0], "merger.t")):
        mesh.act_as(Principal("root", local=True))
        mesh.platform.apply_policies(write(mesh.root, condition, "warning"))
        file = mesh.root / "products" / "suppliers" / "product.yaml"
        if subject == "merger.t":
            file.write_text(file.read_text() + "inputs: [{data_product: merger, output: t}]\n")
        assert "merger" in str(mesh.platform.check_policies(file).violations)
        violations = read_as_consumer(mesh).check_policies(file).violations
        assert [violation.subject for violation in violations] == [subject]


@pytest.mark.parametrize(
    "condition", ["FOR c IN consumers ASSERT c.name = 'x'", "ASSERT any(c IN consumers WHERE GUESS)"]
)
def test_what_if_tells_no_consumer_who_reads(mesh: World, condition: str) -> None:
    root = mesh.context.principal
    mesh.act_as(Principal("rita", local=True))
    mesh.platform.consume("suppliers", "t").collect()
    mesh.act_as(root)
    file = write(mesh.root, condition.replace("GUESS", "NOT c.name = 'rita'"), "blocking")
    whole = mesh.platform.what_if_policies(file)
    effect = read_as_consumer(mesh).what_if_policies(file)
    assert "rita" not in str(effect.blocked).replace("NOT c.name = 'rita'", "")
    if "any" not in condition:
        assert "rita" in str(whole)
        reasons = [violation.reason for affected in effect.blocked for violation in affected.violations]
        assert "c.name = 'x' does not hold: c.name is \"a reader\"" in reasons
