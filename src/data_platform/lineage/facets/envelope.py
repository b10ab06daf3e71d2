"""What every facet and event carries: who made it, and the version of the schema it follows."""

from __future__ import annotations

from functools import cache
from typing import Any

from data_platform.installing import VERSION

Json = dict[str, Any]
SPEC = "https://openlineage.io/spec"
INTEGRATION = "DATA_PLATFORM"


@cache
def producer() -> str:
    """The URI of what sends these events, with its version."""
    return f"https://github.com/data-platform/data-platform/tree/v{VERSION}"


def facet(kind: str, edition: str, /, **content: Any) -> Json:
    """A facet of that kind, as that edition of its schema has it."""
    url = f"{SPEC}/facets/{edition}/{kind}.json#/$defs/{kind}"
    return {"_producer": producer(), "_schemaURL": url, **content}


def told(**facets: Json | None) -> Json:
    """The facets by name, without those that have nothing to say."""
    return {name: facet for name, facet in facets.items() if facet is not None}
