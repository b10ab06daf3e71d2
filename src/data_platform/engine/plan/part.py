"""The part of a frame that one source contributes: the columns that it reads of it, of the rows that matter."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.plan.compile import Compiled, compile_plan
from data_platform.engine.plan.names import Field
from data_platform.engine.plan.nodes import Filter, Plan, Project
from data_platform.engine.plan.typed import infer_types


def compile_part(compiled: Compiled, alias: str) -> Compiled:
    """The statement that reads from the source `alias` what the frame needs of it, columns by name."""
    scan = compiled.scans[alias]
    plan: Plan = scan
    fields = [Field(column.name, column.name, column.type) for column in scan.schema]
    if alias in compiled.predicates:
        condition = compiled.predicates[alias].copy()
        infer_types([condition], {"": fields})
        plan = Filter(scan, condition)
    read = sorted((field for field in fields if field.name in compiled.sources[alias]), key=lambda field: field.name)
    if not read:  # its rows are counted
        return compile_plan(Project(plan, (("_", exp.Literal.number(1)),)), [Field("_", "_", pa.int32())])
    return compile_plan(plan, read)
