"""What every facet and event carries: who made it, and the version of the schema it follows."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

Json = dict[str, Any]
SPEC = "https://openlineage.io/spec"
INTEGRATION = "DATA_PLATFORM"


@cache
def platform_version() -> str:
    """The version of data-platform that is at work."""
    return version("data-platform")


@cache
def producer() -> str:
    """The URI of what sends these events, with its version."""
    return f"https://github.com/data-platform/data-platform/tree/v{platform_version()}"


def facet(kind: str, edition: str, /, **content: Any) -> Json:
    """A facet of that kind, as that edition of its schema has it."""
    url = f"{SPEC}/facets/{edition}/{kind}.json#/$defs/{kind}"
    return {"_producer": producer(), "_schemaURL": url, **content}


def told(**facets: Json | None) -> Json:
    """The facets by name, without those that have nothing to say."""
    return {name: facet for name, facet in facets.items() if facet is not None}
