"""Our own custom properties: what a product says and a standard has no field for (vendor `data-platform`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data_platform.spec.product.sla_properties import VENDOR

UNDECLARED = "undeclared"
"""The property that lists the fields which were written with their defaults because the product does not say them."""


def write_custom_properties(values: Mapping[str, Any]) -> dict[str, Any]:
    """The field `customProperties` with what is said of `values`; nothing when nothing is."""
    said = [
        {"property": name, "value": value, "vendor": VENDOR}
        for name, value in values.items()
        if value not in (None, [], {}, ())
    ]
    return {"customProperties": said} if said else {}


def read_our_properties(entries: Iterable[Any]) -> dict[str, Any]:
    """Our own among the entries of `customProperties`, by name."""
    ours = (entry for entry in entries if isinstance(entry, Mapping) and entry.get("vendor") == VENDOR)
    return {str(entry["property"]): entry.get("value") for entry in ours if "property" in entry}


def strip_our_properties(element: Mapping[str, Any]) -> dict[str, Any]:
    """The element without our own custom properties."""
    entries = element.get("customProperties")
    if not isinstance(entries, list):
        return dict(element)
    kept = [entry for entry in entries if not (isinstance(entry, Mapping) and entry.get("vendor") == VENDOR)]
    rest = {key: value for key, value in element.items() if key != "customProperties"}
    return {**rest, "customProperties": kept} if kept else rest


def read_texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; empty for other values."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
