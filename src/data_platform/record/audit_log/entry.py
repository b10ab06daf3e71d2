"""One entry of the audit log: a deed, and the canonical JSON of it that is hashed.

The JSON is RFC 8785's (keys sorted by UTF-16, no blanks, UTF-8), kept to the values that every reader of JSON takes for
the same: text, whole numbers below 2**53, booleans, null, lists, objects. A program that parses an entry and writes it
again gets the bytes that were hashed, in any language. An entry names the hash of the one before it, so its own SHA-256
covers all that came before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

import rfc8785

from data_platform.record.db.types import storable

BEFORE_ALL = "0" * 64
"""What the first entry has in place of the hash before it."""

FIELDS = {"act", "at", "by", "details", "from", "number", "previous", "subject", "verified"}
"""What every entry has; whatever else an act tells is in its details."""

_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Deed:
    """An act that is about to be recorded: who did what to what, when, through which door and on which machine.

    `subject` is a product, `product.output`, or `KIND:NAME` for what is none, such as `domain:sales`. `details` never
    hold values of the data, nor secrets.
    """

    at: datetime
    by: str
    verified: bool
    act: str
    subject: str
    door: str
    host: str
    user: str
    details: Mapping[str, Any] = field(default_factory=dict)


def written(deed: Deed, number: int, previous: str) -> str:
    """The entry's canonical JSON."""
    return canonical(
        {
            "act": deed.act,
            "at": moment(deed.at),
            "by": deed.by,
            "details": deed.details,
            "from": {"door": deed.door, "host": deed.host, "user": deed.user},
            "number": number,
            "previous": previous,
            "subject": deed.subject,
            "verified": deed.verified,
        }
    )


def hash_of(entry: bytes) -> str:
    """An entry's hash, in hex."""
    return sha256(entry).hexdigest()


def moment(at: datetime) -> str:
    """A moment as entries have it: ISO 8601 in UTC, to the microsecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def canonical(value: object) -> str:
    """The value as RFC 8785 writes it; raises TypeError for what has no form here."""
    return rfc8785.dumps(_plain(value)).decode()


def is_canonical(value: object, text: str) -> bool:
    """Whether `text`, from which `value` was parsed, is what this release or an earlier one wrote.

    Earlier releases sorted keys by code point, which differs from RFC 8785 beyond U+D7FF, and had 2**53 as a number.
    Raises ValueError for what RFC 8785 has no form for.
    """
    earlier = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text == earlier or text == rfc8785.dumps(value).decode()  # type: ignore[arg-type]  # parsed from JSON


def _plain(value: object) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return storable(str(value))
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else str(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(storable(str(item)) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item) for item in value]
    return _text(value)


def _text(value: object) -> str:
    """A float is text too: readers of JSON differ in its digits."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no form in the audit log")
