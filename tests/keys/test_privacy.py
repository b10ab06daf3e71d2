"""Keys that others may read are not used, and lost ones are not replaced without a word."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from data_platform.errors import FrameError, StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from tests.meshes import NOON, World

PII = {"id": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"]}}
ROWS = [{"id": 1, "email": "a@x"}]


@pytest.fixture
def sealed(world: World) -> World:
    """A mesh with one sealed version."""
    world.product(columns=PII).publish("t", ROWS)
    return world


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o666, 0o601])
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    ring = LocalKeyring(tmp_path / "keys")
    ring.ensure(["p/o"], NOON)
    path = ring._build_path("p/o")
    path.chmod(mode)
    with pytest.raises(StorageFailed, match=f"mode {mode:o}") as caught:
        ring.fetch(["p/o"])
    assert "chmod 600" in str(caught.value.hint)
    path.chmod(0o600)
    assert len(ring.fetch(["p/o"])["p/o"]) == 32


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o720, 0o702, 0o777])
def test_keys_in_a_folder_that_others_may_list_or_change_are_not_used(tmp_path: Path, mode: int) -> None:
    ring = LocalKeyring(tmp_path / "keys")
    ring.ensure(["p/o"], NOON)
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(StorageFailed, match=f"the folder .*keys is accessible to .* \\(mode {mode:o}\\)") as caught:
        ring.fetch(["p/o"])
    assert f"chmod 700 {tmp_path / 'keys'}" in str(caught.value.hint)
    (tmp_path / "keys").chmod(0o700)
    assert len(ring.fetch(["p/o"])["p/o"]) == 32


@pytest.mark.parametrize("thing", ["pipe", "folder", "empty", "long"])
def test_what_is_no_key_is_told_at_once(tmp_path: Path, thing: str) -> None:
    ring = LocalKeyring(tmp_path / "keys")
    ring.ensure(["p/o"], NOON)
    path = ring._build_path("p/o")
    path.unlink()
    if thing == "pipe":
        os.mkfifo(path, 0o600)
    elif thing == "folder":
        path.mkdir(0o700)
    else:
        path.write_bytes(b"" if thing == "empty" else b"x" * 33)
        path.chmod(0o600)
    with pytest.raises(StorageFailed, match="key of p/o"):
        ring.fetch(["p/o"])


@pytest.mark.parametrize("lost", ["the folder", "its files", "the output's files"])
def test_a_lost_keyring_is_not_begun_anew_without_a_word(sealed: World, lost: str) -> None:
    product = sealed.product(columns=PII)
    if lost == "the output's files":
        sealed.product("stock", PII).publish("t", ROWS)
        others = set((sealed.home / "keys").iterdir())
        sealed.product("people", PII).publish("t", ROWS)
        for path in set((sealed.home / "keys").iterdir()) - others:
            path.unlink()
        product = sealed.product("people", PII)
    elif lost == "its files":
        for path in (sealed.home / "keys").iterdir():
            path.unlink()
    else:
        shutil.rmtree(sealed.home / "keys")
    with pytest.raises(StorageFailed, match=r"missing from .* no new ones are made") as caught:
        product.publish("t", ROWS)
    assert "LOST" in str(caught.value.hint)
    (sealed.home / "keys").mkdir(0o700, exist_ok=True)
    (sealed.home / "keys" / "LOST").touch()
    assert product.publish("t", ROWS).success


def test_another_output_finds_out_too_that_every_key_is_lost(sealed: World) -> None:
    shutil.rmtree(sealed.home / "keys")
    with pytest.raises(StorageFailed, match="every key of this mesh is missing"):
        sealed.product("stock", PII).publish("t", ROWS)


@pytest.mark.long
def test_a_key_that_was_removed_by_hand_is_not_replaced_until_its_column_is_erased(sealed: World) -> None:
    LocalKeyring(sealed.home / "keys")._build_path("orders/t/email").unlink()
    product = sealed.product(columns=PII)
    with pytest.raises(
        StorageFailed, match=r"encrypted email of orders\.t are missing .* no new ones are made"
    ) as caught:
        product.publish("t", ROWS)
    assert "data-platform keys erase orders.t.email" in str(caught.value.hint)
    with pytest.raises(FrameError, match=r"its key is missing from .*, and no erasure of it is recorded"):
        sealed.platform.consume("orders", "t").collect()
    sealed.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    assert product.publish("t", ROWS).version == 2
    assert sealed.platform.consume("orders", "t").count() == 1


def test_a_master_key_that_is_missing_stops_a_publish(sealed: World) -> None:
    (sealed.home / "keys" / "master-1.key").unlink()
    with pytest.raises(StorageFailed, match=r"missing from .*\(master key 1 is missing\): no new ones are made"):
        sealed.product(columns=PII).publish("t", ROWS)
    with pytest.raises(FrameError, match="no key to read the encrypted email: master key 1 is missing"):
        sealed.platform.consume("orders", "t").collect()
