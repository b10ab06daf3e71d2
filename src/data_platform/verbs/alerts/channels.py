"""channels: list the channels of alerts, and send a test message to one."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from uuid import uuid4

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.errors import AccessDenied, LimitExceeded, NotFound, Unavailable
from data_platform.record.audit_log.entry import format_moment
from data_platform.record.catalog import products
from data_platform.record.operations import channel_tests
from data_platform.record.operations.channel_tests import ChannelTest
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.product.model import ProductStatus
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.destinations import name_channel
from data_platform.verbs.events.outbox import NotDelivered
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import ChannelInfo

_PAUSE = timedelta(minutes=1)
"""Between two tests of a channel: its people are not to be flooded."""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class ListChannels(Request[list[ChannelInfo]]):
    """The channels that settings.toml declares, or that products name."""


@dataclass(frozen=True, slots=True)
class SendTestAlert(Request[ChannelInfo]):
    """Send a test message to a channel; a delivered one is recorded."""

    channel: str


def list_channels(context: Context, request: ListChannels) -> list[ChannelInfo]:
    """The channels by name. Who opened the home, and who finds the whole mesh, sees those that no product names too."""
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
        naming = _map_naming_products(context, conn, part)
        tests = channel_tests.map_all(conn)
    declared = context.settings.channels if part.products is None else ()
    return [_build_info(context, name, naming[name], tests.get(name)) for name in sorted({*declared, *naming})]


def send_test_alert(context: Context, request: SendTestAlert) -> ChannelInfo:
    """The channel, after it took the message.

    For admins, and for those who respond to incidents of a product that names the channel. Raises NotFound for a
    channel that settings.toml does not declare, LimitExceeded for one that took a test less than a minute ago,
    Unavailable or BadInput when the channel did not take it.
    """
    name = request.channel
    with context.record.reading() as conn:
        naming = _map_naming_products(context, conn, find_visible_part(context, conn))
        _authorize_test(context, conn, naming[name])
        last = channel_tests.map_all(conn).get(name)
    send = context.attachments.senders.get(name_channel(name))
    if name not in context.settings.channels:
        raise NotFound(
            f"settings.toml declares no channel {name}", hint=f'write [channels.{_write_key(name)}] url = "…"'
        )
    if send is None:
        raise Unavailable(f"this process has no sender for the channel {name}")
    now, by = context.clock(), context.principal.name
    if last is not None and last.delivered_at <= now < last.delivered_at + _PAUSE:
        left = ceil((last.delivered_at + _PAUSE - now).total_seconds())
        raise LimitExceeded(f"the channel {name} took a test less than a minute ago", retry_after=left)
    details = {"channel": name, "test": True}
    facts = {"kind": EventKind.CHANNEL_TESTED, "product": None, "at": format_moment(now), "by": by}
    try:
        send({"id": f"test-{uuid4().hex}", **facts, "details": details})
    except NotDelivered as error:
        error.hint = error.hint or f"check [channels.{_write_key(name)}] in settings.toml: host, port and credentials"
        raise
    test = ChannelTest(name, by, now)
    with context.record.transaction() as tx:
        channel_tests.record(tx, test)
        subject = Subject(f"channel:{name}")
        record_outcomes(context, tx, ActOutcome(EventKind.CHANNEL_TESTED, subject, {"channel": name}))
    return _build_info(context, name, naming[name], test)


def _write_key(name: str) -> str:
    """The name as a key of TOML, in quotes if it needs them."""
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _map_naming_products(context: Context, conn: Connection, part: VisiblePart) -> defaultdict[str, list[str]]:
    """The products that the caller finds and that name a channel, which takes their domain, by channel."""
    naming: defaultdict[str, list[str]] = defaultdict(list)
    for row in part.select(products.list_all(conn), lambda row: row.name):
        if '"alerts"' not in row.stored_contract.text or row.status == ProductStatus.RETIRED:
            continue
        for channel in row.stored_contract.read_head().alerts:
            declared = context.settings.channels.get(channel)
            if declared is None or declared.takes(row.domain):
                naming[channel].append(row.name)
    return naming


def _authorize_test(context: Context, conn: Connection, naming: list[str]) -> None:
    for product in naming:
        with suppress(AccessDenied):
            authorize(context, Action.RESPOND, Resource.of(product), conn)
            return
    authorize(context, Action.OPERATE, Resource(ResourceKind.MESH), conn)


def _build_info(context: Context, name: str, naming: list[str], test: ChannelTest | None) -> ChannelInfo:
    tested = (None, None) if test is None else (test.delivered_at, test.by)
    return ChannelInfo(name, name in context.settings.channels, tuple(naming), *tested)
