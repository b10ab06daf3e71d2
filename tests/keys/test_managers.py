"""The key managers of a home: a mesh moves from one to another by a rotation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys import managers
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.managers import KeyManagers, check_answer
from data_platform.keys.states import KeyState
from data_platform.settings import AwsKmsSettings, KeyManagerName, KeyManagerSettings, VaultSettings
from tests.keys.backends import MESH, REGION, create_kms_key, mock_aws_kms
from tests.keys.vault_server import TOKEN, VaultContract, serve_vault
from tests.meshes import NOON

KEYS = ["orders/t", "orders/t/email", "mask"]


@pytest.fixture
def contract(monkeypatch: pytest.MonkeyPatch) -> Iterator[VaultContract]:
    """A Vault with a token for it in the environment."""
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    with serve_vault() as served:
        yield served


def open_ring(folder: Path, settings: KeyManagerSettings) -> LocalKeyring:
    return LocalKeyring(folder, KeyManagers(settings, folder, lambda: MESH))


def list_masters(ring: LocalKeyring) -> set[tuple[str | None, int | None]]:
    return {(status.manager, status.master) for status in ring.describe(KEYS).values()}


def test_a_mesh_moves_between_key_managers_by_rotations(tmp_path: Path, contract: VaultContract) -> None:
    with mock_aws_kms():
        vault, aws_kms = VaultSettings(contract.address), AwsKmsSettings(create_kms_key(), REGION)
        ring = open_ring(tmp_path, KeyManagerSettings())
        ring.ensure(KEYS, NOON)
        keys = ring.fetch(KEYS)
        for manager in (KeyManagerName.VAULT, KeyManagerName.AWS_KMS, KeyManagerName.LOCAL):
            ring = open_ring(tmp_path, KeyManagerSettings(manager, vault, aws_kms))
            assert ring.fetch(KEYS) == keys
            assert ring.rotate(KEYS).keys == 3
            assert ring.fetch(KEYS) == keys
            assert {name for name, _ in list_masters(ring)} == {manager.value}
            assert bool(list(tmp_path.glob("master-*.key"))) == (manager is KeyManagerName.LOCAL)


def test_new_keys_are_wrapped_by_the_manager_of_the_settings(tmp_path: Path, contract: VaultContract) -> None:
    open_ring(tmp_path, KeyManagerSettings()).ensure(KEYS[:1], NOON)
    settings = KeyManagerSettings(KeyManagerName.VAULT, VaultSettings(contract.address))
    ring = open_ring(tmp_path, settings)
    assert ring.ensure(KEYS, NOON) == KEYS[1:]
    assert list_masters(ring) == {("local", 1), ("vault", 1)}
    assert len(ring.fetch(KEYS)) == 3


def test_the_table_of_the_manager_that_wrapped_a_key_must_stay(tmp_path: Path, contract: VaultContract) -> None:
    settings = KeyManagerSettings(KeyManagerName.VAULT, VaultSettings(contract.address))
    open_ring(tmp_path, settings).ensure(KEYS, NOON)
    ring = open_ring(tmp_path, KeyManagerSettings())
    with pytest.raises(NotFound, match="the settings do not declare it") as caught:
        ring.fetch(KEYS)
    assert "[keys.vault]" in str(caught.value.hint)
    assert {status.state for status in ring.describe(KEYS).values()} == {KeyState.MISSING}
    with pytest.raises(StorageFailed, match="does not open"):
        ring.rotate(KEYS)


def test_a_key_that_a_service_opened_is_used_for_a_minute(
    tmp_path: Path, contract: VaultContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = KeyManagerSettings(KeyManagerName.VAULT, VaultSettings(contract.address))
    ring = open_ring(tmp_path, settings)
    ring.ensure(KEYS, NOON)
    sent = len(contract.requests)
    assert ring.fetch(KEYS) == ring.fetch(KEYS)
    assert len(contract.requests) == sent + 3
    monkeypatch.setattr(managers, "REMEMBERED_SECONDS", -1.0)
    other = open_ring(tmp_path, settings)
    assert other.fetch(KEYS) == other.fetch(KEYS)
    assert len(contract.requests) == sent + 9


def test_states_are_listed_without_asking_the_service(tmp_path: Path, contract: VaultContract) -> None:
    settings = KeyManagerSettings(KeyManagerName.VAULT, VaultSettings(contract.address))
    open_ring(tmp_path, settings).ensure(KEYS, NOON)
    sent = len(contract.requests)
    assert list_masters(open_ring(tmp_path, settings)) == {("vault", 1)}
    assert len(contract.requests) == sent


def test_a_vault_that_lost_its_key_gets_no_new_one_in_its_place(tmp_path: Path, contract: VaultContract) -> None:
    settings = KeyManagerSettings(KeyManagerName.VAULT, VaultSettings(contract.address))
    open_ring(tmp_path, settings).ensure(KEYS[:2], NOON)
    contract.keys.clear()
    with pytest.raises(StorageFailed, match="no new one is made in its place"):
        open_ring(tmp_path, settings).ensure(KEYS, NOON)
    assert contract.keys == {}


def test_an_answer_is_checked_with_a_key_that_is_not_used(tmp_path: Path, contract: VaultContract) -> None:
    settings = KeyManagerSettings(KeyManagerName.VAULT, VaultSettings(contract.address))
    management = KeyManagers(settings, tmp_path, lambda: MESH)
    assert check_answer(management) is None
    management.rotate()
    assert check_answer(management) == 1
    contract.tokens.clear()
    with pytest.raises(StorageFailed, match="refuses"):
        check_answer(KeyManagers(settings, tmp_path, lambda: MESH))
