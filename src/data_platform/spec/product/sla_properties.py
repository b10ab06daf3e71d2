"""ODCS's `slaProperties` (3.2.0, Service-Level Agreement) as what an output promises, and back.

latency (or freshness, as some tools write it) and availability are what the platform measures; the rest is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from data_platform.spec.product.duration import UNITS, parse_duration
from data_platform.spec.product.model import Sla, SlaProperty

VENDOR = "data-platform"
"""The vendor of our custom properties."""

FRESHNESS = ("latency", "freshness")
AVAILABILITY = "availability"
_SHORT = {"s": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "w": "week", "wk": "week"}
"""Abbreviations that mean one thing everywhere; `m` and `y` do not."""
_PERCENT = ("%", "percent", "percentage")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,18})?) ?%?")
_WRITTEN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ([a-z]+)")


def parse_sla(promises: Sequence[SlaProperty]) -> tuple[Sla, SlaProperty | None]:
    """What the list promises, and the entry that gave the freshness; what cannot be measured stays in `properties`.

    The column that the entry's `element` names is for the caller to judge and to set.
    """
    sla, source = Sla(), None
    kept = []
    for promise in promises:
        if promise.property in FRESHNESS and source is None and (freshness := _read_freshness(promise)):
            sla, source = replace(sla, freshness=freshness[0], freshness_text=freshness[1]), promise
        elif promise.property == AVAILABILITY and sla.availability is None and (share := _read_availability(promise)):
            sla = replace(sla, availability=share[0], availability_text=share[1])
        else:
            kept.append(promise)
    return replace(sla, properties=tuple(kept)), source


def list_promises(sla: Sla, table: str, *, alone: bool = True) -> list[dict[str, Any]]:
    """The Sla as ODCS writes it; `alone` says that the contract has no other table."""
    written = []
    if sla.freshness is not None:
        entry = _write_duration(sla.freshness_text or f"{sla.freshness.total_seconds():.0f} seconds")
        column = sla.freshness_column
        element = None if column is None and alone else ".".join(filter(None, (table, column)))
        mine = entry.pop("customProperties", [])
        written.append(
            {"property": FRESHNESS[0], **entry, **_write_if_set("element", element), **_write_if_set(_CUSTOM, mine)}
        )
    if sla.availability is not None:
        number: float = int(sla.availability) if sla.availability.is_integer() else sla.availability
        mine = [] if f"{number}%" == sla.availability_text else [_write_custom("written", sla.availability_text)]
        element = None if alone else table
        promise = {"property": AVAILABILITY, "value": number, "unit": "percent"}
        written.append({**promise, **_write_if_set("element", element), **_write_if_set(_CUSTOM, mine)})
    return [*written, *map(serialize_promise, sla.properties)]


def serialize_promise(promise: SlaProperty) -> dict[str, Any]:
    """One promise as ODCS writes it."""
    named = {**_write_if_set("unit", promise.unit), **_write_if_set("element", promise.element)}
    return {"property": promise.property, "value": promise.value, **named, **promise.more}


def read_promise(entry: dict[str, Any]) -> SlaProperty:
    """The promise that an entry of the list makes; its fields were judged before."""
    more = {key: value for key, value in entry.items() if key not in ("property", "value", "unit", "element")}
    return SlaProperty(entry["property"], entry.get("value"), entry.get("unit"), entry.get("element"), more)


def find_custom(more: Any, name: str) -> Any:
    """The value of our custom property of that name, or None."""
    entries = more.get(_CUSTOM, ()) if isinstance(more, dict) else ()
    mine = (e for e in entries if isinstance(e, dict) and e.get("property") == name and e.get("vendor") == VENDOR)
    return next((entry.get("value") for entry in mine), None)


_CUSTOM = "customProperties"


def _write_custom(name: str, value: Any) -> dict[str, Any]:
    return {"property": name, "value": value, "vendor": VENDOR}


def _write_if_set(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _read_freshness(promise: SlaProperty) -> tuple[timedelta, str] | None:
    text = find_custom(promise.more, "written") or _format_amount(promise)
    try:
        return (parse_duration(text), text) if isinstance(text, str) else None
    except ValueError:
        return None


def _format_amount(promise: SlaProperty) -> str | None:
    """Value and unit in words: 4 and `d` are "4 days"."""
    if isinstance(promise.value, bool) or promise.value is None:
        return None
    given = (promise.unit or "").strip().lower()
    unit = _SHORT.get(given, given.removesuffix("s"))
    if not given:
        return str(promise.value)
    kept = given if unit in UNITS and given.removesuffix("s") in UNITS else f"{unit}{'' if promise.value == 1 else 's'}"
    return f"{promise.value} {kept}"


def _write_duration(text: str) -> dict[str, Any]:
    """A duration's text as value and unit; in a spelling of its own it is written beside them."""
    match = _WRITTEN.fullmatch(text)
    if match is None or match[1] != _format_number(match[1]):
        seconds = parse_duration(text).total_seconds()
        value: float = int(seconds) if seconds.is_integer() else seconds
        return {"value": value, "unit": "seconds", _CUSTOM: [_write_custom("written", text)]}
    return {"value": float(match[1]) if "." in match[1] else int(match[1]), "unit": match[2]}


def _format_number(text: str) -> str:
    return str(float(text) if "." in text else int(text))


def _read_availability(promise: SlaProperty) -> tuple[float, str] | None:
    if isinstance(promise.value, bool) or promise.value is None:
        return None
    if promise.unit is not None and promise.unit.strip().lower() not in _PERCENT:
        return None
    match = _SHARE.fullmatch(str(promise.value).strip())
    if match is None or float(match[1]) > 100:
        return None
    return float(match[1]), find_custom(promise.more, "written") or f"{match[1]}%"
