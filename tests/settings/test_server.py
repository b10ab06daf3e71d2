"""[server]: how the server is reached, and who signs people in; what is refused, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.settings import Home, OidcSettings, ServerSettings, Settings, init_home, load_settings

OIDC = """
[server]
public_url = "https://mesh.example.org/"
allowed_hosts = ["mesh.internal"]
trusted_proxies = ["10.0.0.0/8", "::1"]

[server.oidc]
issuer = "https://id.example.org/realms/mesh"
client_id = "data-platform"
client_secret = "${CLIENT_SECRET}"
scopes = ["openid", "email"]

[server.oidc.teams]
sales-owners = "sales"

[server.oidc.roles]
mesh-admins = "admin"

[server.oidc.services]
nightly = "etl"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path)


def load(home: Home, text: str) -> Settings:
    home.settings_file.write_text(text, encoding="utf-8")
    return load_settings(home)


def refuse(home: Home, text: str) -> str:
    with pytest.raises(InvalidSpec) as caught:
        load(home, text)
    return str(caught.value)


def test_without_the_table_there_is_no_sign_in_and_no_proxy_is_trusted(home: Home) -> None:
    assert load_settings(home).server == ServerSettings(None, (), (), None)


def test_all_settings_of_the_server_are_read(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "hunter2")
    settings = load(home, OIDC)
    oidc = settings.server.oidc
    assert settings.server.public_url == "https://mesh.example.org"
    assert settings.server.trusted_proxies == ("10.0.0.0/8", "::1")
    assert isinstance(oidc, OidcSettings)
    assert oidc.client_secret is not None
    assert oidc.client_secret.resolve() == "hunter2"
    assert (oidc.scopes, oidc.groups_claim) == (("openid", "email"), "groups")
    assert (dict(oidc.teams), dict(oidc.roles), dict(oidc.services)) == (
        {"sales-owners": "sales"},
        {"mesh-admins": "admin"},
        {"nightly": "etl"},
    )
    assert "hunter2" not in repr(settings)
    assert settings.redact("wrong secret hunter2") == "wrong secret ${CLIENT_SECRET}"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('public_url = "http://mesh.example.org"', "must begin with https://"),
        ('public_url = "https://mesh.example.org/mesh"', "must have no path"),
        ('allowed_hosts = ["mesh.example.org:443"]', "a host without a port"),
        ('allowed_hosts = "mesh.example.org"', "must be a list of hosts"),
        ('trusted_proxies = ["10.0.0.1/8"]', "an IP address or a network"),
        ("trusted_proxies = [10]", "an IP address or a network"),
        ('trusted_proxies = ["*"]', "an IP address or a network"),
    ],
)
def test_an_address_that_is_unsafe_or_malformed_is_refused_with_its_line(home: Home, line: str, complaint: str) -> None:
    message = refuse(home, f"[server]\n{line}\n")
    assert "settings.toml:2:" in message
    assert complaint in message


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('client_secret = "hunter2"', "a secret must be in an environment variable"),
        ('issuer = "http://id.example.org"', "must begin with https://"),
        ('default_role = "root"', "must be consumer, owner, governor or admin"),
        ('roles = { admins = "root" }', "admins: this must be consumer"),
        ('teams = { sales = "" }', "sales: this must not be empty"),
        ("hosts = [8321]", "8321: this must be a host"),
    ],
)
def test_a_provider_that_is_unsafe_or_malformed_is_refused_with_its_line(home: Home, line: str, complaint: str) -> None:
    message = refuse(home, f'[server.oidc]\n{line}\nclient_id = "mesh"\n')
    assert "settings.toml:2:" in message
    assert complaint in message
    assert "hunter2" not in message


def test_all_problems_are_reported_at_once(home: Home) -> None:
    message = refuse(home, '[server]\nport = 1\n[server.oidc]\nscopes = "openid"\n')
    assert "unknown setting 'server.port'" in message
    assert "needs issuer and client_id" in message
    assert "must be a list of texts" in message


def test_a_provider_on_this_machine_may_use_http(home: Home) -> None:
    settings = load(home, '[server.oidc]\nissuer = "http://127.0.0.1:8080/realms/mesh"\nclient_id = "mesh"\n')
    assert settings.server.oidc == OidcSettings("http://127.0.0.1:8080/realms/mesh", "mesh")
