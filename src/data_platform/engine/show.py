"""Renders rows as a table for the terminal or the notebook. Every value is untrusted and is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Any

import pyarrow as pa

from data_platform.engine.export import to_python_columns
from data_platform.engine.expressions.types import to_spark_type
from data_platform.spec.display_width import measure_width

_STYLE = "border:1px solid #ccc;padding:2px 8px;text-align:left"


def render_text(table: pa.Table, truncate: int) -> str:
    """The rows as `show` prints them, text cut to `truncate` characters (0: whole)."""
    header = [_clean(name, truncate) for name in table.column_names]
    rows = [[_clean(_format_value(value), truncate) for value in row] for row in _list_rows(table)]
    widths = [max([measure_width(cell) for cell in column] or [0]) for column in zip(header, *rows, strict=True)]
    line = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    right = [_is_number(type_) for type_ in table.schema.types]
    lines = [
        _format_row(header, widths, [False] * len(widths)),
        line,
        *(_format_row(row, widths, right) for row in rows),
    ]
    return "\n".join([line, *lines, line])


def render_html(table: pa.Table, note: str) -> str:
    """The rows as HTML without scripts, style sheets or external resources."""
    names = zip(table.column_names, table.schema.types, strict=True)
    head = "".join(
        f'<th style="{_STYLE}">{escape(_clean(name, 0))}<br><small>{escape(to_spark_type(type_))}</small></th>'
        for name, type_ in names
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_STYLE}">{escape(_clean(_format_value(value), 80))}</td>' for value in row)
        + "</tr>"
        for row in _list_rows(table)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><small>{escape(note)}</small>"


def _list_rows(table: pa.Table) -> list[Sequence[Any]]:
    columns = to_python_columns(table)
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


def _format_value(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    return value.hex() if isinstance(value, bytes) else str(value)


def _clean(text: str, truncate: int) -> str:
    """The text without control and direction characters, which could rewrite a terminal, cut to `truncate`."""
    text = "".join(" " if character in "\t\r\n" else "�" if _is_hidden(character) else character for character in text)
    return text[: max(truncate - 1, 1)] + "…" if truncate and len(text) > truncate else text


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _format_row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        " " * (width - measure_width(cell)) + cell if to_right else cell + " " * (width - measure_width(cell))
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return "| " + " | ".join(padded) + " |" if padded else "||"


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))
