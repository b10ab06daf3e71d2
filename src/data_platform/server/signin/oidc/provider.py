"""The OpenID provider: its metadata, its keys, and the exchange of a code for tokens.

Requests go to the hosts that the settings name and nowhere else, follow no redirect, and read at most 1 MiB.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from data_platform.errors import NotAuthenticated, Unavailable
from data_platform.settings import OidcSettings

ALGORITHMS = frozenset(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
)
"""Signatures with a private key of the provider. `none` and shared secrets are never accepted."""
LARGEST = 1 << 20
LIFETIME = 3600.0
"""Seconds after which metadata and keys are fetched again."""
ROTATION = 60.0
"""Seconds for which a key that the provider does not publish is not asked for again."""
TIMEOUT = 10.0
PAUSE = 5.0
"""Seconds for which a provider that has failed is not asked again."""
T = TypeVar("T")
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What the provider publishes about itself (OpenID Connect Discovery, section 3).

    `names_issuer`: its answers to the browser have the parameter `iss` (RFC 9207).
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: frozenset[str]
    secret_in_body: bool
    names_issuer: bool


@dataclass(slots=True)
class _Fetched(Generic[T]):
    """A value of the provider, and when it was fetched."""

    value: T
    at: float


@dataclass(slots=True)
class OidcProvider:
    """The provider of the settings; threads share it. Metadata and keys are fetched when they are first needed."""

    settings: OidcSettings
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=TIMEOUT), repr=False)
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _metadata: _Fetched[ProviderMetadata] | None = None
    _keys: _Fetched[KeySet] | None = None
    _failure: _Fetched[Unavailable] | None = None

    def load_metadata(self) -> ProviderMetadata:
        """Returns the provider's metadata. Raises Unavailable if it does not answer, or contradicts the settings."""
        with self._lock:
            if self._metadata is None or self._age(self._metadata) > LIFETIME:
                self._metadata = self._fetch(self._fetch_metadata)
            return self._metadata.value

    def find_keys(self, key_id: str | None) -> KeySet:
        """Returns the keys that sign tokens. They are fetched again for an unknown id, at most once a minute."""
        uri = self.load_metadata().jwks_uri
        with self._lock:
            keys = self._keys
            if keys is None or self._age(keys) > LIFETIME or (self._lacks(keys, key_id) and self._age(keys) > ROTATION):
                keys = self._keys = self._fetch(lambda: self._fetch_keys(uri))
            return keys.value

    def exchange_code(self, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        """Returns the provider's tokens for a code (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

        Raises NotAuthenticated if it refuses the code, Unavailable if it does not answer or refuses the client.
        """
        metadata = self.load_metadata()
        body = prepare_token_request("authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier)
        uri, headers, body = self._client_auth(metadata).prepare("POST", metadata.token_endpoint, dict(FORM), body)
        status, answer = self._request("POST", uri, headers, body)
        if status == 200:
            return answer
        if answer.get("error") == "invalid_grant":
            raise NotAuthenticated("the code of this sign-in was used before, or has expired", hint="sign in again")
        hint = "compare client_id and client_secret of [server.oidc] with the provider's client"
        raise self._unavailable(f"refused the exchange of a code: {status} {_shorten(answer.get('error'))}", hint)

    def _fetch(self, fetch: Callable[[], T]) -> _Fetched[T]:
        """What the provider answers. After a failure it is not asked for some seconds, so that callers do not queue."""
        if self._failure is not None and self._age(self._failure) < PAUSE:
            raise Unavailable(self._failure.value.message, hint=self._failure.value.hint)
        try:
            return _Fetched(fetch(), self.clock())
        except Unavailable as error:
            self._failure = _Fetched(error, self.clock())
            raise

    def _client_auth(self, metadata: ProviderMetadata) -> ClientAuth:
        secret = self.settings.client_secret
        if secret is None:
            return ClientAuth(self.settings.client_id, None, "none")
        method = "client_secret_post" if metadata.secret_in_body else "client_secret_basic"
        return ClientAuth(self.settings.client_id, secret.resolve(), method)

    def _fetch_metadata(self) -> ProviderMetadata:
        issuer = self.settings.issuer
        answer = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if answer.get("issuer") != issuer:
            raise self._unavailable(f"says that its issuer is {_shorten(answer.get('issuer'))}")
        algorithms = answer.get("id_token_signing_alg_values_supported")
        methods = answer.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return ProviderMetadata(
            self._require_endpoint(answer, "authorization_endpoint"),
            self._require_endpoint(answer, "token_endpoint"),
            self._require_endpoint(answer, "jwks_uri"),
            ALGORITHMS.intersection(algorithms if isinstance(algorithms, list) else ["RS256"]),
            "client_secret_basic" not in methods,
            answer.get("authorization_response_iss_parameter_supported") is True,
        )

    def _require_endpoint(self, answer: Mapping[str, Any], name: str) -> str:
        """An endpoint of the issuer's own origin, or over https on a host of the settings."""
        url = answer.get(name)
        issuer = urlsplit(self.settings.issuer)
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
            own = (parts.scheme, parts.netloc) == (issuer.scheme, issuer.netloc)
            named = parts.scheme == "https" and parts.netloc in self.settings.hosts
        except ValueError:
            own = named = False
        if not own and not named:
            hint = "[server.oidc] hosts lists the hosts of endpoints beside the issuer's own"
            raise self._unavailable(f"has its {name} elsewhere: {_shorten(url)}", hint)
        return str(url)

    def _fetch_keys(self, uri: str) -> KeySet:
        listed = self._get(uri).get("keys")
        return KeySet([key for item in listed if (key := _import_key(item))] if isinstance(listed, list) else [])

    def _get(self, url: str) -> Mapping[str, Any]:
        status, answer = self._request("GET", url, {"Accept": "application/json"}, None)
        if status != 200:
            raise self._unavailable(f"answers {status} to {url}")
        return answer

    def _request(self, method: str, url: str, headers: dict[str, str], body: str | None) -> tuple[int, dict[str, Any]]:
        try:
            with self.client.stream(method, url, headers=headers, content=body, follow_redirects=False) as response:
                content = b""
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST:
                        raise self._unavailable(f"answers more than {LARGEST} bytes")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unavailable(f"does not answer: {type(error).__name__}") from error
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise self._unavailable(f"answers {response.status_code} without JSON to {url}")
        return response.status_code, answer

    def _unavailable(self, problem: str, hint: str | None = None) -> Unavailable:
        return Unavailable(f"the OpenID provider {self.settings.issuer} {problem}", hint=hint)

    def _age(self, fetched: _Fetched[Any]) -> float:
        return self.clock() - fetched.at

    @staticmethod
    def _lacks(keys: _Fetched[KeySet], key_id: str | None) -> bool:
        return key_id is not None and all(key.kid != key_id for key in keys.value)


def _import_key(item: object) -> Key | None:
    """A public key that signs, or None: providers also publish keys of other kinds."""
    if not isinstance(item, dict) or item.get("use", "sig") != "sig" or item.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    try:
        return JWKRegistry.import_key(item)
    except (JoseError, ValueError, TypeError):
        return None


def _shorten(value: object) -> str:
    return ascii(value)[:200]
