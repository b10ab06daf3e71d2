"""AWS KMS by moto: states of keys, credentials, and what a refusal is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import boto3
import pytest

from data_platform.errors import MissingExtra, NotFound, StorageFailed
from data_platform.keys.aws_kms import AwsKms
from data_platform.settings import AwsKmsSettings
from tests.keys.backends import MESH, REGION, create_kms_key, mock_aws_kms

KEY = bytes(range(32))


@pytest.fixture
def arn() -> Iterator[str]:
    """A key of a mocked service."""
    with mock_aws_kms():
        yield create_kms_key()


def open_kms(arn: str, mesh: str = MESH) -> AwsKms:
    return AwsKms(AwsKmsSettings(arn, REGION), mesh)


@pytest.mark.long
@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_disabled_or_being_deleted_is_refused(arn: str, state: str) -> None:
    kms, client = open_kms(arn), boto3.client("kms", region_name=REGION)
    wrapped = kms.wrap(KEY, "orders/t")
    if state == "Disabled":
        client.disable_key(KeyId=arn.rpartition("/")[2])
    else:
        client.schedule_key_deletion(KeyId=arn.rpartition("/")[2], PendingWindowInDays=7)
    for act in (
        lambda: kms.wrap(KEY, "orders/t"),
        lambda: kms.unwrap(wrapped, "orders/t"),
        lambda: kms.rewrap(wrapped, "orders/t"),
        kms.rotate,
    ):
        with pytest.raises(StorageFailed, match=f"its state is {state}") as caught:
            act()
        assert "enable it again, or cancel its deletion" in str(caught.value.hint)


def test_the_key_of_another_mesh_does_not_open(arn: str) -> None:
    wrapped = open_kms(arn).wrap(KEY, "orders/t")
    with pytest.raises(StorageFailed, match="damaged"):
        open_kms(arn, "1" * 32).unwrap(wrapped, "orders/t")


@pytest.mark.long
def test_another_key_in_the_settings_opens_what_the_earlier_one_wrapped_and_wraps_it_again(arn: str) -> None:
    earlier, alias = open_kms(arn).wrap(KEY, "orders/t"), "alias/mesh"
    other = create_kms_key()
    boto3.client("kms", region_name=REGION).create_alias(AliasName=alias, TargetKeyId=other)
    kms = open_kms(alias)
    assert kms.unwrap(earlier, "orders/t") == KEY
    again = kms.rewrap(earlier, "orders/t")
    assert (earlier.master, again.master) == (f"aws_kms:{arn}", f"aws_kms:{other}")
    assert kms.unwrap(again, "orders/t") == KEY


def test_a_key_that_does_not_exist_is_not_created(arn: str) -> None:
    kms = open_kms("alias/nothing")
    assert kms.find_version() is None
    with pytest.raises(NotFound, match="has no key alias/nothing in eu-central-1"):
        kms.wrap(KEY, "orders/t")
    with pytest.raises(StorageFailed, match="has no key alias/nothing"):
        kms.rotate()


def test_a_key_for_signatures_is_refused(arn: str) -> None:
    client = boto3.client("kms", region_name=REGION)
    signing = client.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["Arn"]
    with pytest.raises(StorageFailed, match="its usage is SIGN_VERIFY"):
        open_kms(signing).wrap(KEY, "orders/t")


def test_an_endpoint_that_does_not_answer_is_named_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-example")
    settings = AwsKmsSettings("alias/mesh", REGION, "http://127.0.0.1:9", timeout_seconds=1)
    with pytest.raises(StorageFailed, match="does not answer DescribeKey: EndpointConnectionError") as caught:
        AwsKms(settings, MESH).find_version()
    assert "AKIAEXAMPLE" not in str(caught.value)
    assert "secret-example" not in str(caught.value)


def test_missing_credentials_and_a_missing_region_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(StorageFailed, match="finds no credentials"):
        AwsKms(AwsKmsSettings("alias/mesh", REGION), MESH).find_version()
    with pytest.raises(StorageFailed, match="no region is configured"):
        AwsKms(AwsKmsSettings("alias/mesh"), MESH).find_version()


def test_without_its_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(MissingExtra) as caught:
        AwsKms(AwsKmsSettings("alias/mesh", REGION), MESH).find_version()
    assert caught.value.extra == "aws"
