"""The key of masks: one for the mesh, which stays, and is never replaced without a word."""

from __future__ import annotations

import threading

import pytest

from data_platform import Platform
from data_platform.errors import StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.ring import LOST, MASK_KEY
from data_platform.keys.states import KeyState
from data_platform.settings import Home
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.encryption.mask_key import fetch_mask_key
from data_platform.verbs.core.mesh import Mesh
from tests.meshes import NOON, World


def test_the_first_call_makes_it_and_it_stays_over_rotations(world: World) -> None:
    assert world.platform.list_keys() == []
    key = fetch_mask_key(world.context)
    assert len(key) == 32
    assert world.platform.rotate_keys().keys == 1
    assert fetch_mask_key(world.context) == key
    (info,) = world.platform.list_keys()
    assert (info.name, info.product, info.state, info.made_at, info.master) == ("mask", None, KeyState.PRESENT, NOON, 2)
    assert key.hex() not in repr(info)
    assert world.platform.verify_audit().ok


def test_threads_get_the_same_key(world: World) -> None:
    context, keys = world.context, []
    threads = [threading.Thread(target=lambda: keys.append(fetch_mask_key(context))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_a_lost_key_is_not_replaced_until_its_loss_is_confirmed(world: World) -> None:
    key = fetch_mask_key(world.context)
    path = LocalKeyring(world.home / "keys")._build_path(MASK_KEY)
    path.unlink()
    with pytest.raises(StorageFailed, match=r"the key of masks, made at .*, is missing"):
        fetch_mask_key(world.context)
    assert [info.state for info in world.platform.list_keys()] == [KeyState.MISSING]
    (world.home / "keys" / LOST).touch()
    assert fetch_mask_key(world.context) != key


def test_a_key_that_others_may_read_is_not_used(world: World) -> None:
    fetch_mask_key(world.context)
    LocalKeyring(world.home / "keys")._build_path(MASK_KEY).chmod(0o640)
    with pytest.raises(StorageFailed, match="accessible to its group") as caught:
        fetch_mask_key(world.context)
    assert "chmod 600" in str(caught.value.hint)


def test_a_backup_without_keys_does_not_get_another_key(world: World) -> None:
    key = fetch_mask_key(world.context)
    world.platform.backup(world.root / "with", keys=True)
    world.platform.backup(world.root / "without", keys=False)
    for name in ("with", "without"):
        Platform.restore(world.root / name, world.root / f"again {name}")
    restored = Mesh.open(Home(world.root / "again with"))
    assert fetch_mask_key(Context(restored, Caller(world.context.principal))) == key
    restored.close()
    restored = Mesh.open(Home(world.root / "again without"))
    with pytest.raises(StorageFailed, match="is missing"):
        fetch_mask_key(Context(restored, Caller(world.context.principal)))
    restored.close()
