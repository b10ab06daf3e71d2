"""Column types that hold the same value on SQLite and on Postgres.

Characters that one of the databases cannot store are replaced, moments are UTC to the microsecond, and JSON keeps the
order of its keys: on Postgres it is `json`, not `jsonb`, which sorts keys and refuses NUL; no query looks inside.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, TypeDecorator
from sqlalchemy import Text as SqlText
from sqlalchemy.types import TypeEngine

Id = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database generates; SQLite does so only in a column of type INTEGER."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Text(TypeDecorator[str]):
    """Text of any length, ordered by code point; NUL and lone surrogates, which cannot be stored, become U+FFFD.

    They are replaced, not refused, so that a search for such text finds nothing instead of raising a driver's error.
    """

    impl = SqlText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """With collation C on Postgres, which would otherwise order by the database's locale."""
        return SqlText(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as both databases can hold it."""
        return None if value is None else to_storable(value)


class Moment(TypeDecorator[datetime]):
    """A timezone-aware datetime, UTC and exact to the microsecond: `timestamptz` on Postgres, sortable text on SQLite.

    A naive datetime raises ValueError, because its moment is undefined.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC; SQLite's text holds no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no timezone: a moment in the record needs one")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[object]):
    """JSON with its keys in order; None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class Texts(TypeDecorator[tuple[str, ...]]):
    """An ordered tuple of texts, as a JSON array."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> list[str] | None:
        """The texts as JSON has them."""
        return None if value is None else list(value)

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> tuple[str, ...] | None:
        """The texts as Python has them."""
        return None if value is None else tuple(value)


def to_storable(text: str) -> str:
    """The text as both databases can hold it."""
    return _UNSTORABLE.sub("\ufffd", text)


def to_json(value: object) -> str:
    """JSON text; floats that JSON lacks become "NaN", "Infinity" and "-Infinity", as in ProtoJSON."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_to_finite(value), allow_nan=False, separators=(",", ":"))


def _to_finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: _to_finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_finite(item) for item in value]
    return value
