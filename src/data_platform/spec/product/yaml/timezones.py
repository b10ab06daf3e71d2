"""Reads the name of a time zone."""

from __future__ import annotations

from zoneinfo import available_timezones

from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.vocabulary import NAME_LENGTH
from data_platform.spec.text.names import find_nearest, quote_text
from data_platform.spec.text.timezones import is_timezone


def read_timezone(fields: Fields) -> str | None:
    """The IANA name under `timezone`; an unknown one is reported."""
    name = fields.read_text("timezone", NAME_LENGTH)
    if name is None or is_timezone(name):
        return name
    near = find_nearest(name, filter(is_timezone, available_timezones()))
    hint = f"did you mean {near}?" if near else "write an IANA name, such as Europe/Zurich"
    fields.report.error(fields.locate("timezone"), f"`timezone` {quote_text(name)} is unknown", hint)
    return None
