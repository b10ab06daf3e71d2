"""Facets that a dataset and a job have alike; `of` is Dataset or Job."""

from __future__ import annotations

from data_platform.lineage.facets.envelope import Json, build_facet


def build_owner(of: str, name: str) -> Json:
    """The owner of the dataset or job."""
    return build_facet(f"Ownership{of}Facet", "1-0-1", owners=[{"name": name, "type": "owner"}])


def build_documentation(of: str, *descriptions: str | None) -> Json | None:
    """The first description there is."""
    text = next(filter(None, descriptions), None)
    return build_facet(f"Documentation{of}Facet", "1-1-0", description=text, contentType="text/plain") if text else None
