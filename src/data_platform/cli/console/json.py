"""Answers as JSON: the results' own fields, times in ISO 8601 and UTC, and nothing else on stdout."""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from data_platform.cli.console.durations import is_interval, iso_duration, iso_interval
from data_platform.cli.console.stdout import writing
from data_platform.cli.console.text import hidden


def print_json(value: Any) -> None:
    """The value on stdout, indented, with every hidden character escaped."""
    text = dumped(value, indent=2)
    with writing():
        sys.stdout.write(text + "\n")


def dumped(value: Any, indent: int | None = None) -> str:
    """The value as JSON text that is safe on a terminal and reads well in any script."""
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=indent)
    if text.isprintable():
        return text
    return "".join(_escaped(each) if each != "\n" and hidden(each) else each for each in text)


def plain(value: Any) -> Any:
    """The value in JSON's own types.

    Decimals become text, which loses no digit; bytes base64; intervals ISO 8601; a time without a zone keeps none. The
    numbers that JSON lacks are the texts NaN, Infinity and -Infinity, so that they are not taken for a missing value.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _without_number(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if is_interval(value):
        return iso_interval(*value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, datetime):
        return (
            value.isoformat() if value.tzinfo is None else f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
        )
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, timedelta):
        return iso_duration(value)
    if isinstance(value, Decimal | Path | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _without_number(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
