"""Webhooks, signed as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 with a timestamp.

No redirect is followed and no proxy is used: the address that was checked is the one that is connected to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx

from data_platform.errors import BadInput
from data_platform.installing import VERSION
from data_platform.integrations.addresses import resolve_host
from data_platform.integrations.openlineage import ABOUT_THE_RECEIVER
from data_platform.settings import ChannelSettings
from data_platform.verbs.events.outbox import NotAccepted, NotDelivered

_PREFIX = "whsec_"


def send(channel: ChannelSettings, content: Mapping[str, Any], title: str, body: str) -> None:
    """Posts the message as JSON, with its title and its text; raises NotDelivered, NotAccepted, BadInput."""
    url, key = _read_url(channel), _read_key(channel)
    address = resolve_host(
        url.host, url.port or (443 if url.scheme == "https" else 80), allow_private=channel.allow_private
    )
    payload = json.dumps({**content, "title": title, "text": body}).encode()
    headers = {
        "Host": url.netloc.decode(),
        "Content-Type": "application/json",
        "User-Agent": f"data-platform/{VERSION}",
        **sign(key, str(content["id"]), int(time.time()), payload),
    }
    try:
        with (
            httpx.Client(
                trust_env=False, timeout=channel.timeout_seconds, verify=ssl.create_default_context()
            ) as client,
            client.stream(
                "POST",
                url.copy_with(host=address),
                content=payload,
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as response,
        ):
            status = response.status_code
    except httpx.HTTPError as error:
        raise NotDelivered(f"the webhook does not answer: {type(error).__name__}") from None
    if 200 <= status < 300:
        return
    if 400 <= status < 500 and status not in ABOUT_THE_RECEIVER:
        raise NotAccepted(f"the webhook answers {status}")
    raise NotDelivered(f"the webhook answers {status}")


def sign(key: bytes, id: str, timestamp: int, payload: bytes) -> dict[str, str]:
    """The headers that prove who sent the payload, and when."""
    signed = hmac.new(key, f"{id}.{timestamp}.".encode() + payload, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _read_url(channel: ChannelSettings) -> httpx.URL:
    try:
        url = httpx.URL(channel.url.resolve())
    except httpx.InvalidURL:
        raise BadInput(f"{channel.url.owner} is no URL") from None
    if not url.host or url.scheme not in ("https", "http"):
        raise BadInput(f"{channel.url.owner} must be an https URL, because the channel has a secret")
    if url.scheme == "http" and not channel.allow_private:
        raise BadInput(f"{channel.url.owner} must begin with https://")
    return url


def _read_key(channel: ChannelSettings) -> bytes:
    secret = channel.secret.resolve() if channel.secret else ""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) < 24:
        what = f"the secret of channel {channel.name!r} must be {_PREFIX} and at least 24 bytes in base64"
        raise BadInput(what, hint=f'echo "{_PREFIX}$(openssl rand -base64 32)" makes one')
    return key
