"""AWS KMS by local-kms, another mock than moto: over HTTP, with refusals of its own, without rotation on demand."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from data_platform.errors import StorageFailed
from data_platform.keys.aws_kms import AwsKms
from data_platform.settings import AwsKmsSettings
from tests.keys.backends import MESH, REGION

PROGRAM = Path(__file__).parents[2] / "build" / "local-kms" / "local-kms"
KEY = bytes(range(32))

pytestmark = pytest.mark.engines


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service on a free port; a rotation that it does not have counts as none."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-example")
    monkeypatch.setattr(AwsKms, "find_version", lambda kms: 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"PORT": str(port), "REGION": REGION, "ACCOUNT_ID": "111122223333", "DATA_PATH": str(tmp_path)}
    with subprocess.Popen([PROGRAM], env=os.environ | settings, stdout=subprocess.DEVNULL) as process:
        try:
            await_answer(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def open_client(endpoint: str) -> Any:
    return boto3.client("kms", region_name=REGION, endpoint_url=endpoint)


def await_answer(endpoint: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            open_client(endpoint).list_keys()
            return
        except EndpointConnectionError:
            assert time.monotonic() < until
            time.sleep(0.1)


def test_keys_are_wrapped_opened_and_wrapped_again(endpoint: str) -> None:
    client = open_client(endpoint)
    first, second = (client.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    kms = AwsKms(AwsKmsSettings(first, REGION, endpoint), MESH)
    wrapped = kms.wrap(KEY, "orders/t")
    assert kms.unwrap(wrapped, "orders/t") == KEY
    moved = AwsKms(AwsKmsSettings(second, REGION, endpoint), MESH).rewrap(wrapped, "orders/t")
    assert moved.master == f"aws_kms:{second}"
    assert kms.unwrap(moved, "orders/t") == KEY
    for context, mesh in (("orders/u", MESH), ("orders/t", "1" * 32)):
        other = AwsKms(AwsKmsSettings(first, REGION, endpoint), mesh)
        with pytest.raises(StorageFailed, match="damaged, or it is the key of something else"):
            other.unwrap(wrapped, context)
    for act, state in ((client.disable_key, "Disabled"), (client.schedule_key_deletion, "PendingDeletion")):
        act(KeyId=first)
        with pytest.raises(StorageFailed, match=f"its state is {state}"):
            kms.unwrap(wrapped, "orders/t")
        with pytest.raises(ClientError):
            client.encrypt(KeyId=first, Plaintext=b"x")
