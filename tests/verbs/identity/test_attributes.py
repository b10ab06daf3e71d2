"""Attributes of principals: an admin sets them, row filters use them, and they are shown and audited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound
from data_platform.settings import Principal
from data_platform.verbs.identity.authenticate import authenticate_principal, authenticate_token
from tests.meshes import World


def test_attributes_are_set_replaced_removed_and_shown(world: World) -> None:
    mesh = world.platform
    mesh.create_token("eve", "consumer")
    assert mesh.set_attributes("eve", ["region=EU", "level=3"]).attributes == {"region": "EU", "level": "3"}
    mesh.set_attributes("eve", ["region=US"], remove=["level", "nothing"])
    assert mesh.principal_info("eve").principal.attributes == {"region": "US"}
    assert [info.attributes for info in mesh.principals()] == [{"region": "US"}]
    entries = [entry for entry in mesh.audit_log() if entry.subject == "principal:eve" and "attributes" in str(entry)]
    assert len(entries) == 2
    mesh.set_attributes("eve", ["region=US"])
    assert len([entry for entry in mesh.audit_log() if "attributes" in str(entry)]) == 2


def test_wrong_attributes_are_refused(world: World) -> None:
    mesh = world.platform
    mesh.create_token("eve", "consumer")
    for attributes, remove in (([], []), (["a=1", "a=2"], []), (["a=1"], ["a"]), (["nothing"], [])):
        with pytest.raises(BadInput):
            mesh.set_attributes("eve", attributes, remove=remove)
    with pytest.raises(NotFound):
        mesh.set_attributes("nobody", ["a=1"])


def test_an_admin_alone_sets_them(world: World) -> None:
    mesh = world.platform
    token = mesh.create_token("gov", "governor").token
    principal = authenticate_token(world.mesh, token)
    assert principal is not None
    world.act_as(principal)
    with pytest.raises(AccessDenied):
        mesh.set_attributes("gov", ["region=EU"])


def test_a_row_filter_sees_the_attributes_of_the_record(world: World) -> None:
    mesh = world.platform
    columns = {"id": {"type": "integer"}, "region": {"type": "string"}}
    product = world.product(columns=columns, more="access: {rows: region = principal.region}", owner="shop")
    product.publish("t", [{"id": 1, "region": "EU"}, {"id": 2, "region": "US"}, {"id": 3, "region": None}])
    token = mesh.create_token("eve", "consumer").token
    local = world.transport.caller.principal

    def list_ids(principal: Principal | None) -> list[int]:
        assert principal is not None
        world.act_as(principal)
        frame = [row["id"] for row in mesh.consume("orders", "t").collect()]
        assert mesh.sql("SELECT id FROM orders.t ORDER BY id").to_arrow()["id"].to_pylist() == frame
        world.act_as(local)
        return frame

    assert list_ids(authenticate_token(world.mesh, token)) == []
    mesh.set_attributes("eve", ["region=EU"])
    assert list_ids(authenticate_token(world.mesh, token)) == [1]
    assert list_ids(authenticate_principal(world.mesh, "eve")) == [1]
    mesh.set_attributes("eve", ["region=7"])
    assert list_ids(authenticate_token(world.mesh, token)) == []
    assert list_ids(replace(local, name="eve")) == [1, 2, 3]
