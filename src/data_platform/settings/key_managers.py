"""Which key manager wraps the keys of columns: master keys in the home, Vault's Transit engine, or AWS KMS.

No setting holds a secret. Vault's token or AppRole is taken from the environment, and AWS credentials from where the
AWS SDK looks for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_KEY_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_KMS_KEY = re.compile(r"(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:)?(key/|alias/)?[A-Za-z0-9/_-]{1,256}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


class KeyManagerName(StrEnum):
    """The key managers that settings can choose; keys that another one wraps open as long as it is declared."""

    LOCAL = "local"
    VAULT = "vault"
    AWS_KMS = "aws_kms"


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """A key of Vault's Transit engine: `address` of the server, `mount` of the engine, and the name of the `key`.

    `approle_mount` is where AppRole signs in, `namespace` that of Vault Enterprise, and `ca_file` a file of PEM
    certificates that alone are trusted. `timeout_seconds` limits each request.
    """

    address: str
    key: str = "data-platform"
    mount: str = "transit"
    namespace: str | None = None
    approle_mount: str = "approle"
    ca_file: str | None = None
    timeout_seconds: int = 10


@dataclass(frozen=True, slots=True)
class AwsKmsSettings:
    """A symmetric key of AWS KMS by its id, ARN or alias; `endpoint` replaces that of the `region`."""

    key: str
    region: str | None = None
    endpoint: str | None = None
    timeout_seconds: int = 10


@dataclass(frozen=True, slots=True)
class KeyManagerSettings:
    """The key manager that wraps keys, and how the others are reached."""

    manager: KeyManagerName = KeyManagerName.LOCAL
    vault: VaultSettings | None = None
    aws_kms: AwsKmsSettings | None = None


def check_vault_path(value: object) -> str | None:
    """Returns the problem of a mount or a namespace, or None."""
    if isinstance(value, str) and _PATH.fullmatch(value):
        return None
    return "this must be a path such as transit or team/transit, without a slash at its ends"


def check_vault_key(value: object) -> str | None:
    """Returns the problem of the name of a key of Transit, or None."""
    if isinstance(value, str) and _KEY_NAME.fullmatch(value):
        return None
    return "this must be the name of a key: letters, digits, _, . and -"


def check_kms_key(value: object) -> str | None:
    """Returns the problem of the name of a key of AWS KMS, or None."""
    if isinstance(value, str) and _KMS_KEY.fullmatch(value):
        return None
    return "this must be a key id, an ARN, or an alias such as alias/data-platform"


def check_region(value: object) -> str | None:
    """Returns the problem of an AWS region, or None."""
    return None if isinstance(value, str) and _REGION.fullmatch(value) else "this must be a region such as eu-central-1"
