"""Facets that a dataset and a job have alike; `of` is Dataset or Job."""

from __future__ import annotations

from data_platform.lineage.facets.envelope import Json, facet


def owner(of: str, name: str) -> Json:
    """Who answers for the dataset or job."""
    return facet(f"Ownership{of}Facet", "1-0-1", owners=[{"name": name, "type": "owner"}])


def documentation(of: str, *descriptions: str | None) -> Json | None:
    """The first description there is."""
    text = next(filter(None, descriptions), None)
    return facet(f"Documentation{of}Facet", "1-1-0", description=text, contentType="text/plain") if text else None
