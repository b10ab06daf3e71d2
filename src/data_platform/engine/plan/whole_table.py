"""Recognizes a frame of some columns and all rows of one version, which is read from its files without a query."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from data_platform.engine.plan.names import Field
from data_platform.engine.plan.nodes import Plan, Project, Scan
from data_platform.engine.source import ParquetSource


def find_whole_columns(root: Plan, fields: Sequence[Field]) -> tuple[ParquetSource, list[str]] | None:
    """The files, and their columns in the frame's order; None where the frame computes, filters, masks or decrypts."""
    names, node = [field.slot for field in fields], root
    while isinstance(node, Project):
        if not all(isinstance(value, exp.Column) for _, value in node.outputs):
            return None
        columns = {slot: value.name for slot, value in node.outputs}
        names, node = [columns[name] for name in names], node.child
    if not isinstance(node, Scan) or not isinstance(node.relation, ParquetSource) or not node.relation.files:
        return None
    return None if (node.mask | node.relation.encrypted) & set(names) else (node.relation, names)
