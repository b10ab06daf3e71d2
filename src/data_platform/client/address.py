"""The address of a server, as people write it in `DATA_PLATFORM_URL`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from data_platform.errors import BadInput
from data_platform.spec.text.names import escape_hidden, quote_value

_EXAMPLE = "https://mesh.example.com"
_API = "/api/v1"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server listens; `path` is what precedes the paths of the API, for a server behind a proxy."""

    scheme: str
    host: str
    port: int
    path: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is sent: TLS, or this very machine."""
        return self.scheme == "https" or _is_loopback(self.host)


def parse_address(url: str, origin: str = "the URL") -> ServerAddress:
    """The address; raises BadInput for what is no URL of a server. A password in it is not repeated."""
    if not isinstance(url, str):
        raise BadInput(f"{origin} must be text, and not {quote_value(url)}", hint=f"such as {_EXAMPLE}")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise BadInput(f"{origin} is no URL: {_show(url)}", hint=f"such as {_EXAMPLE}") from None
    if problem := _find_problem(parts, url):
        what, hint = problem
        raise BadInput(f"{origin} {what}", hint=hint)
    path = parts.path.rstrip("/")
    return ServerAddress(parts.scheme, parts.hostname or "", port or _PORTS[parts.scheme], path)


def _find_problem(parts: SplitResult, url: str) -> tuple[str, str] | None:
    """What is wrong with the URL, and what to write."""
    readable = _show(url)
    if parts.username is not None or parts.password is not None:
        return "has a user or a password", "a token goes to DATA_PLATFORM_TOKEN, or data-platform login"
    if not url.strip():
        return "is empty", f"write the URL of the server, such as {_EXAMPLE}; for a home here, unset DATA_PLATFORM_URL"
    if parts.scheme not in _PORTS:
        example = f"https://{readable}" if "//" not in readable else _EXAMPLE
        return f"is {readable}, and begins with neither http:// nor https://", f"such as {example}"
    if not parts.hostname or not _is_host(parts.hostname):
        return f"is {readable}, and names no host", f"such as {_EXAMPLE}"
    if parts.query or parts.fragment or not parts.path.isprintable() or ".." in parts.path.split("/"):
        return f"is {readable}, and has more than an address", f"such as {_EXAMPLE}"
    if parts.path.rstrip("/").endswith(_API):
        return f"is {readable}, which ends with {_API}", f"leave out {_API}"
    return None


def _show(url: str) -> str:
    """The URL for messages, without what precedes its host."""
    return escape_hidden(url.strip().rpartition("@")[2])[:200]


def _is_host(host: str) -> bool:
    return host.isascii() and host.isprintable() and not set(host) & set(' "<>\\^`{|}%')


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
