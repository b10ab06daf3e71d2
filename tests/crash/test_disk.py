"""A disk that is full or may not be written: a clear word, nothing half-done, and the next publish works."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.errors import DataPlatformError, RecordFailed, StorageFailed
from data_platform.settings import Home
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.publishing.publish import LEASE
from tests.crash import child
from tests.meshes import IDS, ROWS, Clock, World

MB = 1024 * 1024


def noise(megabytes: int) -> pa.Table:
    """Rows that do not compress."""
    numbers = np.random.default_rng(1).integers(0, 2**62, megabytes * MB // 8)
    return pa.table({"id": numbers})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes root, and a machine that lets it")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def small_world(tmp_path: Path, small_disk: Path) -> Iterator[World]:
    """A mesh on that disk, with one version of `orders.t`."""
    home = small_disk / "home"
    home.mkdir()
    mesh = Mesh.open(Home(home))
    mesh.clock = clock = Clock()
    world = World(tmp_path, mesh, clock)
    world.product(columns=IDS).publish("t", ROWS)
    yield world
    mesh.close()


def stands_at_1(world: World, files: set[Path]) -> None:
    assert world.numbers() == [1]
    assert world.ids() == [1, 2, 3]
    assert world.files() == files


def test_a_disk_that_fills_up_while_rows_are_written(small_world: World) -> None:
    product = small_world.product(columns=IDS)
    files = small_world.files()
    with pytest.raises(StorageFailed, match="No space left on device") as caught:
        product.publish("t", noise(16))
    assert "free some space" in str(caught.value.hint)
    stands_at_1(small_world, files)
    assert product.publish("t", ROWS).version == 2


def test_a_disk_without_a_single_byte_left(small_world: World, small_disk: Path) -> None:
    product = small_world.product(columns=IDS)
    files = small_world.files()
    ballast = small_disk / "ballast"
    _fill(ballast)
    with pytest.raises((RecordFailed, StorageFailed), match=r"full|No space left") as caught:
        product.publish("t", ROWS)
    assert "free" in str(caught.value.hint)
    ballast.unlink()
    stands_at_1(small_world, files)
    assert product.publish("t", ROWS).version == 2


def test_every_amount_of_space_gives_a_version_or_a_clear_word(small_world: World, small_disk: Path) -> None:
    """The disk fills up at every step: while the record writes, at the data, at the manifests, at the metadata."""
    product = small_world.product(columns=IDS)
    ballast, expected = small_disk / "ballast", 1
    for free in range(0, 120_000, 4096):
        files = small_world.files()
        ballast.write_bytes(b"")
        ballast.write_bytes(b"x" * (_free(small_disk) - free))
        try:
            expected += product.publish("t", ROWS).success
        except DataPlatformError as error:
            assert isinstance(error, RecordFailed | StorageFailed)
            assert error.hint
            ballast.unlink()
            small_world.clock.now += LEASE  # a record that cannot grow keeps the lease, and gc what it protects
            small_world.platform.collect()
            assert small_world.files() == files, free
        assert small_world.numbers() == list(range(1, expected + 1)), free
    assert expected > 1
    ballast.unlink(missing_ok=True)
    assert product.publish("t", ROWS).version == expected + 1


def test_a_disk_that_became_read_only(small_world: World, small_disk: Path) -> None:
    product = small_world.product(columns=IDS)
    files = small_world.files()
    small_world.mesh.record.close()  # an open file keeps a disk from becoming read-only
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        with pytest.raises((RecordFailed, StorageFailed), match=r"permission|[Rr]ead-only|readonly") as caught:
            product.publish("t", ROWS)
        assert caught.value.hint
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    stands_at_1(small_world, files)
    assert product.publish("t", ROWS).version == 2


def test_a_tables_folder_that_may_not_be_written(small_world: World, small_disk: Path) -> None:
    product = small_world.product("other", IDS)
    tables = small_world.tables
    subprocess.run(["mount", "--bind", str(tables), str(tables)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(tables)], check=True)
        with pytest.raises(StorageFailed, match=r"cannot write other\.t: Read-only") as caught:
            product.publish("t", ROWS)
        assert "write permission" in str(caught.value.hint)
    finally:
        subprocess.run(["umount", str(tables)], check=True)
    assert product.publish("t", ROWS).version == 1


@pytest.mark.long
def test_a_limit_on_the_size_of_files(world: World, tmp_path: Path) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    files = world.files()
    pq.write_table(noise(4), tmp_path / "big.parquet")
    told = child.CONTEXT.SimpleQueue()
    where = (world.home, product.file.path.parent, tmp_path / "big.parquet")
    process = child.start(child.limited, *where, told, one_megabyte_a_file)
    process.join(60)
    assert process.exitcode == 0
    kind, message, hint = told.get()
    assert (kind, hint is not None) == ("StorageFailed", True)
    assert "File too large" in message
    stands_at_1(world, files)


def one_megabyte_a_file() -> None:
    """The wall of `child.limited`."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MB, MB))


def _free(place: Path) -> int:
    return shutil.disk_usage(place).free


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096) == 4096:
            pass
