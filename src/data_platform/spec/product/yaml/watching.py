"""Reads `alerts` and `oncall`: who hears of incidents, and who is on call."""

from __future__ import annotations

import re
from datetime import date, time

from data_platform.spec.product.watching import EVERY_ALERT, AlertSeverity, AlertTerms, QuietHours, WeeklyHandover
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.timezones import read_timezone
from data_platform.spec.product.yaml.values import describe_node, read_text
from data_platform.spec.product.yaml.vocabulary.limits import OWNER_LENGTH, TEXT_LENGTH
from data_platform.spec.product.yaml.vocabulary.watching import ALERT, CLOCK_TIME, ONCALL, QUIET_HOURS
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.report import Place
from data_platform.spec.text.yaml.scalars import ScalarKind
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar

_PASSWORD = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
_EXAMPLE = "[{channel: NAME, severity: high}]"


def read_alerts(fields: Fields) -> tuple[tuple[str, ...], dict[str, AlertTerms]]:
    """The channels, in the file's order, and the terms of those that have some."""
    node = fields.find_node("alerts")
    items: tuple[Node, ...] = (node,) if isinstance(node, Scalar) else fields.read_items("alerts", _EXAMPLE)
    channels: dict[str, AlertTerms] = {}
    for item in items:
        entry = _read_alert(fields, item, is_single=item is node)
        if entry is None:
            continue
        channel, terms = entry
        _warn_of_password(fields, channel, item.place)
        if channel in channels:
            fields.report.warn(item.place, f"{quote_text(channel)} appears twice in `alerts`", "remove one")
        channels.setdefault(channel, terms)
    return tuple(channels), {channel: terms for channel, terms in channels.items() if terms != EVERY_ALERT}


def read_oncall(fields: Fields) -> tuple[tuple[str, ...], WeeklyHandover | None]:
    """The people in turn, and when they hand over; None where that is not said."""
    node = fields.find_node("oncall")
    if not isinstance(node, Mapping):
        return fields.read_texts("oncall", OWNER_LENGTH, or_one=True), None
    oncall = Fields(fields.report, node, ONCALL, "`oncall`")
    oncall.require("rotation")
    default = WeeklyHandover()
    starts = _read_date(oncall, "starts") or default.starts
    handover = WeeklyHandover(
        starts, _read_time(oncall, "handover") or default.at, read_timezone(oncall) or default.timezone
    )
    return oncall.read_texts("rotation", OWNER_LENGTH), handover


def _read_alert(fields: Fields, item: Node, *, is_single: bool) -> tuple[str, AlertTerms] | None:
    if not isinstance(item, Mapping):
        what = "`alerts`" if is_single else "an entry of `alerts`"
        channel = read_text(fields.report, item, what, TEXT_LENGTH)
        return None if channel is None else (channel, EVERY_ALERT)
    entry = Fields(fields.report, item, ALERT, "an entry of `alerts`")
    entry.require("channel")
    channel = entry.read_text("channel", TEXT_LENGTH)
    severity = entry.read_word("severity", [str(severity) for severity in AlertSeverity])
    terms = AlertTerms(AlertSeverity.of(severity), _read_quiet_hours(entry))
    return None if channel is None else (channel, terms)


def _read_quiet_hours(entry: Fields) -> QuietHours | None:
    node = entry.read_mapping("quiet_hours")
    if node is None:
        return None
    hours = Fields(entry.report, node, QUIET_HOURS, "`quiet_hours`")
    hours.require("from", "until")
    begin, end, zone = _read_time(hours, "from"), _read_time(hours, "until"), read_timezone(hours)
    if begin is None or end is None:
        return None
    if begin == end:
        entry.report.error(node.place, "`quiet_hours` end when they begin", "name two different times of the day")
    return QuietHours(begin, end, zone or "UTC")


def _read_time(fields: Fields, word: str) -> time | None:
    text = fields.read_text(word, 100)
    if text is None:
        return None
    if re.fullmatch(CLOCK_TIME, text):
        return time.fromisoformat(text)
    message = f"`{word}` {quote_text(text)} is no time of the day"
    fields.report.error(fields.locate(word), message, 'write hours and minutes, such as "09:00"')
    return None


def _read_date(fields: Fields, word: str) -> date | None:
    node = fields.find_node(word)
    if node is None:
        return None
    if isinstance(node, Scalar) and node.kind in (ScalarKind.DATE, ScalarKind.TEXT):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            pass
    fields.report.error(node.place, f"`{word}` must be a day, not {describe_node(node)}", "write it as 2026-01-05")
    return None


def _warn_of_password(fields: Fields, channel: str, place: Place) -> None:
    if _PASSWORD.search(channel):
        message = "`alerts` holds a password, and product.yaml is recorded and shown to others"
        fields.report.warn(place, message, "name the channel here, and keep the password in the settings")
