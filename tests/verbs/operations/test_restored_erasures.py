"""What was erased stays erased: after an older record, and after an older backup with keys."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_platform import DataProduct, FrameError, Platform
from data_platform.errors import BadInput
from data_platform.keys.erasure_list import FILE, read_erasures
from data_platform.keys.states import KeyState
from tests.meshes import World

PEOPLE = {"id": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"]}}
ROWS = [{"id": 1, "email": "a@x"}, {"id": 2, "email": "b@x"}]
NAME = "orders.t.email"


@pytest.fixture
def filled(world: World) -> Iterator[World]:
    """Two versions with personal data, a backup with keys, and then a third version and the erasure of all of them."""
    product = world.product(columns=PEOPLE)
    product.publish("t", ROWS)
    product.publish("t", ROWS)
    world.platform.backup(world.root / "backups" / "before", keys=True)
    product.publish("t", ROWS)
    world.become("ana@x").erase_key("orders", "t", "email", confirm=NAME)
    yield world


def require_erased(platform: Platform, *versions: int) -> None:
    for version in versions:
        with pytest.raises(FrameError, match=r"the data is erased since 2026-11-23 12:00 UTC by ana@x"):
            platform.consume("orders", "t", version=version).to_arrow()
    assert [key.state for key in platform.list_keys() if key.column] == [KeyState.ERASED]


def test_the_home_lists_each_erasure(filled: World) -> None:
    (entry,) = read_erasures(filled.home)
    assert (entry.key_id, entry.version, entry.by) == ("orders/t/email", 3, "ana@x")
    filled.product(columns=PEOPLE).publish("t", ROWS)
    assert read_erasures(filled.home) == (entry,)


def test_an_older_record_and_older_keys_in_the_home_revive_nothing(filled: World) -> None:
    home, backup = filled.home, filled.root / "backups" / "before"
    filled.mesh.close()
    for suffix in ("-wal", "-shm"):
        (home / f"record.db{suffix}").unlink(missing_ok=True)
    shutil.copy(backup / "record.db", home / "record.db")
    shutil.rmtree(home / "keys")
    shutil.copytree(backup / "keys", home / "keys")
    with Platform.open(home) as platform:
        require_erased(platform, 1, 2)
        product = DataProduct(filled.root / "products" / "orders", platform)
        assert product.publish("t", ROWS).version == 3
        assert len(platform.consume("orders", "t").collect()) == 2
        with pytest.raises(FrameError, match="the data is erased since"):
            platform.consume("orders", "t", version=2).to_arrow()


@pytest.mark.parametrize("source", ["the home moved aside", "a newer backup", "a named home", "a named backup"])
def test_an_older_backup_with_keys_does_not_bring_erased_data_back(filled: World, source: str) -> None:
    home, backups = filled.home, filled.root / "backups"
    if source.endswith("backup"):
        filled.platform.backup(backups / "after" if source == "a newer backup" else filled.root / "far" / "after")
    filled.mesh.close()
    place, named = filled.root / "new" / "home", []
    if source == "the home moved aside":
        place = home
        home.rename(home.with_name("lost"))
    elif source == "a named home":
        named = [home]
    elif source == "a named backup":
        named = [filled.root / "far" / "after"]
    done = Platform.restore(backups / "before", place, erasures=named)
    assert (done.keys, done.erased, done.erasure_lists > 0) == (True, 1, True)
    with Platform.open(place) as platform:
        require_erased(platform, 1, 2)
        (entry,) = platform.audit_log(act="restore")
        assert entry.details["erased"] == 1
        assert not any(path.read_bytes().count(b'"wrapped"') for path in [_find_key_file(place)])
        product = DataProduct(filled.root / "products" / "orders", platform)
        assert product.publish("t", ROWS).version == 3
        assert len(platform.consume("orders", "t").collect()) == 2
        assert platform.verify_audit().ok


def _find_key_file(home: Path) -> Path:
    return next(path for path in (home / "keys").glob("*.key") if b'"erasures"' in path.read_bytes())


def test_on_a_fresh_machine_only_what_travels_with_backups_is_erased_again(filled: World) -> None:
    fresh = filled.root / "fresh"
    shutil.copytree(filled.root / "backups" / "before", fresh / "before")
    alone = Platform.restore(fresh / "before", filled.root / "machine" / "home")
    assert (alone.erased, alone.erasure_lists) == (0, 0)
    filled.platform.backup(fresh / "after")
    assert (fresh / "after" / FILE).is_file()
    assert Platform.restore(fresh / "before", filled.root / "machine" / "home2").erased == 1


def test_an_erasure_of_another_mesh_is_not_applied(filled: World, tmp_path: Path) -> None:
    with Platform.open(tmp_path / "other" / "home", make=True):
        pass
    with pytest.raises(BadInput, match="is no home or backup of the mesh"):
        Platform.restore(
            filled.root / "backups" / "before", tmp_path / "new" / "home", erasures=[tmp_path / "other" / "home"]
        )
    assert not os.path.lexists(tmp_path / "new" / "home")


def test_a_backup_has_keys_only_on_request_and_is_private_then(filled: World, tmp_path: Path) -> None:
    assert not filled.platform.backup(tmp_path / "without").keys
    assert not (tmp_path / "without" / "keys").exists()
    backup = filled.root / "backups" / "before"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in backup.rglob("*") if path.is_file()} == {0o600}
