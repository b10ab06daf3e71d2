"""The socket that a server listens on, and the names that it answers to."""

from __future__ import annotations

import errno
import json
import os
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from data_platform.errors import BadInput, StorageFailed, Unavailable
from data_platform.settings import Settings
from data_platform.settings.server import is_loopback

_BACKLOG = 512
_ANY = frozenset(["0.0.0.0", "::", ""])  # noqa: S104  names of all addresses, not bound here


def check_address(host: str, settings: Settings, *, has_tokens: bool) -> None:
    """Raises BadInput for an address that others can reach while nothing says who may sign in."""
    if is_loopback(host) or settings.server.oidc is not None or has_tokens:
        return
    raise BadInput(
        f"{host or 'this address'} can be reached from other machines, and nobody can sign in",
        hint="create a token first: data-platform tokens create NAME --role admin; or set up [server.oidc]",
    )


def open_socket(host: str, port: int) -> socket.socket:
    """The listening socket; port 0 takes a free one. Raises Unavailable for a taken port, BadInput for a wrong host."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise BadInput(f"there is no address {host!a}", hint="--host 127.0.0.1") from None
    listening = socket.socket(family, kind, number)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _explain(error, host, port) from None
    return listening


def make_url(listening: socket.socket) -> str:
    """The URL of the socket on this machine."""
    host, port = listening.getsockname()[:2]
    name = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host  # noqa: S104
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def list_hosts(host: str, settings: Settings) -> frozenset[str]:
    """The values of the header Host, without a port, that the server answers to."""
    server = settings.server
    names = ["127.0.0.1", "::1", "localhost", *server.allowed_hosts]
    if host not in _ANY:
        names.append(host)
    if server.public_url:
        names.append(urlsplit(server.public_url).hostname or "")
    return frozenset(f"[{name}]" if ":" in name else name.lower() for name in names if name)


def write_ready_file(path: Path, url: str) -> None:
    """Writes `{"url", "pid"}`, whole or not at all; raises StorageFailed."""
    text = json.dumps({"url": url, "pid": os.getpid()})
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}", hint="--ready-file FILE") from error


def read_ready_pid(path: Path) -> int | None:
    """The process that wrote the file; None where there is no such file, or it is none of ours."""
    try:
        return int(json.loads(path.read_text())["pid"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _explain(error: OSError, host: str, port: int) -> BadInput | Unavailable:
    if error.errno == errno.EADDRINUSE:
        return Unavailable(f"port {port} of {host} is taken", hint="--port 0 takes a free one")
    if error.errno == errno.EACCES:
        return BadInput(f"port {port} needs the rights of root", hint="--port 8321")
    return BadInput(f"{host} is no address of this machine", hint="--host 127.0.0.1")
