"""The text of a token: a prefix that names it for people and scanners, and 256 random bits."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "dpt_"
_BYTES = 32
_SHOWN = len(PREFIX) + 6


def make_token() -> str:
    """A new token."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def hash_token(token: str) -> str:
    """The SHA-256 of a token, by which the record knows it. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def shorten_token(token: str) -> str:
    """The beginning of a token, for lists."""
    return token[:_SHOWN]
