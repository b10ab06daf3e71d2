"""The list of keys, and the rotation of the master key."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import pytest

from data_platform import FrameError, Platform
from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.states import KeyState
from data_platform.tables.archive import copy_file
from data_platform.verbs.operations import backup
from tests.meshes import NOON, World

PEOPLE = {"id": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"]}}
ROWS = [{"id": 1, "email": "a@x"}, {"id": 2, "email": "b@x"}]


def read_keys(world: World) -> dict[str, bytes]:
    return world.mesh.keyring.fetch(["orders/t", "orders/t/email"])


def write_raw_keys(world: World) -> None:
    """Makes the keys those of an earlier release."""
    ring = LocalKeyring(world.home / "keys")
    for key_id, key in read_keys(world).items():
        ring._build_path(key_id).write_bytes(key)
    (world.home / "keys" / "master-1.key").unlink()


def test_keys_are_listed_with_what_they_encrypt(world: World) -> None:
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    product.publish("t", ROWS[:1])
    world.product("stock").publish("t", [{"id": 1}])
    footer, email = world.platform.list_keys()
    assert (footer.name, footer.state, footer.versions) == ("orders.t", KeyState.PRESENT, 2)
    assert (email.name, email.state, email.versions, email.rows) == ("orders.t.email", KeyState.PRESENT, 2, 3)
    assert (email.made_at, email.master, email.erased_at) == (NOON, 1, None)
    assert world.platform.list_keys("orders", "t", "email") == [email]
    assert world.platform.list_keys("orders.t") == [footer, email]
    assert world.platform.list_keys("stock") == []
    with pytest.raises(NotFound):
        world.platform.list_keys("orders", "u")


def test_an_erased_key_and_a_missing_one_are_told_apart(world: World) -> None:
    for name in ("orders", "stock"):
        world.product(name, columns=PEOPLE).publish("t", ROWS)
    world.become("ana@x").erase_key("orders", "t", "email", confirm="orders.t.email")
    LocalKeyring(world.home / "keys")._build_path("stock/t/email").unlink()
    (erased,) = world.platform.list_keys("orders", "t", "email")
    (missing,) = world.platform.list_keys("stock", "t", "email")
    assert (erased.state, erased.erased_at, erased.erased_by) == (KeyState.ERASED, NOON, "ana@x")
    assert (missing.state, missing.erased_at, missing.versions) == (KeyState.MISSING, None, 1)
    world.product(columns=PEOPLE).publish("t", ROWS)
    (again,) = world.platform.list_keys("orders", "t", "email")
    assert (again.state, again.erased_by, again.versions, again.rows) == (KeyState.PRESENT, "ana@x", 1, 2)


def test_a_key_that_is_lost_after_an_erasure_is_missing(world: World) -> None:
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    path = LocalKeyring(world.home / "keys")._build_path("orders/t/email")
    path.unlink()
    world.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    product.publish("t", ROWS)
    path.unlink()
    assert [key.state for key in world.platform.list_keys(column="email", product="orders")] == ["missing"]
    with pytest.raises(FrameError, match="no erasure of it is recorded"):
        world.platform.consume("orders", "t").collect()
    with pytest.raises(FrameError, match="the data is erased since"):
        world.platform.consume("orders", "t", version=1).collect()


def test_a_rotation_rewrites_no_data_and_is_audited(world: World) -> None:
    world.become("ana@x")
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    files = {path: path.stat().st_mtime_ns for path in world.files()}
    keys = read_keys(world)
    frame = world.platform.consume("orders", "t")
    assert world.platform.rotate_keys().version == 2
    assert read_keys(world) == keys
    assert {path: path.stat().st_mtime_ns for path in world.files()} == files
    assert len(frame.collect()) == 2
    assert product.publish("t", ROWS).version == 2
    assert [key.master for key in world.platform.list_keys()] == [2, 2]
    entries = [entry for entry in world.platform.audit_log(act="key") if entry.subject == "mesh:keys"]
    assert [entry.details["did"] for entry in entries] == ["rotate", "begin to rotate"]
    assert entries[0].details == {"did": "rotate", "master": 2, "keys": 2}


def test_keys_of_an_earlier_release_work_and_are_wrapped_by_a_rotation(world: World) -> None:
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    write_raw_keys(world)
    keys = read_keys(world)
    product.publish("t", ROWS)
    assert [key.master for key in world.platform.list_keys()] == [None, None]
    assert len(world.platform.consume("orders", "t", version=1).collect()) == 2
    assert (world.platform.rotate_keys().keys, read_keys(world)) == (2, keys)
    assert [key.master for key in world.platform.list_keys()] == [1, 1]
    assert not any(key in path.read_bytes() for path in (world.home / "keys").iterdir() for key in keys.values())


def test_a_raw_key_can_be_erased(world: World) -> None:
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    write_raw_keys(world)
    world.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    product.publish("t", ROWS)
    assert len(world.platform.consume("orders", "t").collect()) == 2
    assert [key.state for key in world.platform.list_keys()] == ["present", "present"]


def test_a_key_that_does_not_open_stops_a_rotation_before_it_begins(world: World) -> None:
    world.product(columns=PEOPLE).publish("t", ROWS)
    path = LocalKeyring(world.home / "keys")._build_path("orders/t/email")
    path.write_bytes(secrets.token_bytes(100))
    before = {path.name: path.read_bytes() for path in (world.home / "keys").glob("*.key")}
    with pytest.raises(StorageFailed, match="is damaged"):
        world.platform.rotate_keys()
    assert {path.name: path.read_bytes() for path in (world.home / "keys").glob("*.key")} == before


def test_a_rotated_mesh_is_backed_up_and_restored_with_its_master_key(world: World) -> None:
    world.product(columns=PEOPLE).publish("t", ROWS)
    world.platform.rotate_keys()
    world.platform.backup(world.root / "backup", keys=True)
    Platform.restore(world.root / "backup", world.root / "again")
    with Platform.open(world.root / "again") as platform:
        assert len(platform.consume("orders", "t").collect()) == 2


@pytest.mark.long
def test_a_backup_beside_a_rotation_has_the_master_key_of_its_keys(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.product(columns=PEOPLE).publish("t", ROWS)
    rotation = threading.Thread(target=world.platform.rotate_keys)

    def copy_slowly(source: Path, target: Path, **options: bool) -> object:
        if source.parent.name == "keys" and rotation.ident is None:
            done = copy_file(source, target, **options)
            rotation.start()
            rotation.join(1)
            return done
        return copy_file(source, target, **options)

    monkeypatch.setattr(backup, "copy_file", copy_slowly)
    world.platform.backup(world.root / "backup", keys=True)
    rotation.join(60)
    Platform.restore(world.root / "backup", world.root / "again")
    with Platform.open(world.root / "again") as platform:
        assert len(platform.consume("orders", "t").collect()) == 2
    assert len(world.platform.consume("orders", "t").collect()) == 2
    assert {key.master for key in world.platform.list_keys()} == {2}


@pytest.mark.parametrize("acts", ["PEP", "PPEEP", "EPPEPE", "PEPEPPEP"])
def test_a_version_is_readable_until_an_erasure_after_it(world: World, acts: str) -> None:
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    readable = [True]
    for act in acts:
        if act == "P":
            product.publish("t", ROWS)
            readable.append(True)
        else:
            world.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
            readable = [False] * len(readable)
        world.platform.rotate_keys()
    for version, is_readable in enumerate(readable, 1):
        frame = world.platform.consume("orders", "t", version=version)
        if is_readable:
            assert len(frame.collect()) == 2
        else:
            with pytest.raises(FrameError, match="the data is erased since"):
                frame.collect()
    infos = world.platform.versions("orders", "t")
    erased = {info.version: info.schema[1].erased_at is not None for info in infos}
    assert erased == {version: not is_readable for version, is_readable in enumerate(readable, 1)}
