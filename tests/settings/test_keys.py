"""The list of settings agrees with what reads them."""

from __future__ import annotations

import dataclasses
import tomllib

from data_platform.settings import (
    AwsKmsSettings,
    FilesSource,
    Limits,
    OidcSettings,
    PostgresSource,
    ServerSettings,
    VaultSettings,
)
from data_platform.settings.keys import AWS_KMS, LIMITS, SOURCE_TYPES, VAULT, Setting
from data_platform.settings.read_options import ReadOptions
from data_platform.settings.server_keys import OIDC, SERVER

PATH, *OPTIONS = SOURCE_TYPES["files"]
READERS = [
    (Limits, LIMITS),
    (ServerSettings, SERVER),
    (OidcSettings, OIDC),
    (VaultSettings, VAULT),
    (AwsKmsSettings, AWS_KMS),
    (PostgresSource, SOURCE_TYPES["postgres"]),
    (FilesSource, (PATH,)),
    (ReadOptions, OPTIONS),
]
NOT_SET_BY_HAND = {"name", "folder", "options", "oidc", "teams", "roles", "services"}


def default(setting: Setting) -> object:
    if setting.default == "none":
        return None
    value = tomllib.loads(f"value = {setting.default}")["value"]
    return tuple(value) if isinstance(value, list) else value


def test_every_setting_has_a_reader_and_the_default_that_is_documented() -> None:
    for reader, known in READERS:
        fields = {field.name: field for field in dataclasses.fields(reader) if field.name not in NOT_SET_BY_HAND}
        assert list(fields) == [setting.name for setting in known]
        for setting in known:
            expected = dataclasses.MISSING if setting.default is None else default(setting)
            assert fields[setting.name].default == expected


def test_every_documented_default_passes_its_own_check() -> None:
    for _, known in READERS:
        for setting in known:
            if setting.default not in (None, "none"):
                assert setting.check(tomllib.loads(f"value = {setting.default}")["value"]) is None
