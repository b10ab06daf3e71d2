"""An unchanged register is answered by reading, with what the full judgement would answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform import DataProduct
from data_platform.errors import PolicyViolation, Refused
from data_platform.record.catalog import outputs, products
from data_platform.verbs.contracts.register import register_within
from data_platform.verbs.contracts.unchanged import confirm_unchanged
from data_platform.verbs.results import Registration
from tests.meshes import IDS, ROWS, World, json_schema

HEAD = "name: orders\ndomain: sales\nowner: ana@x\n"
ONE = HEAD + 'version: "1.0.0"\noutputs: [{name: t, schema: one.json}]\n'
TWO = HEAD + 'version: "2.0.0"\noutputs: [{name: t, schema: two.json}]\n'
INPUTS = "inputs: [{data_product: customers, output: t}, {data_product: visits, output: v}]"
STREAM = HEAD + "outputs: [{name: t, type: stream, schema: one.json}]\n"
RETENTION = """\
policies:
  - name: data-retention
    enforcement: warning
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""


def write(world: World, text: str) -> DataProduct:
    folder = world.write("orders", text, one=json_schema(IDS), two=json_schema({"key": {"type": "string"}}))
    return DataProduct(folder, world.platform)


def apply(world: World, text: str) -> Path:
    file = world.root / "policies.yaml"
    file.write_text(text)
    world.platform.apply_policies(file)
    return file


def judge_fully(world: World, product: DataProduct) -> Registration:
    with world.mesh.record.transaction() as tx:
        return register_within(world.context, tx, product.file)


@pytest.mark.long
@pytest.mark.parametrize("columns", [IDS, None])
@pytest.mark.parametrize("more", ["", INPUTS])
@pytest.mark.parametrize("policies", ["", RETENTION.replace("retention_days", "owner")])
def test_the_answer_is_that_of_the_full_judgement(
    world: World, columns: dict[str, object] | None, more: str, policies: str
) -> None:
    world.product("customers", columns=IDS).register()
    if policies:
        apply(world, policies)
    product = world.product(columns=columns, more=more)
    product.publish("t", ROWS)
    answer = confirm_unchanged(world.context, product.file)
    assert answer == judge_fully(world, product)
    assert answer is not None
    assert (len(answer.warnings), answer.revision, answer.changes) == (1 if more else 0, 1, ())


def test_a_stream_is_confirmed(world: World) -> None:
    product = write(world, STREAM)
    product.register()
    assert confirm_unchanged(world.context, product.file) == judge_fully(world, product)


def test_a_new_or_changed_contract_is_judged(world: World) -> None:
    product = write(world, ONE)
    assert confirm_unchanged(world.context, product.file) is None
    product.register()
    assert confirm_unchanged(world.context, write(world, TWO).file) is None


def test_a_readable_major_that_is_not_listed_is_judged(world: World) -> None:
    write(world, ONE).publish("t", ROWS)
    two = write(world, TWO)
    two.register()
    assert confirm_unchanged(world.context, two.file) is None
    world.platform.deprecate("orders", "t@1", "1 days")
    world.clock.later(days=2)
    world.platform.retire("orders", "t@1")
    assert confirm_unchanged(world.context, two.file) == judge_fully(world, two)


def test_a_listed_major_that_was_retired_is_refused(world: World) -> None:
    product = write(world, ONE)
    product.publish("t", ROWS)
    with world.mesh.record.transaction() as tx:
        outputs.retire(tx, "orders", "t", world.clock())
    with pytest.raises(Refused, match=r"orders\.t@1 was retired"):
        product.register()


def test_a_policy_that_is_not_kept_warns_and_its_incident_ends_once_it_is_kept(world: World) -> None:
    product = write(world, ONE)
    product.register()
    apply(world, RETENTION)
    assert len(product.register().warnings) == 1
    assert [incident.cause for incident in world.platform.incidents(open_only=True)] == ["policy data-retention"]
    apply(world, "policies: []\n")
    assert product.register().warnings == ()
    assert world.platform.incidents(open_only=True) == []


def test_a_blocking_policy_refuses_an_unchanged_contract_and_leaves_an_entry(world: World) -> None:
    product = write(world, ONE)
    product.register()
    apply(world, RETENTION.replace("warning", "blocking"))
    with pytest.raises(PolicyViolation):
        product.register()
    assert world.platform.audit_log("orders")[0].act == "refusal"


def test_nothing_is_written(world: World) -> None:
    product = write(world, ONE)
    product.register()
    with world.mesh.record.reading() as conn:
        before = products.find(conn, "orders")
    world.clock.later(days=1)
    product.register()
    with world.mesh.record.reading() as conn:
        assert products.find(conn, "orders") == before
