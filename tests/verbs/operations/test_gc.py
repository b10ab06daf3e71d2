"""gc: removes orphans and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data_platform.errors import RecordFailed, StorageFailed
from data_platform.record.operations import leases
from data_platform.verbs.publishing.publish import LEASE
from tests.meshes import IDS, ROWS, World


def orphans(world: World, commit: str = "a" * 32 + "b" * 8, version: int = 2) -> list[Path]:
    """What a killed publish leaves: a data file of no lease, and metadata that nobody swapped in."""
    place = world.folder("orders", "t")
    stage = "a" * 32
    paths = [
        place.data / f"{stage}-0-0.parquet",
        place.metadata / f"{commit}-m0.avro",
        place.metadata / f"snap-{commit}.avro",
        place.metadata / f"{version:05}-{commit}.metadata.json",
    ]
    for path in paths:
        path.write_bytes(b"left behind")
    return paths


def test_only_orphans_are_removed(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    product.publish("t", ROWS)
    kept = world.files()
    left = orphans(world)
    counted = world.platform.collect(dry_run=True)
    assert (counted.files, counted.bytes, counted.dry_run) == (len(left), 11 * len(left), True)
    assert world.files() == kept | set(left)
    assert world.platform.collect().files == len(left)
    assert world.files() == kept
    assert [world.ids(version=number) for number in (1, 2)] == [[1, 2, 3]] * 2


@pytest.mark.parametrize("commit", ["a" * 32 + "b" * 8, "b" * 32], ids=["of this release", "of the last release"])
def test_metadata_that_a_running_promote_has_prepared_is_spared_by_the_lease_alone(world: World, commit: str) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    left = orphans(world, commit)
    for path in left:
        os.utime(path, (0, 0))
    with world.mesh.record.transaction() as tx:
        leases.open(tx, "a" * 32, "orders", "t", "ana", world.clock.now + LEASE)
    world.clock.later(hours=5)
    assert world.platform.collect().files == 0
    world.clock.later(hours=1)
    if commit.startswith("b"):
        (world.folder("orders", "t").metadata / f"00002-{commit}.metadata.json").unlink()
        assert world.platform.collect().files == len(left) - 1
    else:
        assert world.platform.collect().files == len(left)


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
    place = world.folder("orders", "t")
    mine = [place.metadata / "version-hint.text", place.data / "notes.txt", place.location / "README.md"]
    for path in mine:
        path.write_text("x")
        os.utime(path, (0, 0))
    assert world.platform.collect().files == 0
    assert all(path.exists() for path in mine)


def test_an_empty_mesh_has_nothing_to_collect(world: World) -> None:
    assert world.platform.collect().files == 0


def test_a_publish_that_was_suspended_after_it_prepared_lands_while_its_lease_lives(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)

    def sleep(step: str, _: int) -> None:
        if step == "prepared":
            world.clock.later(hours=5)
            assert world.platform.collect().files == 0

    assert product.publish("t", ROWS, watch=sleep).version == 2
    assert world.ids() == [1, 2, 3]


@pytest.mark.parametrize("moment", ["leased", "staged", "audited", "prepared"])
def test_a_publish_whose_lease_ran_out_fails_and_leaves_the_last_version(world: World, moment: str) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    files = world.files()

    def sleep(step: str, _: int) -> None:
        if step == moment:
            world.clock.later(hours=7)
            world.platform.collect()

    with pytest.raises(StorageFailed, match=r"ran out|removed or cut"):
        product.publish("t", ROWS, watch=sleep)
    assert world.numbers() == [1]
    world.platform.collect()
    world.clock.later(days=2)
    world.platform.collect()
    assert world.files() == files
    assert product.publish("t", ROWS).version == 2


@pytest.mark.parametrize("harm", ["removed", "cut", "emptied", "replaced by a folder"])
@pytest.mark.parametrize("kind", ["*.metadata.json", "snap-*.avro", "*-m0.avro", "*-d*.avro", "*.parquet"])
def test_nothing_is_promoted_whose_files_are_not_all_there(world: World, kind: str, harm: str) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    before = world.files()

    def damage(step: str, _: int) -> None:
        if step == "prepared":
            for path in world.files() - before:
                if path.match(kind):
                    _harm(path, harm)

    with pytest.raises(StorageFailed) as caught:
        product.publish("t", ROWS, watch=damage)
    assert caught.value.hint
    assert world.numbers() == [1]
    assert product.publish("t", ROWS).version == 2


def _harm(path: Path, harm: str) -> None:
    if harm == "cut":
        os.truncate(path, path.stat().st_size - 1)
    elif harm == "emptied":
        os.truncate(path, 0)
    else:
        path.unlink()
    if harm == "replaced by a folder":
        path.mkdir()


@pytest.mark.long
def test_nothing_is_removed_of_an_output_that_the_record_does_not_know(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    orphans(world, version=1)
    strange = world.tables / "others" / "t" / "data" / f"{'c' * 32}-0-0.parquet"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"somebody's")
    everything = world.files()
    with pytest.raises(RecordFailed, match=r"nothing was removed.*others.*knows no such output") as caught:
        world.platform.collect()
    assert "--rebuild" in str(caught.value.hint)
    assert world.files() == everything


def test_nothing_is_removed_where_the_tables_have_newer_versions_than_the_record(world: World) -> None:
    """A record that was restored from an old backup."""
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    world.mesh.record.close()
    old = (world.home / "record.db").read_bytes()
    product.publish("t", ROWS)
    world.mesh.record.close()
    (world.home / "record.db").write_bytes(old)
    everything = world.files()
    with pytest.raises(RecordFailed, match=r"ends with version 1 of that output"):
        world.platform.collect()
    assert world.files() == everything


def test_a_crash_after_the_metadata_was_prepared_is_explained_by_its_lease(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    files = world.files()
    left = orphans(world)
    with world.mesh.record.transaction() as tx:
        leases.open(tx, "a" * 32, "orders", "t", "ana", world.clock.now + LEASE)
    world.clock.later(hours=6)
    world.platform.tick()
    assert world.platform.collect().files == len(left)
    assert world.files() == files


@pytest.mark.long
@pytest.mark.parametrize("level", ["tables", "tables/orders", "tables/orders/t", "tables/orders/t/data"])
def test_nothing_behind_a_symlink_is_removed(world: World, tmp_path: Path, level: str) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    orphans(world, version=1)
    place = world.home / level
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    outside = set((tmp_path / "elsewhere").rglob("*"))
    collected = world.platform.collect()
    assert collected.skipped == (str(place),)
    assert set((tmp_path / "elsewhere").rglob("*")) == outside
    assert world.ids() == [1, 2, 3]


def test_a_pipe_and_a_file_behind_a_symlink_are_left_alone(world: World, tmp_path: Path) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    data = world.folder("orders", "t").data
    os.mkfifo(data / f"{'a' * 32}-0-0.parquet")
    (tmp_path / "mine").write_text("x")
    (data / f"{'b' * 32}-0-0.parquet").symlink_to(tmp_path / "mine")
    assert world.platform.collect().files == 0
    assert (tmp_path / "mine").exists()
