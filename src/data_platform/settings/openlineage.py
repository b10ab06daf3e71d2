"""The receiver of OpenLineage events, and checks of its settings, so that no secret is sent elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from data_platform.settings.template import REFERENCE, Template

ENDPOINT = re.compile(r"/?[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/?")


@dataclass(frozen=True, slots=True)
class OpenLineage:
    """A receiver of OpenLineage events.

    `contracts`: whether registers are sent too (events without a run, which not every receiver accepts); `reads`:
    whether consumes are sent.
    """

    url: str
    endpoint: str = "api/v1/lineage"
    api_key: Template | None = None
    timeout_seconds: int = 10
    contracts: bool = True
    reads: bool = True

    @property
    def address(self) -> str:
        """The URL to which events are posted."""
        return f"{self.url.rstrip('/')}/{self.endpoint.strip('/')}"


def check_http_url(value: object) -> str | None:
    """Returns the problem of a URL `http(s)://host[:port][/path]`, or None, without the value, which may be secret."""
    if not isinstance(value, str) or not value.isprintable() or not value.isascii() or re.search(r"[\s\\<>\"]", value):
        return "this must be a URL such as https://lineage.example.org:5000"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "this is not a URL: its host or port is invalid"
    if parts.scheme not in ("http", "https"):
        return "this must begin with http:// or https://"
    if "@" in parts.netloc:
        return "this URL must not contain a user or password; write a key to api_key, as ${NAME}"
    if not host:
        return "this URL has no host"
    if parts.query or parts.fragment or "?" in value or "#" in value or "$" in value:
        return "this URL must end with its path, without ?, # or $"
    return None


def endpoint(value: object) -> str | None:
    """Returns the problem of a path below the URL, or None."""
    parts = value.split("/") if isinstance(value, str) and ENDPOINT.fullmatch(value) else [".."]
    return "this must be a path such as api/v1/lineage" if {".", ".."} & set(parts) else None


def check_secret(value: object) -> str | None:
    """Returns the problem of a secret, which must reference an environment variable, or None."""
    if isinstance(value, str) and REFERENCE.fullmatch(value):
        return None
    return "a secret must be in an environment variable; write its name here: ${OPENLINEAGE_API_KEY}"
