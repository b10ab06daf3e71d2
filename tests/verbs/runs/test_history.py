from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.verbs.results.runs import LOST_AFTER
from tests.meshes import IDS, ROWS, World


def test_runs_are_listed_newest_first_and_by_state(world: World) -> None:
    mesh = world.platform
    world.product(columns=IDS).register()
    failed = mesh.start_run("orders", "t")
    mesh.finish_run(failed.id, "failed")
    world.clock.later(minutes=1)
    silent = mesh.start_run("orders", "t")
    world.clock.now += LOST_AFTER + timedelta(seconds=1)
    running = mesh.start_run("customers", "dim")
    assert [run.id for run in mesh.runs()] == [running.id, silent.id, failed.id]
    assert [run.id for run in mesh.runs("orders")] == [silent.id, failed.id]
    assert [run.id for run in mesh.runs(limit=1)] == [running.id]
    assert [run.id for run in mesh.runs(state="lost")] == [silent.id]
    assert [run.id for run in mesh.runs(state="running")] == [running.id]
    assert [run.id for run in mesh.runs("orders", "t", state="failed")] == [failed.id]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_list_goes_on_behind_its_last_run_also_among_runs_of_one_moment(world: World, size: int) -> None:
    world.product(columns=IDS).register()
    for at in range(6):
        world.platform.start_run("orders", "t")
        world.clock.later(minutes=at % 2)
    whole = world.platform.runs()
    pages = [world.platform.runs(limit=size)]
    while pages[-1]:
        last = pages[-1][-1]
        pages.append(world.platform.runs(limit=size, before=last.started_at, behind=last.id))
    assert [run for page in pages for run in page] == whole
    assert {len(page) for page in pages} <= {0, size, len(whole) % size}
    newest = whole[0].started_at
    assert world.platform.runs(before=newest) == [run for run in whole if run.started_at < newest]


def test_what_cannot_be_listed_is_an_error(world: World) -> None:
    with pytest.raises(NotFound, match="no product nowhere"):
        world.platform.runs("nowhere")
    with pytest.raises(BadInput, match="there is no state 'done'"):
        world.platform.runs(state="done")
    with pytest.raises(BadInput, match="an output is one of a product"):
        world.platform.runs(output="t")
    with pytest.raises(BadInput, match="behind is a run that started at the moment before"):
        world.platform.runs(behind="x")
    with pytest.raises(NotFound, match="there is no run x"):
        world.platform.run("x")


def test_the_majors_of_an_output_have_their_own_runs(world: World) -> None:
    world.product(columns=IDS, output="version: 1.0.0").publish("t", ROWS)
    world.product(columns={"id": {"type": "string"}}, output="version: 2.0.0").publish("t", [{"id": "a"}])
    second = world.platform.start_run("orders", "t")
    assert second.output == "t@2"
    assert [run.id for run in world.platform.runs("orders", "t")] == [second.id]
    assert [run.id for run in world.platform.runs("orders", "t@2")] == [second.id]
    assert world.platform.runs("orders", "t@1") == []


def test_a_stranger_learns_nothing_of_runs(world: World) -> None:
    run = world.platform.start_run("orders", "t")
    world.act_as(Principal("eve", local=False))
    for ask in (
        lambda: world.platform.runs(),
        lambda: world.platform.run(run.id),
        lambda: world.platform.start_run("orders", "t"),
        lambda: world.platform.heartbeat_run(run.id),
        lambda: world.platform.finish_run(run.id, "failed"),
    ):
        with pytest.raises(AccessDenied):
            ask()


def test_a_log_is_shown_to_who_is_in_charge_of_the_product(world: World) -> None:
    """A log may hold rows, also of inputs: readers see none, whatever they see of the output."""
    world.product(columns=IDS, more="access: {readers: [{roles: [consumer], columns: all}]}").register()
    run = world.platform.start_run("orders", "t")
    world.platform.finish_run(run.id, "failed", log="canary")
    ana = Principal("ana@x", verified=True, roles=frozenset([RoleGrant(Role.OWNER)]))
    reader = Principal("eve@x", verified=True, roles=frozenset([RoleGrant(Role.CONSUMER)]))
    agent = replace(ana, name="agent", acts_for=reader, teams=frozenset(["ana@x"]))
    for who, log in ((ana, "canary"), (replace(ana, roles=reader.roles), "canary"), (reader, ""), (agent, "")):
        world.act_as(who)
        assert world.platform.run(run.id).log == log


def test_the_run_of_an_unregistered_product_is_its_starters(world: World) -> None:
    """Its error may name a product that others do not find; who started it reads why it failed."""
    roles = frozenset([RoleGrant(Role.OWNER)])
    fin, ivy = (Principal(name, verified=True, roles=roles, local=False) for name in ("fin@x", "ivy@x"))
    root = replace(fin, name="root@x", roles=frozenset([RoleGrant(Role.ADMIN)]))
    world.product(columns=IDS).register()
    registered = world.platform.start_run("orders", "t")
    world.act_as(fin)
    run = world.platform.start_run("monthly", "t")
    world.act_as(ivy)
    for ask in (world.platform.run, world.platform.heartbeat_run, lambda id: world.platform.finish_run(id, "failed")):
        with pytest.raises(NotFound, match=f"there is no run {run.id}"):
            ask(run.id)
    assert [one.id for one in world.platform.runs()] == [registered.id]
    world.act_as(fin)
    world.platform.finish_run(run.id, "failed", error="no such file", log="why")
    for who in (fin, root):
        world.act_as(who)
        assert {one.id for one in world.platform.runs()} == {registered.id, run.id}
        assert world.platform.run(run.id).log == "why"
