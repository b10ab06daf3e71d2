"""The stored bytes of a column, exactly: our column types would accept some differences, and fail on others."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, func
from sqlalchemy import Text as SqlText

from data_platform.record.audit_log.entry import format_moment

_SQLITE_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{6})", re.ASCII)


def select_bytes(conn: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column's text as it is stored, in UTF-8. SQLite may also store invalid UTF-8."""
    if conn.dialect.name == "sqlite":
        return cast(column, LargeBinary)
    return func.convert_to(cast(column, SqlText), "UTF8")


def select_moment(conn: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column's moment, for `format_stored_moment`: on SQLite it is a text, which has many possible forms."""
    return cast(column, LargeBinary) if conn.dialect.name == "sqlite" else column


def format_stored_moment(stored: datetime | bytes) -> str:
    """The moment in the form of audit log entries; a text in another form is returned unchanged."""
    if isinstance(stored, datetime):
        return format_moment(stored)
    text = decode_text(stored)
    ours = _SQLITE_MOMENT.fullmatch(text)
    return f"{ours[1]}T{ours[2]}Z" if ours else text


def decode_text(stored: bytes) -> str:
    """The bytes as text, with invalid UTF-8 escaped."""
    return bytes(stored).decode(errors="backslashreplace")
