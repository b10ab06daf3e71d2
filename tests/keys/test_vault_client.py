"""The client of Vault: sign-in, what is repeated, and what a failing server is called."""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys import vault_client
from data_platform.keys.vault_transit import VaultTransit
from data_platform.settings import VaultSettings
from tests.keys.backends import MESH
from tests.keys.vault_server import ROLE, SECRET, TOKEN, TransitKey, VaultContract, serve_vault

KEY = bytes(range(32))


@pytest.fixture
def contract(monkeypatch: pytest.MonkeyPatch) -> Iterator[VaultContract]:
    """A server with the mesh's key, and a token for it in the environment; nobody waits between attempts."""
    for name in ("VAULT_ROLE_ID", "VAULT_SECRET_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    monkeypatch.setattr(vault_client, "_PAUSES", (0.0, 0.0))
    with serve_vault() as served:
        served.keys["mesh"] = TransitKey(derived=True, type="aes256-gcm96")
        yield served


def open_transit(contract: VaultContract, **settings: object) -> VaultTransit:
    return VaultTransit(VaultSettings(contract.address, "mesh", **settings), MESH)  # type: ignore[arg-type]


def use_approle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    monkeypatch.setenv("VAULT_ROLE_ID", ROLE)
    monkeypatch.setenv("VAULT_SECRET_ID", SECRET)


def test_an_approle_signs_in_once_and_again_when_its_token_has_ended(
    contract: VaultContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_approle(monkeypatch)
    transit = open_transit(contract)
    wrapped = transit.wrap(KEY, "orders/t")
    assert transit.unwrap(wrapped, "orders/t") == KEY
    assert contract.requests.count("POST /v1/auth/approle/login") == 1
    contract.tokens.clear()
    assert transit.unwrap(wrapped, "orders/t") == KEY
    assert contract.requests.count("POST /v1/auth/approle/login") == 2


def test_a_sign_in_that_vault_refuses_shows_no_secret(
    contract: VaultContract, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use_approle(monkeypatch)
    monkeypatch.setenv("VAULT_SECRET_ID", "wrong-secret")
    with caplog.at_level(logging.DEBUG), pytest.raises(StorageFailed, match="refuses the sign-in") as caught:
        open_transit(contract).find_version()
    for secret in ("wrong-secret", ROLE):
        assert secret not in str(caught.value) + caplog.text


def test_without_a_credential_nothing_is_sent(contract: VaultContract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    with pytest.raises(StorageFailed, match="there is no token") as caught:
        open_transit(contract).find_version()
    assert "VAULT_ROLE_ID" in str(caught.value.hint)
    assert contract.requests == []


@pytest.mark.parametrize("token", [TOKEN + "x", "line\nbreak", "café", "snow☃"])
def test_a_token_that_is_not_valid_is_shown_nowhere(
    contract: VaultContract, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", token)
    with caplog.at_level(logging.DEBUG), pytest.raises(StorageFailed) as caught:
        open_transit(contract).find_version()
    assert token not in str(caught.value) + caplog.text
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_that_cannot_answer_now_is_asked_three_times(contract: VaultContract, status: int) -> None:
    transit = open_transit(contract)
    contract.failures = [status, status]
    assert transit.find_version() == 1
    contract.failures = [status] * 3
    with pytest.raises(StorageFailed, match="cannot answer"):
        transit.find_version()
    assert contract.failures == []


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_is_not_repeated(contract: VaultContract, status: int) -> None:
    transit = open_transit(contract)
    wrapped = transit.wrap(KEY, "orders/t")
    sent = len(contract.requests)
    contract.failures = [status]
    with pytest.raises(StorageFailed):
        transit.unwrap(wrapped, "orders/t")
    assert len(contract.requests) == sent + 1


def test_a_namespace_goes_with_each_request(contract: VaultContract) -> None:
    contract.namespace = "sales/eu"
    transit = open_transit(contract, namespace="sales/eu")
    assert transit.unwrap(transit.wrap(KEY, "orders/t"), "orders/t") == KEY
    assert open_transit(contract).find_version() is None


@pytest.mark.parametrize(("derived", "kind"), [(False, "aes256-gcm96"), (True, "rsa-4096")])
def test_a_key_that_binds_no_context_is_not_used(contract: VaultContract, derived: bool, kind: str) -> None:
    contract.keys["mesh"] = TransitKey(derived=derived, type=kind)
    with pytest.raises(StorageFailed, match="it must be derived"):
        open_transit(contract).wrap(KEY, "orders/t")


def test_the_key_of_another_mesh_does_not_open(contract: VaultContract) -> None:
    wrapped = open_transit(contract).wrap(KEY, "orders/t")
    other = VaultTransit(VaultSettings(contract.address, "mesh"), "1" * 32)
    with pytest.raises(StorageFailed, match="damaged"):
        other.unwrap(wrapped, "orders/t")


def test_a_key_that_is_deleted_in_vault_is_missing_and_not_made_again_by_wrapping(contract: VaultContract) -> None:
    transit = open_transit(contract)
    wrapped = transit.wrap(KEY, "orders/t")
    contract.keys.clear()
    with pytest.raises(NotFound, match="has no key mesh"):
        transit.unwrap(wrapped, "orders/t")
    with pytest.raises(NotFound, match="has no key mesh"):
        transit.wrap(KEY, "orders/t")
    assert contract.keys == {}


def test_a_server_that_is_not_there_is_named(contract: VaultContract) -> None:
    settings = VaultSettings("http://127.0.0.1:9", "mesh")
    with pytest.raises(StorageFailed, match=r"http://127.0.0.1:9 cannot be reached") as caught:
        VaultTransit(settings, MESH).find_version()
    assert TOKEN not in str(caught.value)


class Strange(BaseHTTPRequestHandler):
    """Answers what Vault does not."""

    content, status, sent = b"<html>", 200, "text/html"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Location", "http://elsewhere.example/")
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        (200, b"<html>", "does not answer as Vault does"),
        (200, b"[1]", "does not answer as Vault does"),
        (200, b'{"data": [1]}', "does not answer as Vault does"),
        (200, b"[" * 100_000, "does not answer as Vault does"),
        (200, b'"' + b"x" * 1_000_001 + b'"', "does not answer as Vault does"),
        (307, b"", "leads to http://elsewhere.example/"),
    ],
)
def test_what_is_no_vault_is_refused(contract: VaultContract, status: int, content: bytes, said: str) -> None:
    handler = type("Handler", (Strange,), {"content": content, "status": status})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(StorageFailed, match=said):
            VaultTransit(VaultSettings(address, "mesh"), MESH).find_version()


def make_certificate(folder: Path) -> Path:
    path = folder / "vault.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, "-keyout", path, "-out", folder / "certificate.pem", *subject], check=True, timeout=30)
    path.write_text(path.read_text() + (folder / "certificate.pem").read_text())
    return path


def test_tls_is_verified_against_the_named_authority_alone(contract: VaultContract, tmp_path: Path) -> None:
    path = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    handler = type("Handler", (Strange,), {"content": b'{"errors": []}', "status": 404})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"https://127.0.0.1:{server.server_address[1]}"
        trusting = VaultSettings(address, "mesh", ca_file=str(tmp_path / "certificate.pem"))
        assert VaultTransit(trusting, MESH).find_version() is None
        with pytest.raises(StorageFailed, match="cannot be trusted") as caught:
            VaultTransit(VaultSettings(address, "mesh"), MESH).find_version()
        assert "ca_file" in str(caught.value.hint)
        with pytest.raises(StorageFailed, match="cannot be read"):
            VaultTransit(VaultSettings(address, "mesh", ca_file=str(tmp_path / "no.pem")), MESH).find_version()
        server.shutdown()
        thread.join()
