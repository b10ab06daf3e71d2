"""The simplest frame of all: some columns of one version, every row. It needs no query, only its files read."""

from __future__ import annotations

from sqlglot import exp

from data_platform.engine.plan.nodes import Project, Scan
from data_platform.engine.plan.relation import Rel
from data_platform.engine.source import Source


def whole_columns(rel: Rel) -> tuple[Source, list[str]] | None:
    """The files, and their columns in the frame's order; None where the frame computes, filters, masks or decrypts."""
    names, node = [each.slot for each in rel.fields], rel.plan
    while isinstance(node, Project):
        if not all(isinstance(value, exp.Column) for _, value in node.outputs):
            return None
        columns = {slot: value.name for slot, value in node.outputs}
        names, node = [columns[name] for name in names], node.child
    if not isinstance(node, Scan) or not isinstance(node.relation, Source) or not node.relation.files:
        return None
    return None if (node.mask | node.relation.encrypted) & set(names) else (node.relation, names)
