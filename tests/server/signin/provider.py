"""An OpenID provider in memory, whose answers a test can forge: the transport of an httpx.Client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from data_platform.server.signin.oidc.provider import OidcProvider
from data_platform.settings import OidcSettings

ISSUER = "https://id.example.org/realms/mesh"
CALLBACK = "https://mesh.example.org/signin/callback"
_KEYS = {name: RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("first", "second")}


@dataclass
class FakeProvider:
    """`claims` replace those of a token, `metadata` those of discovery; `requests` are the paths asked for."""

    key: str = "first"
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    now: float = 0.0

    def open(self, settings: OidcSettings | None = None) -> OidcProvider:
        client = httpx.Client(transport=httpx.MockTransport(self.answer))
        return OidcProvider(settings or OidcSettings(ISSUER, "mesh"), client, lambda: self.now)

    def approve(self, url: str) -> dict[str, str]:
        """What the provider sends to the callback when the person agrees."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"], "iss": ISSUER}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        key = _KEYS[self.key]
        return jwt.encode({"alg": "RS256", "kid": self.key, **header}, claims, key)

    def person(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        base = {
            "iss": ISSUER,
            "aud": "mesh",
            "sub": "u-1",
            "iat": now,
            "exp": now + 300,
            "email": "Ann@Example.org",
            "email_verified": True,
            "groups": ["sales-owners"],
        }
        return {name: value for name, value in {**base, **changes}.items() if value is not None}

    def service(self, **changes: Any) -> dict[str, Any]:
        return self.person(**{"email": None, "email_verified": None, "groups": None, "azp": "nightly", **changes})

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url.path)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(200, json={**self._discovery(), **self.metadata})
        if request.url.path.endswith("/keys"):
            return httpx.Response(200, json={"keys": [_KEYS[self.key].as_dict(private=False)]})
        return self._exchange({name: values[0] for name, values in parse_qs(request.content.decode()).items()})

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def _exchange(self, form: dict[str, str]) -> httpx.Response:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = _encode_bytes(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["code_challenge_method"] != "S256":
            return httpx.Response(400, json={"error": "invalid_grant"})
        claims = self.person(**{"nonce": asked["nonce"], **self.claims})
        return httpx.Response(200, json={"id_token": self.sign(claims, **self.header), "token_type": "Bearer"})


def sign_with_shared_secret(claims: dict[str, Any], secret: bytes) -> str:
    text = f"{encode({'alg': 'HS256', 'kid': 'first'})}.{encode(claims)}"
    return f"{text}.{_encode_bytes(hmac.digest(secret, text.encode(), 'sha256'))}"


def encode(part: dict[str, Any]) -> str:
    """A part of a JWT."""
    return _encode_bytes(json.dumps(part).encode())


def _encode_bytes(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def published_key(name: str) -> bytes:
    """The public key as PEM: what an attacker can sign with."""
    return _KEYS[name].as_pem(private=False)
