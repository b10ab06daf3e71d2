"""Hosts that messages may be sent to: without an explicit permission only those with public addresses."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address

from data_platform.verbs.events.outbox import NotDelivered


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
        raise NotDelivered(
            "the host of the channel has a private address: [channels.NAME] allow_private = true allows it"
        )
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast
