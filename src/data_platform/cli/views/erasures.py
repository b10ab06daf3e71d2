"""Describes erased columns in a line each."""

from __future__ import annotations

from data_platform.cli.console.text import format_minute
from data_platform.verbs.results import ErasedColumn


def describe_erased_column(column: ErasedColumn) -> str:
    """Describes an erased column: up to which version, since when, and by whom."""
    since = f"since {format_minute(column.erased_at)} by {column.erased_by}"
    return f"{column.output}.{column.column}  up to version {column.version}, {since}"
