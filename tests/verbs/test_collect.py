"""gc: removes orphans and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data_platform.verbs.publish import LEASE
from tests.meshes import IDS, ROWS, World


def orphans(world: World, age: float = 0) -> list[Path]:
    """What a killed publish leaves: a data file of no lease, and metadata that nobody swapped in."""
    place = world.mesh.place("orders", "t")
    stage, commit = "a" * 32, "b" * 32
    paths = [
        place.data / f"{stage}-0-0.parquet",
        place.metadata / f"{commit}-m0.avro",
        place.metadata / f"snap-{commit}.avro",
        place.metadata / f"00002-{commit}.metadata.json",
    ]
    for path in paths:
        path.write_bytes(b"left behind")
        os.utime(path, (world.clock.now.timestamp() - age,) * 2)
    return paths


def test_only_orphans_are_removed(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    product.publish("t", ROWS)
    kept = world.files()
    left = orphans(world, age=3601)
    counted = world.platform.collect(dry_run=True)
    assert (counted.files, counted.bytes, counted.dry_run) == (len(left), 11 * len(left), True)
    assert world.files() == kept | set(left)
    assert world.platform.collect().files == len(left)
    assert world.files() == kept
    assert [world.ids(version=number) for number in (1, 2)] == [[1, 2, 3]] * 2


def test_metadata_that_a_running_promote_may_just_have_prepared_is_spared(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    data, *metadata = orphans(world, age=3599)
    assert world.platform.collect().files == 1
    assert not data.exists()
    assert all(path.exists() for path in metadata)


@pytest.mark.parametrize("moment", ["leased", "staged", "audited", "prepared"])
def test_a_running_publish_is_left_alone_however_long_it_takes(world: World, moment: str) -> None:
    product = world.product(columns=IDS)

    def watch(step: str, _: int) -> None:
        if step == moment:
            world.clock.now += LEASE / 2
            assert world.platform.collect().files == 0

    assert product.publish("t", ROWS, watch=watch).version == 1
    assert world.ids() == [1, 2, 3]


def test_files_that_are_not_ours_stay(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    place = world.mesh.place("orders", "t")
    mine = [place.metadata / "version-hint.text", place.data / "notes.txt", place.location / "README.md"]
    for path in mine:
        path.write_text("x")
        os.utime(path, (0, 0))
    assert world.platform.collect().files == 0
    assert all(path.exists() for path in mine)


def test_an_empty_mesh_has_nothing_to_collect(world: World) -> None:
    assert world.platform.collect().files == 0
