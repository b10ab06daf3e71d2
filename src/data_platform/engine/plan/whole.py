"""Recognizes a frame of some columns and all rows of one version, which is read from its files without a query."""

from __future__ import annotations

from sqlglot import exp

from data_platform.engine.plan.nodes import Project, Scan
from data_platform.engine.plan.relation import Rel
from data_platform.engine.source import ParquetSource


def find_whole_columns(rel: Rel) -> tuple[ParquetSource, list[str]] | None:
    """The files, and their columns in the frame's order; None where the frame computes, filters, masks or decrypts."""
    names, node = [field.slot for field in rel.fields], rel.plan
    while isinstance(node, Project):
        if not all(isinstance(value, exp.Column) for _, value in node.outputs):
            return None
        columns = {slot: value.name for slot, value in node.outputs}
        names, node = [columns[name] for name in names], node.child
    if not isinstance(node, Scan) or not isinstance(node.relation, ParquetSource) or not node.relation.files:
        return None
    return None if (node.mask | node.relation.encrypted) & set(names) else (node.relation, names)
