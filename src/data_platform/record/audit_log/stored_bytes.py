"""What a column holds, byte by byte: what our types would forgive, or stumble over, is told apart here."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, func
from sqlalchemy import Text as SqlText

from data_platform.record.audit_log.entry import moment

_SQLITE_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{6})", re.ASCII)


def stored_bytes(conn: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column's text as it lies there, in UTF-8. SQLite holds what is no UTF-8 too."""
    if conn.dialect.name == "sqlite":
        return cast(column, LargeBinary)
    return func.convert_to(cast(column, SqlText), "UTF8")


def stored_moment(conn: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column's moment, for `moment_text` to read: SQLite's is a text that can be written in many ways."""
    return cast(column, LargeBinary) if conn.dialect.name == "sqlite" else column


def moment_text(stored: datetime | bytes) -> str:
    """The moment as entries of the audit log have it; a text that is none of ours comes back as it is."""
    if isinstance(stored, datetime):
        return moment(stored)
    text = text_of(stored)
    ours = _SQLITE_MOMENT.fullmatch(text)
    return f"{ours[1]}T{ours[2]}Z" if ours else text


def text_of(stored: bytes) -> str:
    """The bytes as text, with what is no UTF-8 escaped."""
    return bytes(stored).decode(errors="backslashreplace")
