"""The clock reads outputs that promise availability, as readers do, and counts what cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.engine.digests import clear_verified
from data_platform.keys.local_ring import LocalKeyring
from data_platform.record.operations import probes
from data_platform.record.operations.usage import ReadCount
from tests.meshes import IDS, ROWS, World

PROMISE = "sla: {availability: 90%}"
EMAIL = IDS | {"email": {"type": "string", "tags": ["pii"]}}
PEOPLE = [{"id": 1, "email": "a@b.example"}]


def count(world: World) -> list[ReadCount]:
    with world.mesh.record.reading() as conn:
        return list(probes.count_attempts(conn, world.clock() - timedelta(days=30)))


def tick(world: World, **later: float) -> None:
    world.clock.later(**later)
    world.platform.tick()


@pytest.fixture(autouse=True)
def forget_digests() -> None:
    clear_verified()


def test_availability_is_measured_although_nobody_reads(world: World) -> None:
    world.product(columns=IDS, output=PROMISE).publish("t", ROWS)
    begin = world.clock()
    tick(world)
    tick(world, minutes=4)
    assert count(world) == [ReadCount("orders", "t", 1, 0, begin)]
    tick(world, minutes=1)
    tick(world, minutes=61)
    assert count(world) == [ReadCount("orders", "t", 3, 0, begin)]
    (measured,) = world.platform.quality_metrics("orders").sla_compliance
    assert (measured.promise, measured.compliance) == ("availability", 100.0)
    assert world.platform.show("orders").usage_stats.views == 0, "a probe is no reader"


def test_an_output_without_the_promise_or_without_data_is_not_probed(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.product("empty", IDS, output=PROMISE).register()
    tick(world)
    assert count(world) == []


def test_data_that_cannot_be_read_opens_an_incident_without_a_reader(world: World) -> None:
    world.product(columns=IDS, output=PROMISE).publish("t", ROWS)
    for file in world.folder().data.rglob("*.parquet"):
        file.unlink()
    tick(world)
    tick(world, minutes=1)
    assert "availability broken" in {incident.cause for incident in world.platform.incidents(open_only=True)}


def test_encrypted_columns_are_read_and_erased_ones_left_out(world: World) -> None:
    world.product(columns=EMAIL, output=PROMISE).publish("t", PEOPLE)
    tick(world)
    world.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    clear_verified()
    tick(world, minutes=5)
    assert [(entry.reads, entry.failed) for entry in count(world)] == [(2, 0)]


def test_a_missing_key_is_a_failure(world: World) -> None:
    world.product(columns=EMAIL, output=PROMISE).publish("t", PEOPLE)
    LocalKeyring(world.home / "keys")._build_path("orders/t/email").unlink()
    tick(world)
    assert [entry.failed for entry in count(world)] == [1]


def test_counts_of_more_than_400_days_ago_are_removed(world: World) -> None:
    world.product(columns=IDS, output=PROMISE).publish("t", ROWS)
    tick(world)
    tick(world, days=401)
    with world.mesh.record.reading() as conn:
        (kept,) = probes.count_attempts(conn, world.clock() - timedelta(days=500))
    assert kept.reads == 1
