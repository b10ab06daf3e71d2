"""Hosts that messages may be sent to: without an explicit permission only those with public addresses."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from data_platform.verbs.events.outbox import NotDelivered

_PRIVATE = "the host of the channel has a private address: [channels.NAME] allow_private = true allows it"
_NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses of this network lead to the IPv4 address in their last 32 bits (RFC 6052)."""
_CONNECTING = frozenset(["socket.connect", "socket.sendto", "socket.sendmsg"])
_refusals: ContextVar[list[str] | None] = ContextVar("refusals", default=None)
"""The private addresses that were refused inside of `refuse_private_connections`; None outside of it."""


def resolve_host(host: str, port: int, *, allow_private: bool) -> str:
    """An address of the host, which the caller connects to; so the name cannot mean another one a moment later.

    Raises NotDelivered where the name means nothing, or where one of its addresses is not public.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotDelivered("the host of the channel cannot be resolved") from None
    addresses = [str(answer[4][0]) for answer in answers]
    if not allow_private and not all(map(_is_public, addresses)):
        raise NotDelivered(_PRIVATE)
    return addresses[0]


@contextmanager
def refuse_private_connections() -> Iterator[None]:
    """Refuses connections to addresses that are not public, which a library makes in this thread until the block ends.

    What a name means at that moment and where a redirect leads do not matter. Raises NotDelivered at the end where one
    was refused, also if the library ignored it.
    """
    _watch_connections()
    refusals: list[str] = []
    outer = _refusals.set(refusals)
    try:
        yield
    finally:
        _refusals.reset(outer)
        if refusals:
            raise NotDelivered(_PRIVATE)


@cache
def _watch_connections() -> None:
    """Has Python ask before each connection (PEP 578), once for the process."""
    sys.addaudithook(_judge_connection)


def _judge_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _CONNECTING or (refusals := _refusals.get()) is None:
        return
    address = arguments[1]
    host = str(address[0]) if isinstance(address, tuple) else ""  # that of a Unix socket is a path
    if not _is_public(host):
        refusals.append(host)
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _is_public(text: str) -> bool:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.is_site_local:
            return False
        address = _find_embedded(address) or address
    return address.is_global and not address.is_multicast and not address.is_reserved


def _find_embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to an IPv6 address are sent on to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
