"""The contract of Vault's HTTP API, as far as it is used: a server that checks each request against the documentation.

Source: https://developer.hashicorp.com/vault/api-docs/secret/transit and …/auth/approle. It answers in the documented
shapes, and derives and encrypts as Transit does with a derived key of the type aes256-gcm96. It is no Vault.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN = "hvs.contract-token"
ROLE, SECRET = "role-of-the-mesh", "secret-of-the-mesh"
NAME = r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)"
DOCUMENTED: list[tuple[str, str, str, dict[str, type], set[str]]] = [
    ("GET", rf"transit/keys/{NAME}", "read", {}, set()),
    ("POST", rf"transit/keys/{NAME}", "create", {"type": str, "derived": bool}, set()),
    ("POST", rf"transit/keys/{NAME}/rotate", "rotate", {}, set()),
    (
        "POST",
        rf"transit/keys/{NAME}/config",
        "configure",
        {"min_decryption_version": int, "min_encryption_version": int},
        set(),
    ),
    ("POST", rf"transit/encrypt/{NAME}", "encrypt", {"plaintext": str, "context": str}, {"plaintext"}),
    ("POST", rf"transit/decrypt/{NAME}", "decrypt", {"ciphertext": str, "context": str}, {"ciphertext"}),
    ("POST", rf"transit/rewrap/{NAME}", "rewrap", {"ciphertext": str, "context": str}, {"ciphertext"}),
    ("POST", r"auth/approle/login", "login", {"role_id": str, "secret_id": str}, {"role_id", "secret_id"}),
]
"""Method, path, what it does, the fields of its body with their types, and those that are required."""


class BadRequest(Exception):
    """An answer of status 400, with Vault's text."""


@dataclass
class TransitKey:
    """A key of the engine."""

    derived: bool
    type: str
    versions: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])
    min_decryption: int = 1

    def open(self, ciphertext: str, context: bytes) -> bytes:
        match = re.fullmatch(r"vault:v([0-9]+):(.+)", ciphertext)
        if match is None:
            raise BadRequest("invalid ciphertext: no prefix")
        version = int(match[1])
        if version > len(self.versions):
            raise BadRequest("invalid ciphertext: version is too new")
        if version < self.min_decryption:
            raise BadRequest("ciphertext or signature version is disallowed by policy (too old)")
        try:
            content = base64.b64decode(match[2], validate=True)
            return AESGCM(self._derive(version, context)).decrypt(content[:12], content[12:], None)
        except InvalidTag:
            raise BadRequest("cipher: message authentication failed") from None
        except ValueError:
            raise BadRequest("invalid ciphertext: could not decode base64") from None

    def close(self, plaintext: bytes, context: bytes) -> str:
        nonce = secrets.token_bytes(12)
        content = nonce + AESGCM(self._derive(len(self.versions), context)).encrypt(nonce, plaintext, None)
        return f"vault:v{len(self.versions)}:{base64.b64encode(content).decode()}"

    def _derive(self, version: int, context: bytes) -> bytes:
        if self.derived and not context:
            raise BadRequest("missing 'context' for key derivation; the key was created using a derived key")
        return HKDF(SHA256(), 32, None, context).derive(self.versions[version - 1])


@dataclass
class VaultContract:
    """The state of the server; `violations` are requests that the documentation does not allow.

    `failures` are statuses that the next requests get; `ended` are tokens that are refused.
    """

    keys: dict[str, TransitKey] = field(default_factory=dict)
    namespace: str | None = None
    failures: list[int] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    requests: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    address: str = ""
    lock: Lock = field(default_factory=Lock)

    def answer(self, method: str, path: str, headers: Any, content: bytes) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.requests.append(f"{method} {path}")
            if self.failures:
                return self.failures.pop(0), {"errors": ["internal error"]}
            documented = self.find_documented(method, path)
            if documented is None:
                self.violations.append(f"{method} {path} is not documented")
                return 404, {"errors": []}
            name, action, fields, required = documented
            body = self.check_body(f"{method} {path}", headers, content, fields, required)
            if action != "login" and headers.get("X-Vault-Token") not in self.tokens:
                return 403, {"errors": ["permission denied"]}
            if headers.get("X-Vault-Namespace") != self.namespace:
                return 404, {"errors": ["no handler for route"]}
            try:
                return getattr(self, action)(name, body)
            except BadRequest as error:
                return 400, {"errors": [str(error)]}

    def find_documented(self, method: str, path: str) -> tuple[str, str, dict[str, type], set[str]] | None:
        for of_method, pattern, action, fields, required in DOCUMENTED:
            match = re.fullmatch(f"/v1/{pattern}", path)
            if match and of_method == method:
                return match.groupdict().get("name", ""), action, fields, required
        return None

    def check_body(
        self, request: str, headers: Any, content: bytes, fields: dict[str, type], required: set[str]
    ) -> dict[str, Any]:
        body = json.loads(content) if content else {}
        wrong = [name for name, value in body.items() if not isinstance(value, fields.get(name, type(None)))]
        if wrong or not required <= body.keys():
            self.violations.append(f"{request} has the fields {sorted(body)}")
        if headers.get("X-Vault-Request") != "true":
            self.violations.append(f"{request} has no X-Vault-Request")
        for name in {"plaintext", "context"} & body.keys():
            base64.b64decode(body[name], validate=True)
        return body

    def read(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if name not in self.keys:
            return 404, {"errors": []}
        key = self.keys[name]
        data = {
            "type": key.type,
            "deletion_allowed": False,
            "derived": key.derived,
            "exportable": False,
            "allow_plaintext_backup": False,
            "keys": {str(version + 1): 1442851412 for version in range(len(key.versions))},
            "min_decryption_version": key.min_decryption,
            "min_encryption_version": 0,
            "name": name,
            "supports_encryption": True,
            "supports_decryption": True,
            "supports_derivation": True,
            "supports_signing": False,
            "imported": False,
        }
        return 200, {"data": data}

    def create(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.keys.setdefault(name, TransitKey(body.get("derived", False), body.get("type", "aes256-gcm96")))
        return self.read(name, {})

    def rotate(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.require(name).versions.append(secrets.token_bytes(32))
        return self.read(name, {})

    def configure(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        key = self.require(name)
        if body["min_decryption_version"] > len(key.versions):
            raise BadRequest("cannot set min decryption version")
        key.min_decryption = body["min_decryption_version"]
        return 204, {}

    def encrypt(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        plaintext, context = (base64.b64decode(body.get(field, "")) for field in ("plaintext", "context"))
        return 200, {"data": {"ciphertext": self.require(name).close(plaintext, context)}}

    def decrypt(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        context = base64.b64decode(body.get("context", ""))
        opened = self.require(name).open(body["ciphertext"], context)
        return 200, {"data": {"plaintext": base64.b64encode(opened).decode()}}

    def rewrap(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        context = base64.b64decode(body.get("context", ""))
        key = self.require(name)
        return 200, {"data": {"ciphertext": key.close(key.open(body["ciphertext"], context), context)}}

    def login(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if (body["role_id"], body["secret_id"]) != (ROLE, SECRET):
            raise BadRequest("invalid role or secret ID")
        token = f"hvs.{secrets.token_hex(8)}"
        self.tokens.add(token)
        auth = {"renewable": True, "lease_duration": 1200, "token_policies": ["default"], "client_token": token}
        return 200, {"auth": auth, "warnings": None, "data": None}

    def require(self, name: str) -> TransitKey:
        if name not in self.keys:
            raise BadRequest("encryption key not found")
        return self.keys[name]


@contextmanager
def serve_vault() -> Iterator[VaultContract]:
    """The server on a free port of this machine; fails if a request was not a documented one."""
    contract = VaultContract()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = contract.answer(self.command, self.path, self.headers, content)
            body = json.dumps(document).encode() if status != 204 else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        contract.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield contract
        finally:
            server.shutdown()
            thread.join()
    assert contract.violations == []
