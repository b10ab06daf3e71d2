"""Two meshes, dev and prod: dev reads prod and never the reverse, and contracts are released upwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data_platform import Platform
from data_platform.errors import BadInput, NotFound, Refused
from data_platform.platform import InProcess
from data_platform.record.audit_log import log
from data_platform.record.audit_log.log import EntryFilter
from data_platform.record.operations import events, usage
from data_platform.settings import Environment, Home, load_settings
from data_platform.verbs.core.mesh import Mesh
from tests.meshes import IDS, ROWS, World

PEOPLE = {"id": {"type": "integer"}, "email": {"type": "string"}}


@pytest.fixture
def prod(world: World, tmp_path: Path) -> Iterator[World]:
    """A second mesh, which each of the two knows by its name."""
    folder = tmp_path / "prod"
    folder.mkdir()
    (folder / "settings.toml").write_text('[environments]\nthis = "prod"\ndev = "../home"\n')
    (world.home / "settings.toml").write_text('[environments]\nthis = "dev"\nprod = "../prod"\n')
    world.mesh.settings = load_settings(world.mesh.home)
    world.platform = Platform(InProcess(world.mesh))
    mesh = Mesh.open(Home(folder))
    mesh.clock, mesh.worker = world.clock, world.mesh.worker
    yield World(tmp_path / "of-prod", mesh, world.clock)
    del mesh.worker
    mesh.close()


def test_dev_reads_what_only_prod_has_and_prod_knows_it_was_read(world: World, prod: World) -> None:
    prod.product("customers", IDS).publish("t", ROWS)
    frame = world.product("orders", IDS).consume("customers", "t")
    assert frame.count() == 3
    frame.select("id").collect()
    with prod.mesh.record.reading() as conn:
        (read,) = usage.list_reads(conn, "customers")
    assert (read.columns, read.purpose) == (("id",), "product orders")


def test_what_is_made_of_it_names_where_it_came_from(world: World, prod: World) -> None:
    prod.product("customers", IDS).publish("t", ROWS)
    orders = world.product("orders", IDS)
    orders.publish("t", orders.consume("customers", "t"))
    (source,) = world.platform.lineage("orders").upstream
    assert "prod:customers" in str(source)


def test_personal_data_of_prod_stays_so_in_dev(world: World, prod: World) -> None:
    customers = prod.product("customers", PEOPLE, more="pii_columns: [email]")
    customers.publish("t", [{"id": 1, "email": "ann@example.org"}])
    orders = world.product("orders")
    orders.publish("t", orders.consume("customers", "t").withColumnRenamed("email", "contact"))
    columns = {column.name: column.encryption for column in world.platform.show("orders").outputs[0].columns}
    assert columns["id"] is None
    assert columns["contact"] is not None


def test_what_dev_has_itself_comes_first(world: World, prod: World) -> None:
    prod.product("customers", IDS).publish("t", ROWS)
    world.product("customers", IDS).publish("t", ROWS[:1])
    assert world.platform.consume("customers", "t").count() == 1


def test_prod_never_reads_dev_and_says_how_it_would_get_it(world: World, prod: World) -> None:
    world.product("customers", IDS).publish("t", ROWS)
    with pytest.raises(NotFound, match="no product customers is registered") as missing:
        prod.platform.consume("customers", "t")
    assert "dev has it: data-platform release customers --to prod" in str(missing.value)


def test_a_product_that_is_nowhere_is_missing_as_ever(world: World, prod: World) -> None:
    with pytest.raises(NotFound, match="no product nothing is registered"):
        world.platform.consume("nothing", "t")


@pytest.mark.long
def test_a_release_registers_there_exactly_what_is_here(world: World, prod: World) -> None:
    world.product("orders", IDS).register()
    released = world.platform.release("orders", "prod")
    assert (released.source, released.target, released.registration.created) == ("dev", "prod", True)
    here, there = world.platform.show("orders"), prod.platform.show("orders")
    assert (there.owner, there.version, there.outputs) == (here.owner, here.version, here.outputs)
    assert not world.platform.release("orders", "prod").registration.changed


def test_both_logs_know_of_a_release(world: World, prod: World) -> None:
    world.product("orders", IDS).register()
    world.platform.release("orders", "prod")
    for mesh in (world.mesh, prod.mesh):
        with mesh.record.reading() as conn:
            assert [each.act for each in log.list_newest(conn, EntryFilter(act="release"))] == ["release"]
            assert [event.kind for event in events.list_history(conn, "orders")] == ["released", "registered"]


def test_what_governance_there_refuses_stays_here(world: World, prod: World) -> None:
    prod.product("orders", IDS | {"total": {"type": "number"}}).publish("t", [{"id": 1, "total": 2.0}])
    world.product("orders", IDS).register()
    with pytest.raises(Refused, match="total"):
        world.platform.release("orders", "prod")
    assert prod.platform.show("orders").outputs[0].version == 1
    with world.mesh.record.reading() as conn:
        assert log.list_newest(conn, EntryFilter(act="release")) == ()


def test_a_product_whose_input_is_not_there_is_refused(world: World, prod: World) -> None:
    world.product("customers", IDS).register()
    needs = "inputs:\n  - data_product: customers\n    output: t"
    world.product("orders", IDS, more=needs).register()
    with pytest.raises(Refused, match=r"orders reads customers\.t, and prod does not have it"):
        world.platform.release("orders", "prod")
    world.platform.release("customers", "prod")
    assert world.platform.release("orders", "prod").registration.created


def test_releases_go_up_alone(world: World, prod: World) -> None:
    prod.product("orders", IDS).register()
    with pytest.raises(BadInput, match="prod is not below dev"):
        prod.platform.release("orders", Environment.DEV)
    with pytest.raises(BadInput, match="no environment 'production'"):
        world.platform.release("orders", "production")
    with pytest.raises(BadInput, match="does not declare the home of staging"):
        world.platform.release("orders", "staging")
    with pytest.raises(BadInput, match="dev is not below dev"):
        world.platform.release("orders", "dev")


def test_register_says_where_an_input_is_read_from(world: World, prod: World) -> None:
    prod.product("customers", IDS).publish("t", ROWS)
    orders = world.product("orders", IDS, more="inputs: [{data_product: customers, output: t}]")
    assert "input customers.t is read from prod, where it is registered" in orders.register().warnings


def test_what_is_released_and_not_published_yet_is_no_matter_for_another_release(world: World, prod: World) -> None:
    world.product("orders", IDS).register()
    world.platform.release("orders", "prod")
    with pytest.raises(NotFound, match=r"orders\.t has no version yet") as caught:
        Platform(InProcess(prod.mesh)).consume("orders", "t")
    assert "release" not in (caught.value.hint or "")
