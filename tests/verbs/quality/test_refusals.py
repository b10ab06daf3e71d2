"""Refused publishes: newest first, masked as at the refusal, and rows for who may publish alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import BadInput, NotFound
from data_platform.quality import DataQualityError
from data_platform.settings import Principal, Role
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import World

COLUMNS = {"id": {"type": "integer"}, "email": {"type": "string", "pii": True}}
RULE = "quality_rules:\n- {rule: positive, sql: SELECT COUNT(*) FROM t WHERE id <= 0, threshold: 0}"

HIDDEN = """access: {visibility: restricted, discoverable: false}
inputs:
- data_product: orders
  output: t
  expectations: {rules: [{rule: needs, sql: SELECT COUNT(*) FROM t WHERE id < 0, threshold: 0}]}
"""


@pytest.fixture
def refused(world: World) -> World:
    """A product of which the second and the third publish were refused."""
    product = world.product(columns=COLUMNS, output=RULE)
    product.publish("t", [{"id": 1, "email": "a@example.org"}])
    for number in (-1, -2):
        world.clock.later(hours=1)
        with pytest.raises(DataQualityError):
            product.publish("t", [{"id": number, "email": "eve@example.org"}])
    return world


def sign_in(world: World, name: str, role: Role, team: str | None = None) -> Principal:
    return authenticate_token(world.mesh, world.platform.create_token(name, role, team=team).token)


def test_refusals_are_listed_newest_first_with_masked_rows(refused: World) -> None:
    newest, oldest = refused.platform.refusals("orders")
    assert newest.at - oldest.at == timedelta(hours=1)
    (rule,) = newest.rules
    assert (rule.status.rule, rule.status.passed, rule.status.value) == ("positive", False, 1)
    assert rule.rows == ({"id": -2, "email": "***"},)
    assert refused.platform.refusals("orders", "t", limit=1) == [newest]


def test_only_who_may_publish_sees_rows(refused: World) -> None:
    owner = sign_in(refused, "olga", Role.OWNER, "ana@x")
    others = [sign_in(refused, "con", Role.CONSUMER), sign_in(refused, "gov", Role.GOVERNOR)]
    refused.act_as(owner)
    assert refused.platform.refusals("orders")[0].rules[0].rows
    for other in others:
        refused.act_as(other)
        (newest, _) = refused.platform.refusals("orders")
        assert not newest.shows_rows and newest.rules[0].rows == ()
        assert newest.rules[0].status.rule == "positive"


def test_a_column_that_became_personal_after_the_refusal_is_masked_too(world: World) -> None:
    clear = {"id": {"type": "integer"}, "note": {"type": "string"}}
    world.product(columns=clear, output=RULE).publish("t", [{"id": 1, "note": "a"}])
    with pytest.raises(DataQualityError):
        world.product(columns=clear, output=RULE).publish("t", [{"id": -1, "note": "secret"}])
    assert world.platform.refusals("orders")[0].rules[0].rows == ({"id": -1, "note": "secret"},)
    world.product(columns=clear | {"note": {"type": "string", "pii": True}}, output=RULE).register()
    assert world.platform.refusals("orders")[0].rules[0].rows == ({"id": -1, "note": "***"},)


def test_what_a_hidden_consumer_expects_is_not_named(world: World) -> None:
    product = world.product(columns=COLUMNS, output=RULE)
    product.publish("t", [{"id": 1, "email": None}])
    world.product("secret", COLUMNS, more=HIDDEN).register()
    with pytest.raises(DataQualityError):
        product.publish("t", [{"id": -1, "email": None}])
    names = {rule.status.rule for rule in world.platform.refusals("orders")[0].rules}
    assert names == {"positive", "secret: needs"}
    world.act_as(sign_in(world, "con", Role.CONSUMER))
    assert [rule.status.rule for rule in world.platform.refusals("orders")[0].rules] == ["positive"]


@pytest.mark.parametrize("limit", [-1, 501])
def test_a_limit_that_cannot_be_is_refused(refused: World, limit: int) -> None:
    with pytest.raises(BadInput):
        refused.platform.refusals("orders", limit=limit)


def test_what_cannot_be_listed_is_said(refused: World) -> None:
    with pytest.raises(NotFound):
        refused.platform.refusals("orders", "none")
    refused.product("quiet", COLUMNS).register()
    assert refused.platform.refusals("quiet") == []
