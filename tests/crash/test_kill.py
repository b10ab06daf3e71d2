"""kill -9 at every step of a publish: the last good version stands, nothing is half there, and the next one works."""

from __future__ import annotations

import random
import signal
import time
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from data_platform.errors import NotFound
from data_platform.record.catalog import versions
from data_platform.record.governance import judgements
from data_platform.record.operations import leases
from data_platform.verbs.publishing.publish import LEASE
from tests.crash import child
from tests.meshes import IDS, World

STEPS = ["registered", "leased", "staging", "staged", "audited", "prepared", "swapped", "recorded", "promoted"]
RULES = """\
quality_rules:
  - rule: no_negative
    sql: SELECT COUNT(*) FROM t WHERE id < 0
    threshold: 0"""


@pytest.fixture(autouse=True)
def _real_time(world: World) -> None:
    """Children have the real clock, so the parent begins there."""
    world.clock.now = datetime.now(UTC)


def is_whole(world: World) -> list[int]:
    """That the record tells one story, of versions without a gap and each whole on disk; returns their numbers."""
    numbers = world.numbers()
    assert numbers == list(range(1, len(numbers) + 1))
    with world.mesh.record.reading() as conn:
        rows = versions.list_history(conn, "orders", "t")
        judged = [row.version for row in judgements.list_history(conn, "orders", "t") if row.version is not None]
    assert sorted(judged) == numbers
    for row in rows:
        ids = world.ids(version=row.version)
        assert len(ids) == row.rows == 3
        assert len(set(ids)) == 1
    return numbers


def collects_all(world: World) -> None:
    """That gc, once the leases of the dead ran out, leaves exactly the files of the versions."""
    world.clock.now = datetime.now(UTC) + LEASE * 2
    world.platform.collect()
    with world.mesh.record.reading() as conn:
        assert not leases.list_live(conn)
        stages = versions.list_stage_ids(conn)
        commits = {name.split("-")[-1].split(".")[0] for name in versions.list_metadata_names(conn)}
    place = world.folder("orders", "t")
    assert {path.name.split("-")[0] for path in place.data.iterdir()} == stages
    assert not [path for path in place.metadata.iterdir() if not any(commit in path.name for commit in commits)]


@pytest.mark.long
def test_killed_at_every_step(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", [{"id": 1}] * 3)
    expected = 1
    for step in STEPS:
        process = child.start(child.dies, world.home, product.file.path.parent, step)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        expected += step == "promoted"
        assert is_whole(world) == list(range(1, expected + 1)), step
        assert world.ids() == [666 if step == "promoted" else expected] * 3, step
        expected += 1
        assert product.publish("t", [{"id": expected}] * 3).version == expected, step
    collects_all(world)
    assert is_whole(world) == list(range(1, expected + 1))


@pytest.mark.long
@pytest.mark.parametrize("mode", ["append", "overwrite_partitions"])
def test_killed_while_files_of_the_version_before_stay(world: World, mode: str) -> None:
    product = world.product(columns=IDS, output="partition_by: id")
    product.publish("t", [{"id": 1}, {"id": 666}])
    wanted = [1, 666]
    for step in STEPS:
        process = child.start(child.dies, world.home, product.file.path.parent, step, mode)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        if step == "promoted":
            wanted = sorted([*(wanted if mode == "append" else [1]), 666, 666, 666])
        assert world.ids() == wanted, step
    collects_all(world)
    assert world.ids() == wanted
    assert world.ids(version=1) == [1, 666]


@pytest.mark.long
def test_killed_at_random_moments(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    product.publish("t", [{"id": 1}] * 3)
    moments, published = random.Random(7), 1
    for _ in range(4):
        together = child.CONTEXT.Barrier(2)
        process = child.start(child.publish_for_ever, world.home, product.file.path.parent, together)
        together.wait(60)
        time.sleep(0.3 + moments.random() / 2)
        process.kill()
        process.join()
        numbers = is_whole(world)
        assert len(numbers) >= published
        published = product.publish("t", [{"id": 5}] * 3).version
        assert published == len(numbers) + 1
    collects_all(world)
    assert len(is_whole(world)) == published


def test_the_first_publish_of_all_is_killed(world: World) -> None:
    product = world.product(columns=IDS)
    child.start(child.dies, world.home, product.file.path.parent, "recorded").join(60)
    with pytest.raises(NotFound):  # the contract comes with the publish, or not at all
        world.platform.show("orders")
    assert world.platform.collect().files == 0
    assert product.publish("t", [{"id": 1}] * 3).version == 1
    collects_all(world)


@pytest.mark.long
def test_eight_processes_publishing_to_one_output_lose_nothing(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()
    together, told = child.CONTEXT.Barrier(8), child.CONTEXT.SimpleQueue()
    contents = [[number * 10, number * 10 + 1] for number in range(8)]
    where = (world.home, product.file.path.parent)
    processes = [child.start(child.publish, *where, mine, together, told) for mine in contents]
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    became = dict(pair for _ in processes for pair in told.get())
    assert sorted(became) == is_whole(world) == list(range(1, 17))
    for version, content in became.items():
        assert world.ids(version=version) == [content] * 3
    assert world.platform.collect(dry_run=True).files == 0
    files = [path for path in world.files() if path.suffix == ".parquet"]
    assert sum(pq.read_metadata(path).num_rows for path in files) == 3 * 16
