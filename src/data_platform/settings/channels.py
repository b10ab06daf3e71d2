"""Channels of alerts: where messages about incidents go, and the check of their addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from data_platform.settings.template import REFERENCE, Template, find_malformed_reference, is_secret

CHANNEL_NAME = re.compile(r"[A-Za-z#][A-Za-z0-9_-]{0,62}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HIDE = "write it to an environment variable, and reference the variable here: ${NAME}"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A channel: a webhook of ours if there is a `secret` to sign with, else a URL as Apprise reads it.

    Hosts with private, loopback and link-local addresses are refused unless `allow_private` is true. Products of
    `domains` may name it; without any, all products may.
    """

    name: str
    url: Template
    secret: Template | None = None
    allow_private: bool = False
    timeout_seconds: int = 10
    domains: tuple[str, ...] = ()

    def takes(self, domain: str) -> bool:
        """Whether products of a domain may name the channel."""
        return not self.domains or domain in self.domains


def check_channel_url(value: object) -> str | None:
    """Returns the problem of a channel's URL, without the value, which may be secret; None if it is valid."""
    if not isinstance(value, str) or not value.isprintable() or re.search(r"\s", value):
        return "this must be a URL, such as mailto://mail.example.org?to=team@example.org, without spaces"
    if problem := find_malformed_reference(value):
        return problem
    if REFERENCE.fullmatch(value):
        return None
    if not _SCHEME.match(value):
        return "this must begin with a scheme, such as https:// or mailto://, or be a variable: ${NAME}"
    try:
        parts = urlsplit(value)
    except ValueError:
        return "this is not a URL"
    _, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    secrets = [text for key, text in parse_qsl(parts.query) if is_secret(key)]
    if any(REFERENCE.sub("", text) for text in (password if colon else "", *secrets)):
        return f"this contains a password; {_HIDE}"
    return None
