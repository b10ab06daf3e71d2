"""Writes `access` in product.yaml's words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import AccessSpec, ColumnClass, ReaderConditions, ReaderEntry

Json = dict[str, Any]


def write_access(access: AccessSpec) -> Json:
    """The fields of `access`; empty when nothing is declared."""
    written = {
        "visibility": access.visibility and access.visibility.value,
        "discoverable": access.discoverable,
        "readers": None if access.readers is None else [_write_reader(entry) for entry in access.readers],
        "rows": access.rows and access.rows.text,
        "masks": {column: _write_mask(mask) for column, mask in access.masks.items()} or None,
        "auto_approve": None if access.auto_approve is None else [_write_who(one) for one in access.auto_approve],
        "max_duration": access.max_duration_text,
        "terms": access.terms,
        "approvers": list(access.approvers) or None,
    }
    return {name: value for name, value in written.items() if value is not None}


def _write_reader(entry: ReaderEntry) -> Json:
    columns = entry.columns.value if isinstance(entry.columns, ColumnClass) else entry.columns
    written = {
        **_write_who(entry.who),
        "columns": list(columns) if isinstance(columns, tuple) else columns,
        "rows": entry.rows and entry.rows.text,
        "deny": entry.deny or None,
    }
    return {name: value for name, value in written.items() if value is not None}


def _write_who(who: ReaderConditions) -> Json:
    return {one.name: list(getattr(who, one.name)) for one in fields(who) if getattr(who, one.name)}


def _write_mask(mask: Mask) -> str | Json:
    if mask.kind is not MaskKind.BUCKET or mask.size is None:
        return mask.kind.value
    whole = mask.size == mask.size.to_integral_value()
    return {mask.kind.value: int(mask.size) if whole else float(mask.size)}
