"""Values as JSON: times in ISO 8601 and UTC, numbers without loss, hidden characters escaped."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from data_platform.spec.text.durations import format_duration, format_interval, is_interval
from data_platform.spec.text.hidden_characters import is_hidden


def dump_json(value: Any, indent: int | None = None) -> str:
    """Returns the value as JSON text in which non-ASCII text is readable and hidden characters are escaped."""
    text = json.dumps(to_json_value(value), ensure_ascii=False, allow_nan=False, indent=indent)
    if text.isprintable():
        return text
    return "".join(_escape_character(char) if char != "\n" and is_hidden(char) else char for char in text)


def to_json_value(value: Any) -> Any:
    """Converts the value to JSON types.

    Decimals become text, so that no digit is lost; bytes become base64; intervals ISO 8601. A time without a zone stays
    without one. NaN, Infinity and -Infinity become text, so that they differ from a missing value.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _format_special_float(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_json_value(item) for key, item in value.items()}
    if is_interval(value):
        return format_interval(*value)
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json_value(item) for item in value]
    if is_dataclass(value):
        return {field.name: to_json_value(getattr(value, field.name)) for field in fields(value)}
    return _format_scalar(value)


def _format_scalar(value: Any) -> str:
    if isinstance(value, datetime):
        return (
            value.isoformat() if value.tzinfo is None else f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
        )
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Decimal | Path | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be converted to JSON")


def _format_special_float(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _escape_character(character: str) -> str:
    return json.dumps(character)[1:-1]
