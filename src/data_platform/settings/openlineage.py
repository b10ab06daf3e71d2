"""Where OpenLineage events are sent, and what may stand there: nothing that would lead a secret astray."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from data_platform.settings.template import REFERENCE, Template

ENDPOINT = re.compile(r"/?[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/?")


@dataclass(frozen=True, slots=True)
class OpenLineage:
    """A receiver of OpenLineage events.

    `contracts` says whether it hears of registers too (events without a run, which not every receiver takes), `reads`
    whether of consumes.
    """

    url: str
    endpoint: str = "api/v1/lineage"
    api_key: Template | None = None
    timeout_seconds: int = 10
    contracts: bool = True
    reads: bool = True

    @property
    def address(self) -> str:
        """Where an event is posted."""
        return f"{self.url.rstrip('/')}/{self.endpoint.strip('/')}"


def http_url(value: object) -> str | None:
    """What is wrong with `http(s)://host[:port][/path]`, or None; the value may hold a secret and is not told."""
    if not isinstance(value, str) or not value.isprintable() or not value.isascii() or re.search(r"[\s\\<>\"]", value):
        return "this must be a URL such as https://lineage.example.org:5000"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "this is no URL: its host or port cannot be read"
    if parts.scheme not in ("http", "https"):
        return "this must begin with http:// or https://"
    if "@" in parts.netloc:
        return "no user or password belongs into this URL; put a key into api_key, as ${NAME}"
    if not host:
        return "this URL names no host"
    if parts.query or parts.fragment or "?" in value or "#" in value or "$" in value:
        return "this URL ends with its path: no ?, # or $ belongs into it"
    return None


def endpoint(value: object) -> str | None:
    """What is wrong with a path below the URL, or None."""
    parts = value.split("/") if isinstance(value, str) and ENDPOINT.fullmatch(value) else [".."]
    return "this must be a path such as api/v1/lineage" if {".", ".."} & set(parts) else None


def secret(value: object) -> str | None:
    """What is wrong with a secret, which stands in an environment variable, or None."""
    if isinstance(value, str) and REFERENCE.fullmatch(value):
        return None
    return "a secret stands in an environment variable, and its name here: ${OPENLINEAGE_API_KEY}"
