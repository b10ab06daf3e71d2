"""Channels whose URLs Apprise reads: e-mail, Slack, Teams and many others."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import apprise

from data_platform.errors import BadInput
from data_platform.integrations.addresses import refuse_private_connections, resolve_host
from data_platform.settings import ChannelSettings
from data_platform.verbs.events.outbox import NotDelivered

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its messages hold addresses and tokens


def send(channel: ChannelSettings, content: Mapping[str, Any], title: str, body: str) -> None:
    """Sends the title and the text; raises NotDelivered, and BadInput for a URL that Apprise does not know."""
    service = apprise.Apprise.instantiate(channel.url.resolve(), suppress_exceptions=True)
    if service is None:
        raise BadInput(f"{channel.url.owner} is no URL of a service that Apprise knows")
    host = _find_host(service)
    if host is not None:
        resolve_host(host, service.port or 0, allow_private=channel.allow_private)
    sender = apprise.Apprise()
    sender.add(service)
    with nullcontext() if channel.allow_private else refuse_private_connections():
        is_taken = sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    if not is_taken:
        raise NotDelivered("the service of the channel did not take the message")


def _find_host(service: Any) -> str | None:
    """The host that the URL itself names; None for a service that is always at the same place."""
    names_host = any("{host}" in template for template in service.templates)
    host = getattr(service, "smtp_host", None) or (service.host if names_host else None)
    return str(host) if host else None
