"""The token that a client sends: given, in `DATA_PLATFORM_TOKEN`, or stored by `data-platform login`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from data_platform.client.address import ServerAddress, parse_address
from data_platform.client.logins import find_login
from data_platform.errors import BadInput
from data_platform.settings.server_variables import TOKEN_VARIABLE, URL_VARIABLE, find_server_url

GIVEN = "the token"
"""The origin of a token that the caller handed in."""
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A secret that no repr shows; `origin` says where it is from."""

    text: str = field(repr=False)
    origin: str

    @classmethod
    def parse(cls, text: object, origin: str) -> BearerToken:
        """The token; raises BadInput, which does not quote it, for what no header can hold."""
        if not isinstance(text, str) or not text.strip():
            raise BadInput(f"{origin} is empty", hint="data-platform tokens create prints a token")
        token = text.strip()
        if len(token) > _LONGEST or not token.isascii() or not token.isprintable() or " " in token:
            what = f"{origin} is no token: it has blanks, or other characters that no token has"
            raise BadInput(what, hint="of the JSON of tokens create --json, give the value of token alone")
        return cls(token, origin)


def find_token(address: ServerAddress, given: str | None = None) -> BearerToken | None:
    """The token for that server: the given one, that of the variable, a stored login; None without any.

    The variable holds for the server that `DATA_PLATFORM_URL` names, and for any if it names none.
    """
    if given is not None:
        return BearerToken.parse(given, GIVEN)
    named = os.environ.get(TOKEN_VARIABLE)
    if named and _is_meant(address):
        return BearerToken.parse(named, TOKEN_VARIABLE)
    stored = find_login(address)
    return None if stored is None else BearerToken.parse(stored, f"the stored login of {address}")


def require_private(address: ServerAddress) -> None:
    """Raises BadInput where a token would be sent to another machine unencrypted."""
    if not address.is_private:
        raise BadInput(
            f"a token would travel unencrypted to {address.host}: {address} has no TLS",
            hint=f"use https://{address.host}, or a tunnel to this machine",
        )


def _is_meant(address: ServerAddress) -> bool:
    url = find_server_url()
    return url is None or parse_address(url, URL_VARIABLE) == address
