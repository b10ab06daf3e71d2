"""The columnLineage facet: which columns each column is made from, and what decides about the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from data_platform.lineage.facets.envelope import Json, build_facet
from data_platform.lineage.naming import Name
from data_platform.lineage.uses import ColumnLineage, ColumnUse


def build_column_lineage(lineage: ColumnLineage[Name] | None) -> Json | None:
    """Which columns each column is made of, and what decides about the rows."""
    if lineage is None:
        return None
    fields = {column: {"inputFields": _build_input_fields(uses)} for column, uses in lineage.fields.items()}
    return build_facet("ColumnLineageDatasetFacet", "1-2-0", fields=fields, **_build_dataset(lineage))


def _build_dataset(lineage: ColumnLineage[Name]) -> Mapping[str, Any]:
    return {"dataset": _build_input_fields(lineage.dataset)} if lineage.dataset else {}


def _build_input_fields(uses: Iterable[ColumnUse[Name]]) -> list[Json]:
    by_column = groupby(sorted(uses), key=lambda use: (use.table, use.column))
    return [
        {**table._asdict(), "field": column, "transformations": [_build_transformation(use) for use in same]}
        for (table, column), same in by_column
    ]


def _build_transformation(use: ColumnUse[Name]) -> Json:
    return {"type": use.type, "subtype": use.subtype, "masking": use.masking}
