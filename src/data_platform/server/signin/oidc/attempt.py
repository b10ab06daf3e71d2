"""One attempt to sign in: what the browser keeps between its request to the provider and the provider's answer.

The browser keeps one secret in a cookie. State, nonce and code verifier are derived from it, so that the server stores
nothing before it knows who asks, and every process of the server can finish what another one began.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from data_platform.errors import BadInput, NotAuthenticated
from data_platform.server.signin.oidc.provider import OidcProvider

ATTEMPT_SECONDS = 600
"""How long the browser keeps an attempt."""
_COOKIE = re.compile(r"([A-Za-z0-9_-]{43})\.([A-Za-z0-9_.~%-]{1,6000})")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """An attempt to sign in; `next` is the path of this server to which the browser goes afterwards."""

    secret: str
    next: str

    @classmethod
    def begin(cls, next: str) -> SignInAttempt:
        """Begins an attempt. Raises BadInput if `next` leads elsewhere."""
        return cls(secrets.token_urlsafe(32), check_next(next))

    @classmethod
    def of_cookie(cls, text: str | None) -> SignInAttempt:
        """Returns the attempt of a browser. Raises NotAuthenticated if it keeps none."""
        match = _COOKIE.fullmatch(text or "")
        if match is None:
            raise NotAuthenticated(
                "this browser has not begun to sign in, or did so too long ago", hint="sign in again"
            )
        return cls(match[1], check_next(unquote(match[2])))

    @property
    def cookie(self) -> str:
        """The text that the browser keeps."""
        return f"{self.secret}.{quote(self.next, safe='')}"

    @property
    def state(self) -> str:
        """Ties the provider's answer to this browser (RFC 6749, section 10.12)."""
        return self._derive("state")

    @property
    def nonce(self) -> str:
        """Ties the ID token to this attempt (OpenID Connect Core, section 3.1.2.1)."""
        return self._derive("nonce")

    @property
    def verifier(self) -> str:
        """The code verifier (RFC 7636, section 4.1)."""
        return self._derive("verifier")

    def make_authorization_url(self, provider: OidcProvider, redirect_uri: str) -> str:
        """Returns the URL at the provider to which the browser goes."""
        url: str = prepare_grant_uri(
            provider.load_metadata().authorization_endpoint,
            provider.settings.client_id,
            "code",
            redirect_uri,
            " ".join(provider.settings.scopes),
            self.state,
            nonce=self.nonce,
            code_challenge=create_s256_code_challenge(self.verifier),
            code_challenge_method="S256",
        )
        return url

    def read_code(self, provider: OidcProvider, answer: Mapping[str, str]) -> str:
        """Returns the code in the provider's answer, the query of the callback.

        Raises NotAuthenticated for the answer to another attempt or of another provider, and for a refusal.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            raise NotAuthenticated("the answer belongs to another attempt to sign in", hint="sign in again")
        issuer = answer.get("iss")
        if issuer != provider.settings.issuer and (issuer or provider.load_metadata().names_issuer):
            raise NotAuthenticated("the answer comes from another provider", hint="sign in again")
        if "code" not in answer:
            raise NotAuthenticated(f"the provider refused to sign you in: {ascii(answer.get('error'))[:200]}")
        return answer["code"]

    def _derive(self, purpose: str) -> str:
        digest = hmac.digest(self.secret.encode(), purpose.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_next(path: str) -> str:
    """Returns a path of this server. Raises BadInput for one that a browser could read as an address elsewhere."""
    try:
        parts = urlsplit(path)
        local = not parts.scheme and not parts.netloc
    except ValueError:
        local = False
    wrong = not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable()
    if not local or wrong or len(path) > _LONGEST:
        raise BadInput(f"next must be a path of this server, not {ascii(path)[:200]}", hint="write /, or a page's path")
    return path
