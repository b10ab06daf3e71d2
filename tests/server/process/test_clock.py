"""A server runs periodic maintenance by itself, and so do several, one at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform.record.operations import clock
from data_platform.server.process.clock import MaintenanceClock, running_clock
from data_platform.settings import ServerSettings
from data_platform.verbs.core.renewal import LEASE
from tests.meshes import IDS, ROWS, World

FRESH = "sla: {freshness: 1 minute}"


def test_it_opens_an_incident_although_nothing_is_published(world: World) -> None:
    world.product(columns=IDS, output=FRESH).publish("t", ROWS)
    world.clock.later(minutes=2)
    assert MaintenanceClock(world.mesh, {}).run_if_due()
    (incident,) = world.platform.incidents(open_only=True)
    assert incident.cause == "freshness broken"
    with world.mesh.record.reading() as conn:
        assert clock.find_state(conn) == clock.ClockState(None, None, world.clock(), world.clock())


def test_of_two_processes_one_runs_it_in_each_interval(world: World) -> None:
    first, second = MaintenanceClock(world.mesh, {}), MaintenanceClock(world.mesh, {})
    assert [first.run_if_due(), second.run_if_due()] == [True, False]
    world.clock.later(seconds=60)
    assert [second.run_if_due(), first.run_if_due()] == [True, False]


def test_a_machine_whose_clock_is_far_ahead_silences_nobody(world: World) -> None:
    right, ahead = MaintenanceClock(world.mesh, {}), world.clock() + timedelta(hours=1)
    with world.mesh.record.transaction() as tx:
        assert clock.claim(tx, "killed while it ran", ahead, LEASE, timedelta(seconds=60))
    assert right.run_if_due()
    world.clock.later(seconds=30)
    assert not right.run_if_due()


def test_machines_whose_clocks_are_a_little_apart_take_turns(world: World) -> None:
    first, second = MaintenanceClock(world.mesh, {}), MaintenanceClock(world.mesh, {})
    world.clock.later(seconds=20)
    assert first.run_if_due()
    world.clock.later(seconds=-20)
    assert not second.run_if_due()


@pytest.mark.parametrize("seconds", [0, 60])
def test_the_thread_runs_it_at_once_unless_it_is_switched_off(world: World, seconds: int) -> None:
    world.mesh.settings = replace(world.mesh.settings, server=ServerSettings(clock_seconds=seconds))
    with running_clock(world.mesh, {}):
        time.sleep(0.01)
    with world.mesh.record.reading() as conn:
        assert (clock.find_state(conn).ran_at is not None) == (seconds > 0)
