"""AWS KMS as key manager: a symmetric key of the service wraps keys, and never leaves it.

The encryption context names the mesh and the id of the key, so that the wrapped key of one column does not open as that
of another. Credentials come from where the AWS SDK looks for them. A rotation is one on demand, of the key's material;
KMS keeps earlier material, and opens with it what it encrypted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import Any

from data_platform.errors import MissingExtra, NotFound, StorageFailed
from data_platform.keys.management import WrappedKey, make_damaged_error
from data_platform.settings.key_managers import AwsKmsSettings, KeyManagerName

_ATTEMPTS = 3
_USABLE = "Enabled"
_UNOPENABLE = frozenset(["InvalidCiphertextException", "IncorrectKeyException", "InvalidKeyUsageException"])
_REFUSED = frozenset(["AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException"])


class AwsKms:
    """A key of AWS KMS. Threads may share it; nothing is sent before the first call."""

    def __init__(self, settings: AwsKmsSettings, mesh: str) -> None:
        self._settings = settings
        self._mesh = mesh

    def __repr__(self) -> str:
        return f"AwsKms({self._settings.key!r})"

    def find_version(self) -> int | None:
        """Returns one more than the number of the key's rotations; None if there is no such key."""
        try:
            arn = self._require_key(self._settings.key)
        except NotFound:
            return None
        with self._convert_errors("ListKeyRotations"):
            pages = self._client.get_paginator("list_key_rotations").paginate(KeyId=arn)
            return 1 + sum(len(page["Rotations"]) for page in pages)

    def can_unwrap(self, wrapped: WrappedKey) -> bool:
        """Whether a key of AWS KMS wrapped it."""
        return wrapped.master.startswith(f"{KeyManagerName.AWS_KMS}:")

    def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Encrypts a key."""
        version = self.find_version()
        if version is None:
            raise self._make_missing_error(self._settings.key)
        with self._convert_errors("Encrypt"):
            answer = self._client.encrypt(
                KeyId=self._settings.key, Plaintext=key, EncryptionContext=self._make_context(context)
            )
        return _make_wrapped(answer, version)

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Decrypts a key with the one that encrypted it, also one that the settings do not name any more."""
        arn = self._require_key(_get_arn(wrapped))
        blob = _decode(wrapped.text, context)
        with self._convert_errors("Decrypt", context):
            answer = self._client.decrypt(CiphertextBlob=blob, KeyId=arn, EncryptionContext=self._make_context(context))
        key: bytes = answer["Plaintext"]
        return key

    def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        """Encrypts a key again inside the service, with the key of the settings."""
        version = self.find_version()
        if version is None:
            raise self._make_missing_error(self._settings.key)
        arn = self._require_key(_get_arn(wrapped))
        names = self._make_context(context)
        with self._convert_errors("ReEncrypt", context):
            answer = self._client.re_encrypt(
                CiphertextBlob=_decode(wrapped.text, context),
                SourceKeyId=arn,
                SourceEncryptionContext=names,
                DestinationKeyId=self._settings.key,
                DestinationEncryptionContext=names,
            )
        return _make_wrapped(answer, version)

    def rotate(self) -> int:
        """Rotates the key's material. Raises StorageFailed for a key that does not exist: an admin creates it."""
        version = self.find_version()
        if version is None:
            error = self._make_missing_error(self._settings.key)
            raise StorageFailed(error.message, hint=error.hint)
        with self._convert_errors("RotateKeyOnDemand"):
            self._client.rotate_key_on_demand(KeyId=self._require_key(self._settings.key))
        return self.find_version() or version + 1

    def retire(self, version: int) -> None:
        """Does nothing: KMS keeps earlier material as long as the key exists."""

    def _make_context(self, context: str) -> Mapping[str, str]:
        return {"data-platform:mesh": self._mesh, "data-platform:key": context}

    def _require_key(self, name: str) -> str:
        """The ARN of a key that may be used; raises NotFound, and StorageFailed if it is disabled or being deleted."""
        with self._convert_errors("DescribeKey", name=name):
            metadata = self._client.describe_key(KeyId=name)["KeyMetadata"]
        state, arn = str(metadata["KeyState"]), str(metadata["Arn"])
        if state != _USABLE:
            raise StorageFailed(
                f"the key {arn} of AWS KMS is not used: its state is {state}",
                hint="enable it again, or cancel its deletion: without it, what it encrypted cannot be read",
            )
        if metadata.get("KeyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
            raise StorageFailed(f"the key {arn} of AWS KMS does not encrypt: its usage is {metadata['KeyUsage']}")
        return arn

    def _make_missing_error(self, name: str) -> NotFound:
        return NotFound(
            f"AWS KMS has no key {name}" + (f" in {self._settings.region}" if self._settings.region else ""),
            hint="create a symmetric key, and name it in settings.toml: [keys.aws_kms] key",
        )

    @cached_property
    def _client(self) -> Any:
        config = _load("botocore.config").Config(
            connect_timeout=self._settings.timeout_seconds,
            read_timeout=self._settings.timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        )
        with self._convert_errors("Configure"):
            return (
                _load("boto3")
                .session.Session()
                .client("kms", region_name=self._settings.region, endpoint_url=self._settings.endpoint, config=config)
            )

    @contextmanager
    def _convert_errors(self, action: str, context: str | None = None, *, name: str | None = None) -> Iterator[None]:
        """Converts the library's errors; their texts are left out, as they may quote what was sent."""
        problems = _load("botocore.exceptions")
        try:
            yield
        except problems.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "no code"))
            raise self._explain_refusal(code, action, context, name or self._settings.key) from None
        except problems.NoRegionError:
            raise StorageFailed(
                "AWS KMS cannot be asked: no region is configured",
                hint="set it in settings.toml: [keys.aws_kms] region",
            ) from None
        except (problems.NoCredentialsError, problems.PartialCredentialsError, problems.CredentialRetrievalError):
            raise StorageFailed(
                "AWS KMS cannot be asked: the AWS SDK finds no credentials",
                hint="give this process a role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ) from None
        except problems.BotoCoreError as error:
            raise StorageFailed(
                f"AWS KMS does not answer {action}: {type(error).__name__}",
                hint="check the network, and region and endpoint of [keys.aws_kms] in settings.toml",
            ) from None

    def _explain_refusal(self, code: str, action: str, context: str | None, name: str) -> StorageFailed | NotFound:
        if code == "NotFoundException":
            return self._make_missing_error(name)
        if code in _UNOPENABLE and context is not None:
            return make_damaged_error(context)
        if code in _REFUSED:
            return StorageFailed(
                f"AWS KMS refuses {action} with the key {name}: {code}",
                hint=f"allow kms:{action} on that key to the role of this process, or give it valid credentials",
            )
        return StorageFailed(f"AWS KMS refuses {action} with the key {name}: {code}", hint="try again later")


def _load(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MissingExtra("boto3", "aws") from None


def _make_wrapped(answer: Mapping[str, Any], version: int) -> WrappedKey:
    text = base64.b64encode(answer["CiphertextBlob"]).decode()
    return WrappedKey(f"{KeyManagerName.AWS_KMS}:{answer['KeyId']}", version, text)


def _get_arn(wrapped: WrappedKey) -> str:
    return wrapped.master.partition(":")[2]


def _decode(text: str, context: str) -> bytes:
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise make_damaged_error(context) from None
    if not blob:
        raise make_damaged_error(context)
    return blob
