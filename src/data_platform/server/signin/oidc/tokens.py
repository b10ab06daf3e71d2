"""Verification of the provider's tokens: the ID token of a person, and the access tokens of services.

The provider's clock may differ by a minute.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from data_platform.errors import NotAuthenticated
from data_platform.server.signin.oidc.provider import ALGORITHMS, OidcProvider

SKEW = 60
"""Seconds by which the clocks may differ."""
_OF_A_PERSON = ("auth_time", "nonce", "at_hash", "sid", "email")
"""Claims of tokens that a person's sign-in made."""


def verify_id_token(provider: OidcProvider, tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
    """Returns the claims of the ID token in an answer of the token endpoint (OpenID Connect Core, section 3.1.3.7).

    Raises NotAuthenticated unless its signature, issuer, audience, times and nonce are right.
    """
    settings = provider.settings
    with _refusing("the ID token"):
        token = _verify_signature(provider, tokens.get("id_token"), provider.load_metadata().algorithms)
        expected = {
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        }
        params = {"nonce": nonce, "client_id": settings.client_id, "access_token": tokens.get("access_token")}
        CodeIDToken(token.claims, token.header, expected, params).validate(leeway=SKEW)
    return token.claims


def verify_access_token(provider: OidcProvider, text: str) -> str:
    """Returns the name of the service that an access token belongs to (RFC 9068, section 4).

    Raises NotAuthenticated unless signature, issuer, audience and times are right, and the client is a service of the
    settings that acts for itself.
    """
    settings = provider.settings
    with _refusing("the access token"):
        token = _verify_signature(provider, text, ALGORITHMS)
        JWTClaimsRegistry(
            None,
            SKEW,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience or settings.client_id},
            exp={"essential": True},
            sub={"essential": True},
        ).validate(token.claims)
    client = token.claims.get("azp", token.claims.get("client_id"))
    if any(claim in token.claims for claim in _OF_A_PERSON):
        raise NotAuthenticated("the access token is that of a person", hint="sign in, or use a token of data-platform")
    if not isinstance(client, str) or client not in settings.services:
        hint = "[server.oidc.services] maps client ids to service principals"
        raise NotAuthenticated(
            f"the access token belongs to no service: its client is {ascii(client)[:200]}", hint=hint
        )
    return settings.services[client]


def is_access_token(text: str) -> bool:
    """Whether a bearer token has the form of a signed JWT."""
    return text.count(".") == 2


def _verify_signature(provider: OidcProvider, text: object, algorithms: frozenset[str]) -> jwt.Token:
    if not isinstance(text, str):
        raise ValueError("missing")
    keys = provider.find_keys(_read_key_id(text))
    return jwt.decode(text, keys, registry=JWSRegistry(algorithms=list(algorithms), strict_check_header=False))


def _read_key_id(text: str) -> str | None:
    header = text.partition(".")[0]
    content = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    key_id = content.get("kid") if isinstance(content, dict) else None
    return key_id if isinstance(key_id, str) else None


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turns what the libraries raise about a token into a refusal."""
    try:
        yield
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        reason = error.description if isinstance(error, JoseError) and error.description else type(error).__name__
        raise NotAuthenticated(f"{what} is not valid: {reason}"[:300], hint="sign in again") from error
