"""publish: the lineage that a version gets, and the protection that follows it."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform.errors import BadInput, NotFound
from data_platform.record.lineage.lineage import walk_upstream
from tests.meshes import IDS, ROWS, World


def test_lineage_is_what_a_frame_carries(world: World) -> None:
    world.product("customers", IDS | {"name": {"type": "string"}}).publish("t", [{"id": 1, "name": "x"}])
    frame = world.platform.consume("customers", "t").select("id")
    world.product(columns=IDS).publish("t", frame)
    with world.mesh.record.reading() as conn:
        (edge,) = walk_upstream(conn, "orders")
    assert (edge.version, edge.source_name, edge.source_output, edge.source_version) == (1, "customers", "t", 1)
    assert edge.columns == ("id",)


def test_lineage_by_hand_means_the_newest_version_unless_it_says_which(world: World) -> None:
    customers = world.product("customers", IDS)
    customers.publish("t", ROWS)
    customers.publish("t", ROWS)
    product = world.product(columns=IDS)
    product.publish("t", ROWS, lineage=["customers.t", "customers.t#1"])
    with world.mesh.record.reading() as conn:
        assert sorted(edge.source_version or 0 for edge in walk_upstream(conn, "orders")) == [1, 2]
    for unknown in ("customers.t#3", "customers.x", "nobody.t"):
        with pytest.raises(NotFound):
            product.publish("t", ROWS, lineage=[unknown])
    with pytest.raises(BadInput, match=r"is not PRODUCT"):
        product.publish("t", ROWS, lineage=["customers.t."])
    product.publish("t", ROWS, lineage=["customers"])


def test_lineage_of_a_pipeline_is_what_it_consumed(world: World) -> None:
    world.product("customers", IDS).publish("t", ROWS)
    product = world.product(columns=IDS, more="inputs: [{data_product: customers, output: t}]")

    @product.pipeline(output="t")
    def build() -> list[dict[str, Any]]:
        return [{"id": row["id"] * 10} for row in product.consume("customers", "t").collect()]

    product.run("t")
    assert world.ids() == [10, 20, 30]
    with world.mesh.record.reading() as conn:
        (edge,) = walk_upstream(conn, "orders")
    assert (edge.source_name, edge.source_version) == ("customers", 1)


def test_personal_data_stays_protected_in_a_product_made_of_it(world: World) -> None:
    columns = {**IDS, "email": {"type": "string"}}
    world.product("people", columns, more="pii_columns: [email]").publish("t", [{"id": 1, "email": "a@x"}])
    made = world.product("mails", more="inputs: [{data_product: people, output: t}]")
    made.publish("t", made.consume("people", "t").select("id", "email"))
    (output,) = world.platform.show("mails").outputs
    assert [(column.name, column.encryption) for column in output.columns] == [("id", None), ("email", "aes-256-gcm")]
    assert world.platform.consume("mails", "t", mask=True).to_arrow()["email"].to_pylist() == ["***"]
