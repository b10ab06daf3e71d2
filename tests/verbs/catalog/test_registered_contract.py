"""The registered contract as text: it can be registered again, and names no input that the caller does not find."""

from __future__ import annotations

import pytest

from data_platform.errors import BadInput
from data_platform.settings import Role
from data_platform.verbs.catalog.registered_contract import FORMS
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import IDS, World

HIDDEN = "access: {visibility: restricted, discoverable: false}\n"
RULE = """quality_rules:
- {rule: all_there, sql: 'SELECT COUNT(*) FROM "secret"."t" WHERE id <= 0', threshold: 0}
- {rule: positive, sql: SELECT COUNT(*) FROM t WHERE id <= 0, threshold: 0}"""


def test_the_text_registers_the_same_contract(world: World) -> None:
    product = world.product(columns=IDS, output="sla: {freshness: 1 day}", more="tags: [shop]")
    product.register()
    contract = world.platform.contract("orders")
    assert (contract.form, contract.revision) == ("product", 1)
    text = contract.texts["product.yaml"]
    assert "freshness: 1 day" in text and "name: orders" in text
    (world.root / "products" / "orders" / "product.yaml").write_text(text)
    world.platform.register(world.root / "products" / "orders")
    assert world.platform.contract("orders").revision == 1


def test_every_form_has_a_document(world: World) -> None:
    world.product(columns=IDS).register()
    for form in FORMS:
        assert all("orders" in text for text in world.platform.contract("orders", form).texts.values())
    with pytest.raises(BadInput):
        world.platform.contract("orders", "toml")  # type: ignore[arg-type]


def test_inputs_that_are_hidden_and_rules_that_read_them_are_left_out(world: World) -> None:
    world.product("secret", IDS, more=HIDDEN).publish("t", [{"id": 1}])
    world.product(columns=IDS, output=RULE, more="inputs:\n- {data_product: secret, output: t}").register()
    assert "secret" in world.platform.contract("orders").texts["product.yaml"]
    token = world.platform.create_token("con", Role.CONSUMER).token
    world.act_as(authenticate_token(world.mesh, token))
    for form in FORMS:
        texts = "".join(world.platform.contract("orders", form).texts.values())
        assert "secret" not in texts and "all_there" not in texts
    assert "positive" in world.platform.contract("orders").texts["product.yaml"]
