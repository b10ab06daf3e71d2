"""Which token a client sends, and where it is kept."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from data_platform.client.address import parse_address
from data_platform.client.credentials import BearerToken, find_token
from data_platform.client.logins import find_login, locate_file, remove_login, store_login
from data_platform.client.transport import HttpTransport, connect
from data_platform.errors import BadInput, StorageFailed

MESH = parse_address("https://mesh.example.com")
OTHER = parse_address("https://other.example.com")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def test_a_token_never_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    token = BearerToken.parse("dp_secret\n", "the token")
    transport = connect("https://mesh.example.com", "dp_secret")
    assert token.text == "dp_secret"
    for shown in (repr(token), repr(transport), repr(transport._server), str(vars(transport._server)["_token"])):
        assert "secret" not in shown


@pytest.mark.parametrize("text", ["", " ", "a b", "a\nb", "ä", "a\x00", "x" * 5000, 5])
def test_what_no_header_can_hold_is_no_token(text: str) -> None:
    with pytest.raises(BadInput) as failure:
        BearerToken.parse(text, "DATA_PLATFORM_TOKEN")
    assert "a b" not in str(failure.value)
    assert failure.value.hint is not None


def test_a_token_is_not_sent_to_another_machine_without_tls() -> None:
    with pytest.raises(BadInput, match="unencrypted to mesh"):
        connect("http://mesh.example.com", "dp_secret")
    assert isinstance(connect("http://127.0.0.1:1", "dp_secret"), HttpTransport)
    assert isinstance(connect("http://mesh.example.com"), HttpTransport)


def test_the_argument_comes_before_the_variable_and_that_before_the_login(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(given: str | None = None, address=MESH) -> str | None:  # type: ignore[no-untyped-def]
        token = find_token(address, given)
        return token and token.text

    assert found() is None
    store_login(MESH, "stored")
    assert found() == "stored"
    monkeypatch.setenv("DATA_PLATFORM_TOKEN", "variable")
    assert found() == "variable"
    assert found("given") == "given"


def test_the_variable_is_for_the_server_that_the_url_names(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_URL", str(MESH))
    monkeypatch.setenv("DATA_PLATFORM_TOKEN", "variable")
    assert find_token(OTHER) is None
    assert find_token(MESH) is not None


def test_a_stored_login_is_in_a_file_that_only_its_user_can_read(config: Path) -> None:
    store_login(OTHER, "b")
    place = store_login(MESH, "a")
    file = locate_file()
    assert str(file) in place
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert find_login(MESH) == "a"
    assert remove_login(MESH)
    assert not remove_login(MESH)
    assert (find_login(MESH), find_login(OTHER)) == (None, "b")


def test_a_file_that_others_can_read_is_not_used(config: Path) -> None:
    store_login(MESH, "a")
    locate_file().chmod(0o640)
    with pytest.raises(StorageFailed, match="other users can read it"):
        find_login(MESH)


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"a": 1}), "\xff"])
def test_a_damaged_file_says_so(config: Path, content: str) -> None:
    store_login(MESH, "a")
    locate_file().write_text(content, encoding="latin-1")
    with pytest.raises(StorageFailed, match="damaged"):
        find_login(MESH)


def test_a_keyring_is_used_where_there_is_one(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    module = ModuleType("keyring")
    module.get_keyring = lambda: SimpleNamespace(priority=5, name="Test")  # type: ignore[attr-defined]
    module.get_password = lambda service, name: kept.get((service, name))  # type: ignore[attr-defined]
    module.set_password = lambda service, name, token: kept.update({(service, name): token})  # type: ignore[attr-defined]
    module.delete_password = lambda service, name: kept.pop((service, name))  # type: ignore[attr-defined]
    module.errors = SimpleNamespace(KeyringError=RuntimeError)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setattr("data_platform.client.logins.find_spec", lambda name: True)
    assert store_login(MESH, "a") == "the keyring (Test)"
    assert kept == {("data-platform", str(MESH)): "a"}
    assert find_login(MESH) == "a"
    assert not locate_file().exists()
    assert remove_login(MESH)
    assert kept == {}
