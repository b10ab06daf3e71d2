"""A view as JSON, for the worker and for tickets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from data_platform.access.view import TableView
from data_platform.spec.access.json_form import restore_condition, serialize_condition
from data_platform.spec.access.masks import Mask, MaskKind


def serialize_view(view: TableView) -> dict[str, Any]:
    """The view as a JSON object."""
    masks = {name: [mask.kind.value, mask.size and str(mask.size)] for name, mask in view.masks.items()}
    clear_rows = {name: serialize_condition(rows) for name, rows in view.clear_rows.items()}
    return {"masks": masks, "condition": serialize_condition(view.condition), "clear_rows": clear_rows}


def restore_view(stored: Mapping[str, Any]) -> TableView:
    """The view that `serialize_view` wrote."""
    masks = {name: Mask(MaskKind(kind), size and Decimal(size)) for name, (kind, size) in stored["masks"].items()}
    clear_rows = {name: restore_condition(rows) for name, rows in stored["clear_rows"].items()}
    return TableView(masks, restore_condition(stored["condition"]), clear_rows)
