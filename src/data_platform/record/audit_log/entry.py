"""One entry of the audit log: a deed, and its canonical JSON, which is hashed.

The JSON is RFC 8785's (keys sorted by UTF-16, no blanks, UTF-8), limited to values that every JSON reader reads alike:
text, whole numbers below 2**53, booleans, null, lists, objects. A program in any language that parses an entry and
writes it again gets the hashed bytes. An entry contains the hash of the one before it, so its own SHA-256 covers all
earlier entries.
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

from data_platform.record.db.types import to_storable

BEFORE_ALL = "0" * 64
"""The previous hash of the first entry."""

FIELDS = {"act", "at", "by", "details", "from", "number", "previous", "subject", "verified"}
"""The fields of every entry; other facts of an act are in its details."""

_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Deed:
    """An act to be recorded: who did what to what, when, through which door and on which machine.

    `subject` is a product, `product.output`, or `KIND:NAME` for anything else, such as `domain:sales`. `details` never
    contain values of the data or secrets.
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


def encode_entry(deed: Deed, number: int, previous: str) -> str:
    """The entry's canonical JSON."""
    return encode_canonical(
        {
            "act": deed.act,
            "at": format_moment(deed.at),
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


def format_moment(at: datetime) -> str:
    """The moment in the form of entries: ISO 8601 in UTC, to the microsecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def encode_canonical(value: object) -> str:
    """The value in RFC 8785 form; raises TypeError for an unsupported type."""
    return rfc8785.dumps(to_plain(value)).decode()


def is_canonical(value: object, text: str) -> bool:
    """Whether `text`, from which `value` was parsed, is in the form of this release or an earlier one.

    Earlier releases sorted keys by code point, which differs from RFC 8785 beyond U+D7FF, and wrote 2**53 as a number.
    Raises ValueError for a value without an RFC 8785 form.
    """
    earlier = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text == earlier or text == rfc8785.dumps(value).decode()  # type: ignore[arg-type]  # parsed from JSON


def to_plain(value: object) -> Any:
    """The value as entries hold it: text, whole numbers, booleans, null, lists and objects. Raises TypeError."""
    if isinstance(value, Enum):
        return to_plain(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return to_storable(str(value))
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else str(value)
    if isinstance(value, Mapping):
        return {to_storable(str(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(to_storable(str(item)) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [to_plain(item) for item in value]
    return _to_text(value)


def _to_text(value: object) -> str:
    """A float becomes text too: JSON readers differ in its digits."""
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no form in the audit log")
