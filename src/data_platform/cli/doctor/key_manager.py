"""Checks that the key manager of the settings answers: it wraps a key that is not used, and opens it."""

from __future__ import annotations

from collections.abc import Iterator

from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.errors import DataPlatformError
from data_platform.keys.managers import check_answer
from data_platform.keys.opening import open_key_managers
from data_platform.settings import Home, KeyManagerName, Settings

_NAME = "key manager"


def check_key_manager(home: Home, settings: Settings) -> Iterator[Diagnosis]:
    """Checks the key service; local master keys are checked with the files of the keys."""
    if settings.keys.manager is KeyManagerName.LOCAL:
        return
    place = _describe_place(settings)
    try:
        version = check_answer(open_key_managers(home, settings))
    except DataPlatformError as error:
        yield Diagnosis(_NAME, State.FAILED, error.message, error.hint)
        return
    if version is None:
        yield Diagnosis(_NAME, State.WARNING, f"{place} does not exist yet", _suggest_creation(settings))
    else:
        yield Diagnosis(_NAME, State.OK, f"{place} wraps and opens keys, in version {version}")


def _describe_place(settings: Settings) -> str:
    if settings.keys.vault is not None and settings.keys.manager is KeyManagerName.VAULT:
        vault = settings.keys.vault
        return f"the key {vault.key} of {vault.mount} in Vault at {vault.address}"
    return f"the key {settings.keys.aws_kms.key if settings.keys.aws_kms else ''} of AWS KMS"


def _suggest_creation(settings: Settings) -> str:
    if settings.keys.manager is KeyManagerName.VAULT:
        return "data-platform keys rotate creates it"
    return "create a symmetric key, and name it in settings.toml: [keys.aws_kms] key"
