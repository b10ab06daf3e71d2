"""The fields of every facet and event: its producer, and the version of its schema."""

from __future__ import annotations

from functools import cache
from typing import Any

from data_platform.installing import VERSION

Json = dict[str, Any]
SPEC = "https://openlineage.io/spec"
INTEGRATION = "DATA_PLATFORM"


@cache
def format_producer() -> str:
    """The URI of what sends these events, with its version."""
    return f"https://github.com/data-platform/data-platform/tree/v{VERSION}"


def build_facet(kind: str, edition: str, /, **content: Any) -> Json:
    """A facet of that kind, by that edition of its schema."""
    url = f"{SPEC}/facets/{edition}/{kind}.json#/$defs/{kind}"
    return {"_producer": format_producer(), "_schemaURL": url, **content}


def drop_empty(**facets: Json | None) -> Json:
    """The facets by name, without those that are None."""
    return {name: facet for name, facet in facets.items() if facet is not None}
