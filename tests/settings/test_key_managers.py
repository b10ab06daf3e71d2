"""[keys] of settings.toml: which key manager wraps keys, and how a wrong table is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.settings import (
    AwsKmsSettings,
    Home,
    KeyManagerName,
    KeyManagerSettings,
    VaultSettings,
    init_home,
    load_settings,
)

WHOLE = """\
[keys]
manager = "vault"

[keys.vault]
address = "https://vault.example.org:8200"
key = "mesh-prod"
mount = "team/transit"
namespace = "sales/eu"
approle_mount = "roles"
ca_file = "vault.pem"
timeout_seconds = 5

[keys.aws_kms]
key = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
region = "eu-central-1"
endpoint = "https://vpce-1.kms.eu-central-1.vpce.amazonaws.com"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path)


def load(home: Home, text: str) -> KeyManagerSettings:
    home.settings_file.write_text(text)
    return load_settings(home).keys


def test_a_key_manager_is_chosen_and_another_one_may_stay_declared(home: Home) -> None:
    keys = load(home, WHOLE)
    assert keys.manager is KeyManagerName.VAULT
    certificates = str(home.path / "vault.pem")
    address = "https://vault.example.org:8200"
    assert keys.vault == VaultSettings(address, "mesh-prod", "team/transit", "sales/eu", "roles", certificates, 5)
    assert keys.aws_kms is not None
    assert keys.aws_kms.region == "eu-central-1"


def test_without_the_table_keys_are_wrapped_locally(home: Home) -> None:
    assert load(home, "") == KeyManagerSettings(KeyManagerName.LOCAL)
    aws_kms = '[keys]\nmanager = "aws_kms"\n[keys.aws_kms]\nkey = "alias/mesh"\n'
    assert load(home, aws_kms).aws_kms == AwsKmsSettings("alias/mesh")


def test_all_problems_are_reported_with_their_lines(home: Home) -> None:
    text = """\
[keys]
manager = "vault"
token = "hvs.secret"

[keys.vault]
address = "http://vault.example.org"
mount = "/transit/"
key = "a b"
secret_id = "hvs.secret"

[keys.aws_kms]
region = "Frankfurt"
endpoint = "https://key:hvs.secret@kms"
"""
    with pytest.raises(InvalidSpec) as caught:
        load(home, text)
    said = str(caught.value)
    lines = {problem.line for problem in caught.value.problems}
    assert lines == {3, 6, 7, 8, 9, 11, 12, 13}
    assert "hvs.secret" not in said
    assert "settings.toml:6:1: address: this must begin with https://; http:// is for this machine only" in said
    assert "[keys.aws_kms] needs key" in said


@pytest.mark.parametrize("manager", ["vault", "aws_kms"])
def test_a_key_manager_needs_its_table(home: Home, manager: str) -> None:
    with pytest.raises(InvalidSpec, match=rf':2:1: manager = "{manager}" needs the table \[keys.{manager}\]'):
        load(home, f'[keys]\nmanager = "{manager}"\n')


def test_an_unknown_key_manager_is_refused(home: Home) -> None:
    with pytest.raises(InvalidSpec, match=r"manager: this must be local, vault or aws_kms"):
        load(home, '[keys]\nmanager = "gcp"\n')
