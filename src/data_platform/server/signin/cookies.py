"""The cookies of sign-in, and the proof that a browser's request was meant by a page of this server."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from data_platform.errors import AccessDenied
from data_platform.settings import ServerSettings

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset(["GET", "HEAD", "OPTIONS"])


@dataclass(frozen=True, slots=True)
class BrowserCookies:
    """The cookies of one request; `origin` is the server's, as the browser sees it.

    Over https their names begin with `__Host-`, so no other host can set them. Over http they have the port instead:
    browsers send cookies to every port of a host.
    """

    origin: str
    connection: HTTPConnection

    @classmethod
    def of(cls, connection: HTTPConnection, settings: ServerSettings) -> BrowserCookies:
        """Returns the cookies of a request, whose header Host has been checked."""
        url = f"{connection.url.scheme}://{connection.headers.get('host', '')}"
        return cls(settings.public_url or url, connection)

    @property
    def session(self) -> str | None:
        """The text of the session that the browser presents."""
        return self.connection.cookies.get(self._name("session"))

    @property
    def attempt(self) -> str | None:
        """The attempt to sign in that the browser keeps."""
        return self.connection.cookies.get(self._name("signin"))

    def set_session(self, response: Response, session: str, seconds: int) -> None:
        """Lets the browser keep a session."""
        self._set(response, "session", session, seconds)

    def set_attempt(self, response: Response, attempt: str, seconds: int) -> None:
        """Lets the browser keep an attempt to sign in."""
        self._set(response, "signin", attempt, seconds)

    def remove_session(self, response: Response) -> None:
        """Lets the browser forget its session."""
        self._set(response, "session", "", 0)

    def remove_attempt(self, response: Response) -> None:
        """Lets the browser forget its attempt to sign in."""
        self._set(response, "signin", "", 0)

    def demand_intent(self, session: str, form_token: str | None = None) -> None:
        """Raises AccessDenied for a request that changes something and may come from a page of another site.

        The proof is the header Origin and the token of the session, in a header or as `form_token`, the field of a
        form; who sends a form is a person.
        """
        if self.connection.scope["method"] in _SAFE:
            return
        again = None if form_token is None else "load the page again, and send its form again"
        if self.connection.headers.get("origin") != self.origin:
            hint = f"send Origin: {self.origin}"
            raise AccessDenied("the request comes from a page of another site", hint=again or hint)
        proof = form_token or self.connection.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(proof.encode(), derive_csrf_token(session).encode()):
            hint = f"send {CSRF_HEADER}, which GET /signin/session answers; or use a token instead of a session"
            raise AccessDenied("the request has no proof that you meant it", hint=again or hint)

    def _set(self, response: Response, purpose: str, text: str, seconds: int) -> None:
        response.set_cookie(
            self._name(purpose), text, seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def _name(self, purpose: str) -> str:
        port = urlsplit(self.origin).port or 80
        return f"__Host-data-platform-{purpose}" if self._is_secure else f"data-platform-{purpose}-{port}"

    @property
    def _is_secure(self) -> bool:
        return self.origin.startswith("https://")


def derive_csrf_token(session: str) -> str:
    """The token with which pages of this server prove that a request is theirs."""
    return base64.urlsafe_b64encode(hmac.digest(session.encode(), b"csrf", hashlib.sha256)).decode()
