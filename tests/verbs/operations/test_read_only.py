"""A home that can only be read is read: on a disk that is mounted read-only, and by a user who may not write it."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import DataPlatformError, Unavailable
from tests.meshes import World

PII = {"id": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"]}}
OTHER_USER = 65534


@pytest.fixture
def home(world: World) -> Path:
    """A mesh with one version; its record is closed, with no log beside it."""
    world.product(columns=PII).publish("t", [{"id": 1, "email": "a@x"}])
    world.mesh.record.close()
    return world.home


@pytest.fixture
def mounted(home: Path, tmp_path: Path) -> Iterator[Path]:
    """The same home on a read-only mount."""
    place = tmp_path / "mounted"
    place.mkdir()
    if subprocess.run(["mount", "--bind", str(home), str(place)], capture_output=True, check=False).returncode:
        pytest.skip("mounting takes root, and a machine that lets it")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def reads(home: Path) -> list[Any]:
    """What every command that reads says."""
    with Platform.open(home) as mesh:
        frame = mesh.consume("orders", "t")
        return [
            frame.to_arrow().to_pylist(),
            any("not recorded" in warning for warning in frame.warnings),
            mesh.sql('SELECT count(*) AS n FROM "orders".t').to_arrow().to_pylist(),
            mesh.show("orders").name,
            [info.version for info in mesh.versions("orders")],
            [hit.name for hit in mesh.search("orders")],
            mesh.lineage("orders") is not None,
            mesh.verify_audit().ok,
            mesh.examine().damaged,
        ]


RIGHT = [[{"id": 1, "email": "a@x"}], True, [{"n": 1}], "orders", [1], ["orders"], True, True, ()]


def test_a_home_on_a_read_only_disk_is_read(mounted: Path) -> None:
    assert reads(mounted) == RIGHT


def test_what_is_still_in_the_log_is_read_too(home: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with Platform.open(home) as mesh:
        mesh.consume("orders", "t").to_arrow()
        copy = tmp_path / "copy"
        shutil.copytree(home, copy)
    (copy / "record.db-shm").unlink()
    assert (copy / "record.db-wal").stat().st_size
    shutil.rmtree(home)
    copy.rename(home)
    assert reads(request.getfixturevalue("mounted")) == RIGHT


@pytest.mark.parametrize(
    "writes",
    [
        lambda mesh, _: mesh.tick(),
        lambda mesh, _: mesh.collect(),
        lambda mesh, _: mesh.define_domain("sales"),
        lambda mesh, _: mesh.start_run("orders", "t"),
        lambda mesh, folder: DataProduct(folder, mesh).publish("t", [{"id": 2, "email": "b@x"}]),
    ],
)
def test_what_writes_says_that_the_disk_is_read_only(
    world: World, mounted: Path, writes: Callable[[Platform, Path], object]
) -> None:
    with Platform.open(mounted) as mesh, pytest.raises(Unavailable, match="read-only file system"):
        writes(mesh, world.root / "products" / "orders")


def test_it_is_warned_once(mounted: Path) -> None:
    with Platform.open(mounted) as mesh:
        assert len(mesh.consume("orders", "t").warnings) == 1
        assert mesh.consume("orders", "t").warnings == ()


def _as_somebody_else(home: Path, done: SimpleQueue[Any]) -> None:
    os.setgid(OTHER_USER)
    os.setuid(OTHER_USER)
    try:
        with Platform.open(home) as mesh:
            done.put([mesh.show("orders").name, mesh.consume("orders", "t").select("id").to_arrow().to_pylist()])
            mesh.define_domain("sales")
    except DataPlatformError as error:
        done.put((type(error).__name__, error.message))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else, whom modes bind")
def test_somebody_who_may_not_write_reads(home: Path) -> None:
    place = Path(os.path.realpath("/tmp")) / f"mesh-{os.getpid()}"
    shutil.copytree(home, place)
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    context = multiprocessing.get_context("fork")
    done: SimpleQueue[Any] = context.SimpleQueue()
    try:
        child = context.Process(target=_as_somebody_else, args=(place, done))
        child.start()
        child.join(60)
        assert child.exitcode == 0
        first = done.get()
        if isinstance(first, tuple):  # its keys are open to everybody, and are not used
            assert "key of" in first[1]
        else:
            assert first == ["orders", [{"id": 1}]]
    finally:
        shutil.rmtree(place)
