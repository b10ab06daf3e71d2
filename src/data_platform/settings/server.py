"""The server's address as others see it, and its sign-in by an OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from urllib.parse import urlsplit

from data_platform.settings.openlineage import check_http_url
from data_platform.settings.principal import Role
from data_platform.settings.template import Template

SERVED_ROLES = (Role.CONSUMER, Role.OWNER, Role.GOVERNOR, Role.ADMIN)
"""The roles that a provider's group can give."""
_LEAST_LATENESS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An OpenID provider, and what its groups are in the mesh.

    `teams` and `roles` map groups; without `teams`, each group is the team of its name. `services` maps client ids,
    whose access tokens are accepted, to the names of service principals. `attribute_claims` are the claims that become
    attributes of a person. `hosts` are those of the provider's endpoints beside the issuer's own.
    """

    issuer: str
    client_id: str
    client_secret: Template | None = None
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    groups_claim: str = "groups"
    attribute_claims: tuple[str, ...] = ()
    audience: str | None = None
    default_role: Role = Role.CONSUMER
    hosts: tuple[str, ...] = ()
    teams: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    services: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the server is reached, and who signs people in.

    `public_url` None: the address that it listens on. `trusted_proxies` are addresses and networks whose
    `X-Forwarded-*` headers are believed. `threads` run requests, as many more read data, and as many more take data. A
    server that ends waits `drain_seconds` for the requests that it has begun.

    A principal sends `requests_per_second`, and has `heavy_calls` that read or write data at one time. An address sends
    `failed_sign_ins_per_minute` without a valid token, and `sign_in_requests_per_minute` to the pages of sign-in. A
    body of data has `upload_mb` MiB, and a call that answers with a document takes `request_seconds`. A caller may take
    nothing of an answer for `stall_seconds`. Of all callers, `queries` run at one time.

    Periodic maintenance runs every `clock_seconds` in one of the processes of all servers; with 0 no server runs it.

    `metrics` is who may read the figures of the server: `token`, who has one that may read the audit log, or `open`,
    everybody. None: `open` for a server of this machine alone, and else `token`.
    """

    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    oidc: OidcSettings | None = None
    threads: int = 16
    drain_seconds: int = 60
    requests_per_second: int = 100
    heavy_calls: int = 8
    failed_sign_ins_per_minute: int = 60
    sign_in_requests_per_minute: int = 120
    upload_mb: int = 102_400
    request_seconds: int = 300
    stall_seconds: int = 60
    queries: int = 4
    clock_seconds: int = 60
    metrics: str | None = None

    @property
    def clock_lateness(self) -> timedelta:
        """The time after which maintenance that has not run again is late: two intervals, and five minutes at least."""
        return max(timedelta(seconds=2 * self.clock_seconds), _LEAST_LATENESS)


METRICS = ("token", "open")
"""The values of `metrics`."""


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, by its name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def check_secure_url(value: object) -> str | None:
    """Returns the problem of a URL that secrets are sent to, or None: it is https, or of this machine."""
    if problem := check_http_url(value):
        return problem
    parts = urlsplit(str(value))
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "this must begin with https://; http:// is for this machine only"
    return None


def check_origin(value: object) -> str | None:
    """Returns the problem of a secure URL without a path, or None."""
    if problem := check_secure_url(value):
        return problem
    return None if urlsplit(str(value)).path in ("", "/") else "this URL must have no path"


def check_network(value: object) -> str | None:
    """Returns the problem of an IP address or network, or None."""
    try:
        right = isinstance(value, str) and bool(ip_network(value))
    except ValueError:
        right = False
    return None if right else 'this must be an IP address or a network, such as "10.0.0.0/8"'


def check_host(value: object) -> str | None:
    """Returns the problem of a host's name, or None."""
    try:
        right = isinstance(value, str) and bool(value) and urlsplit(f"//{value}").hostname == value.lower()
    except ValueError:
        right = False
    return None if right else 'this must be a host without a port, such as "mesh.example.org"'
