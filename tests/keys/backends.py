"""The key managements that the behaviour suite runs over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import boto3
import pytest
from moto import mock_aws

from data_platform.keys.aws_kms import AwsKms
from data_platform.keys.local_masters import LocalMasterKeys
from data_platform.keys.management import KeyManagement
from data_platform.keys.vault_transit import VaultTransit
from data_platform.settings import AwsKmsSettings, VaultSettings
from tests.keys.managements import EphemeralManagement
from tests.keys.vault_server import TOKEN, serve_vault

MESH = "0" * 32
REGION = "eu-central-1"


@dataclass(frozen=True)
class Backend:
    """`make` returns a key management whose master key has no version, or, if `is_created_outside`, the first.

    `ends_versions`: whether it refuses versions that were retired.
    """

    make: Callable[[], KeyManagement]
    is_created_outside: bool = False
    ends_versions: bool = True

    def make_rotated(self) -> KeyManagement:
        """A key management whose master key has two versions."""
        management = self.make()
        if not self.is_created_outside:
            management.rotate()
        assert management.rotate() == 2
        return management


@contextmanager
def open_local() -> Iterator[Backend]:
    with TemporaryDirectory() as root:
        yield Backend(lambda: LocalMasterKeys(Path(mkdtemp(dir=root))))


@contextmanager
def open_ephemeral() -> Iterator[Backend]:
    yield Backend(EphemeralManagement)


@contextmanager
def open_vault() -> Iterator[Backend]:
    numbers = iter(range(1_000_000))
    with pytest.MonkeyPatch.context() as patch, serve_vault() as contract:
        patch.setenv("VAULT_TOKEN", TOKEN)
        yield Backend(lambda: VaultTransit(VaultSettings(contract.address, f"mesh-{next(numbers)}"), MESH))


@contextmanager
def open_aws_kms() -> Iterator[Backend]:
    with mock_aws_kms():
        yield Backend(lambda: AwsKms(AwsKmsSettings(create_kms_key(), REGION), MESH), True, ends_versions=False)


@contextmanager
def mock_aws_kms() -> Iterator[None]:
    """AWS KMS by moto, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret-example")
        patch.delenv("AWS_PROFILE", raising=False)
        with mock_aws():
            yield


def create_kms_key() -> str:
    key: str = boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"]
    return key


BACKENDS = {"local": open_local, "ephemeral": open_ephemeral, "vault": open_vault, "aws_kms": open_aws_kms}
