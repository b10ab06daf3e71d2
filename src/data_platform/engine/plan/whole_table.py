"""Recognizes a frame of some columns and all rows of one version, which is read from its files without a query."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from data_platform.engine.plan.names import Field
from data_platform.engine.plan.nodes import Plan, Project, Scan
from data_platform.engine.source import ParquetSource
from data_platform.spec.access.row_filters import EVERY_ROW


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
    source = node.relation
    is_whole = source.view.condition == EVERY_ROW and not (source.view.masks.keys() | source.encrypted) & set(names)
    return (source, names) if is_whole else None
