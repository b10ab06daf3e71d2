"""Who is asking: the principal of a bearer token, or of what sign-in left in the browser."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from data_platform.errors import NotAuthenticated
from data_platform.server.parts import ServerParts
from data_platform.settings import Principal

_LONGEST_TOKEN = 4096
_HINT = "create one on the home: data-platform tokens create NAME --role consumer"


def identify_caller(parts: ServerParts, connection: HTTPConnection, form_token: str | None = None) -> Principal:
    """The principal of the request; raises NotAuthenticated, which does not say what is wrong with a token.

    `form_token` is the proof of a form that a page of this server sent it. The address of who is not known is counted;
    raises LimitExceeded where too many such requests come from it.
    """
    try:
        return _authenticate(parts, connection, form_token)
    except NotAuthenticated:
        parts.on_stranger(connection.client.host if connection.client else "unknown")
        raise


def _authenticate(parts: ServerParts, connection: HTTPConnection, form_token: str | None) -> Principal:
    given = connection.headers.getlist("authorization")
    if len(given) > 1:
        raise NotAuthenticated("the request has more than one Authorization header")
    if given:
        scheme, _, token = given[0].partition(" ")
        principal = None
        if scheme.lower() == "bearer" and 0 < len(token) <= _LONGEST_TOKEN:
            principal = parts.authenticate(token.strip())
        if principal is None:
            raise NotAuthenticated("the token is unknown, expired or revoked", hint=_HINT)
        return principal
    for resolve in parts.resolvers:
        principal = resolve(connection, form_token)
        if principal is not None:
            return principal
    raise NotAuthenticated("the request has no token", hint=f"send Authorization: Bearer TOKEN; {_HINT}")
