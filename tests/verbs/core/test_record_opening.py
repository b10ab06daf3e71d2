"""The record that belongs to a home is opened, and no other one is begun in its place."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from data_platform.errors import RecordFailed, StorageFailed
from data_platform.record.db import mesh_id
from data_platform.record.db.files_schema import MESH
from data_platform.record.store import Record
from data_platform.settings import Home
from data_platform.settings.mesh_id import read_mesh_id
from data_platform.verbs.core.mesh import Mesh
from tests.meshes import IDS, ROWS, World

PII = IDS | {"email": {"type": "string", "tags": ["pii"]}}


@pytest.fixture
def home(world: World) -> Home:
    """The home of a mesh that has published, closed."""
    world.product(columns=PII).publish("t", [{"id": 1, "email": "a@x"}])
    world.mesh.record.close()
    return world.mesh.home


def content(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}


def id_in_record(home: Home) -> str | None:
    with Record.open(f"sqlite:///{home.record_file}") as record, record.reading() as conn:
        return mesh_id.find(conn)


def test_a_home_and_its_record_carry_one_identity_from_the_first_moment(world: World) -> None:
    assert read_mesh_id(world.mesh.home) == id_in_record(world.mesh.home)
    assert len(str(read_mesh_id(world.mesh.home))) == 32


def removed(record: Path) -> None:
    record.unlink()


def emptied(record: Path) -> None:
    os.truncate(record, 0)


def without_tables(record: Path) -> None:
    record.unlink()
    with closing(Record.open(f"sqlite:///{record}")) as empty, empty.transaction() as tx:
        for (name,) in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
            tx.execute(text(f"DROP TABLE IF EXISTS {name}"))


@pytest.mark.parametrize("with_identity", [True, False], ids=["marked", "of an older release"])
@pytest.mark.parametrize("harm", [removed, emptied, without_tables])
def test_a_lost_record_is_never_begun_anew(home: Home, harm: Callable[[Path], None], with_identity: bool) -> None:
    harm(home.record_file)
    if not with_identity:
        (home.path / "mesh.id").unlink()
    before = content(home)
    with pytest.raises(RecordFailed, match="lost or empty") as caught:
        Mesh.open(home)
    assert "restore" in str(caught.value.hint)
    after = content(home)
    for path in (home.path / name for name in ("record.db-wal", "record.db-shm")):
        before.pop(path, None), after.pop(path, None)
    assert after == before


@pytest.mark.parametrize("left", ["keys", "tables"])
def test_what_is_left_of_a_mesh_is_enough_to_refuse(home: Home, left: str) -> None:
    home.record_file.unlink()
    (home.path / "mesh.id").unlink()
    shutil.rmtree(home.path / ({"keys", "tables"} - {left}).pop())
    with pytest.raises(RecordFailed, match="lost or empty"):
        Mesh.open(home)


def test_lost_settings_that_named_the_record_begin_no_other_one(home: Home) -> None:
    elsewhere = home.path / "elsewhere.db"
    home.record_file.rename(elsewhere)
    home.settings_file.write_text(f'[record]\nurl = "sqlite:///{elsewhere}"\n')
    Mesh.open(home).close()
    home.settings_file.unlink()
    with pytest.raises(RecordFailed, match="lost or empty") as caught:
        Mesh.open(home)
    assert "[record] url" in str(caught.value.hint)
    assert not home.record_file.exists()


def test_the_record_of_another_mesh_is_refused(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Mesh.open(Home(other)).close()
    shutil.copy(other / "record.db", home.record_file)
    with pytest.raises(RecordFailed, match="is not that of the home") as caught:
        Mesh.open(home)
    assert "mesh.id" in str(caught.value.hint)


@pytest.mark.parametrize("lost", ["in the home", "in the record", "in both"])
def test_an_identity_that_is_missing_is_made_up_for_where_record_and_tables_agree(home: Home, lost: str) -> None:
    known = read_mesh_id(home)
    if lost != "in the record":
        (home.path / "mesh.id").unlink()
    if lost != "in the home":
        with Record.open(f"sqlite:///{home.record_file}") as record, record.transaction() as tx:
            tx.execute(delete(MESH))
    Mesh.open(home).close()
    assert read_mesh_id(home) == id_in_record(home)
    assert (read_mesh_id(home) == known) == (lost != "in both")


def test_an_old_record_is_not_tied_to_tables_that_are_not_its_own(home: Home, tmp_path: Path) -> None:
    other = World(tmp_path / "b", Mesh.open(_made(tmp_path / "b" / "home")), lambda: None)  # type: ignore[arg-type]
    other.product("stock", columns=IDS).publish("t", ROWS)
    other.mesh.close()
    for each in (home, other.mesh.home):
        (each.path / "mesh.id").unlink()
        with Record.open(f"sqlite:///{each.record_file}") as record, record.transaction() as tx:
            tx.execute(delete(MESH))
    shutil.copy(other.mesh.home.record_file, home.record_file)
    with pytest.raises(RecordFailed, match="has the files of none"):
        Mesh.open(home)
    assert read_mesh_id(home) is None


def _made(folder: Path) -> Home:
    folder.mkdir(parents=True)
    return Home(folder)


@pytest.mark.parametrize("text", ["", "x", "0" * 31, "\0" * 33])
def test_a_damaged_identity_is_told(home: Home, text: str) -> None:
    (home.path / "mesh.id").write_text(text)
    with pytest.raises(StorageFailed, match=r"identity .* is damaged"):
        Mesh.open(home)


@pytest.mark.parametrize("file", ["mesh.id", "settings.toml", "record.db"])
@pytest.mark.parametrize("thing", ["a pipe", "a folder"])
def test_something_else_in_the_place_of_a_file_is_told_at_once(home: Home, file: str, thing: str) -> None:
    place = home.path / file
    place.unlink(missing_ok=True)
    if thing == "a pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    raised: list[BaseException] = []

    def opens() -> None:
        try:
            Mesh.open(home)
        except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
            raised.append(error)

    thread = threading.Thread(target=opens, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert type(raised[0]).__module__ == "data_platform.errors"


def test_homes_opened_at_once_agree(tmp_path: Path) -> None:
    home = _made(tmp_path / "home")
    raised: list[BaseException] = []

    def opens() -> None:
        try:
            Mesh.open(home).close()
        except BaseException as error:  # noqa: BLE001  whatever it is, the test looks at it
            raised.append(error)

    threads = [threading.Thread(target=opens) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not raised
    assert read_mesh_id(home) == id_in_record(home)
