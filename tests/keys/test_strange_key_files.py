"""Key files that were moved, copied, linked or edited: no erasure and no rotation takes them for what they are not."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from data_platform.errors import StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.ring import column_key_id, footer_key_id
from data_platform.keys.states import Erasure, KeyState
from tests.meshes import NOON

BY_ANA = Erasure(NOON, "ana")
KEYS = [footer_key_id("orders", "t"), column_key_id("orders", "t", "email")]


def test_a_key_that_was_missing_when_it_was_erased_is_erased_when_it_is_put_back(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    path = ring._build_path(KEYS[1])
    content = path.read_bytes()
    path.unlink()
    ring.erase(KEYS[1], None, BY_ANA)
    path.write_bytes(content)
    path.chmod(0o600)
    ring.erase(KEYS[1], None, BY_ANA)
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.ERASED


@pytest.mark.parametrize("exchanged", [True, False])
def test_files_that_were_moved_or_copied_are_not_taken_for_erased(tmp_path: Path, exchanged: bool) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    keys, uid = ring.fetch(KEYS), ring.describe(KEYS)[KEYS[1]].uid
    footer, email = map(ring._build_path, KEYS)
    own = footer.read_bytes(), email.read_bytes()
    if exchanged:
        footer.write_bytes(own[1])
        email.write_bytes(own[0])
    else:
        (tmp_path / "copy.key").write_bytes(own[1])
    with pytest.raises(StorageFailed, match="the key of orders/t/email is not erased"):
        ring.erase(KEYS[1], None if exchanged else uid, BY_ANA)
    footer.write_bytes(own[0])
    email.write_bytes(own[1])
    (tmp_path / "copy.key").unlink(missing_ok=True)
    assert ring.fetch(KEYS) == keys
    ring.erase(KEYS[1], None if exchanged else uid, BY_ANA)
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.ERASED


def test_a_key_of_another_id_is_not_erased_in_its_place(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    footer, email = map(ring._build_path, KEYS)
    content = footer.read_bytes()
    footer.replace(email)
    with pytest.raises(StorageFailed, match="the key of orders/t/email is the key of orders/t"):
        ring.erase(KEYS[1], None, BY_ANA)
    assert email.read_bytes() == content


@pytest.mark.parametrize("name", ["master-1.key", "email"])
def test_what_lies_behind_a_symlink_is_not_taken_for_removed(tmp_path: Path, name: str) -> None:
    ring = LocalKeyring(tmp_path / "keys")
    ring.ensure(KEYS, NOON)
    uid = ring.describe(KEYS)[KEYS[1]].uid
    path = ring._build_path(KEYS[1]) if name == "email" else tmp_path / "keys" / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert len(ring.fetch(KEYS)) == 2
    with pytest.raises(StorageFailed, match=r"is a symlink to .*elsewhere, where its key would remain"):
        ring.rotate(KEYS)
    if name == "email":
        with pytest.raises(StorageFailed, match="is a symlink to"):
            ring.erase(KEYS[1], uid, BY_ANA)
    assert len(ring.fetch(KEYS)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"uid": "\ud800"},
        {"uid": "another"},
        {"uid": None},
        {"key": "\ud800"},
        {"key": 5},
        {"made_at": "2026-11-23T12:00:00"},
        {"erasures": [{"at": "2026-11-23T12:00:00", "by": "ana"}]},
    ],
)
def test_a_file_that_was_edited_is_damaged(tmp_path: Path, change: dict[str, object]) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    path = ring._build_path(KEYS[1])
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert "is damaged" in (ring.describe(KEYS)[KEYS[1]].problem or "")
    with pytest.raises(StorageFailed, match="is damaged"):
        ring.rotate(KEYS)
    ring.erase(KEYS[1], None, BY_ANA)
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.ERASED


def test_a_folder_that_cannot_be_listed_is_a_problem_of_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)

    def refuse(folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert ring.describe(KEYS)[KEYS[1]].problem == f"cannot list {tmp_path}: Permission denied"
    with pytest.raises(StorageFailed, match="cannot list"):
        ring.ensure(["orders/t/phone"], NOON)


def test_a_rotation_without_a_master_key_names_what_it_wraps(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    (tmp_path / "master-1.key").unlink()
    with pytest.raises(StorageFailed, match=r"the key of orders/t(/email)? does not open: master key 1 is missing"):
        ring.rotate(KEYS)
